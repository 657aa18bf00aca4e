# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Octets through peercat over links with loss, delay and reordering; the rendezvous is reached
over the same link."""

import unittest

import harness
from link import Link
from peers import MIB, Case


class BadLinkTest(Case):
    def transfer(self, there, back, timeout, **conditions):
        with Link(harness.IMPAIRER, **conditions) as (left, right):
            rendezvous = self.rendezvous(right)
            return self.exchange(rendezvous, there, back, timeout, places=(left, right))

    def test_2_percent_loss_10_ms_and_reordering(self):
        self.transfer(16 * MIB, 0, 120, loss=0.02, delay=10, reorder=0.02, hold_back=5)

    def test_the_same_the_other_way(self):
        self.transfer(0, 4 * MIB, 120, loss=0.02, delay=10, reorder=0.02, hold_back=5)

    def test_5_percent_loss_and_50_ms(self):
        self.transfer(2 * MIB, 0, 120, loss=0.05, delay=50)

    def test_datagrams_that_come_twice(self):
        self.transfer(4 * MIB, 4 * MIB, 120, duplicate=0.2, delay=2)

    def test_a_narrow_link_with_a_short_queue(self):
        self.transfer(4 * MIB, 0, 120, rate=20, queue=60, delay=10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
