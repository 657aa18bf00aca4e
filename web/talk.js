// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What is said and sent in a call of the call page, and the log of it. Chat and files are those of the
// demo application (demo-app/src/conversation.h, fileoffer.h). The bounds are told in README.md.

const $ = (id) => document.getElementById(id);

const CHAT = {label: "chat", protocol: "demo-chat-1"};
const FILE = {label: "file", protocol: "demo-file-1"};
const MAX_TEXT = 4000;
const MAX_MESSAGE = 32_000;
const MAX_LINES = 1000;
/// Of the message that offers a file, in characters.
const MAX_OFFER = 4096;
/// Of a received file's name, in characters; of a longer one beginning and suffix are left.
const MAX_NAME = 120;
const MAX_SUFFIX = 16;
const CHUNK = 64 * 1024;
/// In a file channel's buffer, at most.
const SEND_AHEAD = 512 * 1024;
const MIB = 1024 * 1024;
/// Received files are in memory until they are discarded: octets of one.
const MAX_RECEIVED = 256 * MIB;
/// Of all, with all that those under way have been offered as.
const MAX_KEPT = 512 * MIB;
const MAX_KEPT_FILES = 64;
/// Under way at once, each way.
const MAX_FILES = 8;

/// Of the files that are kept or on their way here: their number, and what they were offered as.
const kept = {files: 0, octets: 0};

// ---- The log

/// A line of the log; returns its element. The oldest make room, but for files that were received.
export function addLine(...parts) {
    const line = document.createElement("p");
    line.append(...parts);
    const lines = $("lines");
    while (lines.childElementCount >= MAX_LINES)
        lines.querySelector(":scope > p:not(:has(a))").remove();
    lines.append(line);
    lines.scrollTop = lines.scrollHeight;
    return line;
}

/// Of what may come many times in a row.
function addOnce(text) {
    if ($("lines").lastElementChild?.textContent !== text)
        addLine(text);
}

/// What somebody said. Letters that run from right to left do not turn its beginning around.
function addSaid(who, text) {
    const said = document.createElement("bdi");
    said.textContent = text;
    addLine(`${who}: `, said);
}

// ---- Messages

function read(text, limit = MAX_MESSAGE) {
    try {
        const object = text.length <= limit ? JSON.parse(text) : null;
        return typeof object === "object" && object !== null ? object : {};
    } catch {
        return {};
    }
}

