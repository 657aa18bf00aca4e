# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A rendezvous may lie. With an id in the address that costs the call, never the secret: whatever
it changes, nobody but the owner of that id gets an octet of the application."""

import subprocess
import unittest

from impostor import Graft
from middleman import (another_fingerprint, another_signature, change_lines, change_signals, of,
                       swap_candidates, without_identity)
from secretcall import NOT_CONNECTED, REFUSED, SecretCase, Stranger, is_stun


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

    def test_candidates_of_a_stranger_for_both(self):
        stranger = Stranger()
        caller, got = self.call(swap_candidates(stranger, ("caller", "callee")),
                                "--timeout", "4")
        stranger.close()
        self.assertEqual((caller.code, got), (NOT_CONNECTED, b""), caller.story())
        self.assertTrue(stranger.datagrams)
        self.assertTrue(all(map(is_stun, stranger.datagrams)))

    def test_candidates_of_a_stranger_for_one(self):
        # The other side's checks arrive, and what they come from is a candidate too.
        for side in ("caller", "callee"):
            stranger = Stranger()
            call = self.call(swap_candidates(stranger, [side]))
            stranger.close()
            with self.subTest(side):
                self.assert_told(call)
                self.assertTrue(all(map(is_stun, stranger.datagrams)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
