// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// One end of a browser's video call, for chromiumcall.py: VP8 and Opus, as ours, and everything
// else as the browser has it. There is no server of any kind: descriptions have all candidates.

"use strict";

const remote = document.getElementById("remote");
const connection = new RTCPeerConnection();

/// As large and as fast as ours. What a browser does about echoes and noise is not for a tone.
const DEVICES = {
    video: {width: 640, height: 360, frameRate: 30},
    audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false,
            channelCount: 1},
};

// Sound that nobody hears is not decoded.
connection.ontrack = ({streams: [stream]}) => { remote.srcObject = stream; };

/// Of more than so many ms is a pause between two pictures that is a freeze: as ours are counted
/// (src/media/remotefigures.h). The browser's own freezeCount gets used to a picture that jerks.
const FREEZE = 200;
let freezes = 0, lastShown = Infinity;

function takeShown(now) {
    freezes += now - lastShown > FREEZE;
    lastShown = now;
    remote.requestVideoFrameCallback(takeShown);
}

remote.requestVideoFrameCallback(takeShown);

/// VP8 before all other formats of pictures.
function preferVp8() {
    const {codecs} = RTCRtpReceiver.getCapabilities("video");
    const isVp8 = ({mimeType}) => mimeType === "video/VP8";
    for (const transceiver of connection.getTransceivers()) {
        if (transceiver.receiver.track.kind === "video") {
            transceiver.setCodecPreferences([...codecs.filter(isVp8),
                                             ...codecs.filter((codec) => !isVp8(codec))]);
        }
    }
}

/// Camera and microphone; the encoder of pictures makes no more than that many bit/s.
async function addMedia(bound) {
    const stream = await navigator.mediaDevices.getUserMedia(DEVICES);
    for (const track of stream.getTracks()) {
        const sender = connection.addTrack(track, stream);
        if (track.kind === "video") {
            const parameters = sender.getParameters();
            parameters.encodings[0].maxBitrate = bound;
            await sender.setParameters(parameters);
        }
    }
}

/// The local description when all candidates are known.
async function describe(description) {
    await connection.setLocalDescription(description);
    while (connection.iceGatheringState !== "complete") {
        await new Promise((resolve) => connection.addEventListener(
            "icegatheringstatechange", resolve, {once: true}));
    }
    return connection.localDescription.sdp;
}

async function offer(bound) {
    await addMedia(bound);
    preferVp8();
    return describe(await connection.createOffer());
}

async function answer(sdp, bound) {
    await connection.setRemoteDescription({type: "offer", sdp});
    await addMedia(bound);
    preferVp8();
    return describe(await connection.createAnswer());
}

async function take(sdp) {
    await connection.setRemoteDescription({type: "answer", sdp});
}

/// Of now, in the units of the statistics of W3C (webrtc-stats), all since the beginning.
async function figures() {
    const stats = [...(await connection.getStats()).values()];
    const find = (type, kind) =>
        stats.find((each) => each.type === type && each.kind === kind) ?? {};
    const pictures = find("inbound-rtp", "video"), sound = find("inbound-rtp", "audio");
    const sent = find("outbound-rtp", "video");
    const {selectedCandidatePairId} = find("transport");
    const path = stats.find(({id}) => id === selectedCandidatePairId) ?? {};
    const candidate = stats.find(({id}) => id === path.localCandidateId) ?? {};
    return {
        // Seconds of a clock that all pages have.
        now: (performance.timeOrigin + performance.now()) / 1000,
        pictures, sound, sent, path, candidate, freezes,
        // With headers, and what is sent again.
        octets: stats.filter(({type}) => type === "outbound-rtp").reduce(
            (sum, {bytesSent, headerBytesSent}) => sum + bytesSent + headerBytesSent, 0),
        codecs: [pictures, sound].map(
            ({codecId}) => stats.find(({id}) => id === codecId)?.mimeType ?? ""),
    };
}
