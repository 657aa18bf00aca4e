# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls between us and Chromium, in both roles, described by SDP."""

import pathlib
import subprocess
import sys
import threading
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import chromium
import harness
from peers import MIB, Case, Sink, Source
from signalpeer import SignalPeer


@unittest.skipUnless(chromium.executable(), "Chromium is not installed (Debian: chromium)")
class ChromiumTest(Case):
    @classmethod
    def setUpClass(cls):
        cls.browser = chromium.Chromium()
        cls.addClassCleanup(cls.browser.end)
        print(chromium.version(), flush=True)

    def chromium_peer(self):
        page = self.browser.page()
        self.addCleanup(page.close)
        page.evaluate((HERE / "chromium_peer.js").read_text())
        page.evaluate("globalThis.peer = new Peer(); undefined")
        return page

    def peercat(self, mode, *options, **pipes):
        peer = SignalPeer(mode, *options, **pipes)
        self.addCleanup(harness.end, peer.process)
        return peer

    def join(self, ours, theirs):
        """Threads that carry signals for as long as the test lasts."""

        def to_them():
            for line in ours.lines():
                try:
                    theirs.evaluate(f"peer.take({line.decode()})")
                except chromium.PageError as error:
                    theirs.console.append(str(error))

        def to_us():
            while (line := theirs.told.get()) is not None:
                try:
                    ours.say(line.encode() + b"\n")
                except OSError:
                    return  # it has ended

        threads = [threading.Thread(target=run, daemon=True) for run in (to_them, to_us)]
        for thread in threads:
            thread.start()
        self.addCleanup(theirs.told.put, None)

    def test_we_offer(self):
        ours = self.peercat("connect", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        theirs = self.chromium_peer()
        theirs.evaluate("peer.echo()")
        self.join(ours, theirs)
        sink = Sink(ours.process.stdout)
        source = Source(ours.process.stdin, MIB)
        self.assertEqual(ours.wait(60), 0, (ours.story(), theirs.console))
        self.assertEqual(sink.digest(), source.digest())
        self.assertIn("connected", theirs.evaluate("peer.states"))
        labels = theirs.evaluate("peer.channels.map((channel) => channel.label)")
        self.assertEqual(sorted(labels), ["default", "peercat"])

    def test_they_offer(self):
        ours = self.peercat("listen", "--echo")
        theirs = self.chromium_peer()
        self.join(ours, theirs)
        back = theirs.evaluate("peer.exchange()")
        self.assertEqual(back, {"octets": MIB, "whole": True})
        self.assertEqual(ours.wait(30), 0, ours.story())


if __name__ == "__main__":
    unittest.main(verbosity=2)
