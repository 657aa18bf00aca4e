# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What is tried with each other implementation of WebRTC: calls in both roles, described by SDP."""

import functools
import hashlib
import json
import pathlib
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import harness
from coturn import Coturn
from interoppeer import InteropPeer
from scriptpage import PageError
from peers import MIB, Case, Sink, Source
from signalpeer import SignalPeer
from thirdpeer import ThirdPeer

# What a side must have noticed by then has not waited for consent to end (RFC 7675: 30 s).
AT_ONCE = 8
# And what has not come by then does not come: nothing here is lost or takes its time.
SOON = 20
MESSAGES = ("hello", "", "\u00fcber \U0001f600", 1, 0, 1200)
CHANNELS = {
    "ordered": {},
    "unordered": {"ordered": False},
    "lossy": {"ordered": False, "maxRetransmits": 0},
    "short-lived": {"maxLifetime": 500},
    "with a protocol": {"protocol": "chat.v1"},
}


def may_lose(options):
    """Of a message in many packets one lost packet loses all."""
    return "maxRetransmits" in options or "maxLifetime" in options


def both_roles(test):
    """Runs it with us as offerer, then with them."""

    @functools.wraps(test)
    def run(self):
        for offerer in ("we", "they"):
            with self.subTest(offerer=offerer):
                test(self, offerer)

    return run


def another_fingerprint(signal):
    if "sdp" not in signal:
        return signal
    last = {"0": "1"}
    return {**signal, "sdp": re.sub(r"(a=fingerprint:.*)(.)(?=\r\n)",
                                    lambda m: m[1] + last.get(m[2], "0"), signal["sdp"])}


