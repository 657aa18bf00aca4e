# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A peer made of aiortc. Signals are JSON lines, as peercat --signal-fd has them, on standard input
and output. What comes on the channel "peercat" goes back on it; its end, an empty message, too.

    aiortc_peer.py offer|answer
"""

import asyncio
import json
import sys

import aiortc
from aiortc.sdp import candidate_from_sdp

CHANNEL = "peercat"
OCTETS = 1 << 20
CHUNK = 16 * 1024


def tell(**event):
    print(json.dumps(event), file=sys.stderr, flush=True)


class Peer:
    def __init__(self):
        self.connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        self.closed = asyncio.Event()

        @self.connection.on("connectionstatechange")
        async def changed():
            tell(event="state", state=self.connection.connectionState)
            if self.connection.connectionState in ("closed", "failed"):
                self.closed.set()

        @self.connection.on("datachannel")
        def opened(channel):
            tell(event="channel", label=channel.label, protocol=channel.protocol,
                 ordered=channel.ordered, maxRetransmits=channel.maxRetransmits)
            if channel.label == CHANNEL:
                channel.on("message", channel.send)
                channel.on("close", self.closed.set)

    async def speak(self):
        """aiortc gathers before it describes, and has no trickling of its own."""
        description = self.connection.localDescription
        print(json.dumps({"type": description.type, "sdp": description.sdp}), flush=True)

    async def offer(self):
        channel = self.connection.createDataChannel(CHANNEL)
        heard = bytearray()

        @channel.on("open")
        def opened():
            for begin in range(0, OCTETS, CHUNK):
                channel.send(pattern(begin))
            channel.send(b"")

        @channel.on("message")
        def came(message):
            if message:
                heard.extend(message)
                return
            expected = b"".join(pattern(begin) for begin in range(0, OCTETS, CHUNK))
            tell(event="echo", octets=len(heard), whole=bytes(heard) == expected)
            self.closed.set()

        await self.connection.setLocalDescription(await self.connection.createOffer())
        await self.speak()

    async def take(self, signal):
        if "sdp" in signal:
            await self.connection.setRemoteDescription(
                aiortc.RTCSessionDescription(signal["sdp"], signal["type"]))
            if signal["type"] == "offer":
                await self.connection.setLocalDescription(await self.connection.createAnswer())
                await self.speak()
        elif signal.get("candidate"):
            candidate = candidate_from_sdp(signal["candidate"].partition(":")[2])
            candidate.sdpMid = signal.get("sdpMid")
            await self.connection.addIceCandidate(candidate)


def pattern(begin):
    return bytes((begin // CHUNK + number) % 251 for number in range(CHUNK))


async def main():
    peer = Peer()
    tell(event="version", stack="aiortc", version=aiortc.__version__)
    if sys.argv[1] == "offer":
        await peer.offer()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    async def listen():
        while line := await reader.readline():
            await peer.take(json.loads(line))

    listening = asyncio.create_task(listen())
    ended = asyncio.create_task(peer.closed.wait())
    done, _ = await asyncio.wait({listening, ended}, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()  # a fault ends this program with its words
    await peer.closed.wait()
    await peer.connection.close()


asyncio.run(main())
