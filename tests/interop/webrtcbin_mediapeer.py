# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A peer with picture and sound made of GStreamer's webrtcbin, driven by the lines of peerlines.py.

    webrtcbin_mediapeer.py ID OTHER'S-ID

What its methods do, media_peer.js says of those of the same names.
"""

import faulthandler
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
import numpy  # noqa: E402
from gi.repository import Gst, GstWebRTC  # noqa: E402

import testpattern  # noqa: E402
from peerlines import serve  # noqa: E402
from webrtcbin_peer import Peer, nick  # noqa: E402

# The numbers of our offers: what webrtcbin sends keeps its own, whoever has offered. The caps say all
# that the descriptions are to say, for those are made before a payloader has said any more.
SENDERS = {
    "video": f"""
        appsrc name=in is-live=true format=time do-timestamp=true
            caps="video/x-raw,format=I420,framerate=15/1,
                width={testpattern.WIDTH},height={testpattern.HEIGHT}"
        ! vp8enc deadline=1 cpu-used=8 keyframe-max-dist=2000 error-resilient=partitions
        ! rtpvp8pay picture-id-mode=15-bit mtu=1100 pt=96
        ! capsfilter caps="application/x-rtp,media=video,encoding-name=VP8,payload=96,
            clock-rate=90000,rtcp-fb-nack-pli=true" """,
    "audio": f"""
        appsrc name=in is-live=true format=time do-timestamp=true
            caps=audio/x-raw,format=S16LE,layout=interleaved,rate={testpattern.RATE},channels=1
        ! opusenc ! rtpopuspay pt=111
        ! capsfilter caps="application/x-rtp,media=audio,encoding-name=OPUS,payload=111,
            clock-rate=48000,encoding-params=(string)2" """,
}
RECEIVERS = {
    "video": """rtpvp8depay request-keyframe=true wait-for-keyframe=true ! vp8dec
        ! videoconvert ! video/x-raw,format=I420
        ! appsink name=out emit-signals=true sync=false""",
    "audio": """rtpopusdepay ! opusdec ! audioconvert ! audioresample
        ! audio/x-raw,format=S16LE,rate=48000,channels=1
        ! appsink name=out emit-signals=true sync=false""",
}
TIMES = {"video": 1 / 15, "audio": 1 / 50}


class MediaPeer(Peer):
    def __init__(self, own, other):
        super().__init__()
        self.own = own
        self.kinds = []
        self.sending = {}
        self.counted = testpattern.Figures(other)

    def make(self, configuration):
        super().make(configuration)
        self.webrtc.connect("pad-added", self._receive)
        self.webrtc.connect("notify::signaling-state", lambda *_: self.told.notify())

    def figures(self):
        return self.counted.told()

    # ---- What it sends

    def send(self, kinds):
        self.kinds = kinds

    def _add_senders(self, kinds):
        for kind in kinds:
            if kind not in self.sending:
                self.sending[kind] = threading.Event()
                self._add_sender(kind)

    def _add_sender(self, kind):
        part = Gst.parse_bin_from_description(SENDERS[kind], True)
        self.pipeline.add(part)
        part.get_static_pad("src").link(self.webrtc.request_pad_simple("sink_%u"))
        part.sync_state_with_parent()
        threading.Thread(target=self._feed, args=(kind, part.get_by_name("in")),
                         daemon=True).start()

    def _feed(self, kind, source):
        begin, count = time.monotonic(), 0
        while not self.sending[kind].wait(max(begin + count * TIMES[kind] - time.monotonic(), 0)):
            raw = (testpattern.picture(self.own, count) if kind == "video" else
                   testpattern.tone(self.own, count, testpattern.RATE // 50))
            source.emit("push-buffer", Gst.Buffer.new_wrapped(raw.tobytes()))
            count += 1

    # ---- What comes

    def _receive(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        kind = pad.get_current_caps().get_structure(0).get_string("media")
        part = Gst.parse_bin_from_description(RECEIVERS[kind], True)
        part.get_by_name("out").connect("new-sample", self._see if kind == "video" else self._hear)
        self.pipeline.add(part)
        part.sync_state_with_parent()
        pad.link(part.get_static_pad("sink"))

    @staticmethod
    def _octets(sample):
        buffer = sample.get_buffer()
        return buffer.extract_dup(0, buffer.get_size())

    def _see(self, sink):
        sample = sink.emit("pull-sample")
        described = sample.get_caps().get_structure(0)
        width, height = described.get_value("width"), described.get_value("height")
        stride = (width + 3) & ~3  # of I420 as GStreamer lays it out
        planes = numpy.frombuffer(self._octets(sample), numpy.uint8)
        self.counted.see(planes[:stride * height].reshape(height, stride)[:, :width])
        return Gst.FlowReturn.OK

    def _hear(self, sink):
        samples = numpy.frombuffer(self._octets(sink.emit("pull-sample")), numpy.int16)
        self.counted.hear(samples, testpattern.RATE)
        return Gst.FlowReturn.OK

    # ---- Negotiation

    def offer(self):
        if not self.webrtc.props.remote_description:
            self.create("first")
        self._add_senders(self.kinds)
        super().offer()
        self.told.wait(lambda: nick(self.webrtc.props.signaling_state) == "stable")

    def _describe(self, kind):
        if kind == "answer":
            offered = self.webrtc.props.remote_description.sdp.as_text()
            self._add_senders([each for each in self.kinds if f"m={each} " in offered])
        super()._describe(kind)

    def drop(self):
        """webrtcbin ends no section: it goes on as inactive."""
        self.kinds = ["audio"]
        self.sending["video"].set()
        number = 0
        while transceiver := self.webrtc.emit("get-transceiver", number):
            if nick(transceiver.props.kind) == "video":
                transceiver.props.direction = GstWebRTC.WebRTCRTPTransceiverDirection.INACTIVE
            number += 1
        self.offer()


if __name__ == "__main__":
    faulthandler.enable()
    Gst.init(None)
    serve(MediaPeer(*map(int, sys.argv[1:3])))
