// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The call page: video, audio, chat and files between this page and a peer. Chat and files are those
// of the demo application (demo-app/src/conversation.h, fileoffer.h).

import {PeerAddress, PeerConnection, PeerListener} from "./peerconnection.js";

const $ = (id) => document.getElementById(id);

const CHAT = {label: "chat", protocol: "demo-chat-1"};
const FILE = {label: "file", protocol: "demo-file-1"};
const MAX_TEXT = 4000;
const MAX_MESSAGE = 32_000;
const MAX_LINES = 1000;
const CHUNK = 64 * 1024;
/// In a file channel's buffer, at most.
const SEND_AHEAD = 512 * 1024;
/// A page keeps what it receives in memory until it is saved.
const MAX_RECEIVED = 256 * 1024 * 1024;
const MAX_FILES = 8;
const MEASURE_EVERY = 1000;

const STATES = {
    dialing: "Looking for the peer …", ringing: "It rings …", connecting: "Connecting …",
    connected: "In call.", reconnecting: "Connection interrupted, trying again …",
};

const say = (text) => { $("status").textContent = text; };

// ---- Chat and files

/// A line of the log; returns its element.
function addLine(text) {
    const line = document.createElement("li");
    line.textContent = text;
    const lines = $("lines");
    lines.append(line);
    while (lines.childElementCount > MAX_LINES)
        lines.firstElementChild.remove();
    lines.scrollTop = lines.scrollHeight;
    return line;
}

function read(text) {
    try {
        const object = text.length <= MAX_MESSAGE ? JSON.parse(text) : null;
        return typeof object === "object" && object !== null ? object : {};
    } catch {
        return {};
    }
}

