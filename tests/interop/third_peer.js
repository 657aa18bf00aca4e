// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// After stack_peer.js: a third implementation in our place, with the commands and events of
// interop_peer (interoppeer.cpp), and peercat's use of its channel.

"use strict";

/// Our states by W3C's.
const STATES = {connecting: "Connecting", connected: "Connected", disconnected: "Reconnecting"};

class ThirdPeer extends Peer {
    constructor(configuration) {
        super(configuration);
        this.mine = {};
        this.connection.addEventListener("connectionstatechange", () => {
            const {connectionState} = this.connection;
            if (connectionState in STATES)
                say({event: "state", state: STATES[connectionState]});
            else if (connectionState === "failed")
                say({event: "error", text: "failed"});
            else if (connectionState === "closed")
                say({event: "ended"});
        });
        this.connection.ondatachannel = ({channel}) => {
            this.channels.push(channel);
            say({event: "channel", ...this.properties(channel.label)});
            channel.binaryType = "arraybuffer";
            channel.onmessage = ({data}) => channel.send(data);
            this.watch(channel);
        };
    }

    async obey(order) {
        const {command, label} = order;
        if (command === "dial")
            await this.dial();
        else if (command === "open")
            this.openFor(order);
        else if (command === "send")
            this.send(this.mine[label], order);
        else if (command === "closeChannel")
            this.mine[label].close();
        else if (command === "close")
            this.connection.close();
    }

    async dial() {
        this.watch(this.connection.createDataChannel("default"));
        await this.offer();
    }

    openFor({label, negotiatedId, maxLifetime, protocol, ordered, maxRetransmits}) {
        const options = {protocol, ordered, maxRetransmits, maxPacketLifeTime: maxLifetime};
        if (negotiatedId !== undefined)
            Object.assign(options, {negotiated: true, id: negotiatedId});
        for (const name of Object.keys(options)) {
            if (options[name] === undefined)
                delete options[name];
        }
        const channel = this.mine[label] = this.connection.createDataChannel(label, options);
        channel.binaryType = "arraybuffer";
        channel.onmessage = ({data}) => this.hear(label, data);
        channel.onopen = () => say({event: "opened", label});
        if (channel.readyState === "open")
            channel.onopen();
        this.watch(channel);
    }

    async hear(label, data) {
        if (typeof data === "string") {
            say({event: "message", label, text: data});
            return;
        }
        const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
        const sha256 = [...hash].map((octet) => octet.toString(16).padStart(2, "0")).join("");
        say({event: "message", label, octets: data.byteLength, sha256});
    }

    send(channel, {text, octets, times = 1}) {
        for (let i = 0; i < times; ++i)
            channel.send(text ?? Uint8Array.from({length: octets}, (_, octet) => octet));
    }

    /// W3C has no word for the end that a peer makes but the end of what came with the connection.
    watch(channel) {
        const {label} = channel;
        channel.addEventListener("close", () => {
            say({event: "closed", label});
            if (label === "default" || label === "first")
                say({event: "ended"});
        });
    }
}
