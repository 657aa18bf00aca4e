# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A peer made of aiortc, driven by the lines of peerlines.py.

    aiortc_peer.py

What its methods do, stack_peer.js says of those of the same names.
"""

import asyncio
import hashlib
import os
import re
import sys

import aiortc
from aiortc.sdp import candidate_from_sdp

from peerlines import CHUNK, FULL, OCTETS, counting, is_same, pattern, say, serve_async


class Channel:
    """An RTCDataChannel, and what has come on it."""

    def __init__(self, of, peer):
        self.of = of
        self._peer = peer
        self.heard = []
        self.heard_octets = 0
        self.on_message = self.keep
        of.on("message", lambda message: self.on_message(message))
        of.on("open", peer.tell)
        of.on("close", peer.tell)

    def keep(self, message):
        self.heard.append(message)
        self.heard_octets += len(message)
        self._peer.tell()

    def echo(self, message):
        self.of.send(message)

    async def make_room(self):
        while self.of.bufferedAmount > FULL:
            await asyncio.sleep(0.005)


class Peer:
    def __init__(self):
        self.connection = None
        self.channels = []
        self.opened = {}
        self.states = []
        self.waiting = []
        self.is_echoing = lambda label: False
        self._news = asyncio.Event()

    # ---- Its life

    async def make(self, configuration):
        servers = [aiortc.RTCIceServer(**server) for server in configuration["iceServers"]]
        self.connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=servers))
        self.connection.on("connectionstatechange", self._changed)
        self.connection.on("signalingstatechange", self.tell)
        self.connection.on("datachannel", self._offered)

    def tell(self):
        self._news.set()

    async def _until(self, condition, timeout=None):
        async def wait():
            while not condition():
                self._news.clear()
                await self._news.wait()

        try:
            await asyncio.wait_for(wait(), timeout)
        except asyncio.TimeoutError:
            return False
        return True

    def _changed(self):
        self.states.append(self.connection.connectionState)
        self.tell()

    def _offered(self, channel):
        channel = Channel(channel, self)
        if self.is_echoing(channel.of.label):
            channel.on_message = channel.echo
        self.channels.append(channel)
        self.tell()

    # ---- Negotiation

    async def begin(self):
        self._create("first")
        await self.offer()

    async def offer(self):
        await self._describe(await self.connection.createOffer())

    async def _describe(self, description):
        """aiortc gathers before it describes, and has no trickling of its own."""
        await self.connection.setLocalDescription(description)
        told = self.connection.localDescription
        say(type=told.type, sdp=told.sdp)

    async def take(self, signal):
        if signal.get("sdp"):
            await self.connection.setRemoteDescription(
                aiortc.RTCSessionDescription(signal["sdp"], signal["type"]))
            if signal["type"] == "offer":
                await self._describe(await self.connection.createAnswer())
            waiting, self.waiting = self.waiting or [], None
            for each in waiting:
                await self._add(each)
        elif signal.get("candidate"):
            if self.waiting is None:
                await self._add(signal)
            else:
                self.waiting.append(signal)

    async def _add(self, signal):
        candidate = candidate_from_sdp(signal["candidate"].partition(":")[2])
        candidate.sdpMid = signal.get("sdpMid")
        candidate.sdpMLineIndex = signal.get("sdpMLineIndex")
        await self.connection.addIceCandidate(candidate)

    async def user_name_fragments(self):
        return [re.search("a=ice-ufrag:(.*)", side.sdp)[1].strip()
                for side in (self.connection.localDescription, self.connection.remoteDescription)]

    # ---- What it tells

    async def state(self):
        return self.connection.connectionState

    async def all_states(self):
        return self.states

    async def labels(self):
        return self._labels()

    def _labels(self):
        return [channel.of.label for channel in self.channels]

    async def reached(self, state):
        await self._until(lambda: state in self.states)

    async def offered(self, label):
        await self._until(lambda: label in self._labels())

    def _find(self, label):
        return next(channel for channel in self.channels if channel.of.label == label)

    async def properties(self, label):
        of = self._find(label).of
        return {"label": label, "protocol": of.protocol, "ordered": of.ordered,
                "maxRetransmits": of.maxRetransmits, "maxLifetime": of.maxPacketLifeTime,
                "state": of.readyState}

    # ---- Channels

    def _create(self, label, **options):
        return Channel(self.connection.createDataChannel(label, **options), self)

    async def _is_open(self, channel):
        await self._until(lambda: channel.of.readyState == "open")

    async def open(self, label, options=None):
        channel = self.opened[label] = self._create(label, **(options or {}))
        await self._is_open(channel)

    async def agree(self, label, number):
        channel = self.opened[label] = self._create(label, negotiated=True, id=number)
        channel.on_message = channel.echo

    async def close_channel(self, label):
        channel = self.opened[label]
        channel.of.close()
        await self._until(lambda: channel.of.readyState == "closed")

    async def closed(self, label):
        channel = self._find(label)
        await self._until(lambda: channel.of.readyState == "closed")

    async def close(self):
        await self.connection.close()

    async def is_echoed(self, label, what, may_be_lost=False):
        channel = self.opened[label]
        sent = what if isinstance(what, str) else counting(what)

        def has_come():
            return any(is_same(sent, message) for message in channel.heard)

        channel.of.send(sent)
        if may_be_lost:
            while not await self._until(has_come, 0.5):
                channel.of.send(sent)
        else:
            await self._until(lambda: channel.heard)
        came = has_come()
        channel.heard.clear()
        return came

    async def stream(self, label, octets, chunk):
        channel = self.opened[label]
        channel.heard_octets = 0
        sent = os.urandom(octets)
        for begin in range(0, octets, chunk):
            channel.of.send(sent[begin:begin + chunk])
            await channel.make_room()
        await self._until(lambda: channel.heard_octets >= octets)
        return {"sent": hashlib.sha256(sent).hexdigest(),
                "back": hashlib.sha256(b"".join(channel.heard)).hexdigest(),
                "octets": channel.heard_octets}

    async def echo_all(self):
        self.is_echoing = lambda label: True

    async def echo(self):
        self.is_echoing = lambda label: label == "peercat"

    async def exchange(self):
        channel = self.opened["peercat"] = self._create("peercat")
        await self.offer()
        await self._is_open(channel)
        sent = [pattern(begin) for begin in range(0, OCTETS, CHUNK)]
        for block in sent:
            channel.of.send(block)
            await channel.make_room()
        channel.of.send(b"")
        await self._until(lambda: b"" in channel.heard)
        back = b"".join(channel.heard)
        await self.close()
        return {"octets": len(back), "whole": back == b"".join(sent)}


if __name__ == "__main__":
    if sys.argv[1:] == ["--version"]:
        print("aiortc", aiortc.__version__)
    else:
        asyncio.run(serve_async(Peer()))
