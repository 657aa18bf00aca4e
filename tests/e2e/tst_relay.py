# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Two peercats that may only meet through a real TURN server, coturn, by each of its transports."""

import subprocess
import tempfile
import unittest

import harness
from coturn import Coturn
from link import LOOPBACK
from peers import MIB, Case, Rendezvous, Sink, Source

MUCH = 16 * MIB


class RelayTest(Case):
    def setUp(self):
        if not Coturn.is_installed():
            self.skipTest("coturn is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, *protocols, options=(), secret=None):
        """coturn, and a rendezvous that tells of it."""
        self.coturn = Coturn(self.folder, *options)
        self.addCleanup(harness.end, self.coturn.process)
        if secret:
            self.coturn.secret.write_text(secret + "\n", encoding="ascii")
        rendezvous = Rendezvous(LOOPBACK, *self.coturn.rendezvous_options(*protocols))
        self.addCleanup(harness.end, rendezvous.process)
        return rendezvous

    def dial(self, rendezvous, *options, paths="relay"):
        """Both ends with the same policy."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        trust = ["--ca", self.coturn.certificate]
        specifier = rendezvous.specifier("alice", f"tls={rendezvous.tls}&paths={paths}")
        listener = self.peercat("listen", specifier, "--once", *trust, **pipes)
        address = listener.event("listening")["address"]
        if "paths=" not in address:
            address += f"&paths={paths}"
        return listener, self.peercat("connect", address, *trust, *options, **pipes)

    def move(self, protocol, octets, options=()):
        listener, caller = self.dial(self.start(protocol, options=options))
        streams = [(Source(one.process.stdin, octets), Sink(other.process.stdout))
                   for one, other in ((caller, listener), (listener, caller))]
        path = caller.event("path")
        self.assertEqual((path["kind"], path["protocol"]), ("relay", protocol), caller.story())
        # Both relays are seen, not only ours.
        self.assertEqual(path["localEnd"], "relayed")
        self.assertIn(path["remoteEnd"], ("relayed", "peerreflexive"))
        self.assertEqual(caller.wait(120), 0, caller.story())
        self.assertEqual(listener.wait(30), 0, listener.story())
        for source, sink in streams:
            self.assertEqual(sink.octets, octets)
            self.assertEqual(sink.digest(), source.digest())
        for end in (caller, listener):
            kinds = {event["kind"] for event in end.events if event.get("event") == "path"}
            self.assertEqual(kinds, {"relay"})
        self.assertNotIn("error 437", self.coturn.said())

    def test_udp(self):
        self.move("udp", MUCH)

    def test_tcp(self):
        self.move("tcp", MUCH)

    def test_tls(self):
        self.move("tls", MUCH)

    def test_a_nonce_that_is_stale_at_once(self):
        self.move("udp", MIB, options=["stale-nonce=1"])

    def test_wrong_credentials(self):
        _, caller = self.dial(self.start("udp", secret="another secret"), "--timeout", "5")
        self.assertEqual(caller.wait(60), 2, caller.story())

    def test_a_certificate_that_nobody_vouches_for(self):
        rendezvous = self.start("tls")
        specifier = rendezvous.specifier("alice", f"tls={rendezvous.tls}&paths=relay")
        listener = self.peercat("listen", specifier, "--once")
        address = listener.event("listening")["address"]
        caller = self.peercat("connect", address, "--timeout", "5")
        self.assertEqual(caller.wait(60), 2, caller.story())

    def test_credentials_of_ones_own(self):
        """The rendezvous knows of no server; each end has its own user there."""
        self.coturn = Coturn(self.folder, users=("alice:a:b@c", "bob:b"))
        self.addCleanup(harness.end, self.coturn.process)
        rendezvous = self.rendezvous()
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        for protocol in ("udp", "tcp", "tls"):
            with self.subTest(protocol):
                options = ["--ca", self.coturn.certificate, "--paths", "relay", "--turn"]
                listener = self.peercat(
                    "listen", rendezvous.specifier(protocol), "--once", *options,
                    self.coturn.own_uri(protocol, "alice:a%3Ab%40c"), **pipes)
                caller = self.peercat(
                    "connect", listener.event("listening")["address"], *options,
                    self.coturn.own_uri(protocol, "bob:b"), **pipes)
                source = Source(caller.process.stdin, MIB)
                sink = Sink(listener.process.stdout)
                listener.process.stdin.close()
                self.assertEqual(caller.wait(60), 0, caller.story())
                self.assertEqual(sink.digest(), source.digest())
                path = caller.event("path")
                self.assertEqual((path["kind"], path["protocol"]), ("relay", protocol))
        for user in ("alice", "bob"):
            self.assertIn(f"user <{user}>", self.coturn.said())

    def test_quota(self):
        """A user that may have no more than one allocation: the first of the two gets it."""
        _, caller = self.dial(self.start("udp", options=["total-quota=1"]))
        caller.process.stdin.close()
        caller.wait(90)
        self.assertIn("486", self.coturn.said())

    def test_direct_wins_where_it_may(self):
        listener, caller = self.dial(self.start("udp"), paths="all")
        caller.process.stdin.close()
        listener.process.stdin.close()
        self.assertEqual(caller.wait(30), 0, caller.story())
        last = [event for event in caller.events if event.get("event") == "path"][-1]
        self.assertEqual(last["kind"], "direct")


if __name__ == "__main__":
    unittest.main(verbosity=2)
