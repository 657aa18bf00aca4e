// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The call page: video, audio, chat and files between this page and a peer, one call at a time.

import {PeerAddress, PeerConnection, PeerListener} from "./peerconnection.js";
import {Talk, addLine} from "./talk.js";

const $ = (id) => document.getElementById(id);

const MEASURE_EVERY = 1000;
const TITLE = document.title;
/// The buttons that take something of ours out of the call.
const SWITCHES = [["microphone", "audio"], ["camera", "video"]];

const STATES = {
    dialing: "Looking for the peer …", ringing: "It rings …", connecting: "Connecting …",
    connected: "In call.", reconnecting: "Connection interrupted, trying again …",
};

const say = (text) => { $("status").textContent = text; };

// ---- A call

/// Camera and microphone, as far as there are any. Nothing more is asked for when isWanted() is false.
async function openDevices(isWanted) {
    const wishes = [{video: true, audio: true}, {audio: true}, {video: true}];
    for (const wish of wishes) {
        if (!isWanted())
            return new MediaStream();
        try {
            return await navigator.mediaDevices.getUserMedia(wish);
        } catch (error) {
            if (error.name === "NotAllowedError")
                break;
        }
    }
    if (isWanted())
        addLine("There is no camera or microphone that this page may use: you see and hear only.");
    return new MediaStream();
}

/// One call, from the moment that this page is taken by it: page.call, until it is over.
class Call {
    #stream = null;
    #talk = null;
    #timer = 0;
    #isLeaving = false;
    #isOver = false;
    /// None yet while the devices for a call of ours are being opened.
    connection = null;

    constructor(isIncoming) {
        this.isIncoming = isIncoming;
        page.call = this;
    }

