// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A peer made of the RTCPeerConnection that is there, a browser's or a package's. Signals are JSON
// lines, as peercat --signal-fd has them: out by tell(), in by take().

"use strict";

const OCTETS = 1 << 20;
const CHUNK = 16 * 1024;
/// Above that, sending waits.
const FULL = 256 * 1024;

const say = (event) => tell(JSON.stringify(event));
const once = (target, name) =>
    new Promise((resolve) => target.addEventListener(name, resolve, {once: true}));

/// Not every package tells each time that there is room again.
async function hasRoom(channel) {
    while (channel.bufferedAmount > FULL) {
        await Promise.race([once(channel, "bufferedamountlow"),
                            new Promise((resolve) => setTimeout(resolve, 50))]);
    }
}

function pattern(begin) {
    return Uint8Array.from({length: CHUNK}, (_, number) => (begin / CHUNK + number) % 251);
}

class Peer {
    /// No servers: a package may have some of its own otherwise.
    constructor(configuration = {iceServers: []}) {
        this.connection = new RTCPeerConnection(configuration);
        this.channels = [];
        this.waiting = [];
        this.states = [];
        this.opened = {};
        this.connection.onicecandidate = ({candidate}) => {
            if (candidate)
                say({type: "candidate", ...candidate.toJSON()});
        };
        this.connection.onconnectionstatechange = () =>
            this.states.push(this.connection.connectionState);
        this.connection.ondatachannel = ({channel}) => this.channels.push(channel);
    }

    /// Dials, with a channel.
    async begin() {
        this.connection.createDataChannel("first");
        await this.offer();
    }

    async offer(options) {
        await this.describe(await this.connection.createOffer(options));
    }

    async describe(description) {
        await this.connection.setLocalDescription(description);
        const {type, sdp} = this.connection.localDescription;
        say({type, sdp});
    }

    async take(signal) {
        if (signal.sdp) {
            await this.connection.setRemoteDescription(signal);
            if (signal.type === "offer") {
                this.prepareAnswer();
                await this.describe(await this.connection.createAnswer());
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

    /// For those who have something to add.
    prepareAnswer() {}

    allStates() {
        return this.states;
    }

    state() {
        return this.connection.connectionState;
    }

    labels() {
        return this.channels.map(({label}) => label);
    }

    /// Ours and theirs.
    userNameFragments() {
        const {localDescription, remoteDescription} = this.connection;
        return [localDescription, remoteDescription].map(
            ({sdp}) => /a=ice-ufrag:(.*)/.exec(sdp)[1]);
    }

    /// Not every package has reached the state already when it tells of it.
    async reached(state) {
        while (!this.states.includes(state) && this.connection.connectionState !== state) {
            await Promise.race([once(this.connection, "connectionstatechange"),
                                new Promise((resolve) => setTimeout(resolve, 50))]);
        }
    }

    /// With new ICE credentials on both sides; comes back when the new path is in use.
    async restart() {
        this.connection.restartIce();
        await this.offer();
        while (this.connection.signalingState !== "stable")
            await once(this.connection, "signalingstatechange");
        const {iceTransport} = this.connection.sctp.transport;
        while (!["connected", "completed"].includes(iceTransport.state))
            await once(iceTransport, "statechange");
    }

    /// Opens a channel; what comes on it is kept.
    async open(label, options = {}) {
        const channel = this.connection.createDataChannel(label, options);
        this.keep(channel);
        if (channel.readyState !== "open")
            await once(channel, "open");
        return {id: channel.id};
    }

    /// A channel that both have agreed on; it sends back what comes.
    agree(label, id) {
        const channel = this.connection.createDataChannel(label, {negotiated: true, id});
        channel.binaryType = "arraybuffer";
        channel.onmessage = async ({data}) => {
            if (channel.readyState !== "open") // the peer was first
                await once(channel, "open");
            channel.send(data);
        };
    }

    /// One of ours, until it is closed.
    async closeChannel(label) {
        const channel = this.opened[label];
        const gone = once(channel, "close");
        channel.close();
        await gone;
    }

    /// Until the peer has opened such a one.
    async offered(label) {
        while (!this.labels().includes(label))
            await once(this.connection, "datachannel");
    }

    /// Until one that the peer has opened is closed.
    async closed(label) {
        const channel = this.channels.find((each) => each.label === label);
        if (channel.readyState !== "closed")
            await once(channel, "close");
    }

    close() {
        this.connection.close();
    }

    keep(channel) {
        channel.binaryType = "arraybuffer";
        channel.heard = [];
        channel.onmessage = ({data}) => channel.heard.push(data);
        this.opened[channel.label] = channel;
    }

    /// Whether what is sent comes back as it is: a text, or so many octets.
    /// Where messages may get lost it is sent until it has come once.
    async isEchoed(label, what, mayBeLost = false) {
        const channel = this.opened[label];
        const sent = typeof what === "string" ? what : Uint8Array.from({length: what}, (_, i) => i);
        const isSame = (back) => typeof sent === "string" || typeof back === "string"
            ? back === sent
            : back.byteLength === what && new Uint8Array(back).every((octet, i) => octet === sent[i]);
        channel.send(sent);
        const again = mayBeLost ? setInterval(() => channel.send(sent), 500) : 0;
        while (!(mayBeLost ? channel.heard.some(isSame) : channel.heard.length > 0))
            await once(channel, "message");
        clearInterval(again);
        return channel.heard.splice(0).some(isSame);
    }

    /// SHA-256 of so much that is sent in chunks, and of what comes back.
    async stream(label, octets, chunk) {
        const channel = this.opened[label];
        const sent = new Uint8Array(octets);
        for (let begin = 0; begin < octets; begin += 65536)
            crypto.getRandomValues(sent.subarray(begin, Math.min(begin + 65536, octets)));
        channel.bufferedAmountLowThreshold = FULL / 2;
        let heard = 0;
        channel.onmessage = ({data}) => {
            channel.heard.push(data);
            heard += data.byteLength;
        };
        for (let begin = 0; begin < octets; begin += chunk) {
            channel.send(sent.subarray(begin, begin + chunk));
            await hasRoom(channel);
        }
        while (heard < octets)
            await once(channel, "message");
        const back = await new Blob(channel.heard.splice(0)).arrayBuffer();
        const digest = async (of) => btoa(String.fromCharCode(
            ...new Uint8Array(await crypto.subtle.digest("SHA-256", of))));
        return {sent: await digest(sent), back: await digest(back), octets: heard};
    }

    /// The channels that the peer has opened, which then send back what comes.
    echoAll() {
        this.connection.ondatachannel = ({channel}) => {
            this.channels.push(channel);
            channel.binaryType = "arraybuffer";
            channel.onmessage = ({data}) => channel.send(data);
        };
    }

    /// Of a channel that the peer has opened.
    properties(label) {
        const channel = this.channels.find((each) => each.label === label);
        // An early draft of W3C's had this number for no limit.
        const limit = (value) => value === 65535 ? null : value ?? null;
        return channel && {
            label, protocol: channel.protocol, ordered: channel.ordered,
            maxRetransmits: limit(channel.maxRetransmits),
            maxLifetime: limit(channel.maxPacketLifeTime), state: channel.readyState,
        };
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
            await hasRoom(channel);
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
