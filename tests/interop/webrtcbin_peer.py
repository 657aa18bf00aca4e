# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A peer made of GStreamer's webrtcbin, driven by the lines of peerlines.py.

    webrtcbin_peer.py

What its methods do, stack_peer.js says of those of the same names.
"""

import faulthandler
import hashlib
import os
import re
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

from peerlines import CHUNK, FULL, OCTETS, Told, counting, is_same, pattern, serve, say  # noqa: E402

# Of GstWebRTCDataChannel: no limit.
NO_LIMIT = -1


def nick(value):
    """As W3C WebRTC calls it. A channel that is new has a state without a name."""
    known = type(value).__enum_values__.get(int(value))
    return known.value_nick if known is not None else "new"


class Channel:
    """A GstWebRTCDataChannel, and what has come on it. Its signals come from GStreamer's threads."""

    def __init__(self, of, told):
        self.of = of
        self._told = told
        self.heard = []
        self.heard_octets = 0
        self.on_message = self.keep
        of.connect("on-message-string", lambda _, text: self.on_message(text or ""))
        of.connect("on-message-data", lambda _, octets: self.on_message(
            octets.get_data() if octets else b""))
        of.connect("on-open", lambda _: told.notify())
        of.connect("on-close", lambda _: told.notify())

    @property
    def label(self):
        return self.of.props.label

    @property
    def state(self):
        return nick(self.of.props.ready_state)

    def keep(self, message):
        with self._told.news:
            self.heard.append(message)
            self.heard_octets += len(message)
            self._told.news.notify_all()

    def echo(self, message):
        self.send(message)

    def send(self, message):
        if isinstance(message, str):
            self.of.emit("send-string", message)
        else:
            self.of.emit("send-data", GLib.Bytes.new(message))

    def make_room(self):
        while self.of.props.buffered_amount > FULL:
            time.sleep(0.005)