    get peerMeasured() { return this.#talk?.peerMeasured ?? false; }

    use(connection) {
        this.connection = connection;
        this.#talk = new Talk(connection);
        const on = (name, take) => connection.addEventListener(name, ({detail}) => {
            if (!this.#isOver)
                take(detail);
        });
        on("statechange", (state) => this.#showState(state));
        on("error", ({message}) => this.end(message));
        on("closed", () => this.end("Call ended."));
        on("channel", (channel) => this.#talk.takeChannel(channel));
        on("track", ({track}) => this.#showTrack(track));
    }

    /// In place of what calls are made with. Cameras are opened now, and never before; false if the
    /// call is over when they are.
    async open(peer) {
        $("peer").textContent = peer;
        addLine(`Call with ${peer || "a peer"}.`);
        setTalking(true);
        say("Opening camera and microphone …");
        const stream = await openDevices(() => !this.#isLeaving);
        this.#stream = stream;
        if (this.#isLeaving) {
            this.#closeDevices();
            return false;
        }
        $("local").srcObject = stream;
        $("local").hidden = stream.getVideoTracks().length === 0;
        for (const [id, kind] of SWITCHES)
            $(id).disabled = !stream.getTracks().some((track) => track.kind === kind);
        return true;
    }

    /// Brings what open() has opened into the connection.
    begin() {
        for (const kind of ["audio", "video"]) {
            const track = this.#stream.getTracks().find((each) => each.kind === kind);
            if (track)
                this.connection.addTrack(track, this.#stream);
            else if (!this.isIncoming)
                this.connection.rtc.addTransceiver(kind, {direction: "recvonly"});
        }
        if (!this.isIncoming)
            this.#talk.begin();
        this.#timer = setInterval(() => this.#measure(), MEASURE_EVERY);
    }

    /// Nothing is seen or heard of us from now on; what was sent still arrives.
    hangUp() {
        this.#isLeaving = true;
        this.#closeDevices();
        if (!this.connection)
            return this.end("Call ended.");
        say("Hanging up …");
        this.connection.close();
    }

    end(words) {
        if (this.#isOver)
            return;
        this.#isOver = this.#isLeaving = true;
        page.call = null;
        clearInterval(this.#timer);
        this.#closeDevices();
        this.#talk?.end();
        for (const video of [$("remote"), $("local")])
            video.srcObject = null;
        $("ringing").close();
        setTalking(false);
        say(words);
        $("destination").focus();
    }

    say(text) { return this.#talk?.say(text) ?? false; }
    sayMeasured() { this.#talk?.sayMeasured(); }

    send(files) {
        if (this.#isLeaving)
            return;
        if (this.connection?.state === "connected" || this.connection?.state === "reconnecting")
            this.#talk.send(files);
        else
            addLine("Nothing can be sent before the call stands.");
    }

    /// Of the tracks of that kind; true if they are off now.
    toggle(kind) {
        const tracks = this.#stream?.getTracks().filter((track) => track.kind === kind) ?? [];
        tracks.forEach((track) => { track.enabled = !track.enabled; });
        return tracks.length > 0 && !tracks[0].enabled;
    }

    #closeDevices() {
        this.#stream?.getTracks().forEach((track) => track.stop());
    }

    #showState(state) {
        // How it ended, end() says.
        if (state !== "closed" && !this.#isLeaving && !(this.isIncoming && state === "ringing"))
            say(STATES[state]);
        if (state === "connected")
            $("identity").textContent = this.connection.identityVerified
                ? "Identity proven." : "Who this is was not proven.";
    }

    /// The latest of a kind takes the place of the one before.
    #showTrack(track) {
        const shown = $("remote").srcObject ??= new MediaStream();
        shown.getTracks().filter(({kind}) => kind === track.kind)
            .forEach((former) => shown.removeTrack(former));
        shown.addTrack(track);
    }

    async #measure() {
        const path = await this.connection.path().catch(() => null);
        if (!path || this.#isOver)
            return;
        const kind = path.kind === "relay" ? "Relayed" : "Direct";
        const time = path.roundTripTime === undefined ? ""
            : `, ${(path.roundTripTime * 1000).toFixed(1)} ms`;
        $("path").textContent = `Path: ${kind}, ${path.protocol.toUpperCase()}${time}.`;
    }
}

// ---- The page

/// What there is at the moment; tests look at it, too.
export const page = {call: null, listener: null};

function setTalking(isTalking) {
    $("phone").hidden = isTalking;
    $("pictures").hidden = !isTalking;
    $("sending").hidden = !isTalking;
    // What was received can still be saved.
    $("talk").hidden = !isTalking && !$("lines").hasChildNodes();
    for (const [id] of SWITCHES) {
        $(id).setAttribute("aria-pressed", "false");
        $(id).disabled = true;
    }
    $("identity").textContent = $("path").textContent = "";
    document.title = TITLE;
    if (isTalking)
        $("hangup").focus();
}

/// A page may be denied to remember anything.
const memory = {
    get name() {
        try {
            return localStorage.getItem("name") ?? "";
        } catch {
            return "";
        }
    },
    set name(name) {
        try {
            localStorage.setItem("name", name);
        } catch {
            // then it is to be typed again
        }
    },
};

/// What is wrong with the text of a field is told beside it; nothing if it is right.
function setFault(field, text) {
    $(`${field}-fault`).textContent = text;
    $(field).setAttribute("aria-invalid", String(text !== ""));
}

/// This page's address, of a name or of the identity alone. Ports that a scheme has by itself do not
/// stand in location.host; an address without a port is one of HTTPS.
function ownAddress(name) {
    const isPlain = location.protocol === "http:";
    return "peer://" + (name && name + "@") + location.host
        + (isPlain && !location.port ? ":80" : "") + (isPlain ? "?tls=off" : "");
}

function listen(name) {
    page.listener?.close();
    $("own").value = "";
    const listener = page.listener = new PeerListener(ownAddress(name));
    const on = (event, take) => listener.addEventListener(event, ({detail}) => {
        if (listener === page.listener)
            take(detail);
    });
    on("listening", (address) => {
        if (name)
            memory.name = name;
        $("own").value = address;
        if (!page.call)
            say("Ready.");
    });
    on("error", ({code, message}) => {
        if (!page.call)
            say(message);
        if (code !== "RendezvousRefused")
            return;
        $("own").value = "";
        // Somebody has the name: without one there is nobody to contradict.
        if (name) {
            setFault("name", message);
            listen("");
        }
    });
    on("incomingconnection", ring);
}

async function dial(text) {
    if (page.call)
        return;
    let address;
    try {
        address = PeerAddress.parse(text.trim());
        setFault("destination", "");
    } catch (error) {
        setFault("destination", error.message);
        $("destination").focus();
        return;
    }
    const call = new Call(false);
    if (!await call.open(address.name || address.ids[0] || ""))
        return;
    try {
        call.use(new PeerConnection(address));
        call.begin();
    } catch (error) {
        call.end(`The browser makes no call: ${error.message}`);
    }
}

function ring(connection) {
    if (page.call) {
        connection.reject("busy");
        return;
    }
    const call = new Call(true);
    call.use(connection);
    const who = connection.peerName || "Somebody";
    const proof = connection.peerId ? ` with the identity ${connection.peerId}` : "";
    $("ringing-who").textContent = `${who}${proof} calls.`;
    say("Somebody is calling.");
    document.title = `${who} calls`;
    const dialog = $("ringing");
    let isAnswered = false;
    $("accept").onclick = async () => {
        isAnswered = true;
        dialog.close();
        if (await call.open(who)) {
            call.begin();
            connection.accept();
        }
    };
    $("decline").onclick = () => dialog.close();
    // Also by Escape. The dialog of a caller who gave up may be open for the next by now.
    dialog.onclose = () => isAnswered || dialog.open || connection.reject();
    dialog.showModal();
}

async function copyAddress() {
    try {
        await navigator.clipboard.writeText($("own").value);
        say("Your address was copied.");
    } catch {
        $("own").select();
        say("The browser does not let this page copy. Your address is selected: copy it yourself.");
    }
}

/// A link may hold whom to call.
function takeLink() {
    const text = location.hash.slice(1);
    try {
        $("destination").value = decodeURIComponent(text);
        setFault("destination", "");
    } catch {
        $("destination").value = text;
        setFault("destination", "The link holds no address of a peer: it has a \"%\" that encodes nothing.");
    }
}

function takeDrops() {
    const isOfFiles = ({dataTransfer}) => dataTransfer?.types.includes("Files");
    for (const name of ["dragover", "dragleave", "drop"]) {
        addEventListener(name, (event) => {
            if (!isOfFiles(event))
                return;
            event.preventDefault();
            document.body.classList.toggle("dropping", name === "dragover" && page.call !== null);
            if (name === "drop" && page.call)
                page.call.send(event.dataTransfer.files);
            else if (name === "drop")
                say("Files can be sent in a call.");
        });
    }
}

function begin() {
    $("dial").onsubmit = (event) => {
        event.preventDefault();
        dial($("destination").value);
    };
    $("copy").onclick = copyAddress;
    $("hangup").onclick = () => page.call?.hangUp();
    for (const [id, kind] of SWITCHES)
        $(id).onclick = () => $(id).setAttribute("aria-pressed", String(page.call?.toggle(kind)));
    $("chat").onsubmit = (event) => {
        event.preventDefault();
        if (page.call?.say($("text").value))
            $("text").value = "";
        else if ($("text").value.trim())
            addLine("Nobody can read that yet.");
    };
    $("files").onchange = () => {
        page.call?.send($("files").files);
        $("files").value = "";
    };
    if (!isSecureContext) {
        say("Browsers make no calls from here: open this page by https.");
        $("call").disabled = true;
        return;
    }
    takeDrops();
    takeLink();
    addEventListener("hashchange", takeLink);
    // It has left the rendezvous when it was left, and comes back as it was then.
    addEventListener("pageshow", ({persisted}) => persisted && location.reload());

    $("naming").onsubmit = (event) => {
        event.preventDefault();
        setFault("name", "");
        if (!$("name").value)
            memory.name = "";
        listen($("name").value);
    };
    $("name").value = memory.name;
    listen($("name").value);
}

begin();
