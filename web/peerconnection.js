// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A browser's page as a peer: it dials the addresses that Qt programs dial, and is dialled by them.
//
//     import {PeerConnection, PeerListener} from "./peerconnection.js";
//
//     const call = new PeerConnection("peer://alice@rendezvous.example.org?id=…");
//     call.addEventListener("connected", () => call.send("hello"));
//     call.addEventListener("message", ({detail}) => console.log(detail));
//
//     const listener = new PeerListener("peer://bob@rendezvous.example.org");
//     listener.addEventListener("incomingconnection", ({detail: call}) => call.accept());
//
// Beneath is the browser's own RTCPeerConnection (call.rtc). What is here: the address (PeerAddress),
// the identity (src/session/WIRE-EXTENSIONS.md) with a key in IndexedDB, the signals' order and
// repetition, and the rendezvous' protocol (src/signaling/PROTOCOL.md). Where UDP is blocked, TURN
// servers that the rendezvous names are used; its tunnel is not, for a page has no datagrams of its
// own to send through it.

// ---- Errors

/// Something went wrong: code is one of the names of PeerConnection::Error, message a sentence.
export class PeerError extends Error {
    constructor(code, message) {
        super(message);
        this.name = "PeerError";
        this.code = code;
    }
}

// ---- Octets as text

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/// RFC 4648 section 6 in lower case, without padding.
function toBase32(octets) {
    let text = "", bits = 0, value = 0;
    for (const octet of octets) {
        value = (value << 8 | octet) & 0xfff;
        for (bits += 8; bits >= 5; bits -= 5)
            text += BASE32[value >> (bits - 5) & 31];
    }
    return bits > 0 ? text + BASE32[value << (5 - bits) & 31] : text;
}

/// RFC 4648 section 5, without padding.
function toBase64Url(octets) {
    return btoa(String.fromCharCode(...new Uint8Array(octets)))
        .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/// Null for anything but the one spelling that toBase64Url() has.
function fromBase64Url(text) {
    if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1)
        return null;
    const octets = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")),
                                   (character) => character.charCodeAt(0));
    return toBase64Url(octets) === text ? octets : null;
}

const utf8 = (text) => new TextEncoder().encode(text);

// ---- Addresses

const DEFAULT_PORT = 443;
const MAX_ADDRESS = 512;
const UNRESERVED = /^[A-Za-z0-9._~-]{1,64}$/;
/// SHA-256 in base32: the last character has but one bit.
const DIGEST = /^[a-z2-7]{51}[aq]$/;

/// peer://NAME@HOST[:PORT][/SERVICE][?id=…&rv=…&paths=…&stun=…&turn=…&tls=…][#TOKEN], the grammar
/// of the C++ class of this name.
export class PeerAddress {
    name = "";
    /// The rendezvous, {host, port}, the preferred one first.
    hosts = [];
    service = "";
    ids = [];
    paths = "all";
    stun = [];
    turn = [];
    /// "verified", "off" or the pin of the server's key.
    tls = "verified";
    token = "";

    /// Throws a PeerError that names the fault.
    static parse(text) {
        if (text instanceof PeerAddress)
            return text;
        const address = new PeerAddress();
        if (utf8(text).length > MAX_ADDRESS)
            throw fault(`it is longer than ${MAX_ADDRESS} octets`);
        const parts = new RegExp("^peer://(?:([^@/?#]*)@)?(\\[[^\\]/?#]*\\]|[^:/?#@\\[\\]]*)"
                                 + "(?::([^/?#]*))?(?:/([^?#]*))?(?:\\?([^#]*))?(?:#(.*))?$", "i")
            .exec(text);
        if (!parts)
            throw fault("it is not of the form peer://NAME@HOST");
        const [, name, host, port, service, query, token] = parts;
        if (name !== undefined && !UNRESERVED.test(name))
            throw fault(`"${name}" is no name`);
        address.name = name ?? "";
        address.hosts.push({host: hostOf(host), port: portOf(port)});
        if (service && (!UNRESERVED.test(service) || /^\.{1,2}$/.test(service)))
            throw fault(`"${service}" is no service`);
        address.service = service ?? "";
        address.#readParameters(query);
        address.token = decoded(token ?? "");
        if (!/^[\x21-\x7e]{0,256}$/.test(address.token))
            throw fault("its token has characters that no token has");
        return address;
    }

    #readParameters(query) {
        const seen = new Set();
        for (const parameter of query ? query.split("&") : []) {
            const [, key, given] = /^([^=]*)=?(.*)$/s.exec(parameter);
            if (key.startsWith("x-"))
                continue;
            if (["paths", "tls"].includes(key) && seen.has(key))
                throw fault(`"${key}" stands in it twice`);
            seen.add(key);
            this.#readParameter(key, decoded(given));
        }
    }

    #readParameter(key, value) {
        const isGood = {
            __proto__: null, id: DIGEST, rv: /./, paths: /^(all|direct|relay|tunnel)$/,
            stun: /^stuns?:[^\s?]+$/i, turn: /^turns?:[^\s]+$/i, tls: /^(off|[a-z2-7]{51}[aq])$/,
        }[key];
        if (!isGood)
            throw fault(`it has an unknown parameter "${key}"`);
        if (!isGood.test(value))
            throw fault(`"${value}" is no ${key}`);
        if (key === "rv")
            this.hosts.push(hostAndPort(value));
        else if (key === "id")
            this.ids.push(value);
        else if (key === "stun" || key === "turn")
            this[key].push(value);
        else
            this[key] = value;
    }

    /// The canonical form, without the token.
    toString() {
        const [first, ...others] = this.hosts.map(
            ({host, port}) => port === DEFAULT_PORT ? host : `${host}:${port}`);
        const encode = (value) => value.replace(/[%&#"<>\\^`{|}\s]/g, encodeURIComponent);
        const list = (key, values) => values.map((value) => `${key}=${encode(value)}`);
        const parameters = [
            ...list("id", this.ids), ...list("rv", others),
            ...(this.paths === "all" ? [] : list("paths", [this.paths])),
            ...list("stun", this.stun), ...list("turn", this.turn),
            ...(this.tls === "verified" ? [] : list("tls", [this.tls])),
        ].join("&");
        return "peer://" + (this.name && this.name + "@") + first
            + (this.service && "/" + this.service) + (parameters && "?" + parameters);
    }
}

/// What the browser says of a failure, without the names of its functions.
function wordsOf({message}) {
    return String(message).replace(/^Failed to execute '\w+' on '\w+': /, "");
}

/// What the rendezvous says that somebody is called; empty if that cannot be a name.
function nameOf(text) {
    return typeof text === "string" && UNRESERVED.test(text) ? text : "";
}

/// What it says is wanted of us (PROTOCOL.md has its bounds); empty if that cannot be.
function serviceOf(text) {
    return typeof text === "string" && utf8(text).length <= 255 && isOneLine(text) ? text : "";
}

function fault(text) {
    return new PeerError("BadAddress", `This is no address of a peer: ${text}.`);
}

function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        throw fault(`"${text}" has a "%" that encodes nothing`);
    }
}

/// As A-labels, in lower case. What URL would take for IPv4 must be written like it.
function hostOf(text) {
    let host;
    try {
        host = new URL(`https://${text}/`).hostname;
    } catch {
        throw fault(`"${text}" is no host`);
    }
    const isNumeric = /^[0-9.]+$/.test(host);
    if (!text || /[%@\s\\]/.test(text) || (isNumeric && host !== text))
        throw fault(`"${text}" is no host`);
    return host;
}

function portOf(text) {
    if (text === undefined)
        return DEFAULT_PORT;
    if (!/^[1-9][0-9]{0,4}$/.test(text) || Number(text) > 65535)
        throw fault(`"${text}" is no port`);
    return Number(text);
}