class Peer:
    """More elements may join `pipeline` and be linked to `webrtc` before it is described."""

    def __init__(self):
        self.told = Told()
        self.channels = []
        self.opened = {}
        self.states = []
        self.waiting = []
        self.is_echoing = lambda label: False
        self.pipeline = Gst.Pipeline()
        self.webrtc = None
        self.ice = None

    # ---- Its life

    def make(self, configuration):
        self.webrtc = Gst.ElementFactory.make("webrtcbin", "webrtc")
        self.webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        if configuration.get("iceTransportPolicy") == "relay":
            self.webrtc.set_property("ice-transport-policy",
                                     GstWebRTC.WebRTCICETransportPolicy.RELAY)
        for server in configuration.get("iceServers", ()):
            self.webrtc.emit("add-turn-server", server["urls"].replace(
                "turn:", f"turn://{server['username']}:{server['credential']}@"))
        # libnice leaves it out by itself; where it is told of one, it takes no others. The agent
        # is handed out with a floating reference, so it has to be kept as long as webrtcbin.
        self.ice = self.webrtc.props.ice_agent
        self.ice.emit("add-local-ip-address", "127.0.0.1")
        self.pipeline.add(self.webrtc)
        self.webrtc.connect("on-ice-candidate", self._gathered)
        self.webrtc.connect("on-data-channel", self._offered)
        self.webrtc.connect("notify::connection-state", self._changed)
        self.webrtc.connect("notify::ice-connection-state", lambda *_: self.told.notify())
        self.pipeline.set_state(Gst.State.PLAYING)

    def _gathered(self, _, line, candidate):
        say(type="candidate", candidate=candidate, sdpMLineIndex=line)

    def _changed(self, *_):
        self.told.add(self.states, self.state())

    def _offered(self, _, channel):
        channel = Channel(channel, self.told)
        if self.is_echoing(channel.label):
            channel.on_message = channel.echo
        self.told.add(self.channels, channel)

    # ---- Negotiation

    def _promise(self, action, *arguments):
        promise = Gst.Promise.new()
        self.webrtc.emit(action, *arguments, promise)
        promise.wait()
        reply = promise.get_reply()
        if reply and reply.has_field("error"):
            raise RuntimeError(f"{action}: {reply.get_value('error')}")
        # It lives as long as its promise.
        return promise

    def _create(self, what):
        promise = self._promise("create-" + what, None)
        # Each is a part of the one before, and goes with it.
        reply = promise.get_reply()
        description = reply.get_value(what)
        sdp = description.sdp
        return sdp.as_text()

    @staticmethod
    def _description(kind, sdp):
        _, parsed = GstSdp.SDPMessage.new_from_text(sdp)
        return GstWebRTC.WebRTCSessionDescription.new(
            getattr(GstWebRTC.WebRTCSDPType, kind.upper()), parsed)

    def begin(self):
        self.create("first")
        self.offer()

    def offer(self):
        self._describe("offer")

    def _describe(self, kind):
        sdp = self._create(kind)
        self._promise("set-local-description", self._description(kind, sdp))
        say(type=kind, sdp=sdp)

    def take(self, signal):
        if signal.get("sdp"):
            self._promise("set-remote-description",
                          self._description(signal["type"], signal["sdp"]))
            if signal["type"] == "offer":
                self._describe("answer")
            for line in self._waiting():
                self._add(line)
        elif "candidate" in signal:
            with self.told.news:
                if self.waiting is not None:
                    self.waiting.append(signal)
                    return
            self._add(signal)

    def _waiting(self):
        with self.told.news:
            waiting, self.waiting = self.waiting or [], None
        return waiting

    def _add(self, signal):
        if signal["candidate"]:
            self.webrtc.emit("add-ice-candidate", signal.get("sdpMLineIndex") or 0,
                             signal["candidate"])

    def user_name_fragments(self):
        return [re.search("a=ice-ufrag:(.*)", side.sdp.as_text())[1].strip()
                for side in (self.webrtc.props.local_description,
                             self.webrtc.props.remote_description)]

    # ---- What it tells

    def state(self):
        return nick(self.webrtc.props.connection_state)

    def all_states(self):
        return self.states

    def labels(self):
        return [channel.label for channel in self.channels]

    def reached(self, state):
        self.told.wait(lambda: state in self.states)

    def properties(self, label):
        for channel in self.channels:
            if channel.label == label:
                of = channel.of.props
                limit = lambda value: None if value == NO_LIMIT else value  # noqa: E731
                return {"label": label, "protocol": of.protocol or "", "ordered": of.ordered,
                        "maxRetransmits": limit(of.max_retransmits),
                        "maxLifetime": limit(of.max_packet_lifetime), "state": channel.state}
        return None

    # ---- Channels

    def create(self, label, options=None):
        names = {"ordered": bool, "maxRetransmits": int, "maxPacketLifeTime": int, "protocol": str,
                 "negotiated": bool, "id": int}
        structure = Gst.Structure.new_empty("options")
        for name, value in (options or {}).items():
            structure.set_value({"maxPacketLifeTime": "max-packet-lifetime",
                                 "maxRetransmits": "max-retransmits"}.get(name, name),
                                names[name](value))
        return Channel(self.webrtc.emit("create-data-channel", label, structure), self.told)

    def _is_open(self, channel):
        self.told.wait(lambda: channel.state == "open")

    def open(self, label, options=None):
        channel = self.opened[label] = self.create(label, options)
        self._is_open(channel)

    def agree(self, label, number):
        channel = self.opened[label] = self.create(label, {"negotiated": True, "id": number})
        channel.on_message = channel.echo

    def close_channel(self, label):
        channel = self.opened[label]
        channel.of.emit("close")
        self.told.wait(lambda: channel.state == "closed")

    def offered(self, label):
        self.told.wait(lambda: label in self.labels())

    def closed(self, label):
        channel = next(channel for channel in self.channels if channel.label == label)
        self.told.wait(lambda: channel.state == "closed")

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)

    def is_echoed(self, label, what, may_be_lost=False):
        channel = self.opened[label]
        sent = what if isinstance(what, str) else counting(what)
        while True:
            channel.send(sent)
            come = self.told.wait(lambda: any(is_same(sent, message) for message in channel.heard)
                                  if may_be_lost else channel.heard, 0.5 if may_be_lost else None)
            if come:
                break
        with self.told.news:
            heard, channel.heard = channel.heard, []
        return any(is_same(sent, message) for message in heard)

    def stream(self, label, octets, chunk):
        channel = self.opened[label]
        channel.heard_octets = 0
        sent = os.urandom(octets)
        for begin in range(0, octets, chunk):
            channel.send(sent[begin:begin + chunk])
            channel.make_room()
        self.told.wait(lambda: channel.heard_octets >= octets)
        return {"sent": hashlib.sha256(sent).hexdigest(),
                "back": hashlib.sha256(b"".join(channel.heard)).hexdigest(),
                "octets": channel.heard_octets}

    def echo_all(self):
        self.is_echoing = lambda label: True

    def echo(self):
        self.is_echoing = lambda label: label == "peercat"

    def exchange(self):
        channel = self.opened["peercat"] = self.create("peercat")
        self.offer()
        self._is_open(channel)
        sent = [pattern(begin) for begin in range(0, OCTETS, CHUNK)]
        for block in sent:
            channel.send(block)
            channel.make_room()
        channel.send(b"")
        self.told.wait(lambda: b"" in channel.heard)
        back = b"".join(channel.heard)
        self.close()
        return {"octets": len(back), "whole": back == b"".join(sent)}


if __name__ == "__main__":
    faulthandler.enable()
    Gst.init(None)
    if sys.argv[1:] == ["--version"]:
        if not Gst.ElementFactory.find("webrtcbin") or not Gst.ElementFactory.find("nicesrc"):
            sys.exit("webrtcbin or libnice is missing")
        print("webrtcbin", ".".join(str(part) for part in Gst.version()[:3]))
    else:
        serve(Peer())