class StackTests:
    """For a Case of one stack, whose peers are as in theirpeer.py."""

    # Tests that it has nothing for, and why.
    lacks = {}
    # Tests that it fails with whomever it meets, which table.py shows, and what is wrong. There
    # alone they are run.
    fails = {}
    runs_all = False
    # Tests that show something else where they pass than most: what table.py calls it, and why.
    words = {}
    # Of thirdpeer.py: what is in our place, to see whether a test fails with that as well.
    third = None
    # What it does not tell, or not as it is: properties of channels that the peer has opened, and
    # "failed", a state.
    untold = frozenset()
    # Octets in a message.
    largest = 256 * 1024
    sends_empty = True
    # What comes with a channel before its object is there, comes in order.
    keeps_order_at_first = True

    def messages(self):
        """Texts, and numbers of octets."""
        return [message for message in (*MESSAGES, self.largest) if message or self.sends_empty]

    def setUp(self):
        super().setUp()
        name = self._testMethodName
        reason = self.lacks.get(name) or (not self.runs_all and self.fails.get(name))
        if reason:
            self.skipTest(reason)

    def new_peer(self):
        """One of theirs, as a process of its own or in one of this test's class."""
        raise NotImplementedError

    def vanishing_peer(self):
        """One of theirs, and how to end all that it runs in without a word to anybody."""
        raise NotImplementedError

    def their_peer(self, peer=None, configuration=None):
        peer = peer or self.new_peer()
        # A package may have servers of its own otherwise.
        peer.make(configuration or {"iceServers": []})
        return peer

    def peercat(self, mode, *options, **pipes):
        if self.third:
            self.skipTest("peercat is ours")
        peer = SignalPeer(mode, *options, **pipes)
        self.addCleanup(harness.end, peer.process)
        return peer

    def our_peer(self, offerer):
        if self.third:
            peer = ThirdPeer(self.third)
        else:
            peer = InteropPeer("offer" if offerer == "we" else "answer")
        self.addCleanup(peer.end)
        return peer

    def join(self, signals, say, theirs, to_them=lambda signal: signal,
             to_us=lambda signal: signal):
        """Threads that carry our signals and theirs, as those functions change them."""

        def carry_to_them():
            for signal in signals:
                try:
                    theirs.do("take", to_them(signal))
                except PageError as error:
                    theirs.console.append(str(error))

        def carry_to_us():
            while (line := theirs.told.get()) is not None:
                try:
                    say(to_us(json.loads(line)))
                except (OSError, ValueError):
                    return  # it has ended

        for run in (carry_to_them, carry_to_us):
            threading.Thread(target=run, daemon=True).start()
        self.addCleanup(theirs.told.put, None)

    def join_peercat(self, ours, theirs):
        self.join(map(json.loads, ours.lines()),
                  lambda signal: ours.say(json.dumps(signal).encode() + b"\n"), theirs)

    def begin(self, offerer, peer=None, configuration=None, prepare=lambda ours, theirs: None,
              **changes):
        """Both sides, on their way to each other."""
        ours, theirs = self.our_peer(offerer), self.their_peer(peer, configuration)
        theirs.do("echo_all")
        prepare(ours, theirs)
        self.join(iter(ours.signals.get, None), ours.say, theirs, **changes)
        if offerer == "we":
            ours.do("dial")
        else:
            theirs.do("begin")
        return ours, theirs

    def connected(self, offerer, peer=None, **options):
        ours, theirs = self.begin(offerer, peer, **options)
        ours.event("state", state="Connected")
        return ours, theirs

    # ---- Octets through peercat

    def test_we_offer(self):
        ours = self.peercat("connect", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        theirs = self.their_peer()
        theirs.do("echo")
        self.join_peercat(ours, theirs)
        if not self.keeps_order_at_first:
            theirs.do("offered", "peercat")
        sink = Sink(ours.process.stdout)
        source = Source(ours.process.stdin, MIB)
        self.assertEqual(ours.wait(60), 0, (ours.story(), theirs.console))
        self.assertEqual(sink.digest(), source.digest())
        self.assertIn("connected", theirs.do("all_states"))
        self.assertEqual(sorted(theirs.do("labels")), ["default", "peercat"])

    def test_they_offer(self):
        ours = self.peercat("listen", "--echo")
        theirs = self.their_peer()
        self.join_peercat(ours, theirs)
        back = theirs.do("exchange")
        self.assertEqual(back, {"octets": MIB, "whole": True})
        self.assertEqual(ours.wait(30), 0, ours.story())

    # ---- Channels

    @both_roles
    def test_channels_that_they_open(self, offerer):
        ours, theirs = self.connected(offerer)
        for label, options in CHANNELS.items():
            browsers = dict(options)
            if "maxLifetime" in browsers:
                browsers["maxPacketLifeTime"] = browsers.pop("maxLifetime")
            theirs.do("open", label, browsers)
            told = ours.event("channel", label=label)
            expected = {"protocol": "", "ordered": True, "maxRetransmits": None,
                        "maxLifetime": None, **options}
            self.assertEqual({name: told[name] for name in expected}, expected,
                             f"{label} is told as {told}")
            for message in self.messages():
                self.assertTrue(theirs.do("is_echoed", label, message, may_lose(options),
                                          timeout=SOON), (label, message))

    @both_roles
    def test_channels_that_we_open(self, offerer):
        ours, theirs = self.connected(offerer)
        for label, options in CHANNELS.items():
            ours.do("open", label=label, **options)
            ours.event("opened", label=label)
            self.check_echo(ours, label, may_lose(options))
            told = theirs.do("properties", label)
            expected = {"protocol": "", "ordered": True, "maxRetransmits": None,
                        "maxLifetime": None, "state": "open", "label": label, **options}
            for name in self.untold & expected.keys():
                del told[name], expected[name]
            self.assertEqual(told, expected)

    def check_echo(self, ours, label, may_be_lost=False, messages=None):
        for message in messages or self.messages():
            if isinstance(message, str):
                what = told = {"text": message}
            else:
                octets = bytes(i % 256 for i in range(message))
                what = {"octets": message}
                told = {**what, "sha256": hashlib.sha256(octets).hexdigest()}
            ours.do("send", label=label, **what)
            # What may get lost is sent until it has come once.
            until = time.monotonic() + 30
            while may_be_lost and time.monotonic() < until and not ours.comes(
                    "message", 0.5, label=label, **told):
                ours.do("send", label=label, **what)
            ours.event("message", label=label, **told)

    @both_roles
    def test_a_channel_that_both_have_agreed_on(self, offerer):
        ours, theirs = self.connected(offerer)
        self.agree(ours, theirs)
        ours.event("opened", label="agreed")
        self.check_echo(ours, "agreed")

    @both_roles
    def test_a_channel_that_both_have_agreed_on_before(self, offerer):
        ours, _ = self.connected(offerer, prepare=self.agree)
        ours.event("opened", label="agreed")
        self.check_echo(ours, "agreed")

    @staticmethod
    def agree(ours, theirs):
        theirs.do("agree", "agreed", 40)
        ours.do("open", label="agreed", negotiatedId=40)

    @both_roles
    def test_16_mib_there_and_back(self, offerer):
        _, theirs = self.connected(offerer)
        theirs.do("open", "bulk")
        done = theirs.do("stream", "bulk", 16 * MIB, 65536)
        self.assertEqual(done["octets"], 16 * MIB)
        self.assertEqual(done["sent"], done["back"])

    @both_roles
    def test_empty_messages(self, offerer):
        ours, theirs = self.connected(offerer)
        theirs.do("open", "theirs")
        self.assertTrue(theirs.do("is_echoed", "theirs", "", timeout=SOON))
        self.assertTrue(theirs.do("is_echoed", "theirs", 0, timeout=SOON))
        ours.do("open", label="ours")
        ours.event("opened", label="ours")
        self.check_echo(ours, "ours", messages=("", 0))

    # ---- Ends

    @both_roles
    def test_a_channel_that_they_close(self, offerer):
        ours, theirs = self.connected(offerer)
        theirs.do("open", "short")
        ours.event("channel", label="short")
        theirs.do("close_channel", "short", timeout=AT_ONCE)
        ours.event("closed", AT_ONCE, label="short")

    @both_roles
    def test_a_channel_that_we_close(self, offerer):
        ours, theirs = self.connected(offerer)
        ours.do("open", label="short")
        ours.event("opened", label="short")
        ours.do("send", label="short", text="last words")
        ours.event("message", label="short", text="last words")
        ours.do("closeChannel", label="short")
        ours.event("closed", AT_ONCE, label="short")
        self.assertIn(theirs.do("properties", "short")["state"], ("closing", "closed"))

    @both_roles
    def test_they_end_the_connection(self, offerer):
        ours, theirs = self.connected(offerer)
        theirs.do("close")
        ours.event("ended", AT_ONCE)

    @both_roles
    def test_we_end_the_connection(self, offerer):
        ours, theirs = self.connected(offerer)
        ours.do("open", label="witness")
        ours.event("opened", label="witness")
        ours.do("send", label="witness", text="there")
        ours.event("message", label="witness")
        ours.do("close")
        theirs.do("closed", "witness", timeout=AT_ONCE)

    @both_roles
    @unittest.skipUnless(Coturn.is_installed(), "coturn is not installed")
    def test_by_a_relay_alone(self, offerer):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        coturn = Coturn(folder.name, users=("bob:secret",))
        self.addCleanup(harness.end, coturn.process)
        told = queue.Queue()
        server = {"urls": f"turn:127.0.0.1:{coturn.port}?transport=udp", "username": "bob",
                  "credential": "secret"}
        ours, theirs = self.connected(
            offerer, to_us=lambda signal: told.put(signal) or signal,
            configuration={"iceTransportPolicy": "relay", "iceServers": [server]})
        ours.do("open", label="by a detour")
        ours.event("opened", label="by a detour")
        self.check_echo(ours, "by a detour")
        # Some tell of a candidate when it has long been used.
        kinds = set()
        while not kinds or not told.empty():
            signal = told.get(timeout=SOON)
            kinds |= set(re.findall(r"candidate:.* typ (\w+)",
                                    signal.get("sdp", "") + signal.get("candidate", "")))
        self.assertEqual(kinds, {"relay"}, "of these types are the candidates that they tell")
        self.assertEqual(theirs.do("state"), "connected")

    def test_it_is_noticed_when_they_vanish(self):
        peer, vanish = self.vanishing_peer()
        ours, _ = self.connected("we", peer)
        vanish()
        ours.event("state", 15, state="Reconnecting")

    # ---- Negotiation

    @both_roles
    def test_they_restart_ice(self, offerer):
        ours, theirs = self.connected(offerer)
        theirs.do("open", "through")
        before = theirs.do("user_name_fragments")
        for _ in range(2):
            theirs.do("restart", timeout=SOON)
            after = theirs.do("user_name_fragments")
            self.assertNotEqual(before[0], after[0])
            self.assertNotEqual(before[1], after[1])
            before = after
            for message in self.messages():
                self.assertTrue(theirs.do("is_echoed", "through", message))
        self.assertFalse(ours.has_told("state", state="Reconnecting"))
        self.assertEqual(theirs.do("state"), "connected")

    @both_roles
    def test_we_refuse_another_fingerprint(self, offerer):
        ours, theirs = self.begin(offerer, to_us=another_fingerprint)
        ours.event("error")
        self.assertFalse(ours.has_told("state", state="Connected"))
        self.assertNotIn("connected", theirs.do("all_states"))

    @both_roles
    def test_they_refuse_another_fingerprint(self, offerer):
        ours, theirs = self.begin(offerer, to_them=another_fingerprint)
        if "failed" in self.untold:
            ours.event("error", 60)
        else:
            try:
                theirs.do("reached", "failed", timeout=SOON)
            except PageError:
                self.fail(f"it is {theirs.do('state')} by then")
        self.assertNotIn("connected", theirs.do("all_states"))
        self.assertFalse(ours.has_told("state", state="Connected"))
