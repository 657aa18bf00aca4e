# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls between us and aiortc, in both roles."""

import json
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import harness
from mediatests import OUR_ID, THEIR_ID, MediaTests, TheirProcess
from peers import MIB, Case, Sink, Source
from signalpeer import SignalPeer, carry


def python_with_aiortc():
    """Debian's package belongs to Debian's interpreter."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import aiortc"], capture_output=True,
                          check=False).returncode == 0:
            return python
    return None


PYTHON = python_with_aiortc()


@unittest.skipUnless(PYTHON, "aiortc is not installed (Debian: python3-aiortc)")
class AiortcTest(MediaTests, Case):
    version = PYTHON and "aiortc " + subprocess.run(
        [PYTHON, "-c", "import aiortc; print(aiortc.__version__)"], capture_output=True, text=True,
        check=False).stdout.strip()

    def aiortc(self, role):
        process = subprocess.Popen([PYTHON, "-B", HERE / "aiortc_peer.py", role],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(harness.end, process)
        return process

    def their_media(self):
        return TheirProcess(PYTHON, "-B", HERE / "aiortc_mediapeer.py", str(THEIR_ID), str(OUR_ID))

    def join(self, ours, theirs):
        def say(line):
            theirs.stdin.write(line)
            theirs.stdin.flush()

        carry(ours.lines(), say)
        carry(theirs.stdout, ours.say)

    def peercat(self, mode, *options, **pipes):
        peer = SignalPeer(mode, *options, **pipes)
        self.addCleanup(harness.end, peer.process)
        return peer

    def events(self, process):
        """What it has told by its end."""
        events = []
        for line in process.stderr.read().decode().splitlines():
            try:
                events.append(json.loads(line))
            except ValueError:
                events.append({"event": "text", "text": line})
        return events

    def test_we_offer(self):
        ours = self.peercat("connect", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        theirs = self.aiortc("answer")
        self.join(ours, theirs)
        sink = Sink(ours.process.stdout)
        source = Source(ours.process.stdin, MIB)
        self.assertEqual(ours.wait(60), 0, ours.story())
        self.assertEqual(sink.digest(), source.digest())
        self.assertEqual(theirs.wait(30), 0, ours.story())
        events = self.events(theirs)
        self.assertIn({"event": "state", "state": "connected"}, events)
        labels = [event["label"] for event in events if event["event"] == "channel"]
        self.assertEqual(sorted(labels), ["default", "peercat"])

    def test_they_offer(self):
        ours = self.peercat("listen", "--echo")
        theirs = self.aiortc("offer")
        self.join(ours, theirs)
        self.assertEqual(theirs.wait(60), 0, ours.story())
        events = self.events(theirs)
        self.assertIn({"event": "echo", "octets": MIB, "whole": True}, events)
        self.assertEqual(ours.wait(30), 0, ours.story())


if __name__ == "__main__":
    unittest.main(verbosity=2)