function hostAndPort(text) {
    const parts = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/.exec(text);
    if (!parts)
        throw fault(`"${text}" is no rendezvous`);
    return {host: hostOf(parts[1]), port: portOf(parts[2])};
}

function isLoopback(host) {
    return host === "localhost" || host === "[::1]" || /^127\.[0-9.]+$/.test(host);
}

// ---- Identity

const KEY = {name: "ECDSA", namedCurve: "P-256"};
const SIGNING = {name: "ECDSA", hash: "SHA-256"};
/// DER SubjectPublicKeyInfo of P-256 (RFC 5480): this, then the point, uncompressed: 91 octets.
const KEY_HEAD = [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                  0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
                  0x04];
const KEY_SIZE = 91;
const SIGNATURE_SIZE = 64;

function webCrypto() {
    if (globalThis.crypto?.subtle)
        return crypto.subtle;
    throw new PeerError("Crypto", "The page has no cryptography: it must come by HTTPS, or from "
                                  + "this machine.");
}

async function idOf(publicKey) {
    return toBase32(new Uint8Array(await webCrypto().digest("SHA-256", publicKey)));
}

/// A P-256 key pair that says who somebody is. The private half never leaves the browser.
export class PeerIdentity {
    #keys;

    constructor(keys, publicKey, id) {
        this.#keys = keys;
        /// DER SubjectPublicKeyInfo.
        this.publicKey = publicKey;
        /// What stands in addresses as "id".
        this.id = id;
        Object.freeze(this);
    }

    /// One that is forgotten with the page.
    static async create() {
        return PeerIdentity.#of(await webCrypto().generateKey(KEY, false, ["sign", "verify"]));
    }

    /// The one that this origin keeps under a name; made at first.
    static async load(name = "default") {
        const store = await openStore().catch(({message}) => {
            throw new PeerError("Crypto", `The browser lets this page keep no key: ${message}`);
        });
        const table = (mode) => store.transaction("identities", mode).objectStore("identities");
        try {
            const known = await request(table("readonly").get(name));
            if (known)
                return await PeerIdentity.#of(known);
            const made = await webCrypto().generateKey(KEY, false, ["sign", "verify"]);
            // Another page may have been faster: then its key is the one.
            const identities = table("readwrite");
            const other = await request(identities.get(name));
            if (!other)
                await request(identities.put(made, name));
            return await PeerIdentity.#of(other ?? made);
        } finally {
            store.close();
        }
    }

