# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What tests/e2e shows of programs, of a page: whatever a rendezvous does that does not keep its hands
off what it carries, nobody but the owner of the id is told anything, and nobody else is heard. The men
in the middle are those of tests/e2e, before an honest rendezvous."""

import re
import unittest

from browsercall import wait_for
from secretpage import SecretPageCase

from carrier import (TwoCalls, coming_again, coming_the_second_time_only, in_another_order,
                     invented)
from chatter import Chatter
from impostor import (OF_MALLORY, BothSides, Graft, PlaceOfTheCaller, Recorded, WithMallory,
                      identity_in, instead_of_the_answer, instead_of_the_offer, replay,
                      with_identity)
from middleman import (MiddleMan, another_fingerprint, change_lines, of, swap_candidates,
                       without_identity)
from secretcall import ANSWER, NOT_CONNECTED, REFUSED, SECRET, Stranger, is_stun

LONG = 30_000
HARMLESS_SEEDS, HOSTILE_SEEDS = 4, 8


def hands_off(message, *_):
    return message


def without_id(address):
    return re.sub("id=[a-z2-7]{52}&?", "", address)


class ImpostorCase(WithMallory, SecretPageCase):
    def setUp(self):
        super().setUp()
        self.bob = self.id_of("bob")

    def mallory(self, mode, address, *options):
        mallory = super().mallory(mode, address, *options)
        if mode == "listen":
            mallory.event("listening")
        return mallory


class ImpostorTest(ImpostorCase):
    """The rendezvous has a peer of its own, with a key."""

    def test_she_is_the_other_for_both_pages(self):
        bob, alice = self.tab(), self.tab()
        recorded = Recorded()
        man = self.through(recorded.change)
        address = alice.listen(man.specifier("alice"), allowedIds=[bob.id])
        self.assertIsNone(bob.outcome(bob.dial(address))["error"])
        self.assertEqual(alice.calls()[0]["peerId"], bob.id)
        copied = [identity_in(recorded.sdp[side][-1]) for side in ("caller", "callee")]
        self.assertTrue(all(copied))
        keep = BothSides.KEEP
        for number, (name, disguise) in enumerate((
                ("as herself", (keep, keep)), ("as nobody", (None, None)),
                ("with signatures of another call", copied)), 1):
            with self.subTest(name):
                man = self.through(BothSides(bob.id, *disguise).change)
                listener = self.mallory("listen", man.specifier("mallory"), "--once")
                alice.page.evaluate("listener.close()")
                address = alice.listen(man.specifier("alice"), allowedIds=[bob.id])
                outcome = bob.outcome(bob.dial(address))
                self.assert_page_refused((outcome, b""), "IdentityMismatch")
                caller = self.mallory("connect", man.specifier("to-alice"))
                self.assertEqual(caller.wait(30), REFUSED, caller.story())
                self.assertEqual(caller.errors(), ["PeerRejected"])
                self.assertEqual(len(alice.calls()), 1)  # the honest one
                for each in (caller, listener):
                    self.nothing_from(each)

    def test_without_an_id_she_is_taken_for_the_other(self):
        """So it is the id that keeps her out."""
        bob = self.tab()
        man = self.through(BothSides(bob.id, None, None).change)
        _, address = self.alice(man)
        listener = self.mallory("listen", man.specifier("mallory"), "--once")
        outcome = bob.outcome(bob.dial(without_id(address)))
        self.assertIsNone(outcome["error"], outcome)
        self.assertFalse(outcome["identityVerified"])
        self.assertEqual(outcome["heard"], OF_MALLORY.decode())
        listener.wait(10)
        self.assertEqual(listener.process.stdout.read(), SECRET)

    def test_a_page_takes_no_offer_of_hers_in_a_call_of_bob_s(self):
        alice, before, hers = self.tab(), Recorded(), Recorded()
        self.assert_page_was_told(self.page_is_called(before.change, *self.named, tab=alice,
                                                      allowedIds=[self.bob]))
        man = self.through(hers.change)
        self.mallory("connect", man.specifier("nobody")).wait(30)
        offer = hers.sdp["caller"][0]
        copied = identity_in(before.sdp["caller"][-1])
        for name, sdp in (("her own", offer), ("unsigned", with_identity(offer, None)),
                          ("with a signature of another call", with_identity(offer, copied)),
                          ("of another call, and his", before.sdp["caller"][-1])):
            with self.subTest(name):
                self.assert_page_has_refused(
                    self.page_is_called(instead_of_the_offer(sdp), *self.named, tab=alice,
                                        allowedIds=[self.bob]), "PeerRejected")

    def test_a_page_takes_no_answer_of_another_call(self):
        bob, before = self.tab(), Recorded()
        self.assert_page_told(self.page_calls(before.change, tab=bob))
        answer = before.sdp["callee"][-1]
        line = identity_in(answer)
        for name, change in (("the signature", lambda sdp: with_identity(sdp, line)),
                             ("the whole", lambda _: answer)):
            with self.subTest(name):
                self.assert_page_refused(self.page_calls(instead_of_the_answer(change), tab=bob),
                                         "IdentityMismatch")

    def test_its_own_offer_is_no_answer(self):
        offers = []

        def change(message, from_client, _):
            signal = message.get("signal", {})
            if "sdp" in signal and from_client and message["type"] == "call":
                offers.append(signal["sdp"])
            elif "sdp" in signal and not from_client and message.get("side") == "callee":
                signal["sdp"] = offers[0].replace("a=setup:actpass", "a=setup:passive")
            return message

        self.assert_page_refused(self.page_calls(change), "IdentityMismatch")

    def test_she_takes_bob_s_place_at_a_page_that_takes_calls_of_everybody(self):
        """And bob gets what alice answers to her, which is truly alice's."""
        swap = PlaceOfTheCaller()
        man = self.through(swap.change)
        bob, alice = self.tab(), self.tab()
        address = alice.listen(man.specifier("alice"))
        mallory = self.mallory("connect", man.specifier("to-alice"), "--timeout", "10")
        self.assertTrue(swap.has_offer.wait(30))
        bob.page.evaluate(f"watchCalls({LONG})")
        number = bob.dial(address)
        mallory.wait(30)
        bob.hurry()
        self.assert_page_refused((bob.outcome(number), b""), "IdentityMismatch", "NoPath",
                                 "HandshakeFailed")
        # She speaks to alice as the stranger that she is, and hears nothing of bob's.
        self.assertEqual(mallory.process.stdout.read(), ANSWER)
        self.assertEqual([(each["heard"], each["peerId"] == bob.id) for each in alice.calls()],
                         [(OF_MALLORY.decode(), False)])

    def test_somebody_else_behind_the_description_of_the_right_one(self):
        mallory = self.mallory("listen", self.honest.specifier("mallory"), "--once")
        graft = Graft("mallory")
        tab = self.tab()
        tab.page.evaluate(f"watchCalls({LONG})")
        alice, address = self.alice(self.honest)
        man = self.through(graft.change)
        number = tab.dial(address.replace(self.honest.address, man.address))
        # Whoever of the two sees the other's certificate first says no.
        wait_for("a no", lambda: mallory.errors() or tab.calls()[number]["state"] == "closed")
        tab.hurry()
        self.assert_page_refused((tab.outcome(number), self.all_of(alice)), "HandshakeFailed")
        self.assertTrue(graft.is_done)
        self.nothing_from(mallory)

    def test_a_certificate_that_is_not_the_one_that_was_told_is_refused(self):
        """Also where nothing is signed."""
        def change(message, from_client, _):
            if from_client and "sdp" in message.get("signal", {}):
                sdp = change_lines(message["signal"]["sdp"], without_identity)
                if message.get("side") == "callee":
                    sdp = change_lines(sdp, another_fingerprint)
                message["signal"]["sdp"] = sdp
            return message

        self.assert_page_refused(self.page_calls(change, address_of=without_id), "HandshakeFailed")

    def test_she_has_registered_the_name(self):
        alice, address = self.alice(self.honest)
        alice.process.terminate()
        other = self.rendezvous()
        mallory = self.mallory("listen", other.specifier("alice"), "--once")
        bob = self.tab()
        # Her program does not answer to what is signed for alice; she may have a worse one.
        man = MiddleMan(other, of("caller", lambda sdp: change_lines(sdp, without_identity)))
        self.addCleanup(man.close)
        for at, code in ((other, "PeerRejected"), (man, "IdentityMismatch")):
            outcome = bob.outcome(bob.dial(re.sub("@[^?]*", "@" + at.address, address)))
            self.assert_page_refused((outcome, b""), code)
        self.nothing_from(mallory)

    def test_the_name_is_kept_for_a_page_and_from_it(self):
        alice, bob = self.tab(), self.tab()
        alice.listen(self.honest.specifier("alice"))
        alice.page.evaluate("listener.close()")
        mallory = self.peercat("listen", self.honest.specifier("alice"), "--identity",
                               self.folder / "mallory")
        self.assertEqual(mallory.wait(30), REFUSED, mallory.story())
        told = bob.page.call("(address) => listenWith(address, '').catch(({code, message}) =>"
                             " [code, message])", self.honest.specifier("alice"))
        self.assertEqual(told, ["RendezvousRefused", "The name belongs to somebody else."])

    def test_what_bob_said_once_calls_nobody_again(self):
        """It rings, in bob's name, which he has signed in that call; nobody can answer for him."""
        alice, before = self.tab(), Recorded()
        alice.page.evaluate(f"watchCalls({LONG})")
        self.assert_page_was_told(self.page_is_called(before.change, *self.named, tab=alice))
        alice.listen(self.honest.specifier("page"))
        said = [message for message in before.messages
                if message["type"] == "call" or message.get("side") == "caller"
                and message.get("signal", {}).get("type", "bye") != "bye"]
        self.addCleanup(replay(self.honest, said).close)
        wait_for("the call", lambda: [each["state"] for each in alice.calls()][1:]
                 == ["connecting"])
        alice.hurry()
        self.assert_nothing_came(alice.outcome(1))
        self.assertEqual(alice.calls()[1]["error"]["code"], "NoPath")