/// As a file of that name may be stored: without directories and control or turning characters.
function safeName(name) {
    const plain = name.split(/[\\/]/).pop().replace(/[\p{C}\p{Zl}\p{Zp}<>:"|?*]/gu, "_")
        .replace(/^[.\s-]+/, "");
    const letters = [...plain];
    if (letters.length <= MAX_NAME)
        return plain || "file";
    const dot = letters.lastIndexOf(".");
    const suffix = dot >= 0 && letters.length - dot <= MAX_SUFFIX ? letters.slice(dot) : [];
    return [...letters.slice(0, MAX_NAME - suffix.length), ...suffix].join("");
}

function sizeText(octets) {
    return octets < 1e6 ? `${Math.ceil(octets / 1e3)} kB` : `${(octets / 1e6).toFixed(1)} MB`;
}

/// Whoever ends a file before it is whole says so; else it was cut off by the end of the call.
function sayCancelled(channel) {
    if (channel.readyState === "open")
        channel.send(JSON.stringify({cancelled: true}));
}

const once = (target, name) =>
    new Promise((resolve) => target.addEventListener(name, resolve, {once: true}));

// ---- Files

/// Why a file ends early, in words.
class Stopped extends Error {}

function wordsOf(error) {
    if (error instanceof Stopped)
        return error.message;
    if (["NotFoundError", "NotReadableError"].includes(error.name))
        return "it cannot be read";
    return error.name === "InvalidStateError" ? "the call ended" : error.message;
}

/// ended: a promise that fails when the call ends.
async function sendFile(connection, file, ended) {
    const line = addLine(`Sending ${file.name} (${sizeText(file.size)}) …`);
    let channel = null;
    try {
        channel = connection.openChannel(FILE.label, {protocol: FILE.protocol});
        channel.bufferedAmountLowThreshold = SEND_AHEAD - CHUNK;
        const closed = once(channel, "close").then(() => { throw new Stopped("it was not taken"); });
        const isOver = Promise.race([closed, ended]);
        isOver.catch(() => {});
        const received = new Promise((resolve) => {
            channel.onmessage = ({data}) =>
                typeof data === "string" && read(data).received === true && resolve();
        });
        await Promise.race([once(channel, "open"), isOver]);
        channel.send(JSON.stringify({name: safeName(file.name), size: file.size}));
        for (let sent = 0; sent < file.size; sent += CHUNK) {
            channel.send(await Promise.race([file.slice(sent, sent + CHUNK).arrayBuffer(), isOver]));
            if (channel.bufferedAmount > SEND_AHEAD)
                await Promise.race([once(channel, "bufferedamountlow"), isOver]);
        }
        await Promise.race([received, isOver]);
        line.textContent = `${file.name} was delivered.`;
    } catch (error) {
        line.textContent = `${file.name} was not sent: ${wordsOf(error)}.`;
        if (channel)
            sayCancelled(channel);
    } finally {
        if (channel)
            channel.onmessage = null;
        channel?.close();
    }
}

/// A file that the peer sends, from its channel to a link in the log.
class IncomingFile {
    #channel;
    #whenOver;
    #offer = null;
    #line = null;
    #octets = 0;
    /// Of 1 MiB each, so that a file in many small messages costs no more than in few.
    #blocks = [];
    #isOver = false;

    constructor(channel, whenOver) {
        this.#channel = channel;
        this.#whenOver = whenOver;
        channel.onclose = () => this.stop("the peer stopped");
        channel.onmessage = ({data}) => this.#take(data);
    }

    /// For a reason, in words.
    stop(reason) {
        if (this.#isOver)
            return;
        if (this.#line) {
            this.#line.textContent = `${this.#offer.name} did not come: ${reason}.`;
            this.#free();
        } else {
            addOnce(`${this.#offer?.name ?? "A file"} did not come: ${reason}.`);
        }
        this.#end();
        sayCancelled(this.#channel);
        this.#channel.close();
    }

    #end() {
        this.#isOver = true;
        this.#blocks = [];
        this.#whenOver();
    }

    #free() {
        --kept.files;
        kept.octets -= this.#offer.size;
    }

    #take(data) {
        if (this.#isOver)
            return;
        if (!this.#offer)
            this.#takeOffer(typeof data === "string" ? read(data, MAX_OFFER) : {});
        else if (typeof data === "string")
            this.stop(read(data).cancelled === true ? "the peer stopped" : "what came is no file");
        else if (data.byteLength > this.#offer.size - this.#octets)
            this.stop("more came than was offered");
        else
            this.#keep(new Uint8Array(data));
        if (!this.#isOver && this.#octets === this.#offer.size)
            this.#finish();
    }

    #takeOffer({name, size}) {
        if (typeof name !== "string" || !Number.isSafeInteger(size) || size < 0)
            return this.stop("what the peer sent is no offer of one");
        this.#offer = {name: safeName(name), size};
        if (size > MAX_RECEIVED)
            return this.stop(`it has more than ${MAX_RECEIVED / MIB} MiB, which this page does not take`);
        if (kept.octets + size > MAX_KEPT)
            return this.stop(`with it this page would keep more than ${MAX_KEPT / MIB} MiB; discard some`);
        if (kept.files >= MAX_KEPT_FILES)
            return this.stop(`this page keeps ${MAX_KEPT_FILES} files and no more; discard some`);
        ++kept.files;
        kept.octets += size;
        if ([...name.split(/[\\/]/).pop()].length > MAX_NAME)
            addLine(`A file's name has more than ${MAX_NAME} characters and was shortened.`);
        this.#line = addLine(`Receiving ${this.#offer.name} (${sizeText(size)}) …`);
    }

    #keep(piece) {
        while (piece.length > 0) {
            const at = this.#octets % MIB;
            if (at === 0)
                this.#blocks.push(new Uint8Array(Math.min(MIB, this.#offer.size - this.#octets)));
            const part = piece.subarray(0, MIB - at);
            this.#blocks.at(-1).set(part, at);
            this.#octets += part.length;
            piece = piece.subarray(part.length);
        }
    }

    #finish() {
        const {name, size} = this.#offer;
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob(this.#blocks));
        link.download = name;
        link.textContent = `Save ${name} (${sizeText(size)})`;
        const discard = document.createElement("button");
        discard.type = "button";
        discard.textContent = "Discard";
        discard.setAttribute("aria-label", `Discard ${name}`);
        discard.onclick = () => {
            URL.revokeObjectURL(link.href);
            this.#free();
            $("lines").focus();
            this.#line.textContent = `${name} was discarded.`;
        };
        this.#line.replaceChildren(link, " ", discard);
        if (!this.#line.isConnected) // too much was said meanwhile
            $("lines").append(this.#line);
        this.#end();
        if (this.#channel.readyState === "open")
            this.#channel.send(JSON.stringify({received: true}));
    }
}

// ---- A call's

/// What is said and sent in one call.
export class Talk {
    #connection;
    #chat = null;
    #outgoing = 0;
    #incoming = new Set();
    #ended;
    #stop = null;
    /// The peer has said that it has measured the call.
    peerMeasured = false;

    constructor(connection) {
        this.#connection = connection;
        this.#ended = new Promise((_, reject) => { this.#stop = reject; });
        this.#ended.catch(() => {});
    }

    /// The caller's part.
    begin() {
        this.#useChat(this.#connection.openChannel(CHAT.label, {protocol: CHAT.protocol}));
    }

    takeChannel(channel) {
        if (channel.label === CHAT.label && channel.protocol === CHAT.protocol && !this.#chat)
            this.#useChat(channel);
        else if (channel.label === FILE.label && channel.protocol === FILE.protocol)
            this.#receive(channel);
        else
            channel.close();
    }

    /// False if nobody would hear it.
    say(text) {
        const said = text.trim().slice(0, MAX_TEXT);
        if (!said || this.#chat?.readyState !== "open")
            return false;
        this.#chat.send(JSON.stringify({text: said}));
        addSaid("You", said);
        return true;
    }

    /// Tells a program that measures the call that it need not wait for this side.
    sayMeasured() {
        if (this.#chat?.readyState === "open")
            this.#chat.send(JSON.stringify({measured: true}));
    }

    send(files) {
        for (const file of files) {
            if (this.#outgoing >= MAX_FILES) {
                addLine(`${MAX_FILES} files are on their way already; send the others later.`);
                return;
            }
            ++this.#outgoing;
            sendFile(this.#connection, file, this.#ended).finally(() => --this.#outgoing);
        }
    }

    /// The call is over: browsers do not say so on its channels.
    end() {
        this.#stop(new Stopped("the call ended"));
        this.#incoming.forEach((file) => file.stop("the call ended"));
    }

    #receive(channel) {
        const file = new IncomingFile(channel, () => this.#incoming.delete(file));
        this.#incoming.add(file);
        if (this.#incoming.size > MAX_FILES)
            file.stop(`${MAX_FILES} are on their way already`);
    }

    #useChat(channel) {
        this.#chat = channel;
        channel.onmessage = ({data}) => {
            const {text, measured} = typeof data === "string" ? read(data) : {};
            if (typeof text === "string" && text.trim())
                addSaid("Peer", text.trim().slice(0, MAX_TEXT));
            this.peerMeasured ||= measured === true;
        };
    }
}
