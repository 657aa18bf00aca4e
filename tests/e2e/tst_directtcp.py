# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Two peercats with a link between them that no UDP passes."""

import unittest

import harness
from link import Link
from peers import MIB, Case


class DirectTcpTest(Case):
    def test_octets_go_directly_over_tcp(self):
        with Link(harness.IMPAIRER, delay=5, blocks_udp=1) as (left, right):
            rendezvous = self.rendezvous(right)
            ends = self.exchange(rendezvous, 8 * MIB, 2 * MIB, 120, places=(left, right))
            for end in ends:
                paths = [event for event in end.events if event.get("event") == "path"]
                self.assertEqual((paths[-1]["kind"], paths[-1]["protocol"]), ("direct", "tcp"),
                                 end.story())

    def test_loss_is_made_up_for(self):
        with Link(harness.IMPAIRER, delay=10, loss=0.02, blocks_udp=1) as (left, right):
            rendezvous = self.rendezvous(right)
            self.exchange(rendezvous, 2 * MIB, 0, 120, places=(left, right))

    def test_other_policies_open_no_connection(self):
        with Link(harness.IMPAIRER, delay=5, blocks_udp=1) as (left, right):
            rendezvous = self.rendezvous(right)
            specifier = rendezvous.specifier("alice", f"tls={rendezvous.tls}&paths=tunnel")
            listener = self.peercat("listen", specifier, "--echo", place=right)
            address = listener.event("listening")["address"]
            if "paths=" not in address:
                address += "&paths=tunnel"
            caller = self.peercat("connect", address, place=left)
            self.assertEqual(caller.wait(60), 0, caller.story())
            for end in (listener, caller):
                kinds = {event["kind"] for event in end.events if event.get("event") == "path"}
                self.assertEqual(kinds, {"tunnel"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
