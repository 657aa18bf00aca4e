# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Under paths=relay and paths=tunnel the peer never sees an address of this host: not in a signal,
not in a candidate, not as a source of packets, not in what it tells of its paths."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import harness
import triangle
from coturn import Coturn
from link import Place
from peers import MIB, Case, Rendezvous, Sink, Source
from watch import Watch

class WireWatchTest(Case):
    def setUp(self):
        if not Coturn.is_installed():
            self.skipTest("coturn is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def call(self, paths_of_caller, paths_of_listener):
        """A call with identities on both sides. Gives all that each side could see of the other, as
        (what, text) by side."""
        net = triangle.Triangle()
        self.addCleanup(net.end)
        coturn = Coturn(self.folder, place=net.server)
        self.addCleanup(harness.end, coturn.process)
        inside = Place("127.0.0.1", net.server.prefix)
        honest = Rendezvous(inside, *coturn.rendezvous_options("udp"))
        self.addCleanup(harness.end, honest.process)
        signals = self.watch(net.server, "signals", triangle.SERVER, honest.address)
        packets = {"caller": self.watch(net.left, "packets"),
                   "listener": self.watch(net.right, "packets")}

        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        plain = ["--allow-plain", "--identity"]
        listener = self.peercat("listen", f"peer://alice@{signals.address}?tls=off", "--once",
                                *plain, self.folder / "alice", "--paths", paths_of_listener,
                                place=net.right, **pipes)
        address = listener.event("listening")["address"]
        self.assertIn("id=", address)
        caller = self.peercat("connect", address, *plain, self.folder / "bob", "--paths",
                              paths_of_caller, place=net.left, **pipes)
        streams = [(Source(one.process.stdin, MIB), Sink(other.process.stdout))
                   for one, other in ((caller, listener), (listener, caller))]
        self.assertEqual(caller.wait(60), 0, caller.story())
        self.assertEqual(listener.wait(30), 0, listener.story())
        for source, sink in streams:
            self.assertEqual(sink.digest(), source.digest())
        self.ends = {"caller": caller, "listener": listener}
        return self.seen(signals, packets)

    def watch(self, *arguments):
        watch = Watch(*arguments)
        self.addCleanup(watch.end)
        return watch

    def seen(self, signals, packets):
        sides = dict(zip(triangle.SEEN.values(), self.ends))
        seen = {"caller": [], "listener": []}
        for line in signals.lines():
            client, message = line.split("\t", 1)
            seen[sides[client]].append(("signal", message))
        for side, watch in packets.items():
            lines = set(watch.lines())
            self.assertTrue(lines)
            seen[side] += [("packet", line) for line in lines]
            seen[side] += [("event", json.dumps(event)) for event in self.ends[side].events]
        return seen

    def leaks(self, seen, name):
        """What shows an address of that host of the triangle, by its kind."""
        own = (*triangle.OWN[name], triangle.SEEN[name])
        return [(what, text) for what, text in seen if any(address in text for address in own)]

    def told(self, seen):
        """Candidates and descriptions."""
        return [text for what, text in seen if what == "signal" and "candidate:" in text]

    def test_the_watch_sees_what_is_shown(self):
        seen = self.call("all", "all")
        for side, other in (("listener", "left"), ("caller", "right")):
            leaks = self.leaks(seen[side], other)
            self.assertEqual({what for what, _ in leaks}, {"signal", "packet", "event"})
            text = " ".join(text for _, text in leaks)
            for address in (*triangle.OWN[other], triangle.SEEN[other]):
                self.assertIn(address, text)

    def test_relay_hides_the_caller(self):
        seen = self.call("relay", "all")
        self.assertEqual(self.leaks(seen["listener"], "left"), [])
        for text in self.told(seen["listener"]):
            self.assertIn("raddr 0.0.0.0 rport 9", text)
        self.assertTrue(self.told(seen["listener"]))
        self.assertTrue(self.leaks(seen["caller"], "right"))

    def test_relay_hides_the_listener(self):
        seen = self.call("all", "relay")
        self.assertEqual(self.leaks(seen["caller"], "right"), [])
        for text in self.told(seen["caller"]):
            self.assertIn("raddr 0.0.0.0 rport 9", text)
        self.assertTrue(self.told(seen["caller"]))

    def test_relay_hides_both(self):
        seen = self.call("relay", "relay")
        self.assertEqual(self.leaks(seen["caller"], "right"), [])
        self.assertEqual(self.leaks(seen["listener"], "left"), [])

    def test_tunnel_hides_the_caller(self):
        seen = self.call("tunnel", "all")
        self.assertEqual(self.leaks(seen["listener"], "left"), [])
        self.assertEqual(self.told(seen["listener"]), [])

    def test_tunnel_hides_the_listener(self):
        seen = self.call("all", "tunnel")
        self.assertEqual(self.leaks(seen["caller"], "right"), [])
        self.assertEqual(self.told(seen["caller"]), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