/// As a file of that name may be stored: without directories and control or turning characters.
function safeName(name) {
    const plain = name.split(/[\\/]/).pop().replace(/[\p{C}\p{Zl}\p{Zp}<>:"|?*]/gu, "_")
        .replace(/^[.\s-]+/, "").slice(0, 120);
    return plain || "file";
}

function sizeText(octets) {
    return octets < 1e6 ? `${Math.ceil(octets / 1e3)} kB` : `${(octets / 1e6).toFixed(1)} MB`;
}

async function sendFile(connection, file) {
    const line = addLine(`Sending ${file.name} (${sizeText(file.size)}) …`);
    const channel = connection.openChannel(FILE.label, {protocol: FILE.protocol});
    channel.bufferedAmountLowThreshold = SEND_AHEAD - CHUNK;
    const closed = once(channel, "close").then(() => { throw new Error("it was not taken"); });
    const received = new Promise((resolve) => {
        channel.onmessage = ({data}) =>
            typeof data === "string" && read(data).received === true && resolve();
    });
    try {
        await Promise.race([once(channel, "open"), closed]);
        channel.send(JSON.stringify({name: safeName(file.name), size: file.size}));
        for (let sent = 0; sent < file.size; sent += CHUNK) {
            channel.send(await file.slice(sent, sent + CHUNK).arrayBuffer());
            if (channel.bufferedAmount > SEND_AHEAD)
                await Promise.race([once(channel, "bufferedamountlow"), closed]);
        }
        await Promise.race([received, closed]);
        line.textContent = `${file.name} was delivered.`;
    } catch (error) {
        line.textContent = `${file.name} was not sent: ${error.message}.`;
        sayCancelled(channel);
    } finally {
        channel.onmessage = null;
        closed.catch(() => {});
        channel.close();
    }
}

/// Whoever ends a file before it is whole says so; else it was cut off by the end of the call.
function sayCancelled(channel) {
    if (channel.readyState === "open")
        channel.send(JSON.stringify({cancelled: true}));
}

function receiveFile(channel) {
    let offer = null;
    let line = null;
    let octets = 0;
    let isDone = false;
    const pieces = [];
    const fail = (reason) => {
        isDone = true;
        pieces.length = 0;
        if (line)
            line.textContent = `${offer.name} did not come: ${reason}.`;
        sayCancelled(channel);
        channel.close();
    };
    const finish = () => {
        isDone = true;
        channel.send(JSON.stringify({received: true}));
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob(pieces));
        link.download = offer.name;
        link.textContent = `Save ${offer.name} (${sizeText(octets)})`;
        line.replaceChildren(link);
    };
    channel.onclose = () => isDone || fail("the peer stopped");
    channel.onmessage = ({data}) => {
        if (isDone)
            return;
        if (!offer) {
            const {name, size} = typeof data === "string" ? read(data) : {};
            if (typeof name !== "string" || !Number.isSafeInteger(size) || size < 0)
                return fail("it is no file");
            offer = {name: safeName(name), size};
            line = addLine(`Receiving ${offer.name} (${sizeText(size)}) …`);
            if (size > MAX_RECEIVED)
                return fail("it is too large for this page");
        } else if (typeof data === "string" && read(data).cancelled === true) {
            return fail("the peer stopped");
        } else if (typeof data === "string" || data.byteLength > offer.size - octets) {
            return fail("more came than was offered");
        } else {
            pieces.push(data);
            octets += data.byteLength;
        }
        if (octets === offer.size)
            finish();
    };
}

const once = (target, name) =>
    new Promise((resolve) => target.addEventListener(name, resolve, {once: true}));

// ---- A call

/// Camera and microphone, as far as there are any: opened when a call begins, and never before.
async function openDevices() {
    const wishes = [{video: true, audio: true}, {audio: true}, {video: true}];
    for (const wish of wishes) {
        try {
            return await navigator.mediaDevices.getUserMedia(wish);
        } catch (error) {
            if (error.name === "NotAllowedError")
                break;
        }
    }
    addLine("There is no camera or microphone that this page may use: you see and hear only.");
    return new MediaStream();
}

class Call {
    #chat = null;
    #stream = null;
    #timer = 0;
    #files = 0;

    constructor(connection, isIncoming) {
        this.connection = connection;
        this.isIncoming = isIncoming;
        this.peerMeasured = false;
        connection.addEventListener("statechange", ({detail}) => {
            // How it ended, #end() says.
            if (detail !== "closed" && !(isIncoming && detail === "ringing"))
                say(STATES[detail]);
            $("identity").textContent = connection.identityVerified ? "Identity proven." : "";
        });
        connection.addEventListener("error", ({detail}) => this.#end(detail.message));
        connection.addEventListener("closed", () => this.#end("Call ended."));
        connection.addEventListener("channel", ({detail}) => this.#takeChannel(detail));
        connection.addEventListener("track", ({detail}) => {
            const remote = $("remote");
            remote.srcObject ??= new MediaStream();
            remote.srcObject.addTrack(detail.track);
        });
        if (!isIncoming)
            this.#useChat(connection.openChannel(CHAT.label, {protocol: CHAT.protocol}));
    }

    /// Brings camera and microphone, and shows the call.
    async start(stream) {
        this.#stream = stream;
        for (const kind of ["audio", "video"]) {
            const [track] = stream.getTracks().filter((each) => each.kind === kind);
            if (track)
                this.connection.addTrack(track, stream);
            else if (!this.isIncoming)
                this.connection.rtc.addTransceiver(kind, {direction: "recvonly"});
        }
        $("local").srcObject = stream;
        $("local").hidden = stream.getVideoTracks().length === 0;
        setTalking(true);
        this.#timer = setInterval(() => this.#measure(), MEASURE_EVERY);
    }

    say(text) {
        const said = text.trim().slice(0, MAX_TEXT);
        if (!said || this.#chat?.readyState !== "open")
            return false;
        this.#chat.send(JSON.stringify({text: said}));
        addLine(`You: ${said}`);
        return true;
    }

    /// Tells a program that measures the call that it need not wait for this side.
    sayMeasured() {
        this.#chat?.send(JSON.stringify({measured: true}));
    }

    send(files) {
        for (const file of files) {
            if (this.#files >= MAX_FILES) {
                addLine(`${MAX_FILES} files are on their way already; send the others later.`);
                return;
            }
            ++this.#files;
            sendFile(this.connection, file).finally(() => --this.#files);
        }
    }

    /// Of the tracks of that kind; true if they are off now.
    toggle(kind) {
        const tracks = this.#stream?.getTracks().filter((track) => track.kind === kind) ?? [];
        tracks.forEach((track) => { track.enabled = !track.enabled; });
        return tracks.length > 0 && !tracks[0].enabled;
    }

    #takeChannel(channel) {
        if (channel.label === CHAT.label && channel.protocol === CHAT.protocol && !this.#chat)
            this.#useChat(channel);
        else if (channel.label === FILE.label && channel.protocol === FILE.protocol)
            receiveFile(channel);
        else
            channel.close();
    }

    #useChat(channel) {
        this.#chat = channel;
        channel.onmessage = ({data}) => {
            const {text, measured} = typeof data === "string" ? read(data) : {};
            if (typeof text === "string" && text.trim())
                addLine(`Peer: ${text.trim().slice(0, MAX_TEXT)}`);
            this.peerMeasured ||= measured === true;
        };
    }

    async #measure() {
        const path = await this.connection.path().catch(() => null);
        if (!path)
            return;
        const kind = path.kind === "relay" ? "Relayed" : "Direct";
        const time = path.roundTripTime === undefined ? ""
            : `, ${(path.roundTripTime * 1000).toFixed(1)} ms`;
        $("path").textContent = `Path: ${kind}, ${path.protocol.toUpperCase()}${time}.`;
    }

    #end(words) {
        if (page.call !== this)
            return;
        page.call = null;
        clearInterval(this.#timer);
        this.#stream?.getTracks().forEach((track) => track.stop());
        for (const video of [$("remote"), $("local")])
            video.srcObject = null;
        $("ringing").close();
        setTalking(false);
        say(words);
        $("destination").focus();
    }
}

// ---- The page

/// What there is at the moment; tests look at it, too.
export const page = {call: null, listener: null};

function setTalking(isTalking) {
    $("phone").hidden = isTalking;
    $("pictures").hidden = !isTalking;
    $("talk").hidden = !isTalking;
    for (const id of ["microphone", "camera"])
        $(id).setAttribute("aria-pressed", "false");
    $("identity").textContent = $("path").textContent = "";
    if (isTalking) {
        $("lines").replaceChildren();
        $("hangup").focus();
    }
}

/// This page's address, of a name or of the identity alone.
function ownAddress(name) {
    return "peer://" + (name && name + "@") + location.host
        + (location.protocol === "http:" ? "?tls=off" : "");
}

function listen(name) {
    page.listener?.close();
    $("own").value = "";
    const listener = page.listener = new PeerListener(ownAddress(name));
    listener.addEventListener("listening", ({detail}) => {
        localStorage.setItem("name", name);
        $("own").value = detail;
        if (!page.call)
            say("Ready.");
    });
    listener.addEventListener("error", ({detail}) => {
        if (!page.call)
            say(detail.message);
        // Somebody has the name: without one there is nobody to contradict.
        if (name && listener === page.listener && detail.code === "RendezvousRefused")
            listen("");
    });
    listener.addEventListener("incomingconnection", ring);
}

async function dial(text) {
    if (page.call)
        return;
    let address;
    try {
        address = PeerAddress.parse(text.trim());
        $("destination-fault").textContent = "";
    } catch (error) {
        $("destination-fault").textContent = error.message;
        $("destination").focus();
        return;
    }
    say("Opening camera and microphone …");
    const stream = await openDevices();
    page.call = new Call(new PeerConnection(address), false);
    $("peer").textContent = address.name || address.ids[0] || "";
    await page.call.start(stream);
}

function ring({detail: connection}) {
    if (page.call) {
        connection.reject("busy");
        return;
    }
    const call = page.call = new Call(connection, true);
    const who = connection.peerName || "Somebody";
    const proof = connection.peerId ? ` with the identity ${connection.peerId}` : "";
    $("peer").textContent = who;
    $("ringing-who").textContent = `${who}${proof} calls.`;
    say("Somebody is calling.");
    let isAccepted = false;
    $("accept").onclick = async () => {
        isAccepted = true;
        $("ringing").close();
        await call.start(await openDevices());
        connection.accept();
    };
    $("decline").onclick = () => $("ringing").close();
    // Also by Escape, or because the caller gave up: then there is nothing left to reject.
    $("ringing").onclose = () => isAccepted || connection.reject();
    $("ringing").showModal();
}

function begin() {
    $("dial").onsubmit = (event) => {
        event.preventDefault();
        dial($("destination").value);
    };
    $("copy").onclick = async () => {
        await navigator.clipboard.writeText($("own").value);
        say("Your address was copied.");
    };
    $("hangup").onclick = () => page.call?.connection.close();
    for (const [id, kind] of [["microphone", "audio"], ["camera", "video"]])
        $(id).onclick = () => $(id).setAttribute("aria-pressed", String(page.call?.toggle(kind)));
    $("chat").onsubmit = (event) => {
        event.preventDefault();
        if (page.call?.say($("text").value))
            $("text").value = "";
    };
    $("files").onchange = () => {
        page.call?.send($("files").files);
        $("files").value = "";
    };
    for (const name of ["dragover", "dragleave", "drop"]) {
        addEventListener(name, (event) => {
            event.preventDefault();
            document.body.classList.toggle("dropping", name === "dragover" && page.call !== null);
            if (name === "drop")
                page.call?.send(event.dataTransfer.files);
        });
    }
    // A link may hold whom to call.
    $("destination").value = decodeURIComponent(location.hash.slice(1));

    $("naming").onsubmit = (event) => {
        event.preventDefault();
        listen($("name").value);
    };
    $("name").value = localStorage.getItem("name") ?? "";
    listen($("name").value);
}

begin();
