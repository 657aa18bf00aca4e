# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A peer with picture and sound made of aiortc, driven by the lines of mediapeer.cpp. Besides, it
tells of each answer that it has taken, for it knows no way back from an offer of its own.

    aiortc_mediapeer.py ID OTHER'S-ID
"""

import asyncio
import fractions
import json
import sys
import time

import aiortc
import av
import numpy
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

import testpattern

PICTURE_TIME = 1 / 15
SAMPLES = testpattern.RATE // 50
FIGURES_TIME = 0.2


def tell(**message):
    print(json.dumps(message), flush=True)


class Pictures(aiortc.MediaStreamTrack):
    kind = "video"

    def __init__(self, sender):
        super().__init__()
        self._sender = sender
        self._begin = None
        self._count = 0

    async def recv(self):
        self._begin = self._begin or time.monotonic()
        await asyncio.sleep(self._begin + self._count * PICTURE_TIME - time.monotonic())
        frame = av.VideoFrame.from_ndarray(testpattern.picture(self._sender, self._count),
                                           format="yuv420p")
        frame.pts, frame.time_base = self._count, fractions.Fraction(1, 15)
        self._count += 1
        return frame


class Tone(aiortc.MediaStreamTrack):
    kind = "audio"

    def __init__(self, sender):
        super().__init__()
        self._sender = sender
        self._begin = None
        self._count = 0

    async def recv(self):
        self._begin = self._begin or time.monotonic()
        await asyncio.sleep(self._begin + self._count / 50 - time.monotonic())
        block = testpattern.tone(self._sender, self._count, SAMPLES)
        frame = av.AudioFrame.from_ndarray(block[None, :], format="s16", layout="mono")
        frame.sample_rate = testpattern.RATE
        frame.pts = self._count * SAMPLES
        frame.time_base = fractions.Fraction(1, testpattern.RATE)
        self._count += 1
        return frame


class Peer:
    def __init__(self, own, other):
        self.own = own
        self.kinds = []
        self.tasks = set()
        self.figures = testpattern.Figures(other)
        self.connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        self.connection.on("track", self.take_track)

    def begin(self, work):
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def take_track(self, track):
        self.begin(self.see(track) if track.kind == "video" else self.hear(track))

    async def see(self, track):
        try:
            while True:
                plane = (await track.recv()).planes[0]
                lines = numpy.frombuffer(plane, numpy.uint8).reshape(-1, plane.line_size)
                self.figures.see(lines[:plane.height, :plane.width])
        except MediaStreamError:
            pass  # it has ended

    async def hear(self, track):
        try:
            while True:
                frame = await track.recv()
                samples = frame.to_ndarray().reshape(-1)[::len(frame.layout.channels)]
                self.figures.hear(samples, frame.sample_rate)
        except MediaStreamError:
            pass

    async def tell_figures(self):
        while True:
            tell(event="figures", **self.figures.told())
            await asyncio.sleep(FIGURES_TIME)

    # ---- Commands

    async def obey(self, command, kinds=()):
        if command == "media":
            self.kinds = kinds
        elif command == "dial":
            await self.offer()
        elif command == "drop":
            await self.drop()

    def add_tracks(self, kinds):
        for kind in kinds:
            if not any(sender.track and sender.kind == kind
                       for sender in self.connection.getSenders()):
                self.connection.addTrack((Pictures if kind == "video" else Tone)(self.own))

    async def offer(self):
        if not self.connection.sctp:
            self.connection.createDataChannel("first")
        self.add_tracks(self.kinds)
        await self.describe(await self.connection.createOffer())

    async def drop(self):
        """There is no end of a section: what it had goes on being described."""
        for transceiver in self.connection.getTransceivers():
            if transceiver.kind == "video":
                transceiver.direction = "inactive"
                await transceiver.stop()
        await self.offer()

    async def describe(self, description):
        """aiortc gathers before it describes, and has no trickling of its own."""
        await self.connection.setLocalDescription(description)
        description = self.connection.localDescription
        tell(type=description.type, sdp=description.sdp)

    async def take(self, signal):
        if "sdp" in signal:
            await self.connection.setRemoteDescription(
                aiortc.RTCSessionDescription(signal["sdp"], signal["type"]))
            if signal["type"] == "offer":
                # It cannot answer while it has something else to offer.
                offered = [each.kind for each in self.connection.getTransceivers()]
                self.add_tracks([kind for kind in self.kinds if kind in offered])
                await self.describe(await self.connection.createAnswer())
            else:
                tell(event="answered")
        elif signal.get("candidate"):
            candidate = candidate_from_sdp(signal["candidate"].partition(":")[2])
            candidate.sdpMid = signal.get("sdpMid")
            await self.connection.addIceCandidate(candidate)


async def main():
    peer = Peer(*map(int, sys.argv[1:3]))
    peer.begin(peer.tell_figures())
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        await (peer.obey(**order) if "command" in order else peer.take(order))
    await peer.connection.close()


asyncio.run(main())
