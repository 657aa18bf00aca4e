# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The rendezvous does with what it carries whatever a carrier can: signals come again, or not, or in
another order, or in another call; some are its own; and of a tunnel it sees every octet."""

import collections
import unittest

from carrier import (TwoCalls, coming_again, coming_the_second_time_only, in_another_order,
                     invented)
from detour import is_application_data, is_dtls
from secretcall import ANSWER, NOT_CONNECTED, REFUSED, SECRET, SecretCase, Stranger, is_stun


class SignalsTest(SecretCase):
    def test_signals_that_come_again_are_harmless(self):
        self.assert_told(self.call(coming_again()))

    def test_signals_that_come_the_second_time_only_are_harmless(self):
        self.assert_told(self.call(coming_the_second_time_only()))

    def test_signals_in_another_order_are_harmless(self):
        self.assert_told(self.call(in_another_order()))

    def test_signals_of_its_own_take_nothing_over(self):
        stranger = Stranger()
        self.addCleanup(stranger.close)
        self.assert_told(self.call(invented(stranger)))
        self.assertTrue(all(map(is_stun, stranger.datagrams)))


class TwoCallsTest(SecretCase):
    def swapped(self, relabel):
        man = self.through(TwoCalls(relabel).change)
        _, address = self.listen(man, "--echo", "--identity", self.folder / "alice")
        callers = [self.dial(address, "--timeout", "5") for _ in range(2)]
        for caller in callers:
            caller.code = caller.wait(30)
            self.assertEqual(caller.process.stdout.read(), b"")
        return callers

    def test_answers_of_another_call_that_runs_are_not_taken(self):
        for caller in self.swapped(relabel=True):
            self.assertEqual(caller.code, REFUSED, caller.story())
            self.assertEqual(caller.errors(), ["IdentityMismatch"])

    def test_signals_that_name_another_call_are_not_heard(self):
        for caller in self.swapped(relabel=False):
            self.assertEqual(caller.code, NOT_CONNECTED, caller.story())


class TunnelTest(SecretCase):
    """paths=tunnel: all that there is goes through the rendezvous."""

    def by(self, change, *options):
        self.seen = []

        def change_datagram(datagram, from_client, tap):
            self.seen.append(datagram)
            # Each passes twice, and is changed on its way in.
            return change(datagram, tap) if from_client else [datagram]

        man = self.through(lambda message, *_: message, change_datagram)
        call = self.call(man, *options, paths="&paths=tunnel")
        self.assertTrue(all(is_stun(each) or is_dtls(each) for each in self.seen))
        for secret in (SECRET, ANSWER):
            self.assertNotIn(secret[:15], b"".join(self.seen))
        return call

    def test_it_reads_nothing(self):
        self.assert_told(self.by(lambda datagram, _: [datagram]))
        records = sum(len(each) for each in self.seen if is_application_data(each))
        self.assertGreater(records, len(SECRET) + len(ANSWER))

    def test_it_alters_nothing(self):
        records = collections.Counter()

        def change(datagram, tap):
            # Every third of each end's, whatever is between them: what is said again arrives.
            records[tap] += is_application_data(datagram)
            if is_application_data(datagram) and records[tap] % 3 == 1:
                return [datagram[:-1] + bytes([datagram[-1] ^ 1])]
            return [datagram]

        self.assert_told(self.by(change))
        self.assertEqual(len(records), 2)

    def test_it_repeats_nothing(self):
        records = []

        def change(datagram, _):
            if not is_application_data(datagram):
                return [datagram, datagram]
            # To both: what one has said comes back to him as well.
            records.append(datagram)
            return [*reversed(records[-6:]), datagram]

        self.assert_told(self.by(change))

    def test_it_is_no_end_of_it(self):
        caller, got = self.by(lambda *_: [], "--timeout", "4")
        self.assertEqual((caller.code, got, caller.heard), (NOT_CONNECTED, b"", b""))
        self.assertTrue(all(map(is_stun, self.seen)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
