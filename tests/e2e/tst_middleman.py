# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A rendezvous may lie. With an id in the address that costs the call, never the secret: whatever
it changes, nobody but the owner of that id gets an octet of the application."""

import subprocess
import threading
import unittest

from middleman import change_lines, change_signals, lines
from secretcall import NOT_CONNECTED, REFUSED, SecretCase, Stranger, is_stun


def of(side, change):
    """Changes the descriptions of one side."""

    def change_signal(signal, whose):
        if whose == side and "sdp" in signal:
            signal["sdp"] = change(signal["sdp"])
        return signal

    return change_signals(change_signal)


def another_fingerprint(line):
    if not line.startswith("a=fingerprint:"):
        return line
    return line[:-1] + ("0" if line[-1] != "0" else "1")


def without_identity(line):
    return None if line.startswith("a=peer-identity:") else line


def another_signature(line):
    if not line.startswith("a=peer-identity:"):
        return line
    at = line.rindex(" ") + 10
    return line[:at] + ("A" if line[at] != "A" else "B") + line[at + 1:]


class MiddleManTest(SecretCase):
    def refused(self, change, *options):
        caller, got = self.call(change, *options)
        self.assert_refused((caller, got))
        return caller

    def test_hands_off_is_harmless(self):
        self.assert_told(self.call(lambda message, *_: message))

    def test_another_fingerprint_in_the_answer(self):
        caller = self.refused(of("callee", lambda sdp: change_lines(sdp, another_fingerprint)))
        self.assertEqual(caller.errors(), ["IdentityMismatch"])

    def test_another_fingerprint_in_the_offer(self):
        change = of("caller", lambda sdp: change_lines(sdp, another_fingerprint))
        for who in ([], self.named):
            with self.subTest(who=who):
                self.assertEqual(self.refused(change, *who).errors(), ["PeerRejected"])

    def test_a_second_fingerprint_in_the_answer(self):
        # The one that is signed holds, and no other beside it.
        def add(line):
            return line + "\r\n" + another_fingerprint(line) if "fingerprint" in line else line

        self.assert_told(self.call(of("callee", lambda sdp: change_lines(sdp, add))))

    def test_a_second_fingerprint_before_the_signed_one(self):
        def add(line):
            return another_fingerprint(line) + "\r\n" + line if "fingerprint" in line else line

        caller = self.refused(of("callee", lambda sdp: change_lines(sdp, add)))
        self.assertEqual(caller.errors(), ["IdentityMismatch"])

    def test_no_identity_in_the_answer(self):
        caller = self.refused(of("callee", lambda sdp: change_lines(sdp, without_identity)))
        self.assertEqual(caller.errors(), ["IdentityMismatch"])

    def test_no_identity_in_the_offer(self):
        # Alice takes calls of people unknown to her; but she signs what she saw.
        caller = self.refused(of("caller", lambda sdp: change_lines(sdp, without_identity)),
                              *self.named)
        self.assertEqual(caller.errors(), ["IdentityMismatch"])

    def test_another_signature_in_the_answer(self):
        caller = self.refused(of("callee", lambda sdp: change_lines(sdp, another_signature)))
        self.assertEqual(caller.errors(), ["IdentityMismatch"])

    def test_the_offer_sent_back_as_the_answer(self):
        offers = []

        def change(signal, side):
            if side == "caller" and "sdp" in signal:
                offers.append(signal["sdp"])
            elif "sdp" in signal:
                signal["sdp"] = offers[0].replace("a=setup:actpass", "a=setup:passive")
            return signal

        self.refused(change_signals(change))

    def test_somebody_else_picks_up(self):
        mallory = self.peercat("listen", self.honest.specifier("mallory"), "--once",
                               stdout=subprocess.PIPE)
        mallory.event("listening")

        def change(message, from_client, _):
            if from_client and message["type"] == "call":
                message["to"] = "mallory"
            return message

        caller = self.refused(change)
        self.assertEqual(caller.errors(), ["IdentityMismatch"])
        self.nothing_from(mallory)

    def test_somebody_else_behind_the_description_of_the_right_one(self):
        """The rendezvous asks mallory too, and puts mallory's address and password under what alice
        has signed: checks succeed, and then the certificate is not the one."""
        mallory = self.peercat("listen", self.honest.specifier("mallory"), "--once",
                               stdout=subprocess.PIPE)
        mallory.event("listening")
        graft = Graft("mallory")
        caller, got = self.call(graft.change)
        # Whoever of the two sees the other's certificate first says no; what mallory says is an
        # alert, which proves nobody's identity wrong.
        self.assertIn((caller.code, caller.errors()),
                      [(REFUSED, ["IdentityMismatch"]), (NOT_CONNECTED, ["HandshakeFailed"])],
                      caller.story())
        self.assertEqual((got, caller.heard), (b"", b""))
        self.assertTrue(graft.is_done)
        self.nothing_from(mallory)

    def swap_candidates(self, stranger, sides):
        def change(signal, side):
            if side not in sides:
                return signal
            if signal.get("candidate"):
                signal["candidate"] = stranger.candidate(signal["candidate"])
            elif "sdp" in signal:
                signal["sdp"] = change_lines(signal["sdp"], lambda line: stranger.candidate(line)
                                             if line.startswith("a=candidate:") else line)
            return signal

        return change_signals(change)

    def test_candidates_of_a_stranger_for_both(self):
        stranger = Stranger()
        caller, got = self.call(self.swap_candidates(stranger, ("caller", "callee")),
                                "--timeout", "4")
        stranger.close()
        self.assertEqual((caller.code, got), (NOT_CONNECTED, b""), caller.story())
        self.assertTrue(stranger.datagrams)
        self.assertTrue(all(map(is_stun, stranger.datagrams)))

    def test_candidates_of_a_stranger_for_one(self):
        # The other side's checks arrive, and what they come from is a candidate too.
        for side in ("caller", "callee"):
            stranger = Stranger()
            call = self.call(self.swap_candidates(stranger, [side]))
            stranger.close()
            with self.subTest(side):
                self.assert_told(call)
                self.assertTrue(all(map(is_stun, stranger.datagrams)))


class Graft:
    """Alice's description with the ICE part of another's, for one call."""

    ICE = ("a=candidate:", "a=ice-ufrag:", "a=ice-pwd:", "a=end-of-candidates")

    def __init__(self, other):
        self._other = other
        self._call = ""
        self._ice = None
        self._held = None
        self._lock = threading.Lock()
        self.is_done = False

    def change(self, message, from_client, tap):
        with self._lock:
            if from_client and message["type"] == "call":
                self._ask_the_other(message, tap)
            elif not from_client and message.get("call") == self._call:
                return self._from_the_other(message)
            elif not from_client and message["type"] == "signal" and message["side"] == "callee":
                return self._from_the_right_one(message)
            return message

    def _ask_the_other(self, message, tap):
        self._call = "mallorymallorymallory0"
        signal = dict(message["signal"], call=self._call)
        signal["sdp"] = change_lines(signal["sdp"], without_identity)
        tap.server.send(dict(message, call=self._call, to=self._other, signal=signal))

    def _from_the_other(self, message):
        signal = message.get("signal", {})
        if signal.get("type") == "answer":
            self._ice = [line for line in lines(signal["sdp"]) if line.startswith(self.ICE)]
        if self._held and self._ice:
            return self._grafted(self._held)
        return None

    def _from_the_right_one(self, message):
        if message["signal"]["type"] == "candidate":
            return None
        if message["signal"]["type"] != "answer":
            return message
        self._held = message
        return self._grafted(message) if self._ice else None

    def _grafted(self, message):
        self.is_done = True
        sdp = change_lines(message["signal"]["sdp"],
                           lambda line: None if line.startswith(self.ICE) else line)
        grafted = sdp.rstrip("\r\n") + "\r\n" + "\r\n".join(self._ice) + "\r\n"
        return dict(message, signal=dict(message["signal"], sdp=grafted))


if __name__ == "__main__":
    unittest.main(verbosity=2)
