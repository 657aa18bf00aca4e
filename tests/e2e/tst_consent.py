# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""On the wire: nothing but STUN, and the SYN of a check by TCP, goes to an address that has not
consented. Each call's signals also name an address of somebody who has nothing to do with it (RFC
8445 section 19.5.1), and who never answers."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import harness
import triangle
from consent import Judge
from coturn import Coturn
from link import Place
from peers import MIB, Case, Rendezvous, Sink, Source
from watch import Watch

STRANGER = "10.88.9.66"
# One pair, a repeated check (RFC 8445 section 14.3), and a few tries later on, by UDP and TCP.
CHECKS_AT_MOST = 60
NO_UDP = """
table inet blocked {
    chain through {
        type filter hook forward priority 0
        meta l4proto udp drop
    }
    chain in {
        type filter hook input priority 0
        meta l4proto udp drop
    }
}
"""
SILENT = f"""
table ip stranger {{
    chain in {{
        type filter hook input priority 0
        ip daddr {STRANGER} drop
    }}
}}
"""


class ConsentTest(Case):
    def setUp(self):
        if not Coturn.is_installed():
            self.skipTest("coturn is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.net = triangle.Triangle()
        self.addCleanup(self.net.end)
        self.net.server.filter(SILENT)
        self.net.server.start(["ip", "address", "add", f"{STRANGER}/32", "dev", "lo"]).wait()
        self.coturn = Coturn(self.folder, place=self.net.server)
        self.addCleanup(harness.end, self.coturn.process)

    def watch(self, *arguments):
        watch = Watch(*arguments)
        self.addCleanup(watch.end)
        return watch

    def call(self, paths="all"):
        """Gives what was recorded: the signals, the passwords in them, the packets of each host."""
        net = self.net
        inside = Place("127.0.0.1", net.server.prefix)
        honest = Rendezvous(inside, *self.coturn.rendezvous_options("udp"))
        self.addCleanup(harness.end, honest.process)
        signals = self.watch(net.server, "signals", triangle.SERVER, honest.address, STRANGER)
        watches = [self.watch(place, "octets") for place in (net.left, net.right)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        options = ["--allow-plain", "--paths", paths]
        listener = self.peercat("listen", f"peer://alice@{signals.address}?tls=off", "--once",
                                *options, place=net.right, **pipes)
        caller = self.peercat("connect", listener.event("listening")["address"], *options,
                              place=net.left, **pipes)
        streams = [(Source(one.process.stdin, MIB // 4), Sink(other.process.stdout))
                   for one, other in ((caller, listener), (listener, caller))]
        self.assertEqual(caller.wait(60), 0, caller.story())
        self.assertEqual(listener.wait(30), 0, listener.story())
        for source, sink in streams:
            self.assertEqual(sink.digest(), source.digest())
        told = "".join(line.split("\t", 1)[1] for line in signals.lines())
        self.assertIn(STRANGER, told)
        passwords = set(re.findall("a=ice-pwd:([A-Za-z0-9+/]+)", told))
        self.assertTrue(passwords)
        return told, passwords, [watch.lines() for watch in watches]

    def judge(self, passwords, lines, forget=lambda is_sent: False):
        judge = Judge(passwords, triangle.SERVER, self.coturn.port)
        for line in lines:
            time, is_sent, octets = line.split("\t")
            if not forget(is_sent == "sent"):
                judge.take(float(time), is_sent == "sent", bytes.fromhex(octets))
        return judge

    def passes(self, kind, paths="all"):
        told, passwords, recorded = self.call(paths)
        judges = [self.judge(passwords, lines) for lines in recorded]
        for judge in judges:
            self.assertEqual(judge.faults, [])
            self.assertLessEqual(judge.sent[STRANGER], CHECKS_AT_MOST)
            self.assertGreater(judge.data[kind], 100)
            for address in judge.sent:
                self.assertIn(address, told + triangle.SERVER)
        if paths == "all":
            self.assertTrue(all(judge.sent[STRANGER] for judge in judges))
        for lines in recorded:
            # The judge can say no: without the answers, or signed by somebody else.
            self.assertTrue(self.judge(passwords, lines, lambda is_sent: not is_sent).faults)
            self.assertTrue(self.judge({"another"}, lines).faults)

    def test_direct(self):
        self.passes("udp")

    def test_direct_by_tcp(self):
        self.net.server.filter(NO_UDP)
        self.passes("tcp")

    def test_relay(self):
        self.passes("relay", "relay")


if __name__ == "__main__":
    unittest.main(verbosity=2)
