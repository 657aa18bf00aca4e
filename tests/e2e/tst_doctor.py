# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What `peercat doctor` says of TURN servers, with a real one."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import harness
from coturn import Coturn
from link import LOOPBACK
from ports import quiet_port
from peers import Case

WAYS = ("udp", "tcp", "tls")


class DoctorTest(Case):
    def setUp(self):
        if not Coturn.is_installed():
            self.skipTest("coturn is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, *options, **more):
        coturn = Coturn(self.folder, *options, **more)
        self.addCleanup(harness.end, coturn.process)
        return coturn

    def ask(self, rendezvous, *options, parameters=""):
        """The report as words, and as JSON with its relays by their URIs."""
        command = [pathlib.Path(harness.BIN) / "peercat", "doctor",
                   rendezvous.specifier("alice") + parameters, *options]
        said = [subprocess.run([*command, *form], capture_output=True, text=True, timeout=60,
                               check=True).stdout for form in ([], ["--json"])]
        report = json.loads(said[1])
        report["relays"] = {relay["uri"]: relay for relay in report["relays"]}
        return said[0], report

    def test_each_way_to_a_server(self):
        coturn = self.start()
        words, report = self.ask(self.rendezvous(LOOPBACK, *coturn.rendezvous_options(*WAYS)),
                                 "--ca", coturn.certificate)
        self.assertEqual(set(report["relays"]), set(map(coturn.uri, WAYS)))
        for uri, relay in report["relays"].items():
            self.assertTrue(relay["tested"] and relay["usable"], relay)
            self.assertTrue(relay["relayedAddress"].startswith(LOOPBACK.address), relay)
            self.assertGreater(relay["time"], 0)
            self.assertIn(f"{uri} relays by {LOOPBACK.address}:", words)
        # What was allocated is given back.
        self.assertEqual(coturn.said().count("lifetime=0"), 2 * len(WAYS), coturn.said()[-2000:])

    def test_credentials_of_ones_own(self):
        coturn = self.start(users=("bob:secret",))
        options = ["--ca", coturn.certificate]
        for way in WAYS:
            options += ["--turn", coturn.own_uri(way, "bob:secret")]
        words, report = self.ask(self.rendezvous(), *options)
        self.assertEqual([relay["username"] for relay in report["relays"].values()], 3 * ["bob"])
        self.assertTrue(all(relay["usable"] for relay in report["relays"].values()), report)
        self.assertIn("for the user bob", words)
        self.assertNotIn("secret", words + json.dumps(report))

    def test_credentials_that_are_refused(self):
        coturn = self.start(users=("bob:secret",))
        options = ["--ca", coturn.certificate]
        for way in WAYS:
            options += ["--turn", coturn.own_uri(way, "bob:another")]
        words, report = self.ask(self.rendezvous(), *options)
        for uri, relay in report["relays"].items():
            self.assertTrue(relay["tested"] and not relay["usable"], relay)
            self.assertIn(f"{uri} cannot be used by the user bob: ", words)
        self.assertIn("by the rendezvous' tunnel", report["expectation"])

    def test_no_credentials_at_all(self):
        words, report = self.ask(self.rendezvous(), parameters="&turn=turn:127.0.0.1:9")
        self.assertFalse(report["relays"]["turn:127.0.0.1:9"]["tested"])
        self.assertIn("there are no credentials for it", words)

    def test_a_certificate_that_nobody_vouches_for(self):
        coturn = self.start()
        _, report = self.ask(self.rendezvous(LOOPBACK, *coturn.rendezvous_options("tls", "tcp")))
        self.assertTrue(report["relays"][coturn.uri("tcp")]["usable"])
        relay = report["relays"][coturn.uri("tls")]
        self.assertFalse(relay["usable"])
        self.assertIn("certificate", relay["problem"])

    def test_nobody_there(self):
        uri = f"turn:bob:secret@127.0.0.1:{quiet_port()}?transport=tcp"
        _, report = self.ask(self.rendezvous(LOOPBACK, "--no-tunnel"), "--turn", uri)
        (relay,) = report["relays"].values()
        self.assertTrue(relay["tested"] and not relay["usable"], relay)
        self.assertIn("refused", relay["problem"])
        self.assertFalse(report["rendezvous"]["tunnel"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
