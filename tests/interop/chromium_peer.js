// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A peer made of the browser's own RTCPeerConnection. Signals are JSON lines, as peercat
// --signal-fd has them: out by tell(), in by take().

"use strict";

const OCTETS = 1 << 20;
const CHUNK = 16 * 1024;
/// Above that, sending waits.
const FULL = 256 * 1024;

const say = (event) => tell(JSON.stringify(event));
const once = (target, name) =>
    new Promise((resolve) => target.addEventListener(name, resolve, {once: true}));

function pattern(begin) {
    return Uint8Array.from({length: CHUNK}, (_, number) => (begin / CHUNK + number) % 251);
}

class Peer {
    constructor(configuration = {}) {
        this.connection = new RTCPeerConnection(configuration);
        this.channels = [];
        this.waiting = [];
        this.states = [];
        this.connection.onicecandidate = ({candidate}) => {
            if (candidate)
                say({type: "candidate", ...candidate.toJSON()});
        };
        this.connection.onconnectionstatechange = () =>
            this.states.push(this.connection.connectionState);
        this.connection.ondatachannel = ({channel}) => this.channels.push(channel);
    }

    async offer(options) {
        await this.connection.setLocalDescription(await this.connection.createOffer(options));
        say(this.connection.localDescription.toJSON());
    }

    async take(signal) {
        if (signal.sdp) {
            await this.connection.setRemoteDescription(signal);
            if (signal.type === "offer") {
                await this.connection.setLocalDescription();
                say(this.connection.localDescription.toJSON());
            }
            for (const candidate of this.waiting.splice(0))
                await this.connection.addIceCandidate(candidate);
        } else if ("candidate" in signal) {
            if (this.connection.remoteDescription)
                await this.connection.addIceCandidate(signal);
            else
                this.waiting.push(signal);
        }
    }

    /// Sends back what comes on "peercat".
    echo() {
        this.connection.ondatachannel = ({channel}) => {
            this.channels.push(channel);
            if (channel.label !== "peercat")
                return;
            channel.binaryType = "arraybuffer";
            channel.onmessage = ({data}) => channel.send(data);
        };
    }

    /// Sends 1 MiB on "peercat" and an empty message, and tells of what comes back up to such a one.
    async exchange() {
        const channel = this.connection.createDataChannel("peercat");
        channel.binaryType = "arraybuffer";
        const heard = [];
        const ended = new Promise((resolve) => {
            channel.onmessage = ({data}) => data.byteLength ? heard.push(data) : resolve();
        });
        await this.offer();
        await once(channel, "open");
        channel.bufferedAmountLowThreshold = FULL / 2;
        for (let begin = 0; begin < OCTETS; begin += CHUNK) {
            channel.send(pattern(begin));
            if (channel.bufferedAmount > FULL)
                await once(channel, "bufferedamountlow");
        }
        channel.send(new ArrayBuffer(0));
        await ended;
        const back = new Uint8Array(await new Blob(heard).arrayBuffer());
        let isWhole = back.length === OCTETS;
        for (let begin = 0; begin < back.length; begin += CHUNK)
            isWhole &&= pattern(begin).every((octet, i) => octet === back[begin + i]);
        this.connection.close();
        return {octets: back.length, whole: isWhole};
    }
}