class CarrierTest(SecretPageCase):
    """It is its own signals that a man brings again, not, or otherwise; and where to."""

    def both_ways(self, change, tab=None):
        """A call from a page, and one to it: change() makes the man of each."""
        tab = tab or self.tab()
        self.assert_page_told(self.page_calls(change(), tab=tab))
        self.assert_page_was_told(self.page_is_called(change(), tab=tab))

    def test_signals_that_come_again_are_harmless(self):
        self.both_ways(coming_again)

    def test_signals_that_come_the_second_time_only_are_harmless(self):
        self.both_ways(coming_the_second_time_only)

    def test_signals_in_another_order_are_harmless(self):
        self.both_ways(in_another_order)

    def test_signals_of_its_own_take_nothing_over(self):
        stranger = Stranger()
        self.addCleanup(stranger.close)
        self.both_ways(lambda: invented(stranger))
        self.assertTrue(all(map(is_stun, stranger.datagrams)))

    def test_candidates_of_a_stranger_for_one(self):
        tab = self.tab()
        for side in ("caller", "callee"):
            with self.subTest(side):
                stranger = Stranger()
                self.both_ways(lambda: swap_candidates(stranger, [side]), tab)
                stranger.close()
                self.assertTrue(all(map(is_stun, stranger.datagrams)))

    def test_candidates_of_a_stranger_for_both(self):
        stranger = Stranger()
        tab = self.tab()
        tab.page.evaluate(f"watchCalls({LONG})")
        man = self.through(swap_candidates(stranger, ("caller", "callee")))
        alice, address = self.alice(man, "--patience", "4")
        dialled = tab.dial(address)
        listening = tab.listen(man.specifier("page"))
        caller = self.dial(listening, "--timeout", "4")
        self.assertEqual(caller.wait(30), NOT_CONNECTED, caller.story())
        tab.hurry()
        for number in (dialled, 1 - dialled):
            self.assert_nothing_came(tab.outcome(number))
        self.assertEqual(self.all_of(alice), b"")
        self.nothing_from(caller)
        stranger.close()
        self.assertTrue(stranger.datagrams)
        self.assertTrue(all(map(is_stun, stranger.datagrams)))

    def swapped(self, relabel):
        """Two calls of a page to one program."""
        man = self.through(TwoCalls(relabel).change)
        alice, address = self.listen(man, "--echo", "--identity", self.folder / "alice")
        tab = self.tab()
        tab.page.evaluate(f"watchCalls({LONG}); watchMessages()")
        return tab, alice, [tab.dial(address) for _ in range(2)]

    def test_answers_of_another_call_that_runs_are_not_taken(self):
        tab, _, numbers = self.swapped(relabel=True)
        for number in numbers:
            self.assert_page_refused((tab.outcome(number), b""), "IdentityMismatch")

    def test_signals_that_name_another_call_are_not_heard(self):
        tab, alice, numbers = self.swapped(relabel=False)
        wait_for("two calls", lambda: 2 == sum(event.get("state") == "connecting"
                                               for event in list(alice.events)))
        tab.page.evaluate("until(() => heardMessages.has('signal'))")
        tab.hurry()
        for number in numbers:
            self.assert_page_refused((tab.outcome(number), b""), "PeerSilent")

    def test_nothing_leaves_a_page_that_rings_whatever_comes(self):
        """An offer that comes again, or another one, is not what accepts a call."""
        said, has_acknowledged = [], []

        def change(message, from_client, tap):
            signal = message.get("signal", {})
            if from_client and message["type"] == "call":
                tap.server.send(message)
                other = re.sub("a=ice-ufrag:....", "a=ice-ufrag:evil", signal["sdp"])
                for each in ({**signal, "seq": None}, {**signal, "seq": None, "sdp": other},
                             {**signal, "seq": 2}, {**signal, "seq": 3, "sdp": other},
                             {"type": "candidate", "candidate": "", "seq": 4}):
                    tap.server.send({**message, "signal": {**each, "call": message["call"]}})
                return None
            if from_client and signal and message.get("side") == "callee":
                said.append(signal["type"])
                if signal.get("ack", 0) >= 4:
                    has_acknowledged.append(True)
            return message

        tab = self.tab()
        tab.page.evaluate("watchBrowser()")
        man = self.through(change)
        address = tab.listen(man.specifier("page"), patient=True)
        caller = self.dial(address)
        wait_for("all to be heard", lambda: has_acknowledged)
        self.assertEqual(set(said), {"ack"})
        self.assertEqual(tab.page.evaluate("[told.setRemoteDescription, calls[0].state]"),
                         [0, "ringing"])
        tab.page.evaluate("calls[0].accept()")
        self.assertEqual(caller.wait(30), 0, caller.story())
        self.assertEqual(caller.process.stdout.read(), ANSWER)

    def test_what_concerns_nobody_is_harmless(self):
        tab = self.tab()
        for seed in range(HARMLESS_SEEDS):
            with self.subTest(seed=seed):
                self.both_ways(lambda: Chatter(seed).amid(False), tab)


