# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""paths=… in an address: what cannot be met is told at once, by its name."""

import subprocess
import tempfile
import time
import unittest

import harness
import link
from coturn import Coturn
from peers import Case

NOT_CONNECTED = 2
PATIENCE = 30  # s, for a path; what nobody need wait for is told long before

ONLY_THE_RENDEZVOUS = """
table inet test {{
    chain output {{
        type filter hook output priority 0;
        tcp sport {port} accept
        tcp dport {port} accept
        meta l4proto {{ tcp, udp }} drop
    }}
}}
"""


class PolicyTest(Case):
    def dial(self, rendezvous, paths_of_caller, paths_of_listener="all", place=link.LOOPBACK):
        """Gives the caller, which must fail, and the listener."""
        listener = self.peercat("listen", rendezvous.specifier("alice"), "--paths",
                                paths_of_listener, "--once", place=place)
        address = listener.event("listening")["address"]
        start = time.monotonic()
        caller = self.peercat("connect", address, "--paths", paths_of_caller, place=place)
        self.assertEqual(caller.wait(60), NOT_CONNECTED, caller.story())
        self.seconds = time.monotonic() - start
        return caller, listener

    def failed(self, peercat, code, *words):
        event = peercat.event("error")
        self.assertEqual(event["code"], code, event)
        for word in words:
            self.assertIn(word, event["message"])

    def test_relay_without_any_server(self):
        caller, _ = self.dial(self.rendezvous(), "relay")
        self.failed(caller, "PathPolicyUnavailable", "paths=relay", "no TURN server is known")
        self.assertLess(self.seconds, PATIENCE)

    def test_relay_without_credentials(self):
        rendezvous = self.rendezvous()
        listener, address = self.listen(rendezvous)
        caller = self.peercat("connect", address + "&turn=turn:127.0.0.1:9", "--paths", "relay")
        self.assertEqual(caller.wait(60), NOT_CONNECTED, caller.story())
        self.failed(caller, "PathPolicyUnavailable", "paths=relay", "no credentials")
        self.assertEqual(listener.process.poll(), None)

    def test_relay_of_a_listener_without_any_server(self):
        caller, listener = self.dial(self.rendezvous(), "all", "relay")
        self.failed(caller, "PeerFailed", "the peer cannot connect", "no TURN server is known")
        self.failed(listener, "PathPolicyUnavailable", "paths=relay", "no TURN server is known")
        self.assertEqual(listener.wait(30), NOT_CONNECTED)
        self.assertLess(self.seconds, PATIENCE)

    def test_tunnel_without_a_tunnel(self):
        caller, _ = self.dial(self.rendezvous(link.LOOPBACK, "--no-tunnel"), "tunnel")
        self.failed(caller, "PathPolicyUnavailable", "paths=tunnel", "the rendezvous offers none")
        self.assertLess(self.seconds, PATIENCE)

    def test_tunnel_of_a_listener_without_a_tunnel(self):
        caller, listener = self.dial(self.rendezvous(link.LOOPBACK, "--no-tunnel"), "all",
                                     "tunnel")
        self.failed(caller, "PeerFailed", "the peer cannot connect", "paths=tunnel")
        self.failed(listener, "PathPolicyUnavailable", "paths=tunnel")
        self.assertEqual(listener.wait(30), NOT_CONNECTED)

    def test_other_paths_without_a_tunnel(self):
        self.exchange(self.rendezvous(link.LOOPBACK, "--no-tunnel"), 1000, 1000, 30)

    def test_direct_with_no_direct_way(self):
        place = link.Alone()
        self.addCleanup(place.end)
        rendezvous = self.rendezvous(place)
        place.filter(ONLY_THE_RENDEZVOUS.format(port=rendezvous.address.rsplit(":", 1)[1]))
        caller, _ = self.dial(rendezvous, "direct", place=place)
        self.failed(caller, "NoPath", "paths=direct", "no network path", "tried")
        report = caller.event("report")
        self.assertEqual({pair["kind"] for pair in report["tried"]}, {"direct"})

    def test_relay_that_refuses_the_credentials(self):
        if not Coturn.is_installed():
            self.skipTest("coturn is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        coturn = Coturn(folder.name)
        self.addCleanup(harness.end, coturn.process)
        coturn.secret.write_text("another secret\n", encoding="ascii")
        rendezvous = self.rendezvous(link.LOOPBACK, *coturn.rendezvous_options("udp"))
        caller, _ = self.dial(rendezvous, "relay", "relay")
        self.failed(caller, "NoPath", "paths=relay")


if __name__ == "__main__":
    unittest.main(verbosity=2)
