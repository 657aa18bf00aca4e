// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What the tests of peerconnection.js do with it in a page that has it as globalThis.web.

"use strict";

const OCTETS = 1 << 20;
const CHUNK = 16 * 1024;
const FULL = 256 * 1024;

const once = (target, name) =>
    new Promise((resolve) => target.addEventListener(name, ({detail}) => resolve(detail),
                                                     {once: true}));

/// Everything a call told, for failures' messages and for states that must have been there.
function follow(call) {
    call.story = [];
    for (const name of ["statechange", "error", "closed"]) {
        call.addEventListener(name, ({detail}) =>
            call.story.push(detail?.code ? `${detail.code}: ${detail.message}` : detail ?? name));
    }
    return call;
}

/// How a call ends: the error's code and words, or "closed".
async function endOf(call) {
    await once(call, "closed");
    return call.error ? {code: call.error.code, text: call.error.message} : "closed";
}

function pattern(begin) {
    return Uint8Array.from({length: CHUNK}, (_, number) => (begin / CHUNK + number) % 251);
}

/// Dials, sends 1 MiB on "peercat" and takes it back.
async function exchange(address, options) {
    const call = follow(new web.PeerConnection(address, options));
    const failed = endOf(call);
    const channel = call.openChannel("peercat");
    const heard = [];
    const echoed = new Promise((resolve) => {
        channel.onmessage = ({data}) => data.byteLength ? heard.push(data) : resolve("echoed");
    });
    const end = await Promise.race([new Promise((resolve) => { channel.onopen = resolve; }), failed]);
    if (call.error)
        return {story: call.story, end};
    for (let begin = 0; begin < OCTETS; begin += CHUNK) {
        channel.send(pattern(begin));
        while (channel.bufferedAmount > FULL)
            await new Promise((resolve) => setTimeout(resolve, 5));
    }
    channel.send(new ArrayBuffer(0));
    const what = await Promise.race([echoed, failed]);
    const path = await call.path();
    const {peerId, identityVerified, service} = call;
    if (what === "echoed")
        call.close();
    await failed;
    const back = new Uint8Array(await new Blob(heard).arrayBuffer());
    let isWhole = back.length === OCTETS;
    for (let begin = 0; begin < back.length; begin += CHUNK)
        isWhole &&= pattern(begin).every((octet, i) => octet === back[begin + i]);
    return {story: call.story, octets: back.length, whole: isWhole, kind: path?.kind, peerId,
            identityVerified, service, error: call.error?.code ?? null};
}

/// Dials, and keeps the call as globalThis.call, with what comes back on its channel "peercat".
async function dial(address) {
    const call = globalThis.call = follow(new web.PeerConnection(address));
    call.wire = call.openChannel("peercat");
    call.echoes = [];
    call.wire.onmessage = ({data}) => call.echoes.push(new TextDecoder().decode(data));
    await Promise.race([new Promise((resolve) => { call.wire.onopen = resolve; }),
                        endOf(call).then((end) => { throw new Error(JSON.stringify(end)); })]);
    return await call.path();
}

/// Whether a word comes back.
async function isEchoed(word) {
    call.wire.send(new TextEncoder().encode(word));
    while (!call.echoes.includes(word)) {
        if (call.state === "closed")
            throw new Error(call.story.join());
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return true;
}

/// Until both sides have new ICE credentials and a path again.
async function restartIce() {
    const remote = () => /a=ice-ufrag:(.*)/.exec(call.rtc.remoteDescription.sdp)[1];
    const before = remote();
    call.rtc.restartIce();
    while (remote() === before || call.rtc.signalingState !== "stable"
           || call.rtc.connectionState !== "connected")
        await new Promise((resolve) => setTimeout(resolve, 50));
    return call.state;
}

/// A picture that moves, of no camera.
function addPicture(call) {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    let at = 0;
    setInterval(() => pen.fillRect(at++ % canvas.width, 0, 1, 99), 40);
    const stream = canvas.captureStream(25);
    call.addTrack(stream.getTracks()[0], stream);
}

/// addPicture() as soon as the call is in that state; where it is not yet, when it is to be.
function addPictureIn(state) {
    if (call.state === state)
        return addPicture(call);
    call.addEventListener("statechange", ({detail}) => detail === state && addPicture(call));
}

/// What look() gives as soon as it is something.
async function until(look) {
    for (;;) {
        const found = look();
        if (found)
            return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

/// Until pictures of so many tracks have been decoded.
async function decoded(call, tracks) {
    for (;;) {
        const stats = [...(await call.rtc.getStats()).values()].filter(
            ({type, framesDecoded}) => type === "inbound-rtp" && framesDecoded > 0);
        if (stats.length >= tracks)
            return stats.length;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

/// Until the call is in that state.
async function reached(call, state) {
    while (call.state !== state)
        await new Promise((resolve) => setTimeout(resolve, 20));
    return call.story;
}

/// Listens and sends back what comes on "peercat"; its address. With the option "patient" it does not
/// accept.
async function listen(address, options) {
    const listener = globalThis.listener = new web.PeerListener(address, options);
    listener.calls = [];
    listener.addEventListener("incomingconnection", ({detail: call}) => {
        listener.calls.push(follow(call));
        call.addEventListener("channel", ({detail: channel}) => {
            channel.onmessage = ({data}) => channel.send(data);
        });
        if (!options?.patient)
            call.accept();
    });
    const failed = once(listener, "error").then((error) => { throw error; });
    return await Promise.race([once(listener, "listening"), failed]);
}

/// Keeps the descriptions that the browser is given from now on, as globalThis.descriptions.
function watchDescriptions() {
    globalThis.descriptions = [];
    const take = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = function (description) {
        descriptions.push(description.sdp);
        return take.call(this, description);
    };
}

/// Keeps timers of a minute, or of what is long, and more from now on, to be run by hurry(), and every
/// RTCPeerConnection, as globalThis.browserCalls.
function watchCalls(long = 60_000) {
    const set = setTimeout, clear = clearTimeout;
    const kept = new Map();
    globalThis.setTimeout = (task, time, ...rest) => {
        if (!(time >= long))
            return set(task, time, ...rest);
        const id = -1 - kept.size;
        kept.set(id, task);
        return id;
    };
    globalThis.clearTimeout = (id) => { kept.has(id) ? kept.set(id, null) : clear(id); };
    globalThis.hurry = () => kept.forEach((task, id) => {
        kept.set(id, null);
        task?.();
    });
    globalThis.browserCalls = [];
    const Browsers = RTCPeerConnection;
    globalThis.RTCPeerConnection = function (...options) {
        const made = new Browsers(...options);
        browserCalls.push(made);
        return made;
    };
    globalThis.RTCPeerConnection.prototype = Browsers.prototype;
}