class HostileTest(SecretPageCase):
    def test_nothing_makes_a_page_fall_over(self):
        tab = self.tab()
        tab.page.evaluate(f"watchCalls({LONG})")
        for seed in range(100, 100 + HOSTILE_SEEDS):
            with self.subTest(seed=seed):
                outcome, got = self.page_alone_calls(Chatter(seed).amid(True), tab)
                self.assertIn(got, (SECRET, b""))
                self.assertIn(outcome["heard"], (ANSWER.decode(), ""))
                self.assert_sound(tab, outcome)

    def test_nothing_makes_a_page_fall_over_that_is_called(self):
        for seed in range(200, 200 + HOSTILE_SEEDS // 2):
            with self.subTest(seed=seed):
                tab = self.tab()
                man = self.through(Chatter(seed).amid(True))
                # It may end the listener as soon as it is one.
                address = tab.page.call("(address, words) => listenWith(address, words).catch("
                                        "({code}) => code)", man.specifier(f"page{seed}"),
                                        ANSWER.decode())
                caller = self.dial(address.replace(man.address, self.honest.address)
                                   if "id=" in address else
                                   self.honest.specifier(f"page{seed}"), "--timeout", "3")
                caller.wait(30)
                self.assertIn(caller.process.stdout.read(), (ANSWER, b""))
                for outcome in tab.calls():
                    self.assertIn(outcome["heard"], (SECRET.decode(), ""))
                    self.assert_sound(tab, outcome)

    def assert_sound(self, tab, outcome):
        if outcome["error"]:
            self.assert_plain(outcome["error"]["text"])
        self.assertEqual(tab.faults(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
