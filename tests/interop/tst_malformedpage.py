# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A rendezvous that says to a page what no rendezvous may: nothing falls over, a call that stands goes
on, and one that cannot come to be ends with an error in plain words."""

import json
import re
import unittest

from browsercall import wait_for
from secretpage import SecretPageCase

from malformedmessages import (NOT_MESSAGES, WELCOME, changed, of_a_call, of_nothing,
                               signed_like, tables, text)
from impostor import identity_in, instead_of_the_answer
from middleman import of
from websocket import TEXT

BATCH = 200
DESCRIPTIONS = 8
LONG = 30_000
UNREAD = ("type", "address", "limits")  # of a welcome
# As the other side hears of it.
CODE_TOLD = {"IdentityMismatch": "PeerRejected", "BadDescription": "PeerFailed"}


def descriptions():
    """Of the first in a call, what is wrong with it: (name, change of it, what the page calls it)."""
    def add(line):
        return lambda sdp: sdp + line + "\r\n"

    def instead(pattern, by):
        return lambda sdp: re.sub(pattern, lambda _: by, sdp, count=1, flags=re.MULTILINE)

    for character in ("\0", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ud800",
                      "\r", "\t"):
        yield f"with {character!a}", add(f"a=x{character}y"), "BadDescription"
    for name, line in (("a media line of one word", "m=x"), ("1000 media lines", MEDIA * 1000),
                       ("a bad candidate", "a=candidate:1 1 udp x 127.0.0.1 9 typ host"),
                       ("a candidate of 60,000 characters", "a=candidate:" + "x" * 60_000),
                       ("a port beyond all", "a=sctp-port:99999999999999999999"),
                       ("another role", "a=setup:both")):
        yield name, add(line), "BadDescription"
    for name, pattern, by in (
            ("no origin", "^o=.*\r\n", ""),
            ("no password", "^a=ice-pwd:.*\r\n", ""),
            ("a password of 60,000 characters", "^a=ice-pwd:.*",
             "a=ice-pwd:" + "x" * 60_000 + "\r")):
        yield name, instead(pattern, by), "BadDescription"
    line = "^a=peer-identity:.*"
    for name, by in (("none", ""), ("of nothing", "a=peer-identity: "),
                     ("of no key", "a=peer-identity:AAAA BBBB\r"),
                     ("of other characters", "a=peer-identity:++++ ////\r"),
                     ("of zeros", f"a=peer-identity:{'A' * 122} {'A' * 86}\r"),
                     ("of 60,000 characters", f"a=peer-identity:{'A' * 30_000} {'A' * 30_000}\r")):
        yield f"an identity {name}", instead(line, by), "IdentityMismatch"
    yield ("two identities", lambda sdp: sdp.replace("t=0 0\r\n", "t=0 0\r\n"
                                                     + identity_in(sdp) + "\r\n"), "IdentityMismatch")
    yield "no media", instead(r"^m=(.|\s)*", ""), "IdentityMismatch"
    yield "no certificate", instead("^a=fingerprint:.*\r\n", ""), "IdentityMismatch"


def is_readable_description(message):
    signal = message.get("signal")
    return isinstance(signal, dict) and signal.get("type") in ("offer", "answer") \
        and isinstance(signal.get("sdp"), str) and 0 < len(signal["sdp"]) < 1 << 16


MEDIA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"


class Whisper:
    """Passes everything on, and may say more to the page: by the socket of its listener and that of
    its caller. `call` has the call of each, `sdp` the last description that came to it."""

    def __init__(self):
        self.tap, self.call, self.sdp = {}, {}, {}

    def change(self, message, from_client, tap):
        kind = message["type"]
        if from_client and kind in ("register", "call"):
            self.tap["listener" if kind == "register" else "caller"] = tap
        if from_client and kind == "call":
            self.call["caller"] = message["call"]
        if not from_client and kind == "incoming":
            self.call["listener"] = message["call"]
        if not from_client and "sdp" in message.get("signal", {}):
            side = "listener" if kind == "incoming" or message["side"] == "caller" else "caller"
            self.sdp[side] = message["signal"]["sdp"]
        return message

    def say(self, side, message):
        self.tap[side].client.send_message(TEXT, text(message))

    def say_signal(self, side, signal):
        if isinstance(signal, dict):
            signal = {"call": self.call[side], **signal}
        self.say(side, {"type": "signal", "call": self.call[side],
                        "side": "caller" if side == "listener" else "callee",
                        "signal": signal})


class StandingTest(SecretPageCase):
    """A page with two calls, that it made and that it took, and a listener, by way of the man."""

    def setUp(self):
        super().setUp()
        self.whisper = Whisper()
        man = self.through(self.whisper.change)
        self.attacked, self.other = self.tab(), self.tab()
        self.attacked.page.evaluate("watchMessages()")
        address = self.other.page.evaluate(
            f"listen({self.honest.specifier('other')!r}, {{identity: own}})")
        self.attacked.page.call("dial", address.replace(self.honest.address, man.address))
        self.address = self.attacked.page.evaluate(
            f"listen({man.specifier('page')!r}, {{identity: own}})")
        self.honest_address = self.address.replace(man.address, self.honest.address)
        self.other.page.call("dial", self.honest_address)
        self.said = 0

    def goes_on(self):
        """Once everything so far has been heard."""
        self.said += 1
        for side in ("caller", "listener"):
            self.whisper.say(side, {"type": f"said {side} {self.said}"})
            self.attacked.page.call("(word) => until(() => heardMessages.delete(word))",
                                    f"said {side} {self.said}")
        for tab in (self.attacked, self.other):
            self.assertTrue(tab.page.call("isEchoed", f"{self.said}"))
        self.assertEqual(self.attacked.page.evaluate("[call.state, listener.calls[0].state]"),
                         ["connected", "connected"])
        self.assertEqual(self.attacked.faults(), [])

    def all_is_well(self):
        """Signals of both calls are heard, and others can be made."""
        for tab in (self.attacked, self.other):
            self.assertEqual(tab.page.evaluate("restartIce()"), "connected")
        self.goes_on()
        self.assert_page_told(self.page_calls(lambda message, *_: message, tab=self.attacked))
        again = self.tab()
        again.page.call("dial", self.honest_address)
        self.assertTrue(again.page.call("isEchoed", "again"))

    def say_all(self, messages):
        for number, (side, message) in enumerate(messages, 1):
            self.whisper.say(side, message)
            if number % BATCH == 0:
                with self.subTest(upto=str(message)[:300]):
                    self.goes_on()
        self.goes_on()

    def test_messages_with_something_wrong_are_harmless(self):
        for side in ("caller", "listener"):
            for kind, octets in NOT_MESSAGES:
                self.whisper.tap[side].client.send_message(kind, octets)
        self.goes_on()
        about = [(side, message) for side in ("caller", "listener") for message in
                 of_a_call(self.whisper.call[side], "callee" if side == "caller" else "caller")]
        self.say_all(about)
        self.all_is_well()
        self.say_all((side, message) for message in of_nothing() for side in ("caller", "listener"))
        self.assertTrue(self.attacked.page.evaluate("listener.address.includes('page@')"))

    def test_malformed_signals_are_harmless(self):
        rows = tables()
        self.assertGreater(sum(map(len, rows.values())), 200)
        for side in ("caller", "listener"):
            for name, octets in rows["signals"]:
                try:
                    signal = json.loads(octets)
                except (ValueError, RecursionError):
                    signal = name
                with self.subTest(name):
                    self.whisper.say_signal(side, signal)
                    self.goes_on()
            for name, octets in rows["candidates"]:
                line = octets.decode("utf-8", "replace")
                self.whisper.say_signal(side, {"type": "candidate", "candidate": line,
                                               "sdpMid": "0"})
            self.goes_on()
        self.all_is_well()

    def test_malformed_descriptions_that_are_signed_are_harmless(self):
        """What is signed is the certificate, not the whole."""
        self.attacked.page.evaluate("watchBrowser()")
        rows = tables()["descriptions"]
        for begin in range(0, len(rows), DESCRIPTIONS):
            some = rows[begin:begin + DESCRIPTIONS]
            with self.subTest([name for name, _ in some]):
                for _, octets in some:
                    sdp = signed_like(self.whisper.sdp["listener"],
                                      octets.decode("utf-8", "replace"))
                    self.whisper.say_signal("listener", {"type": "offer", "sdp": sdp})
                self.goes_on()
        # Most of them got as far as to the browser.
        self.assertGreater(self.attacked.page.evaluate("told.setRemoteDescription"), 100)
        self.all_is_well()


class SetupTest(SecretPageCase):
    """Calls that are to be."""

    def test_whoever_is_no_rendezvous_is_told(self):
        listener, address = self.listen(self.honest, "--echo", "--identity", self.folder / "alice")
        rows = [*NOT_MESSAGES, *((TEXT, text(each)) for each in changed(WELCOME, keep=UNREAD))]
        welcomes = iter(rows)

        def change(message, from_client, tap):
            if from_client or message["type"] != "welcome":
                return message
            kind, octets = next(welcomes)
            # With the honest one's challenge, unless that is what is wrong.
            octets = octets.replace(WELCOME["challenge"].encode(), message["challenge"].encode())
            tap.client.send_message(kind, octets)
            return None

        tab = self.tab()
        address = address.replace(self.honest.address, self.through(change).address)
        went_well = 0
        for kind, octets in rows:
            with self.subTest(kind=kind, said=octets[:200]):
                outcome = tab.outcome(tab.page.call("dialAndHangUp", address))
                if outcome["error"] is None:
                    self.assertIn("connected", outcome["story"])
                    went_well += 1
                    continue
                self.assert_nothing_came(outcome)
                self.assertIn(outcome["error"]["code"], ("RendezvousProtocol", "RendezvousVersion"))
        # What a page does not need may be wrong.
        self.assertGreater(went_well, 10)
        self.assertIsNone(listener.process.poll())

    def test_a_rendezvous_that_lets_nobody_in_is_not_waited_for(self):
        tab = self.tab()
        tab.page.evaluate(f"watchCalls({LONG})")
        man = self.through(lambda message, *_: message if message["type"] != "ready" else None)
        number = tab.dial(man.specifier("alice") + "#token")
        wait_for("the dialling", lambda: tab.calls()[number]["state"] == "dialing")
        tab.hurry()
        outcome = tab.outcome(number)
        self.assert_nothing_came(outcome)
        self.assertEqual(outcome["error"]["code"], "RendezvousUnreachable")

    def test_first_descriptions_with_something_wrong_end_the_call(self):
        tab = self.tab()
        bob = self.id_of("bob")
        for name, change, code in descriptions():
            with self.subTest(name):
                refused = self.page_calls(instead_of_the_answer(change), tab=tab)
                self.assert_page_refused(refused, code)
                caller, calls = self.page_is_called(of("caller", change), *self.named, tab=tab,
                                                    allowedIds=[bob])
                self.assertEqual(caller.heard, b"")
                self.assertEqual(caller.errors(), [CODE_TOLD[code]], caller.story())
                # What the browser makes of a description is known when the call is accepted.
                for call in calls:
                    self.assert_nothing_came(call)
                    self.assertEqual(call["error"]["code"], "BadDescription")
        self.assert_page_told(self.page_calls(lambda message, *_: message, tab=tab))

    def test_what_cannot_be_read_before_the_answer_counts_as_lost(self):
        def before_those_of(side):
            def change(message, from_client, tap):
                is_due = not from_client and "signal" in message \
                    and message.get("side", "caller") == side and "sdp" in message["signal"]
                for each in of_a_call(message["call"], side) if is_due else []:
                    # One of a failure ends what does not stand; an unsigned answer is an answer.
                    if each.get("type") != "failed" and not is_readable_description(each):
                        tap.client.send_message(TEXT, text(each))
                return message

            return change

        tab = self.tab()
        self.assert_page_told(self.page_calls(before_those_of("callee"), tab=tab))
        self.assert_page_was_told(self.page_is_called(before_those_of("caller"), tab=tab))


if __name__ == "__main__":
    unittest.main(verbosity=2)
