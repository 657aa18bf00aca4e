// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// After stack_peer.js: peers of packages without codecs (werift, node-datachannel). They send back what
// comes of pictures and sound, so that the other decodes its own, and count packets: the last one of
// each picture, and each of sound.

"use strict";

const KINDS = ["audio", "video"];
const PICTURE_LOSS = 206; // RFC 4585 section 6.3.1, with format 1

class Figures {
    constructor() {
        this.counted = {sender: null, pictures: 0, decoded: 0, size: [0, 0], sounds: 0, tones: 0};
    }

    count(kind, isLast) {
        if (kind === "audio")
            ++this.counted.sounds;
        else if (isLast)
            ++this.counted.pictures;
    }
}

class WeriftEcho extends Peer {
    constructor(configuration) {
        super(configuration);
        this.kinds = [];
        this.tracks = {};
        this.seen = new Figures();
        const known = new Set();
        this.connection.ontrack = ({track, transceiver}) => {
            const {kind} = track;
            if (known.has(track)) // it tells of each in each description
                return;
            known.add(track);
            track.onReceiveRtp.subscribe((packet) => {
                this.seen.count(kind, packet.header.marker);
                this.tracks[kind]?.writeRtp(packet.clone());
            });
            transceiver.sender.onPictureLossIndication.subscribe(
                () => transceiver.receiver.sendRtcpPLI(track.ssrc));
        };
    }

    figures() {
        return this.seen.counted;
    }

    send(kinds) {
        this.kinds = kinds;
    }

    addTracks() {
        for (const kind of this.kinds) {
            if (this.tracks[kind])
                continue;
            this.tracks[kind] = new native.MediaStreamTrack({kind});
            this.connection.addTrack(this.tracks[kind]);
        }
    }

    async offer() {
        if (!this.connection.remoteDescription)
            this.connection.createDataChannel("first");
        this.addTracks();
        await super.offer();
        while (this.connection.signalingState !== "stable")
            await new Promise((resolve) => setTimeout(resolve, 20));
    }

    prepareAnswer() {
        this.addTracks();
    }

    /// Its stop() does nothing yet.
    async drop() {
        const video = this.connection.getTransceivers().find(({kind}) => kind === "video");
        video.setDirection("inactive");
        await this.offer();
    }
}

/// By libdatachannel's own interface: the other has no tracks.
class NativeEcho {
    constructor() {
        this.connection = new native.PeerConnection(
            "echo", {iceServers: [], forceMediaTransport: true});
        this.connection.onLocalDescription((sdp, type) => say({type, sdp}));
        this.connection.onLocalCandidate(
            (candidate, sdpMid) => say({type: "candidate", candidate, sdpMid}));
        this.connection.onTrack((track) => this.echo(track));
        this.connection.onDataChannel((channel) => { this.channel = channel; });
        this.kinds = [];
        this.tracks = [];
        this.waiting = [];
        this.seen = new Figures();
    }

    figures() {
        return this.seen.counted;
    }

    send(kinds) {
        this.kinds = kinds;
    }

    echo(track) {
        this.tracks.push(track);
        const kind = track.type();
        const own = KINDS.indexOf(kind) + 1;
        let peers = 0;
        track.onMessage((packet) => {
            const type = packet[1] & 0x7f;
            if (packet[1] === PICTURE_LOSS && (packet[0] & 0x1f) === 1) {
                const wish = Buffer.from(packet.subarray(0, 12));
                wish.writeUInt32BE(own, 4);
                wish.writeUInt32BE(peers, 8);
                track.sendMessageBinary(wish);
            } else if ((type < 64 || type > 95) && !this.repeats.includes(type)) {
                this.seen.count(kind, packet[1] & 0x80);
                peers = packet.readUInt32BE(8);
                const back = Buffer.from(packet);
                back.writeUInt32BE(own, 8);
                track.sendMessageBinary(back);
            }
        });
    }

    /// Payload types of retransmissions.
    get repeats() {
        const described = this.connection.remoteDescription()?.sdp ?? "";
        return [...described.matchAll(/a=fmtp:(\d+) apt=/g)].map(([, type]) => Number(type));
    }

    async offer() {
        for (const kind of this.kinds) {
            if (this.tracks.some((track) => track.type() === kind))
                continue;
            const media = kind === "video" ? new native.Video("video", "SendRecv")
                                           : new native.Audio("audio", "SendRecv");
            if (kind === "video")
                media.addVP8Codec(96);
            else
                media.addOpusCodec(111);
            media.addSSRC(KINDS.indexOf(kind) + 1, "echo", "echo", kind);
            this.echo(this.connection.addTrack(media));
        }
        // Which describes what there is by itself.
        if (!this.channel)
            this.channel = this.connection.createDataChannel("first");
        else
            this.connection.setLocalDescription("offer");
        await this.stable();
    }

    async stable() {
        while (this.connection.signalingState() !== "stable")
            await new Promise((resolve) => setTimeout(resolve, 20));
    }

    /// It answers by itself.
    async take({type, sdp, candidate, sdpMid}) {
        if (sdp) {
            this.connection.setRemoteDescription(sdp, type);
            for (const [line, mid] of this.waiting.splice(0))
                this.connection.addRemoteCandidate(line, mid);
        } else if (candidate && !this.connection.remoteDescription()) {
            this.waiting.push([candidate, sdpMid]);
        } else if (candidate) {
            this.connection.addRemoteCandidate(candidate, sdpMid);
        }
    }

    async drop() {
        this.tracks.find((track) => track.type() === "video").close();
        this.connection.setLocalDescription("offer");
        await this.stable();
    }
}

globalThis.EchoPeer = native.PeerConnection ? NativeEcho : WeriftEcho;