    static async #of(keys) {
        const publicKey = new Uint8Array(await webCrypto().exportKey("spki", keys.publicKey));
        return new PeerIdentity(keys, publicKey, await idOf(publicKey));
    }

    /// ECDSA with SHA-256, 64 octets r||s.
    async sign(text) {
        return new Uint8Array(await webCrypto().sign(SIGNING, this.#keys.privateKey, utf8(text)));
    }
}

/// The result of an IndexedDB request.
function request(of) {
    return new Promise((resolve, reject) => {
        of.onsuccess = () => resolve(of.result);
        of.onerror = () => reject(of.error);
    });
}

async function openStore() {
    const opening = indexedDB.open("peerconnection", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("identities");
    return request(opening);
}

/// What a=peer-identity signs: src/session/WIRE-EXTENSIONS.md.
function claimText({call, type, sender, receiver, digest}) {
    return ["peer-identity-1", call, type, sender, receiver, digest, ""].join("\n");
}

/// The id of who made the proof, or null if it does not hold.
async function verifyClaim([key, signature], claim) {
    const publicKey = fromBase64Url(key);
    const signed = fromBase64Url(signature);
    if (!publicKey || publicKey.length !== KEY_SIZE || signed?.length !== SIGNATURE_SIZE
        || !KEY_HEAD.every((octet, i) => octet === publicKey[i]))
        return null;
    try {
        const verifier = await webCrypto().importKey("spki", publicKey, KEY, false, ["verify"]);
        const sender = await idOf(publicKey);
        const text = utf8(claimText({...claim, sender}));
        return await webCrypto().verify(SIGNING, verifier, signed, text) ? sender : null;
    } catch {
        return null; // a point that is not on the curve
    }
}

// ---- Descriptions

/// What makes one reader see a line where another sees two or none: control and formatting characters,
/// and ends of lines other than CRLF and LF (RFC 8866 section 5).
const UNCLEAR = /\r(?!\n)|(?![\r\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/// RFC 8122 section 5.
const FINGERPRINT = /^a=fingerprint:sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2}) *$/i;

/// To every reader.
const isOneLine = (text) => !UNCLEAR.test(text) && !text.includes("\n");

/// The lines as every reader sees them. Throws if readers may differ.
function linesOf(sdp) {
    if (UNCLEAR.test(sdp))
        throw new PeerError("BadDescription", "The peer's description has characters that do not "
                                              + "belong into one.");
    return sdp.split(/\r?\n/);
}

/// The SHA-256 of the one certificate that a description names, in hexadecimal. Null if there is
/// none, or more than one: only one can be the signed one.
function digestOf(sdp) {
    const digests = new Set(linesOf(sdp).map((line) => FINGERPRINT.exec(line)?.[1]?.toLowerCase()));
    digests.delete(undefined);
    return digests.size === 1 ? [...digests][0].replaceAll(":", "") : null;
}

/// For the browser: with this one fingerprint, above the media, where it holds for all of them (RFC
/// 8122 section 5). Browsers read more into lines than the RFC does, so nothing stays that could be
/// another: no line that is not of the form of RFC 8866 section 5, and none that has the word in it.
function withFingerprint(sdp, digest) {
    const lines = linesOf(sdp).filter((line) => /^[a-z]=/.test(line)
                                                && !/fingerprint/i.test(line.normalize("NFKC")));
    const media = lines.findIndex((line) => line.startsWith("m="));
    lines.splice(media < 0 ? lines.length : media, 0, "a=fingerprint:sha-256 "
                 + digest.toUpperCase().match(/../g).join(":"));
    return lines.join("\r\n") + "\r\n";
}

function identityIn(sdp) {
    const session = sdp.split(/^m=/m, 1)[0];
    const lines = [...session.matchAll(/^a=peer-identity:(\S+) (\S+)\s*$/gm)];
    return lines.length === 1 ? [lines[0][1], lines[0][2]] : null;
}

function withIdentity(sdp, key, signature) {
    return sdp.replace(/^m=/m, `a=peer-identity:${key} ${signature}\r\nm=`);
}

function userNameIn(sdp) {
    return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
}

// ---- Signals

const SIGNAL_TYPES = ["offer", "answer", "candidate", "bye", "ack"];
/// Octets of UTF-8: SignalLimits in src/signaling/signaljson.h.
const MAX_DESCRIPTION = 64 * 1024;
const MAX_CANDIDATE = 1024;
const MAX_MID = 64;
const MAX_FRAGMENT = 256;
const MAX_TEXT = 1024;

/// What there is to a signal; null if it cannot be read, which counts as lost. As the C++ class reads
/// it: src/signaling/signaljson.cpp.
function readSignal(json) {
    if (!isObject(json))
        return null;
    const {call, seq, ack} = json;
    // RTCIceCandidate's JSON has no type.
    const type = json.type ?? ("candidate" in json ? "candidate" : null);
    const isNumbered = [seq, ack].every((number) => isAbsent(number)
                                                    || Number.isSafeInteger(number) && number >= 0);
    const body = SIGNAL_TYPES.includes(type) && isNumbered ? readBody(type, json) : null;
    return body && {...body, type, call, ack: ack ?? undefined, seq: seq || undefined};
}

function readBody(type, json) {
    const {candidate} = json;
    const from = type === "candidate" && isObject(candidate) ? candidate : json;
    const bounds = {
        offer: {sdp: MAX_DESCRIPTION}, answer: {sdp: MAX_DESCRIPTION}, ack: {},
        candidate: {candidate: MAX_CANDIDATE, sdpMid: MAX_MID, usernameFragment: MAX_FRAGMENT},
        bye: {reason: MAX_TEXT, text: MAX_TEXT},
    }[type];
    const isReadable = Object.entries(bounds).every(
        ([member, most]) => isAbsent(from[member]) || isText(from[member], most));
    const lacks = type === "ack" ? isAbsent(json.ack) : "sdp" in bounds && !json.sdp;
    if (!isReadable || lacks)
        return null;
    return Object.fromEntries(Object.keys(bounds).map((member) => [member, from[member] ?? ""]));
}

const isAbsent = (value) => value === undefined || value === null;

/// Of JSON.
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function isText(value, most) {
    return typeof value === "string" && value.length <= most && utf8(value).length <= most;
}

/// Numbers signals, acknowledges and repeats them: src/session/signalexchange.h, whose times it has.
class SignalExchange {
    static #MaxHeld = 256;
    static #AcknowledgeAfter = 10;
    static #FirstRepeat = 500;
    static #LongestRepeat = 8000;

    #call;
    #send;
    #peerAcknowledges;
    #lastQueued = 0;
    #acknowledged = 0;
    #delivered = 0;
    #repeatAfter = SignalExchange.#FirstRepeat;
    #acknowledging = 0;
    #repeating = 0;
    #unacknowledged = [];
    #early = new Map();

    /// send(signal) gives one to the carrier.
    constructor(call, peerAcknowledges, send) {
        this.#call = call;
        this.#peerAcknowledges = peerAcknowledges;
        this.#send = send;
    }

    get firstHasArrived() { return this.#acknowledged > 0; }
    get allHaveArrived() { return this.#acknowledged === this.#lastQueued; }

    queue(signal) {
        const numbered = {...signal, call: this.#call, seq: ++this.#lastQueued};
        if (this.#unacknowledged.length < SignalExchange.#MaxHeld)
            this.#unacknowledged.push(numbered);
        this.#give(numbered);
        if (this.#peerAcknowledges && !this.#repeating)
            this.#armRepeat();
    }

    /// Those whose turn has come, in order.
    receive(signal) {
        if (signal.ack !== undefined)
            this.#takeAcknowledgement(signal.ack);
        if (signal.type === "ack")
            return [];
        if (signal.seq === undefined)
            return [signal];
        this.#acknowledging ||= setTimeout(() => this.#give({type: "ack", call: this.#call}),
                                           SignalExchange.#AcknowledgeAfter);
        if (signal.seq <= this.#delivered
            || signal.seq > this.#delivered + SignalExchange.#MaxHeld)
            return [];
        this.#early.set(signal.seq, signal);
        const due = [];
        for (let next; (next = this.#early.get(this.#delivered + 1));) {
            this.#early.delete(++this.#delivered);
            due.push(next);
        }
        return due;
    }

    /// The carrier works again.
    repeatNow() {
        this.#unacknowledged.forEach((signal) => this.#give(signal));
        this.#repeatAfter = SignalExchange.#FirstRepeat;
        this.#armRepeat();
    }

    stop() {
        clearTimeout(this.#acknowledging);
        clearTimeout(this.#repeating);
        this.#unacknowledged = [];
        this.#early.clear();
    }

    #give(signal) {
        if (this.#delivered === 0)
            return this.#send(signal);
        clearTimeout(this.#acknowledging);
        this.#acknowledging = 0;
        this.#send({...signal, ack: this.#delivered});
    }

    #takeAcknowledgement(upTo) {
        this.#peerAcknowledges = true;
        if (upTo > this.#lastQueued)
            return; // it claims what we never sent
        if (upTo > this.#acknowledged) {
            this.#acknowledged = upTo;
            this.#repeatAfter = SignalExchange.#FirstRepeat;
            clearTimeout(this.#repeating);
            this.#repeating = 0;
            this.#unacknowledged = this.#unacknowledged.filter(({seq}) => seq > upTo);
        }
        if (!this.#repeating)
            this.#armRepeat();
    }

    #armRepeat() {
        clearTimeout(this.#repeating);
        this.#repeating = 0;
        if (this.#unacknowledged.length === 0)
            return;
        this.#repeating = setTimeout(() => {
            this.#unacknowledged.forEach((signal) => this.#give(signal));
            this.#repeatAfter = Math.min(2 * this.#repeatAfter, SignalExchange.#LongestRepeat);
            this.#armRepeat();
        }, this.#repeatAfter);
    }
}

// ---- The rendezvous

const VERSION = "1.0";
const NEXT_HOST_AFTER = 250;
const WELCOME_WITHIN = 10_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
/// STUN URIs, and TURN URIs, of those that the rendezvous names.
const MAX_SERVERS = 8;
/// Of a message of the rendezvous, in characters; a longer one is passed over.
const MAX_MESSAGE = 256 * 1024;
/// Of a user name or a password for TURN, in characters.
const MAX_CREDENTIAL = 256;
/// Of what the rendezvous or a peer says about an end, in characters.
const MAX_SENTENCE = 300;
/// What "error" means to the application; after the others it is of no use to come again.
const FATAL = {
    __proto__: null,
    version: "RendezvousVersion", token: "RendezvousRefused", proof: "RendezvousRefused",
    malformed: "RendezvousProtocol", rate: "RendezvousRefused", limit: "RendezvousRefused",
};

/// The socket to one of the hosts of an address, opened again when it breaks, until close().
/// user: {welcomed(), ready(), failed(PeerError, isFinal), message(object)}.
class Rendezvous {
    #address;
    #identity;
    #user;
    #socket = null;
    #tickets = new Map();
    #isClosed = false;
    #closesAfterCalls = false;
    #wasReady = false;
    #isReady = false;
    #turn = null;
    #turnTimer = 0;
    stun = [];
    /// Of the calls that go through it: their PeerConnection by side and call.
    calls = new Map();

    /// keepsTrying: also before it has succeeded once.
    constructor(address, identity, user, keepsTrying) {
        this.#address = address;
        this.#identity = identity;
        this.#user = user;
        this.#run(keepsTrying);
    }

    /// For RTCConfiguration.
    iceServers() {
        const {stun, turn, paths} = this.#address;
        const servers = [...this.stun, ...stun].map((urls) => ({urls}));
        if (this.#turn && paths !== "direct") {
            // Those in the address share the secret with the others, or are of no use.
            const {uris, username, password} = this.#turn;
            servers.push({urls: [...uris, ...turn], username, credential: password});
        }
        return servers;
    }

    /// Whether nobody but a relay may get to see this machine's addresses.
    get isRelayed() { return this.#address.paths === "relay"; }

    /// Whether the server knows the calls that are under way, or has been told of them.
    get isTold() { return this.#isReady || !this.#wasReady; }

    send(message) {
        if (this.#socket?.readyState === WebSocket.OPEN)
            this.#socket.send(JSON.stringify(message));
    }

    close() {
        this.#isClosed = true;
        clearTimeout(this.#turnTimer);
        this.#socket?.close();
    }

    /// close(), as soon as no call goes through it.
    closeAfterCalls() {
        this.#closesAfterCalls = true;
        if (this.calls.size === 0)
            this.close();
    }

    /// Nothing more of a call goes through it.
    forget(side, call) {
        this.calls.delete(`${side} ${call}`);
        if (this.#closesAfterCalls)
            this.closeAfterCalls();
    }

    async #run(keepsTrying) {
        for (let pause = FIRST_PAUSE; !this.#isClosed; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
            try {
                const link = await firstOf(this.#address.hosts, (host) => this.#dial(host));
                if (this.#isClosed)
                    return link.socket.close();
                if (await this.#use(link))
                    pause = FIRST_PAUSE / 2;
            } catch (error) {
                const isFinal = !keepsTrying && !this.#wasReady || error.isFinal;
                this.#user.failed(error, isFinal);
                if (isFinal)
                    return;
            }
            if (!this.#isClosed)
                await new Promise((resolve) => setTimeout(resolve, pause));
        }
    }

    /// Until "welcome".
    #dial({host, port}) {
        const scheme = this.#address.tls === "off" ? "ws" : "wss";
        const socket = new WebSocket(`${scheme}://${host}:${port}/rendezvous`);
        return new Promise((resolve, reject) => {
            const fail = (code, text) => {
                socket.close();
                reject(new PeerError(code, text));
            };
            const timer = setTimeout(() => fail("RendezvousUnreachable",
                `The rendezvous ${host} does not answer.`), WELCOME_WITHIN);
            socket.onclose = () => {
                clearTimeout(timer);
                fail("RendezvousUnreachable", `The rendezvous ${host} cannot be reached.`);
            };
            socket.onmessage = ({data}) => {
                clearTimeout(timer);
                const welcome = parsed(data);
                if (welcome?.type !== "welcome")
                    return fail("RendezvousProtocol", `${host} is no rendezvous.`);
                if (!isText(welcome.version, 16) || !/^\d+\.\d+$/.test(welcome.version))
                    return fail("RendezvousProtocol", `${host} does not say which version of the `
                                + "protocol it speaks.");
                if (!isOurs(welcome.version))
                    return fail("RendezvousVersion", `The rendezvous speaks version `
                                + `${welcome.version} of the protocol, this page ${VERSION}.`);
                // It is signed, and so must be nothing but a challenge.
                if (!isText(welcome.challenge, 128)
                    || !/^[A-Za-z0-9+/=_-]{16,}$/.test(welcome.challenge))
                    return fail("RendezvousProtocol", `${host} does not say what to prove.`);
                resolve({socket, welcome, where: `${host}:${port}`});
            };
        });
    }

    /// From "welcome" to the socket's end. True if it was of use. Throws what the server's "error"
    /// says.
    async #use({socket, welcome, where}) {
        let error = null;
        const ended = new Promise((resolve) => { socket.onclose = resolve; });
        socket.onmessage = ({data}) => {
            const message = parsed(data);
            if (message?.type === "ready") {
                const isAgain = this.#wasReady;
                this.#isReady = this.#wasReady = true;
                this.#takeTurn(message.turn);
                this.#user.ready();
                if (isAgain)
                    this.calls.forEach((call) => call.takeReturn(message.resumed === true));
            } else if (message?.type === "error") {
                error = new PeerError(entryOf(FATAL, message.cause) ?? "RendezvousProtocol",
                                      sentenceOf(message.text, "The rendezvous closed the socket."));
                error.isFinal = message.cause !== "rate" && message.cause !== "limit";
            } else if (message?.type === "turn") {
                this.#takeTurn(message.turn);
                this.calls.forEach((connection) => connection.setIceServers(this.iceServers()));
            } else if (message) {
                this.#user.message(message);
            }
        };
        this.stun = texts(welcome.stun, /^stuns?:/);
        this.#takeTurn(welcome.turn);
        this.#socket = socket;
        this.send(await this.#hello(welcome, where));
        this.#user.welcomed();
        await ended;
        const wasOfUse = this.#isReady;
        this.#socket = null;
        this.#isReady = false;
        if (error)
            throw error;
        return wasOfUse;
    }

    async #hello({challenge}, host) {
        if (!this.#tickets.has(host))
            this.#tickets.set(host, toBase64Url(crypto.getRandomValues(new Uint8Array(32))));
        // No page gets to see the server's key: "-" for the pin.
        const signature = await this.#identity.sign(`peer-rendezvous-1 ${challenge} ${host} -`);
        return {
            type: "hello", version: VERSION, ticket: this.#tickets.get(host),
            ...(this.#address.token && {token: this.#address.token}),
            identity: {key: toBase64Url(this.#identity.publicKey),
                       signature: toBase64Url(signature), host, pin: "-"},
        };
    }

    /// Credentials are renewed when half of their time is over.
    #takeTurn(turn) {
        const uris = texts(turn?.uris, /^turns?:/);
        const isWhole = uris.length > 0 && isText(turn.username, MAX_CREDENTIAL)
            && isText(turn.password, MAX_CREDENTIAL) && typeof turn.lifetime === "number";
        if (!isWhole)
            return;
        this.#turn = {uris, username: turn.username, password: turn.password};
        clearTimeout(this.#turnTimer);
        const seconds = Math.min(Math.max(turn.lifetime, 10), 24 * 3600);
        this.#turnTimer = setTimeout(() => this.send({type: "turn"}), seconds * 500);
    }
}

/// A sentence of somebody else's, to be shown; instead of one that cannot be, another.
function sentenceOf(text, other) {
    if (typeof text !== "string" || !text.trim() || !isOneLine(text))
        return other;
    const letters = [...text];
    return letters.length <= MAX_SENTENCE ? text : letters.slice(0, MAX_SENTENCE).join("") + "…";
}

/// A message of the rendezvous; null for what is none.
function parsed(data) {
    if (typeof data !== "string" || data.length > MAX_MESSAGE)
        return null;
    try {
        const message = JSON.parse(data);
        return isObject(message) ? message : null;
    } catch {
        return null;
    }
}

/// Of a table without a prototype, what stands there under a name that somebody else has said.
function entryOf(table, name) {
    return typeof name === "string" ? table[name] : undefined;
}

function isOurs(version) {
    return version.split(".")[0] === VERSION.split(".")[0];
}

function texts(list, pattern) {
    return Array.isArray(list)
        ? list.filter((text) => isText(text, MAX_ADDRESS) && pattern.test(text))
            .slice(0, MAX_SERVERS) : [];
}

/// What the first attempt that succeeds comes to. The next begins after a while, or on the failure
/// of the one before.
function firstOf(hosts, attempt) {
    return new Promise((resolve, reject) => {
        let begun = 0, failed = 0, timer = 0, isOver = false;
        const begin = () => {
            clearTimeout(timer);
            if (isOver || begun === hosts.length)
                return;
            attempt(hosts[begun++]).then((link) => {
                if (isOver)
                    return link.socket.close();
                isOver = true;
                resolve(link);
            }, (error) => ++failed === hosts.length ? reject(error) : begin());
            timer = setTimeout(begin, NEXT_HOST_AFTER);
        };
        begin();
    });
}

/// Throws if an address asks for what no page can do.
function checkReach(address, isPlainAllowed) {
    if (address.paths === "tunnel")
        throw new PeerError("PathPolicyUnavailable", "A browser has no tunnel.");
    const mayBePlain = isPlainAllowed || address.hosts.every(({host}) => isLoopback(host));
    if (address.tls === "off" && !mayBePlain)
        throw new PeerError("BadAddress", "tls=off is for this machine alone.");
}

// ---- Calls

/// How long a call rings, in milliseconds; one that comes in has that long to bring its offer, too.
const RING_TIME = 60_000;
const CONNECT_TIME = 30_000;
/// A call whose path has died is given up after so long; sooner if the peer's program has ended.
const PATIENCE = 60_000;
const PATIENCE_WITH_NOBODY = 8_000;
const RESTART_AFTER = 1_500;
const RESTART_AGAIN = 5_000;
/// close() waits so long for what was sent last, then for its farewell to be acknowledged.
const FLUSH_TIME = 20_000;
const FAREWELL_TIME = 3_000;
/// After the peer's farewell, for what it sent before.
const LINGER_TIME = 2_000;
const MAX_EARLY_CANDIDATES = 256;
/// Signals that wait until the browser has done with those before.
const MAX_WAITING_SIGNALS = 256;
/// Calls that come in at once and are not answered yet, with an offer or without.
const MAX_RINGING = 8;
/// Calls that came in and are over, while their farewell is on its way.
const MAX_ENDING = 32;
/// Messages that wait for the first channel.
const MAX_UNSENT = 256;

/// What can be the name of a call (PROTOCOL.md).
function isCall(text) {
    return isText(text, 64) && /^[A-Za-z0-9+/_-]{16,}$/.test(text);
}

/// Why a call ended, told by a "bye": the errors of PeerConnection, and a sentence.
const REASONS = {
    __proto__: null,
    rejected: ["PeerRejected", "The call was declined."],
    busy: ["PeerBusy", "The peer is busy."],
    unanswered: ["PeerSilent", "Nobody answered."],
    cancelled: ["Cancelled", "The call was cancelled."],
    failed: ["PeerFailed", "The peer could not go on."],
};

const FAILURES = {
    __proto__: null,
    offline: ["PeerOffline", "The peer is not online."],
    limit: ["RendezvousRefused", "The rendezvous or the peer takes no more calls at the moment."],
    rate: ["RendezvousRefused", "The rendezvous takes no more calls from here at the moment."],
    unknown: ["RendezvousRefused", "The rendezvous does not take this call."],
};

/// Of an incoming call, what its PeerConnection is made from.
class Incoming {
    constructor(rendezvous, identity, message, options) {
        Object.assign(this, {rendezvous, identity, message, options});
    }
}

/// One call, from dialling or ringing to its end.
///
/// State: "idle", "dialing", "ringing" (there, or here until accept()), "connecting", "connected",
/// "reconnecting", "closed". Events, each with a detail: "statechange" (the state), "connected",
/// "error" (a PeerError; "closed" follows), "closed", "channel" (an RTCDataChannel of the peer's),
/// "track" (of the RTCTrackEvent: {track, streams}), "message" (on the first channel, "default":
/// text, or an ArrayBuffer).
///
/// Options: identity (a PeerIdentity or a promise of one; the origin's own by default), and
/// plainAllowed (takes tls=off for hosts that are not this machine).
export class PeerConnection extends EventTarget {
    #options;
    #address = null;
    #identity = null;
    #rendezvous = null;
    #exchange = null;
    #call = "";
    #side = "caller";
    #to = "";
    #state = "idle";
    #error = null;
    #expectedIds = [];
    #peerDigest = null;
    #peerIce = null;
    /// Of an incoming call until it is accepted.
    #offer = null;
    /// Ours that has no answer yet: null, "tracks" or "restart".
    #pendingOffer = null;
    #restartWanted = false;
    /// The browser wants to negotiate, and no description has said so yet.
    #offerWanted = false;
    #isAnnounced = false;
    #isAnnouncedAgain = false;
    #hasHeard = false;
    #peerIsThere = true;
    #earlyCandidates = [];
    #default = null;
    #unsent = [];
    #channels = new Set();
    #timer = 0;
    #restartTimer = 0;
    /// Signals and descriptions are handled one after the other.
    #tasks = Promise.resolve();
    #waitingSignals = 0;
    #leave = () => this.#sayBye({});

    constructor(destination, options = {}) {
        super();
        this.#options = options;
        /// The browser's own connection, for tracks, statistics and the rest.
        this.rtc = new RTCPeerConnection({bundlePolicy: "max-bundle"});
        this.peerId = "";
        this.peerName = "";
        this.service = "";
        this.identityVerified = false;
        this.#watchRtc();
        addEventListener("pagehide", this.#leave);
        if (destination instanceof Incoming) {
            this.#takeIncoming(destination);
        } else {
            this.#useDefault(this.openChannel("default"));
            this.#enqueue(() => this.#dial(destination));
        }
    }

    get state() { return this.#state; }
    /// Null, or the PeerError that ended the call.
    get error() { return this.#error; }

    /// An RTCDataChannel; at once, also before the call stands.
    openChannel(label, options = {}) {
        return this.#keepChannel(this.rtc.createDataChannel(label, options));
    }

    /// On the channel "default"; what is said before that is open waits for it. False if the call is
    /// over, or if 256 messages wait.
    send(data) {
        if (this.#default?.readyState === "open") {
            this.#default.send(data);
            return true;
        }
        const isEarly = this.#state !== "closed"
            && (this.#default?.readyState ?? "connecting") === "connecting"
            && this.#unsent.length < MAX_UNSENT;
        if (isEarly)
            this.#unsent.push(data);
        return isEarly;
    }

    /// Before the call or in it.
    addTrack(track, ...streams) {
        return this.rtc.addTrack(track, ...streams);
    }

    /// Takes an incoming call. No candidate of this machine leaves before.
    accept() {
        this.#enqueue(async () => {
            if (this.#state !== "ringing" || !this.#offer)
                return;
            clearTimeout(this.#timer);
            const offer = this.#offer;
            this.#offer = null;
            await this.#apply(offer);
            await this.#describe();
            this.#startConnecting();
        });
    }

    /// reason: "rejected" or "busy".
    reject(reason = "rejected") {
        if (this.#state !== "ringing" || !this.#offer)
            return;
        this.#sayBye({reason});
        this.#finish();
    }

    /// Ends the call when what was sent on reliable channels has arrived.
    close() {
        if (this.#state === "connected") {
            this.#flush().then(() => {
                this.#sayBye({});
                this.#finish();
            });
            return;
        }
        const isIncoming = this.#offer !== null;
        this.#sayBye(this.#state === "connecting" || this.#state === "reconnecting" ? {}
                     : {reason: isIncoming ? "rejected" : "cancelled"});
        this.#finish();
    }

    /// {kind: "direct" | "relay", protocol, local, remote, roundTripTime (seconds)} of the path in
    /// use, or null.
    async path() {
        const stats = await this.rtc.getStats();
        const transport = [...stats.values()].find(({type}) => type === "transport");
        const pair = stats.get(transport?.selectedCandidatePairId);
        const local = stats.get(pair?.localCandidateId);
        const remote = stats.get(pair?.remoteCandidateId);
        if (!local || !remote)
            return null;
        const isRelayed = [local, remote].some(({candidateType}) => candidateType === "relay");
        const where = ({address, port}) => address ? `${address}:${port}` : "";
        return {
            kind: isRelayed ? "relay" : "direct",
            protocol: local.relayProtocol ?? local.protocol,
            local: where(local), remote: where(remote),
            roundTripTime: pair.currentRoundTripTime,
        };
    }

    // -- What the rendezvous says, by PeerListener or by #dial()

    setIceServers(iceServers) {
        if (this.rtc.signalingState === "closed")
            return;
        const iceTransportPolicy = this.#rendezvous.isRelayed ? "relay" : "all";
        const use = (servers) => this.rtc.setConfiguration({
            iceServers: servers, bundlePolicy: "max-bundle", iceTransportPolicy,
        });
        try {
            use(iceServers);
        } catch {
            // One that the browser does not take is no reason to go without the policy or the others.
            use([]);
            iceServers.reduce((taken, server) => {
                try {
                    use([...taken, server]);
                    return [...taken, server];
                } catch (error) {
                    console.warn("PeerConnection: a server was not taken:", wordsOf(error));
                    return taken;
                }
            }, []);
        }
    }

    takeMessage(message) {
        switch (message.type) {
        case "incoming":
        case "signal":
            this.#queueSignal(message.signal);
            break;
        case "failed":
            if (this.#side === "caller")
                this.#takeFailure(message.cause);
            break;
        case "presence":
            this.#peerIsThere = message.there !== false;
            if (!this.#peerIsThere && this.#state === "reconnecting")
                this.#giveUpAfter(PATIENCE_WITH_NOBODY);
            break;
        }
    }

    #queueSignal(json) {
        const signal = readSignal(json);
        if (signal?.call !== this.#call || this.#waitingSignals >= MAX_WAITING_SIGNALS)
            return;
        ++this.#waitingSignals;
        this.#enqueue(() => {
            --this.#waitingSignals;
            return this.#takeSignal(signal);
        });
    }

    /// The socket has broken, and there is another one.
    takeReturn(resumed) {
        if (this.#isOver() || !this.#exchange)
            return;
        this.#isAnnouncedAgain = false;
        if (!resumed)
            this.#announceAgain();
        this.#exchange.repeatNow();
    }

    /// To a server that has forgotten the call: with the offer, which comes next, if nothing was
    /// heard from the callee.
    #announceAgain() {
        if (this.#side === "caller" && this.#isAnnounced && this.#hasHeard)
            this.#rendezvous.send({type: "call", call: this.#call, to: this.#to,
                                   service: this.service});
        else
            this.#isAnnounced = false;
    }

    #takeFailure(cause) {
        if (cause === "unknown" && this.#hasHeard && !this.#isAnnouncedAgain) {
            this.#isAnnouncedAgain = true;
            this.#announceAgain();
            this.#exchange.repeatNow();
        } else if (!this.#hasStood()) {
            this.#fail(...(entryOf(FAILURES, cause) ?? FAILURES.unknown), false);
        }
    }

    // -- Setting up

    async #dial(destination) {
        this.#setState("dialing");
        const address = PeerAddress.parse(destination);
        checkReach(address, this.#options.plainAllowed);
        // The browser checks the certificate, as it does everybody's; who answers, the id tells.
        if (DIGEST.test(address.tls) && address.ids.length === 0)
            throw new PeerError("RendezvousCertificate", "A browser cannot check the pin in this "
                                + "address; with the peer's id in it, it need not.");
        this.#address = address;
        this.#to = address.name || address.ids[0];
        if (!this.#to)
            throw new PeerError("BadAddress", "The address names nobody.");
        this.service = address.service;
        this.#expectedIds = address.ids;
        this.#identity = await (this.#options.identity ?? PeerIdentity.load());
        if (this.#isOver())
            return;
        this.#begin(toBase64Url(crypto.getRandomValues(new Uint8Array(16))), "caller", false);
        this.#timer = setTimeout(() => this.#fail("RendezvousUnreachable",
            "The rendezvous does not let this page in."), RING_TIME);
        await this.#reach();
        if (this.#isOver())
            return;
        this.setIceServers(this.#rendezvous.iceServers());
        await this.#describe();
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#fail("PeerSilent", "Nobody answered."), RING_TIME);
    }

    /// A closed rendezvous names its TURN servers after the token only.
    #reach() {
        return new Promise((resolve, reject) => {
            this.#rendezvous = new Rendezvous(this.#address, this.#identity, {
                welcomed: () => this.#address.token || resolve(),
                ready: resolve,
                failed: (error, isFinal) => {
                    reject(error);
                    // Once the callee has the offer, the call does not depend on this alone.
                    if (isFinal && this.#state === "dialing")
                        this.#fail(error.code, error.message);
                },
                message: (message) => message.call === this.#call && this.takeMessage(message),
            }, false);
            this.#rendezvous.calls.set(`caller ${this.#call}`, this);
        });
    }

    #begin(call, side, peerAcknowledges) {
        this.#call = call;
        this.#side = side;
        this.#exchange = new SignalExchange(call, peerAcknowledges,
                                            (signal) => this.#sendSignal(signal));
    }

    #takeIncoming({rendezvous, identity, message, options}) {
        this.#rendezvous = rendezvous;
        this.#identity = identity;
        this.#expectedIds = options.allowedIds ?? [];
        this.peerName = nameOf(message.name);
        this.service = serviceOf(message.service);
        this.setIceServers(rendezvous.iceServers());
        this.#begin(message.call, "callee", true);
        this.#timer = setTimeout(() => this.#giveUpWaiting(), RING_TIME);
        this.takeMessage(message);
    }

    #sendSignal(signal) {
        const isFirst = this.#side === "caller" && !this.#isAnnounced;
        // takeReturn() tells a new server of the call first, and then sends again what is to be sent.
        if (!isFirst && !this.#rendezvous.isTold)
            return;
        this.#rendezvous.send(isFirst
            ? {type: "call", call: this.#call, to: this.#to, service: this.service, signal}
            : {type: "signal", call: this.#call, side: this.#side, signal});
        this.#isAnnounced = true;
    }

    // -- Signals

    async #takeSignal(signal) {
        this.#hasHeard = true;
        for (const due of this.#exchange.receive(signal)) {
            if (this.#isOver())
                return;
            await this.#takeDue(due);
        }
        if (this.#state === "dialing" && this.#exchange.firstHasArrived)
            this.#setState("ringing");
    }

    async #takeDue(signal) {
        switch (signal.type) {
        case "offer":
        case "answer":
            await this.#takeDescription(signal);
            break;
        case "bye":
            this.#takeBye(signal);
            break;
        case "candidate":
            await this.#takeCandidate(signal);
            break;
        }
    }

    async #takeDescription(signal) {
        const isFirst = this.#peerDigest === null;
        if (isFirst && signal.type === "offer" && this.#side === "callee")
            await this.#takeFirstOffer(signal);
        else if (isFirst && signal.type === "answer" && this.#side === "caller")
            await this.#takeFirstAnswer(signal);
        else if (!isFirst && !this.#offer) // which waits for accept(): another changes nothing
            await this.#takeLaterDescription(signal);
    }

    async #takeFirstOffer(signal) {
        await this.#admit(signal);
        this.#offer = signal;
        this.#setState("ringing");
        this.dispatchEvent(new Event("offered"));
    }

    /// The callee has not answered, or there was never an offer to answer.
    #giveUpWaiting() {
        const text = this.#state === "ringing" ? "The call was not answered."
            : `The caller sent no offer within ${RING_TIME / 1000} seconds.`;
        this.#sayBye({reason: "unanswered", text});
        this.#end(new PeerError("PeerSilent", text));
    }

    async #takeFirstAnswer(signal) {
        await this.#admit(signal);
        await this.#apply(signal);
        this.#startConnecting();
    }

    /// Who sent the first description. Throws if that is not who it should be.
    async #admit(signal) {
        const {sender, digest} = await this.#senderOf(signal);
        if (!digest)
            throw new PeerError("BadDescription", "The peer's description does not name one "
                                                  + "certificate by its SHA-256.");
        this.#peerDigest = digest;
        this.peerId = sender ?? "";
        this.identityVerified = sender !== null
            && (this.#side === "callee" || this.#expectedIds.length > 0);
    }

    /// The id that a description proves, null if it proves none and none is asked for; and the digest
    /// of the certificate that it is for.
    async #senderOf({type, sdp}) {
        const digest = digestOf(sdp);
        const proof = identityIn(sdp);
        const expected = this.#expectedIds;
        if (!proof) {
            if (expected.length === 0)
                return {sender: null, digest};
            throw new PeerError("IdentityMismatch", "The peer does not prove who it is.");
        }
        const claim = {call: this.#call, type, receiver: this.#identity.id, digest};
        let sender = digest && await verifyClaim(proof, claim);
        // An offer names us only if the caller knew our id.
        if (!sender && digest && type === "offer")
            sender = await verifyClaim(proof, {...claim, receiver: ""});
        if (!sender)
            throw new PeerError("IdentityMismatch",
                                "The signature of the peer's identity does not hold.");
        if (expected.length > 0 && !expected.includes(sender))
            throw new PeerError("IdentityMismatch", `The peer proved to be ${sender}, which is not `
                                + "who was asked for.");
        return {sender, digest};
    }

    /// Gives the peer's description to the browser.
    async #apply({type, sdp}) {
        try {
            await this.rtc.setRemoteDescription({type,
                                                 sdp: withFingerprint(sdp, this.#peerDigest)});
        } catch (error) {
            const text = `The peer's description was not taken: ${wordsOf(error)}`;
            throw new PeerError("BadDescription",
                                sentenceOf(text, "The peer's description was not taken."));
        }
        this.#peerIce = userNameIn(sdp);
        for (const candidate of this.#earlyCandidates.splice(0))
            await this.#takeCandidate(candidate);
    }

    /// Ours, of the type that is due, with the proof of who we are.
    async #describe() {
        await this.rtc.setLocalDescription();
        this.#offerWanted = false; // should something be left, the browser says so again
        const {type, sdp} = this.rtc.localDescription;
        const isKnown = this.peerId || type === "answer" || this.#expectedIds.length !== 1;
        const signature = await this.#identity.sign(claimText({
            call: this.#call, type, sender: this.#identity.id,
            receiver: isKnown ? this.peerId : this.#expectedIds[0], digest: digestOf(sdp),
        }));
        this.#exchange.queue({type, sdp: withIdentity(sdp, toBase64Url(this.#identity.publicKey),
                                                      toBase64Url(signature))});
    }

    async #takeCandidate({candidate, sdpMid, usernameFragment}) {
        if (!isOneLine(candidate))
            return;
        if (!this.rtc.remoteDescription) {
            if (this.#earlyCandidates.length < MAX_EARLY_CANDIDATES)
                this.#earlyCandidates.push({candidate, sdpMid, usernameFragment});
            return;
        }
        try {
            await this.rtc.addIceCandidate({
                candidate, ...(sdpMid ? {sdpMid} : {sdpMLineIndex: 0}),
                ...(usernameFragment && {usernameFragment}),
            });
        } catch {
            // RFC 8839 section 5.1: one that is not understood is passed over.
        }
    }

    #takeBye({reason, text}) {
        const [code, sentence] = reason ? REASONS[reason] ?? REASONS.failed : REASONS.cancelled;
        if (this.#hasStood()) {
            if (code === "PeerFailed")
                return this.#fail(code, sentenceOf(text, sentence), false);
            // What the peer sent before may still be on its way; the end of SCTP comes behind it.
            setTimeout(() => this.#finish(), LINGER_TIME);
            return;
        }
        this.#fail(code, sentenceOf(text, sentence), false);
    }

    // -- Descriptions in a call that stands: src/session/session_offers.cpp

    async #takeLaterDescription(signal) {
        let from;
        try {
            from = await this.#senderOf(signal);
        } catch {
            return; // it is not the peer's, and changes nothing
        }
        if ((from.sender ?? "") !== this.peerId || from.digest !== this.#peerDigest)
            return;
        const isRestart = userNameIn(signal.sdp) !== this.#peerIce;
        if (signal.type === "answer") {
            const isAnswerToOther = this.#pendingOffer === "restart" && !isRestart;
            if (this.rtc.signalingState !== "have-local-offer" || isAnswerToOther)
                return;
            if (await this.#isApplied(signal))
                this.#pendingOffer = null;
        } else if (this.#yieldsTo(isRestart)) {
            const takenBack = this.#pendingOffer;
            const isApplied = await this.#isApplied(signal);
            // The browser takes ours back also for one that it does not take then.
            if (this.rtc.signalingState !== "have-local-offer")
                this.#pendingOffer = null;
            if (isApplied)
                await this.#describe();
            if (takenBack === "restart" && this.#pendingOffer === null && !(isApplied && isRestart))
                this.#restartWanted = true;
        }
        if (this.#restartWanted)
            this.#offerAgain();
    }

    /// One that the browser does not take changes nothing: the call does not end for it.
    async #isApplied(description) {
        try {
            await this.#apply(description);
            return true;
        } catch {
            return false;
        }
    }

    /// When both have offered, one offer is taken back.
    #yieldsTo(isRestart) {
        switch (this.#pendingOffer) {
        case "tracks":
            return isRestart || this.#side === "callee";
        case "restart":
            return isRestart && this.#side === "callee";
        default:
            return true;
        }
    }

    #offerAgain() {
        this.#enqueue(async () => {
            if (!this.#hasStood() || this.rtc.signalingState !== "stable")
                return;
            this.#pendingOffer = this.#restartWanted ? "restart" : "tracks";
            if (this.#restartWanted)
                this.rtc.restartIce();
            this.#restartWanted = false;
            await this.#describe();
        });
    }

    #restart() {
        clearTimeout(this.#restartTimer);
        if (this.#state !== "reconnecting")
            return;
        this.#restartWanted = true;
        this.#offerAgain();
        this.#restartTimer = setTimeout(() => this.#restart(), RESTART_AGAIN);
    }

    // -- The browser's connection

    #watchRtc() {
        this.rtc.onicecandidate = ({candidate}) => candidate && this.#enqueue(() => {
            const {candidate: line, sdpMid, usernameFragment} = candidate.toJSON();
            this.#exchange.queue({type: "candidate", candidate: line, sdpMid, usernameFragment});
        });
        this.rtc.onnegotiationneeded = () => {
            this.#offerWanted = true;
            this.#offerAgain();
        };
        this.rtc.onconnectionstatechange = () => this.#takeRtcState();
        this.rtc.ontrack = ({track, streams}) => this.#tell("track", {track, streams});
        this.rtc.ondatachannel = ({channel}) => {
            this.#keepChannel(channel);
            if (channel.label === "default" && !this.#default)
                this.#useDefault(channel);
            else
                this.#tell("channel", channel);
        };
    }

    #keepChannel(channel) {
        channel.binaryType = "arraybuffer";
        this.#channels.add(channel);
        channel.addEventListener("close", () => this.#channels.delete(channel));
        return channel;
    }

    #useDefault(channel) {
        this.#default = channel;
        channel.onmessage = ({data}) => this.#tell("message", data);
        const begin = () => this.#unsent.splice(0).forEach((data) => channel.send(data));
        if (channel.readyState === "open")
            begin();
        else
            channel.addEventListener("open", begin, {once: true});
    }

    #startConnecting() {
        this.#setState("connecting");
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#failToConnect(), CONNECT_TIME);
        this.rtc.sctp?.transport.addEventListener("statechange", () => this.#takeDtlsState());
        this.#takeRtcState();
    }

    #takeRtcState() {
        const isSettingUp = this.#state === "connecting";
        switch (this.rtc.connectionState) {
        case "connected":
            clearTimeout(this.#restartTimer);
            if (!isSettingUp && this.#state !== "reconnecting")
                break;
            clearTimeout(this.#timer);
            this.#setState("connected");
            if (isSettingUp)
                this.#tell("connected");
            if (this.#offerWanted)
                this.#offerAgain();
            break;
        case "disconnected":
        case "failed":
            if (isSettingUp && this.rtc.connectionState === "failed") {
                this.#failToConnect();
            } else if (this.#state === "connected") {
                this.#setState("reconnecting");
                this.#giveUpAfter(this.#peerIsThere ? PATIENCE : PATIENCE_WITH_NOBODY);
                this.#restartTimer = setTimeout(() => this.#restart(), RESTART_AFTER);
            }
            break;
        }
    }

    #failToConnect() {
        if (["connecting", "failed"].includes(this.rtc.sctp?.transport.state))
            this.#fail("HandshakeFailed", "A path was found, but no secure connection came up on it.");
        else
            this.#fail("NoPath", "No path to the peer was found.");
    }

    /// The peer's close_notify.
    #takeDtlsState() {
        if (this.rtc.sctp?.transport.state === "closed" && this.#state !== "closed")
            this.#finish();
    }

    #giveUpAfter(time) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#fail("ConnectionLost", "The connection was lost."),
                                 time);
    }

    // -- The end

    /// An outgoing reset of a stream follows all that was sent on it (RFC 8831 section 6.7).
    #flush() {
        const close = (channel) => new Promise((resolve) => {
            channel.addEventListener("close", resolve, {once: true});
            channel.close();
        });
        const begin = new Promise((resolve) => {
            if (this.#unsent.length > 0 && this.#default?.readyState === "connecting")
                this.#default.addEventListener("open", resolve, {once: true});
            else
                resolve();
        });
        const closed = begin.then(() => Promise.all(
            [...this.#channels].filter(({readyState}) => readyState !== "closed").map(close)));
        return Promise.race([closed,
                             new Promise((resolve) => setTimeout(resolve, FLUSH_TIME))]);
    }

    #sayBye(bye) {
        if (this.#state !== "closed" && this.#exchange && (this.#isAnnounced || this.#hasHeard))
            this.#exchange.queue({type: "bye", ...bye});
    }

    #fail(code, text, tellPeer = true) {
        if (tellPeer)
            this.#sayBye({reason: code === "IdentityMismatch" ? "rejected"
                          : code === "PeerSilent" ? "cancelled" : "failed", text});
        this.#end(new PeerError(code, text));
    }

    #end(error) {
        if (this.#isOver())
            return;
        this.#error = error;
        this.#tell("error", error);
        this.#finish();
    }

    #finish() {
        if (this.#isOver())
            return;
        clearTimeout(this.#timer);
        clearTimeout(this.#restartTimer);
        removeEventListener("pagehide", this.#leave);
        this.#offer = null;
        this.rtc.close();
        this.#setState("closed");
        this.#tell("closed");
        this.#farewell(performance.now() + FAREWELL_TIME);
    }

    /// Until our last signal has arrived, or nobody wants to know.
    #farewell(until) {
        if (!this.#rendezvous)
            return;
        if (!this.#exchange.allHaveArrived && performance.now() < until) {
            setTimeout(() => this.#farewell(until), 50);
            return;
        }
        this.#exchange.stop();
        this.#rendezvous.send({type: "end", call: this.#call, side: this.#side});
        this.#rendezvous.forget(this.#side, this.#call);
        if (this.#side === "caller")
            this.#rendezvous.close();
    }

    #isOver() {
        return this.#state === "closed";
    }

    /// It has connected, and is not over.
    #hasStood() {
        return this.#state === "connected" || this.#state === "reconnecting";
    }

    #setState(state) {
        if (this.#state === state || this.#isOver())
            return;
        this.#state = state;
        this.#tell("statechange", state);
    }

    #tell(type, detail) {
        this.dispatchEvent(new CustomEvent(type, {detail}));
    }

    #enqueue(task) {
        this.#tasks = this.#tasks.then(async () => {
            if (this.#isOver() && this.#exchange === null)
                return;
            await task();
        }).catch((error) => {
            if (error instanceof PeerError)
                this.#fail(error.code, error.message);
            else if (!this.#isOver())
                this.#fail("PeerFailed", sentenceOf(`The browser could not go on: ${wordsOf(error)}`,
                                                    "The browser could not go on."));
        });
    }
}

/// Takes calls to an address at a rendezvous; one without a name is that of the identity's id.
///
/// Events, each with a detail: "listening" (the full address, with the id, to give to callers),
/// "incomingconnection" (a PeerConnection that rings: accept() or reject() it), "error" (a
/// PeerError; the listener goes on unless it is closed then).
///
/// Options: identity and plainAllowed as of PeerConnection; allowedIds, whose calls alone ring.
export class PeerListener extends EventTarget {
    #options;
    #address = null;
    #identity = null;
    #rendezvous = null;
    #isClosed = false;
    #leave = () => this.close();

    constructor(address, options = {}) {
        super();
        this.#options = options;
        this.address = "";
        addEventListener("pagehide", this.#leave);
        this.#listen(address).catch((error) => this.#stop(error));
    }

    /// No more calls. Those that stand or ring go on.
    close() {
        if (this.#isClosed)
            return;
        this.#isClosed = true;
        removeEventListener("pagehide", this.#leave);
        this.#rendezvous?.send({type: "unregister", name: this.#name()});
        this.#rendezvous?.closeAfterCalls();
    }

    #name() {
        return this.#address.name || this.#identity.id;
    }

    async #listen(text) {
        await null; // so that nothing is told before the caller of the constructor listens
        this.#address = PeerAddress.parse(text);
        checkReach(this.#address, this.#options.plainAllowed);
        this.#identity = await (this.#options.identity ?? PeerIdentity.load());
        if (this.#isClosed)
            return;
        const address = PeerAddress.parse(this.#address.toString());
        address.ids = [this.#identity.id];
        this.address = address.toString();
        this.#rendezvous = new Rendezvous(this.#address, this.#identity, {
            welcomed: () => this.#isClosed
                || this.#rendezvous.send({type: "register", name: this.#name()}),
            ready: () => {},
            failed: (error, isFinal) => isFinal ? this.#stop(error) : this.#tell("error", error),
            message: (message) => this.#take(message),
        }, true);
    }

    #take(message) {
        switch (message.type) {
        case "registered":
            if (message.name === this.#name())
                this.#tell("listening", this.address);
            break;
        case "notregistered":
            if (message.name === this.#name())
                this.#stop(new PeerError("RendezvousRefused", message.cause === "owned"
                    ? "The name belongs to somebody else."
                    : "The rendezvous does not give the name."));
            break;
        case "replaced":
            if (message.name === this.#name())
                this.#stop(new PeerError("RendezvousRefused", "The name was taken elsewhere, with "
                                         + "the same identity."));
            break;
        case "incoming":
            this.#takeIncoming(message);
            break;
        case "signal":
        case "presence":
            if (message.side === "caller" && isCall(message.call))
                this.#rendezvous.calls.get(`callee ${message.call}`)?.takeMessage(message);
            break;
        }
    }

    #takeIncoming(message) {
        if (!isCall(message.call))
            return;
        const {calls} = this.#rendezvous;
        const known = calls.get(`callee ${message.call}`);
        if (known)
            return known.takeMessage(message);
        const count = (...states) =>
            [...calls.values()].filter(({state}) => states.includes(state)).length;
        const isFull = count("idle", "ringing") >= MAX_RINGING || count("closed") >= MAX_ENDING;
        if (this.#isClosed || isFull)
            return this.#decline(message.call, this.#isClosed ? "rejected" : "busy");
        let connection;
        try {
            connection = new PeerConnection(new Incoming(this.#rendezvous, this.#identity,
                                                         message, this.#options));
        } catch {
            return this.#decline(message.call, "busy"); // the browser has too many connections
        }
        calls.set(`callee ${message.call}`, connection);
        connection.addEventListener("offered", () => {
            if (this.#isClosed)
                connection.reject(); // there is nobody who could accept it
            else
                this.#tell("incomingconnection", connection);
        }, {once: true});
    }

    /// Without making anything of the call.
    #decline(call, reason) {
        this.#rendezvous.send({type: "signal", call, side: "callee",
                               signal: {type: "bye", call, seq: 1, reason}});
        this.#rendezvous.send({type: "end", call, side: "callee"});
    }

    #stop(error) {
        this.#tell("error", error);
        this.close();
    }

    #tell(type, detail) {
        if (!this.#isClosed)
            this.dispatchEvent(new CustomEvent(type, {detail}));
    }
}
