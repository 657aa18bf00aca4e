# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls whose signals go by two descriptors, as between us and any other stack."""

import json
import pathlib
import subprocess
import threading
import unittest

import harness
from peers import MIB, Case, Sink, Source
from signalpeer import SignalPeer, carry

NOT_CONNECTED = 2
PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}


class SignalTest(Case):
    @staticmethod
    def callee_lines(lines):
        """A test may take another way to read them."""
        return lines

    def signal_peer(self, mode, *options, **pipes):
        peer = SignalPeer(mode, *options, **pipes)
        self.addCleanup(harness.end, peer.process)
        return peer

    def pair(self, change=lambda line: line, **pipes):
        """A caller and a callee, and threads that carry their signals as change() makes them."""
        peers = [self.signal_peer("connect", **pipes), self.signal_peer("listen", **pipes)]
        self.join(*peers, change)
        return peers

    def join(self, caller, callee, change=lambda line: line):
        carry(filter(None, map(change, caller.lines())), callee.say)
        carry(filter(None, map(change, self.callee_lines(callee.lines()))), caller.say)

    def exchange(self, caller, callee):
        sinks = [Sink(peer.process.stdout) for peer in (callee, caller)]
        sources = [Source(peer.process.stdin, 4 * MIB) for peer in (caller, callee)]
        self.assertEqual(caller.wait(60), 0, caller.story())
        self.assertEqual(callee.wait(60), 0, callee.story())
        for sink, source in zip(sinks, sources):
            self.assertEqual(sink.digest(), source.digest())

    def test_two_exchange_files(self):
        self.exchange(*self.pair(**PIPES))

    def test_only_what_other_stacks_know_is_needed(self):
        kept = {"offer": ("type", "sdp"), "answer": ("type", "sdp"),
                "candidate": ("candidate", "sdpMid", "sdpMLineIndex")}

        def as_a_browser_has_it(line):
            signal = json.loads(line)
            members = kept.get(signal["type"])
            if not members:
                return b""
            return json.dumps({name: signal[name] for name in members if name in signal}
                              ).encode() + b"\n"

        self.exchange(*self.pair(as_a_browser_has_it, **PIPES))

    def test_the_first_signal_is_an_offer_in_sdp(self):
        caller = self.signal_peer("connect")
        offer = json.loads(next(caller.lines()))
        self.assertEqual(offer["type"], "offer")
        lines = offer["sdp"].split("\r\n")
        self.assertEqual(lines[0], "v=0")
        self.assertTrue(any(line.startswith("m=application ") for line in lines), lines)
        self.assertTrue(any(line.startswith("a=fingerprint:sha-256 ") for line in lines), lines)

    def test_what_is_no_signal_is_told_and_changes_nothing(self):
        caller = self.signal_peer("connect", **PIPES)
        callee = self.signal_peer("listen", **PIPES)
        for line, fault in ((b"hello\n", "The signal is not JSON: illegal value."),
                            (b"{}\n", "The signal has no type."),
                            (b'{"type":"answer","sdp":"v=0"}\n',
                             "There is an answer, but no offer was made.")):
            callee.say(line)
            callee.event("error", code="Signal", message=fault)
        self.assertIsNone(callee.process.poll())
        self.join(caller, callee)
        self.exchange(caller, callee)

    def test_a_description_that_cannot_be_used_ends_it(self):
        callee = self.signal_peer("listen")
        callee.say(json.dumps({"type": "offer", "sdp": "v=0\r\nnonsense\r\n"}).encode() + b"\n")
        self.assertEqual(callee.wait(30), NOT_CONNECTED, callee.story())
        self.assertEqual(callee.errors()[0], "BadDescription")

    def test_a_line_without_an_end_ends_it(self):
        callee = self.signal_peer("listen")
        try:
            callee.say(b"x" * (200 * 1024))
        except OSError:
            pass  # it did not read to the end
        self.assertEqual(callee.wait(30), NOT_CONNECTED, callee.story())
        self.assertEqual(callee.errors(), ["Signal"])

    def connected(self, **pipes):
        """A pair that is connected, and the caller's offer as a peer says it who does not number
        its signals: each is answered."""
        offers = []

        def watch(line):
            signal = json.loads(line)
            if signal["type"] == "offer":
                offers.append(json.dumps({"type": "offer", "sdp": signal["sdp"]}).encode() + b"\n")
            return line

        caller, callee = self.pair(watch, **pipes)
        for peer in (caller, callee):
            peer.event("state", state="connected")
        return caller, callee, offers[0]

    def test_a_call_that_stands_needs_nobody_who_reads_its_signals(self):
        nobody_reads = threading.Event()

        def until_the_second_answer(lines):
            answers = 0
            for line in lines:
                yield line
                answers += json.loads(line)["type"] == "answer"
                if answers == 2:
                    break
            lines.close()
            nobody_reads.set()

        self.callee_lines = until_the_second_answer
        caller, callee, offer = self.connected(**PIPES)
        callee.say(offer)
        self.assertTrue(nobody_reads.wait(30), callee.story())
        callee.say(offer)
        callee.event("error", code="Signal", message="cannot write signals: Broken pipe")
        self.exchange(caller, callee)

    def test_a_call_that_stands_outlives_a_line_without_an_end(self):
        caller, callee, _ = self.connected(**PIPES)
        taken = []

        def say(octets):
            callee.say(octets)
            taken.append(len(octets))

        carry([b"x" * 4096] * 16384, say)
        callee.event("error", code="Signal", message="a line of the peer's signals does not end")
        self.exchange(caller, callee)
        self.assertLess(sum(taken), MIB)
        self.assertEqual(callee.errors(), ["Signal"])

    def test_signals_that_come_too_late_are_no_error(self):
        caller, callee = self.pair(**PIPES)
        sinks = [Sink(callee.process.stdout, paused=True), Sink(caller.process.stdout)]
        # More than a pipe takes, so that the callee is still there when its connection is closed.
        sources = [Source(peer.process.stdin, MIB // 5) for peer in (caller, callee)]
        self.assertEqual(caller.wait(60), 0, caller.story())
        callee.event("closed")
        callee.say(b'{"type":"bye"}\n')
        sinks[0].resume()
        self.assertEqual(callee.wait(60), 0, callee.story())
        for sink, source in zip(sinks, sources):
            self.assertEqual(sink.digest(), source.digest())
        self.assertEqual(caller.errors() + callee.errors(), [])

    def test_misuse_is_refused(self):
        for options, fault in (
                (["--signal-fd", "3"], "--signal-fd takes two numbers above 2, as in 3,4"),
                (["--signal-fd", "0,1"], "--signal-fd takes two numbers above 2, as in 3,4"),
                (["--signal-fd", "98,99"], "--signal-fd: descriptor 98 is not open"),
                (["--loopback", "peer://a@localhost"],
                 "--loopback has no meaning without --signal-fd"),
                (["--signal-fd", "3,4", "peer://a@localhost"],
                 "with --signal-fd there is no PEER-URI, for nobody but the two ends is asked")):
            with self.subTest(options=options):
                run = subprocess.run([pathlib.Path(harness.BIN) / "peercat", "connect", *options],
                                     capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual(run.returncode, 1)
                self.assertEqual(run.stderr, f"peercat: {fault}\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
