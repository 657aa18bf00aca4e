// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Pages that have something to say to one alone, and keep whatever they are told. After page.js, in a
// page that has peerconnection.js as globalThis.web.

"use strict";

/// What came out of the page that should have stayed in it.
const faults = [];
addEventListener("error", ({message}) => faults.push(message));
addEventListener("unhandledrejection", ({reason}) => faults.push(`unhandled: ${reason}`));

const latin1 = (octets) => String.fromCharCode(...new Uint8Array(octets));

/// Says the words on "peercat", then that this is all: who calls, as soon as that is open, who is called,
/// when the caller has said all. Keeps what comes, on whichever channel, as call.heard; call.isWhole: the
/// other side has said all. Then the caller hangs up.
function converse(call, words, isCaller) {
    call.heard = "";
    call.isWhole = false;
    const take = (channel) => {
        const say = () => {
            channel.send(new TextEncoder().encode(words));
            channel.send(new ArrayBuffer(0));
        };
        channel.onmessage = ({data}) => {
            call.heard += typeof data === "string" ? data : latin1(data);
            if (data.byteLength !== 0)
                return;
            call.isWhole = true;
            isCaller ? call.close() : say();
        };
        if (isCaller)
            channel.addEventListener("open", say);
    };
    call.addEventListener("message", ({detail}) => { call.heard += String(detail); });
    call.addEventListener("channel", ({detail}) => take(detail));
    if (isCaller)
        take(call.openChannel("peercat"));
    return follow(call);
}

const calls = [];

/// Calls; the number of that call.
function dialWith(address, words) {
    return calls.push(converse(new web.PeerConnection(address, {identity: own}), words, true)) - 1;
}

/// Calls, and hangs up as soon as it can; the number of that call.
function dialAndHangUp(address) {
    const number = dialWith(address, "");
    calls[number].addEventListener("connected", () => calls[number].close());
    return number;
}

/// How one of the calls has gone, once it is over.
async function outcome(number) {
    await reached(calls[number], "closed");
    return soFar(calls[number]);
}

function soFar({state, story, heard, isWhole, error, peerId, peerName, identityVerified}) {
    return {state, story, heard, isWhole, peerId, peerName, identityVerified,
            error: error && {code: error.code, text: error.message}};
}

/// Takes calls and says the words to each; its address. With "patient" they ring.
async function listenWith(address, words, options) {
    const listener = globalThis.listener = new web.PeerListener(address, {...options, identity: own});
    const failed = once(listener, "error").then((error) => { throw error; });
    listener.addEventListener("incomingconnection", ({detail: call}) => {
        calls.push(converse(call, words, false));
        if (!options?.patient)
            call.accept();
    });
    return await Promise.race([once(listener, "listening"), failed]);
}

/// Everything that the browser's connections are told from now on, as globalThis.told: {name: count}.
function watchBrowser() {
    const told = globalThis.told = {};
    for (const name of ["addIceCandidate", "setRemoteDescription", "setLocalDescription"]) {
        const real = RTCPeerConnection.prototype[name];
        told[name] = 0;
        RTCPeerConnection.prototype[name] = function (...rest) {
            ++told[name];
            return real.apply(this, rest);
        };
    }
    const configure = RTCPeerConnection.prototype.setConfiguration;
    told.configurations = [];
    RTCPeerConnection.prototype.setConfiguration = function (configuration) {
        configure.call(this, configuration);
        told.configurations.push(configuration);
    };
}

/// Keeps the types of all messages that come from now on, as globalThis.heardMessages.
function watchMessages() {
    const heard = globalThis.heardMessages = new Set();
    const parse = JSON.parse;
    JSON.parse = (text) => {
        const message = parse(text);
        heard.add(message?.type);
        return message;
    };
}

/// Takes no description from now on, until release().
function holdBrowser() {
    const take = RTCPeerConnection.prototype.setRemoteDescription;
    const held = new Promise((resolve) => { globalThis.release = resolve; });
    RTCPeerConnection.prototype.setRemoteDescription = function (description) {
        return held.then(() => take.call(this, description));
    };
}
