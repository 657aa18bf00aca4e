# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What is tried with each other implementation of WebRTC: calls in both roles, described by SDP."""

import functools
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import harness
from interoppeer import InteropPeer
from scriptpage import PageError
from peers import MIB, Case, Sink, Source
from signalpeer import SignalPeer

# What a side must have noticed by then has not waited for consent to end (RFC 7675: 30 s).
AT_ONCE = 8
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
    """For a Case of one stack. A page is what runs stack_peer.js there."""

    # Tests that it has nothing for, and why.
    lacks = {}
    # What it does not tell, or not as it is: properties of channels that the peer has opened, and
    # "failed", a state.
    untold = frozenset()
    # Octets in a message.
    largest = 256 * 1024
    sends_empty = True

    def messages(self):
        """Texts, and numbers of octets."""
        return [message for message in (*MESSAGES, self.largest) if message or self.sends_empty]

    def setUp(self):
        super().setUp()
        if reason := self.lacks.get(self._testMethodName):
            self.skipTest(reason)

    def page(self):
        """A new one of this test's."""
        raise NotImplementedError

    def vanishing_page(self):
        """A page, and how to end all that it runs in without a word to anybody."""
        raise NotImplementedError

    def their_peer(self, page=None):
        page = page or self.page()
        page.evaluate((HERE / "stack_peer.js").read_text())
        page.evaluate("globalThis.peer = new Peer(); undefined")
        return page

    def peercat(self, mode, *options, **pipes):
        peer = SignalPeer(mode, *options, **pipes)
        self.addCleanup(harness.end, peer.process)
        return peer

    def our_peer(self, offerer):
        peer = InteropPeer("offer" if offerer == "we" else "answer")
        self.addCleanup(harness.end, peer.process)
        return peer

    def join(self, signals, say, theirs, to_them=lambda signal: signal,
             to_us=lambda signal: signal):
        """Threads that carry our signals and theirs, as those functions change them."""

        def carry_to_them():
            for signal in signals:
                try:
                    theirs.call("(signal) => peer.take(signal)", to_them(signal))
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

    def begin(self, offerer, page=None, **changes):
        """Both sides, on their way to each other."""
        ours, theirs = self.our_peer(offerer), self.their_peer(page)
        theirs.evaluate("peer.echoAll()")
        self.join(iter(ours.signals.get, None), ours.say, theirs, **changes)
        if offerer == "we":
            ours.do("dial")
        else:
            theirs.evaluate('peer.connection.createDataChannel("first"); peer.offer()')
        return ours, theirs

    def connected(self, offerer, page=None):
        ours, theirs = self.begin(offerer, page)
        ours.event("state", state="Connected")
        return ours, theirs

    # ---- Octets through peercat

    def test_we_offer(self):
        ours = self.peercat("connect", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        theirs = self.their_peer()
        theirs.evaluate("peer.echo()")
        self.join_peercat(ours, theirs)
        sink = Sink(ours.process.stdout)
        source = Source(ours.process.stdin, MIB)
        self.assertEqual(ours.wait(60), 0, (ours.story(), theirs.console))
        self.assertEqual(sink.digest(), source.digest())
        self.assertIn("connected", theirs.evaluate("peer.states"))
        labels = theirs.evaluate("peer.channels.map((channel) => channel.label)")
        self.assertEqual(sorted(labels), ["default", "peercat"])

    def test_they_offer(self):
        ours = self.peercat("listen", "--echo")
        theirs = self.their_peer()
        self.join_peercat(ours, theirs)
        back = theirs.evaluate("peer.exchange()")
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
            theirs.call("(label, options) => peer.open(label, options)", label, browsers)
            told = ours.event("channel", label=label)
            expected = {"protocol": "", "ordered": True, "maxRetransmits": None,
                        "maxLifetime": None, **options}
            self.assertEqual({name: told[name] for name in expected}, expected, label)
            for message in self.messages():
                self.assertTrue(theirs.call("(...of) => peer.isEchoed(...of)", label, message,
                                            may_lose(options)), (label, message))

    @both_roles
    def test_channels_that_we_open(self, offerer):
        ours, theirs = self.connected(offerer)
        for label, options in CHANNELS.items():
            ours.do("open", label=label, **options)
            ours.event("opened", label=label)
            self.check_echo(ours, label, may_lose(options))
            told = theirs.call("(label) => peer.told(label)", label)
            expected = {"protocol": "", "ordered": True, "maxRetransmits": None,
                        "maxLifetime": None, "state": "open", "label": label, **options}
            for name in self.untold & expected.keys():
                del told[name], expected[name]
            self.assertEqual(told, expected)

    def check_echo(self, ours, label, may_be_lost=False):
        for message in self.messages():
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
        ours.do("open", label="agreed", negotiatedId=40)
        theirs.evaluate('peer.agree("agreed", 40)')
        ours.event("opened", label="agreed")
        self.check_echo(ours, "agreed")

    @both_roles
    def test_16_mib_there_and_back(self, offerer):
        _, theirs = self.connected(offerer)
        theirs.evaluate('peer.open("bulk")')
        done = theirs.call("(octets, chunk) => peer.stream('bulk', octets, chunk)", 16 * MIB, 65536,
                           timeout=60)
        self.assertEqual(done["octets"], 16 * MIB)
        self.assertEqual(done["sent"], done["back"])

    # ---- Ends

    @both_roles
    def test_a_channel_that_they_close(self, offerer):
        ours, theirs = self.connected(offerer)
        theirs.evaluate('peer.open("short")')
        ours.event("channel", label="short")
        theirs.evaluate('const gone = once(peer.opened.short, "close"); peer.opened.short.close();'
                        "undefined")
        ours.event("closed", AT_ONCE, label="short")
        theirs.evaluate("gone.then(() => true)", AT_ONCE)

    @both_roles
    def test_a_channel_that_we_close(self, offerer):
        ours, theirs = self.connected(offerer)
        ours.do("open", label="short")
        ours.event("opened", label="short")
        ours.do("send", label="short", text="last words")
        ours.event("message", label="short", text="last words")
        ours.do("closeChannel", label="short")
        ours.event("closed", AT_ONCE, label="short")
        self.assertIn(theirs.evaluate("peer.told('short').state"), ("closing", "closed"))

    @both_roles
    def test_they_end_the_connection(self, offerer):
        ours, theirs = self.connected(offerer)
        theirs.evaluate("peer.connection.close()")
        ours.event("ended", AT_ONCE)

    @both_roles
    def test_we_end_the_connection(self, offerer):
        ours, theirs = self.connected(offerer)
        ours.do("open", label="witness")
        ours.event("opened", label="witness")
        ours.do("send", label="witness", text="there")
        ours.event("message", label="witness")
        theirs.evaluate('globalThis.gone = once(peer.channels.find(({label}) => '
                        'label === "witness"), "close"); undefined')
        ours.do("close")
        theirs.evaluate("gone.then(() => true)", AT_ONCE)

    def test_it_is_noticed_when_they_vanish(self):
        page, vanish = self.vanishing_page()
        ours, _ = self.connected("we", page)
        vanish()
        ours.event("state", 15, state="Reconnecting")

    # ---- Negotiation

    @both_roles
    def test_they_restart_ice(self, offerer):
        ours, theirs = self.connected(offerer)
        theirs.evaluate('peer.open("through")')
        ufrag = "/a=ice-ufrag:(.*)/.exec(peer.connection.%sDescription.sdp)[1]"
        before = [theirs.evaluate(ufrag % side) for side in ("local", "remote")]
        for _ in range(2):
            theirs.evaluate("peer.restart()")
            after = [theirs.evaluate(ufrag % side) for side in ("local", "remote")]
            self.assertNotEqual(before[0], after[0])
            self.assertNotEqual(before[1], after[1])
            before = after
            for message in self.messages():
                self.assertTrue(theirs.call("(what) => peer.isEchoed('through', what)", message))
        self.assertFalse(ours.has_told("state", state="Reconnecting"))
        self.assertEqual(theirs.evaluate("peer.connection.connectionState"), "connected")

    @both_roles
    def test_we_refuse_another_fingerprint(self, offerer):
        ours, theirs = self.begin(offerer, to_us=another_fingerprint)
        ours.event("error")
        self.assertFalse(ours.has_told("state", state="Connected"))
        self.assertNotIn("connected", theirs.evaluate("peer.states"))

    @both_roles
    def test_they_refuse_another_fingerprint(self, offerer):
        ours, theirs = self.begin(offerer, to_them=another_fingerprint)
        if "failed" in self.untold:
            ours.event("error", 60)
        else:
            theirs.evaluate("peer.reached('failed')")
        self.assertNotIn("connected", theirs.evaluate("peer.states"))
        self.assertFalse(ours.has_told("state", state="Connected"))
