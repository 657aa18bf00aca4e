# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What a rendezvous does that has a peer of its own, mallory, and puts her in the place of others."""

import subprocess
import threading

from middleman import change_lines, lines, without_identity
from websocket import WebSocket

IDENTITY = "a=peer-identity:"
OF_MALLORY = b"of mallory " * 64


class WithMallory:
    """For test cases with peercat(), say() and a folder."""

    def mallory(self, mode, address, *options):
        """She has a key too, and says something."""
        mallory = self.peercat(mode, address, *options, "--identity", self.folder / "mallory",
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.say(mallory, OF_MALLORY)
        return mallory


def identity_in(sdp):
    """The line, or None."""
    return next((line for line in sdp.split("\r\n") if line.startswith(IDENTITY)), None)


def with_identity(sdp, line):
    """With that line in place of its own; None takes it out."""
    changed = change_lines(sdp, lambda each: None if each.startswith(IDENTITY) else each)
    if line is None:
        return changed
    return changed.replace("t=0 0\r\n", f"t=0 0\r\n{line}\r\n", 1)


class Recorded:
    """The descriptions of each side that passed, and whose calls they were."""

    def __init__(self):
        self.sdp = {"caller": [], "callee": []}
        self.messages = []  # that came from clients

    def change(self, message, from_client, _):
        signal = message.get("signal", {})
        if from_client:
            self.messages.append(message)
            if "sdp" in signal:
                side = "caller" if message["type"] == "call" else message["side"]
                self.sdp[side].append(signal["sdp"])
        return message


class BothSides:
    """Bob's call goes to mallory, and hers to alice, said to be bob's. The identities in her
    descriptions are replaced by those."""

    KEEP = object()

    def __init__(self, bob, as_bob, as_alice):
        self._bob = bob
        self._as = {"caller": as_bob, "callee": as_alice}
        self._hers = None

    def change(self, message, from_client, _):
        if from_client and message["type"] == "call":
            if message["to"] == "to-alice":
                self._hers = message["call"]
                message["to"] = "alice"
                self._disguise(message["signal"], "caller")
            else:
                message["to"] = "mallory"
                # It is signed for alice; mallory's program would not take it.
                message["signal"]["sdp"] = with_identity(message["signal"]["sdp"], None)
        if from_client and message["type"] == "signal" and message["side"] == "callee" \
                and message["call"] != self._hers:
            self._disguise(message["signal"], "callee")
        if not from_client and message["type"] == "incoming" and message["to"] == "alice":
            message.update(name="bob", id=self._bob)
        return message

    def _disguise(self, signal, side):
        if "sdp" in signal and self._as[side] is not self.KEEP:
            signal["sdp"] = with_identity(signal["sdp"], self._as[side])


def instead_of_the_offer(sdp):
    """In every call."""

    def change(message, from_client, _):
        if from_client and message["type"] == "call" and "signal" in message:
            message["signal"]["sdp"] = sdp
        return message

    return change


def instead_of_the_answer(change_answer):
    """What it makes of each."""

    def change(message, from_client, _):
        signal = message.get("signal", {})
        if not from_client and message.get("side") == "callee" and "sdp" in signal:
            signal["sdp"] = change_answer(signal["sdp"])
        return message

    return change


class PlaceOfTheCaller:
    """Her offer in bob's call, without a name. What alice answers goes to both of them."""

    def __init__(self):
        self._lock = threading.Lock()
        self._offer = None  # her call
        self._calls = {}  # hers and his
        self._taps = {}
        self.has_offer = threading.Event()

    def change(self, message, from_client, tap):
        with self._lock:
            if from_client and message["type"] == "call":
                return self._call(message, tap)
            whose = next((name for name, each in self._taps.items() if each is tap), None)
            if message["type"] != "signal" or not whose:
                return message
            if not from_client:
                self._pass(message, "mallory", to_client=True)
                return message
            if whose == "mallory" and "bob" in self._calls:
                self._pass(message, "bob", to_client=False)
            return None  # of bob's nothing more reaches alice

    def _call(self, message, tap):
        name = "mallory" if message["to"] == "to-alice" else "bob"
        self._calls[name] = message["call"]
        self._taps[name] = tap
        if name == "mallory":
            self._offer = message
            self.has_offer.set()
            return None
        sdp = with_identity(self._offer["signal"]["sdp"], None)
        return dict(message, signal=dict(self._offer["signal"], call=message["call"], sdp=sdp))

    def _pass(self, message, to, to_client):
        signal = dict(message["signal"], call=self._calls[to])
        if "sdp" in signal:
            signal["sdp"] = with_identity(signal["sdp"], None)
        tap = self._taps[to]
        (tap.client if to_client else tap.server).send(
            dict(message, call=self._calls[to], signal=signal))


class Graft:
    """Alice's description with the ICE part of another's, for one call."""

    ICE = ("a=candidate:", "a=ice-ufrag:", "a=ice-pwd:", "a=end-of-candidates")

    def __init__(self, other):
        self._other = other
        self._call = ""
        self._ice = None
        self._held = None
        self._lock = threading.Lock()
        self.is_done = False

    def change(self, message, from_client, tap):
        with self._lock:
            if from_client and message["type"] == "call":
                self._ask_the_other(message, tap)
            elif not from_client and message.get("call") == self._call:
                return self._from_the_other(message)
            elif not from_client and message["type"] == "signal" and message["side"] == "callee":
                return self._from_the_right_one(message)
            return message

    def _ask_the_other(self, message, tap):
        self._call = "mallorymallorymallory0"
        signal = dict(message["signal"], call=self._call)
        signal["sdp"] = change_lines(signal["sdp"], without_identity)
        tap.server.send(dict(message, call=self._call, to=self._other, signal=signal))

    def _from_the_other(self, message):
        signal = message.get("signal", {})
        if signal.get("type") == "answer":
            self._ice = [line for line in lines(signal["sdp"]) if line.startswith(self.ICE)]
            return self._grafted(self._held) if self._held else None
        candidate = signal.get("candidate")
        if candidate and self.is_done:
            return {**self._held, "signal": {"type": "candidate", "candidate": candidate,
                                             "sdpMid": "0", "call": self._held["call"]}}
        if candidate and self._ice:
            self._ice.append("a=" + candidate)
        return None

    def _from_the_right_one(self, message):
        if message["signal"]["type"] == "candidate":
            return None
        if message["signal"]["type"] != "answer":
            return message
        self._held = message
        return self._grafted(message) if self._ice else None

    def _grafted(self, message):
        self.is_done = True
        sdp = change_lines(message["signal"]["sdp"],
                           lambda line: None if line.startswith(self.ICE) else line)
        grafted = sdp.rstrip("\r\n") + "\r\n" + "\r\n".join(self._ice) + "\r\n"
        return dict(message, signal=dict(message["signal"], sdp=grafted))


def replay(rendezvous, messages):
    """As a client of its own, without a name."""
    client = WebSocket.dial(rendezvous.address)
    client.receive()
    client.send({"type": "hello", "version": "1.1"})
    for message in messages:
        client.send(message)
    return client
