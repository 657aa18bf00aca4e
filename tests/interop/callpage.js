// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What the tests of the call page do within it; its object "page" is globalThis.page.

"use strict";

// ---- Camera and microphone

globalThis.opened = [];
globalThis.asked = 0;

/// Keeps the tracks that the page opens from now on, as globalThis.opened.
function watchDevices(until = Promise.resolve()) {
    const open = MediaDevices.prototype.getUserMedia;
    navigator.mediaDevices.getUserMedia = async (wish) => {
        ++asked;
        const stream = await open.call(navigator.mediaDevices, wish);
        opened.push(...stream.getTracks());
        await until;
        return stream;
    };
}

/// watchDevices(), and none is there before releaseDevices().
function holdDevices() {
    watchDevices(new Promise((resolve) => { globalThis.releaseDevices = resolve; }));
}

// ---- Calls that are none

class Pretence extends EventTarget {
    state = "ringing";
    peerId = "";
    rejected = undefined;

    constructor(peerName) {
        super();
        this.peerName = peerName;
    }

    reject(reason = "rejected") {
        if (this.state !== "ringing")
            return;
        this.rejected = reason;
        this.cease();
    }

    /// It is over.
    cease() {
        this.state = "closed";
        this.dispatchEvent(new CustomEvent("closed"));
    }

    close() { this.reject(); }
}

function ringAgain(name = "Again") {
    const call = new Pretence(name);
    page.listener.dispatchEvent(new CustomEvent("incomingconnection", {detail: call}));
    return call;
}

/// One that gives up, and in the same moment another.
function ringTwice() {
    globalThis.dialogsClosed = 0;
    document.getElementById("ringing").addEventListener("close", () => { ++dialogsClosed; });
    ringAgain("First").cease();
    globalThis.second = ringAgain("Second");
}

/// Whether nothing comes of it.
async function dialWhileRinging(address) {
    const call = page.call;
    document.getElementById("destination").value = address;
    document.getElementById("dial").requestSubmit();
    await new Promise((resolve) => setTimeout(resolve, 0));
    return page.call === call && document.getElementById("ringing").open;
}

// ---- Files

globalThis.rawChannels = [];

/// Offers a file, and sends messages of so many octets, or texts.
async function sendRaw(offer, parts) {
    const channel = page.call.connection.openChannel("file", {protocol: "demo-file-1"});
    rawChannels.push(channel);
    await new Promise((resolve) => { channel.onopen = channel.onclose = resolve; });
    for (const part of [JSON.stringify(offer), ...parts]) {
        if (channel.readyState !== "open")
            return;
        channel.send(typeof part === "number" ? new ArrayBuffer(part) : part);
    }
}

/// A file that does not end.
function sendStuck(name) {
    const file = new File([new Uint8Array(1 << 20)], name);
    file.slice = () => ({arrayBuffer: () => new Promise(() => {})});
    page.call.send([file]);
}

/// Keeps the object URLs that are let go from now on, as globalThis.revoked.
function watchUrls() {
    globalThis.revoked = [];
    const revoke = URL.revokeObjectURL;
    URL.revokeObjectURL = (url) => {
        revoked.push(url);
        revoke.call(URL, url);
    };
}

/// So many lines more; how many there are then.
async function fillLog(lines) {
    const {addLine} = await import("/talk.js");
    for (let line = 0; line < lines; ++line)
        addLine(`line ${line}`);
    return document.getElementById("lines").childElementCount;
}
