# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The rendezvous has a peer of its own, mallory, a whole one with a key, and puts her in the place of
the other for each of the two, with whatever of theirs it has carried before."""

import re
import unittest

from impostor import (OF_MALLORY, BothSides, PlaceOfTheCaller, Recorded, WithMallory, identity_in,
                      instead_of_the_answer, instead_of_the_offer, replay, with_identity)
from secretcall import ANSWER, NOT_CONNECTED, REFUSED, SecretCase


class ImpostorCase(WithMallory, SecretCase):
    def setUp(self):
        super().setUp()
        self.bob = self.id_of("bob")

    def honest_call(self):
        """What passed in a call between the two."""
        recorded = Recorded()
        self.assert_told(self.call(recorded.change, *self.named, allowed=[self.bob]))
        return recorded


class ImpostorTest(ImpostorCase):
    def test_she_is_the_other_for_both(self):
        before = self.honest_call()
        copied = [identity_in(before.sdp[side][-1]) for side in ("caller", "callee")]
        self.assertTrue(all(copied))
        keep = BothSides.KEEP
        for name, disguise in (("as herself", (keep, keep)), ("as nobody", (None, None)),
                               ("with signatures of another call", copied)):
            with self.subTest(name):
                self.between(BothSides(self.bob, *disguise))

    def between(self, both):
        man = self.through(both.change)
        listener = self.mallory("listen", man.specifier("mallory"), "--once")
        listener.event("listening")
        alice, address = self.alice(man, f"--allow={self.bob}")
        bob = self.dial(address, *self.named)
        caller = self.mallory("connect", man.specifier("to-alice"))
        self.assertEqual(bob.wait(30), REFUSED, bob.story())
        self.assertEqual(bob.errors(), ["IdentityMismatch"])
        self.assertEqual(caller.wait(30), REFUSED, caller.story())
        self.assertEqual(caller.errors(), ["PeerRejected"])
        for each in (alice, bob, caller, listener):
            self.nothing_from(each)

    def test_alice_takes_no_offer_of_hers_in_a_call_of_bob_s(self):
        before = self.honest_call()
        copied = identity_in(before.sdp["caller"][-1])
        hers = Recorded()
        man = self.through(hers.change)
        self.mallory("connect", man.specifier("nobody")).wait(30)
        offer = hers.sdp["caller"][0]
        for name, sdp in (("her own", offer), ("unsigned", with_identity(offer, None)),
                          ("with a signature of another call", with_identity(offer, copied)),
                          ("of another call, and his", before.sdp["caller"][-1])):
            with self.subTest(name):
                self.assert_refused(self.call(instead_of_the_offer(sdp), *self.named,
                                              allowed=[self.bob]),
                                    "PeerRejected")

    def test_bob_takes_no_answer_of_another_call(self):
        before = self.honest_call()
        answer = before.sdp["callee"][-1]
        line = identity_in(answer)
        for name, change in (("the signature", lambda sdp: with_identity(sdp, line)),
                             ("the whole", lambda _: answer)):
            for who in ([], self.named):
                with self.subTest(name, who=who):
                    self.assert_refused(self.call(instead_of_the_answer(change), *who),
                                        "IdentityMismatch")

    def test_she_takes_bob_s_place_at_alice_who_takes_calls_of_everybody(self):
        """And bob gets what alice answers to her, which is truly alice's."""
        swap = PlaceOfTheCaller()
        man = self.through(swap.change)
        alice, address = self.alice(man)
        mallory = self.mallory("connect", man.specifier("to-alice"), "--timeout", "10")
        self.assertTrue(swap.has_offer.wait(30))
        bob = self.dial(address, "--timeout", "5")
        self.assertIn(bob.wait(30), (NOT_CONNECTED, REFUSED), bob.story())
        mallory.wait(30)
        self.nothing_from(bob)
        # She speaks to alice as the stranger that she is, and hears nothing of bob's.
        self.assertEqual(mallory.process.stdout.read(), ANSWER)
        alice.process.terminate()
        alice.wait(10)
        self.assertEqual(alice.process.stdout.read(), OF_MALLORY)

    def test_she_has_registered_the_name(self):
        alice, address = self.alice(self.honest)
        alice.process.terminate()
        alice.wait(10)
        # The honest one keeps the name for alice; another host, or one without memory, does not.
        other = self.rendezvous()
        mallory = self.mallory("listen", other.specifier("alice"), "--once")
        mallory.event("listening")
        bob = self.dial(re.sub("@[^?]*", "@" + other.address, address))
        self.assertEqual(bob.wait(30), REFUSED, bob.story())
        self.assertEqual(bob.errors(), ["IdentityMismatch"])
        self.nothing_from(bob)
        self.nothing_from(mallory)

    def test_the_name_is_kept_for_its_owner(self):
        alice, _ = self.alice(self.honest)
        alice.process.terminate()
        alice.wait(10)
        mallory = self.mallory("listen", self.honest.specifier("alice"), "--once")
        self.assertEqual(mallory.wait(30), REFUSED, mallory.story())

    def test_what_bob_said_once_calls_nobody_again(self):
        """She repeats his whole side of a call to alice, as it was."""
        before = self.honest_call()
        alice, _ = self.alice(self.honest, f"--allow={self.bob}", "--patience", "4")
        said = [message for message in before.messages
                if message["type"] == "call" or message.get("side") == "caller"]
        self.addCleanup(replay(self.honest, said).close)
        # It rings, in bob's name, which he has signed in that call; nobody can answer for him.
        self.assertEqual(alice.wait(60), NOT_CONNECTED, alice.story())
        self.assertNotIn("connected", [event.get("state") for event in alice.events])
        self.assertEqual(alice.process.stdout.read(), b"")


if __name__ == "__main__":
    unittest.main(verbosity=2)
