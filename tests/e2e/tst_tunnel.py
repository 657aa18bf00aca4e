# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls through the rendezvous: the tunnel, where it is asked for and where UDP is blocked, and
proxies between the programs and the rendezvous, with real ones."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import harness
import link
from peers import MIB, Case, Sink, Source
from ports import quiet_port
from proxies import ProxyCase

NOT_CONNECTED = 2

UDP_BLOCKED = """
table inet test {
    chain output {
        type filter hook output priority 0;
        meta l4proto udp drop
    }
}
"""


class Calls(Case):
    def call(self, rendezvous, *options, octets=MIB, paths="&paths=tunnel", place=link.LOOPBACK,
             listen_options=()):
        """Sends so many octets there; both ends must be content and the same octets arrive. Gives
        the kind and protocol of the last path of each end."""
        specifier = rendezvous.specifier("alice") + paths
        listener = self.peercat("listen", specifier, "--once", *listen_options, place=place,
                                stdout=subprocess.PIPE)
        address = listener.event("listening")["address"]
        caller = self.peercat("connect", address, *options, place=place, stdin=subprocess.PIPE)
        source = Source(caller.process.stdin, octets)
        sink = Sink(listener.process.stdout)
        self.assertEqual(caller.wait(120), 0, caller.story())
        self.assertEqual(listener.wait(30), 0, listener.story())
        self.assertEqual(sink.digest(), source.digest())
        self.assertEqual(sink.octets, octets)
        return [[(event["kind"], event["protocol"]) for event in peercat.events
                 if event.get("event") == "path"] for peercat in (caller, listener)]


class TunnelTest(Calls):
    def test_only_the_tunnel(self):
        kinds = self.call(self.rendezvous(), octets=16 * MIB)
        self.assertEqual(kinds, [[("tunnel", "ws")], [("tunnel", "ws")]])

    def test_only_the_tunnel_of_one_side(self):
        rendezvous = self.rendezvous()
        listener, address = self.listen(rendezvous, "--echo")
        caller = self.peercat("connect", address, "--paths", "tunnel", stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
        source = Source(caller.process.stdin, MIB)
        sink = Sink(caller.process.stdout)
        self.assertEqual(caller.wait(60), 0, caller.story())
        self.assertEqual(sink.digest(), source.digest())
        self.assertEqual(listener.event("path")["kind"], "tunnel")

    def test_where_udp_is_blocked(self):
        place = link.Alone(UDP_BLOCKED)
        self.addCleanup(place.end)
        kinds = self.call(self.rendezvous(place), paths="", octets=4 * MIB, place=place)
        # Whichever comes first, they can reach each other by TCP, and that is better.
        for of_end in kinds:
            self.assertLessEqual(set(of_end), {("tunnel", "ws"), ("direct", "tcp")})
            self.assertEqual(of_end[-1], ("direct", "tcp"))

    def test_no_tunnel_where_only_direct_paths_are_wanted(self):
        kinds = self.call(self.rendezvous(), paths="&paths=direct")
        for of_end in kinds:
            self.assertEqual({kind for kind, _ in of_end}, {"direct"})

    def test_with_tls_and_a_public_url(self):
        # Both ends pin the key that the server has made, for the tunnel too.
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        port = quiet_port()
        files = [str(pathlib.Path(folder.name) / name) for name in ("cert.pem", "key.pem")]
        process = subprocess.Popen(
            [pathlib.Path(harness.BIN) / "peer-rendezvous", "--listen", f"127.0.0.1:{port}",
             "--tls-cert", files[0], "--tls-key", files[1], "--json",
             "--public-url", f"wss://localhost:{port}/"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(harness.end, process)
        said = ""
        while '"listening"' not in said:
            said = process.stdout.readline()
            self.assertTrue(said, "peer-rendezvous ended")
        pin = json.loads(said)["tls"]

        class Known:
            def specifier(self, name):
                return f"peer://{name}@127.0.0.1:{port}?tls={pin}"

        kinds = self.call(Known())
        self.assertEqual(kinds, [[("tunnel", "ws")], [("tunnel", "ws")]])


class ProxyTest(ProxyCase, Calls):
    def connects_by(self, rendezvous, proxy):
        """Both ends by the proxy."""
        options = ("--proxy", proxy)
        return self.call(rendezvous, *options, listen_options=options)

    def asked_for(self, rendezvous):
        return self.proxy_log().count(f"CONNECT {rendezvous.address}")

    def test_http(self):
        rendezvous = self.rendezvous()
        kinds = self.connects_by(rendezvous, f"http://127.0.0.1:{self.tinyproxy()}")
        self.assertEqual(kinds, [[("tunnel", "ws")], [("tunnel", "ws")]])
        # Signaling and tunnel of both ends; again when this machine's interfaces change meanwhile.
        self.assertGreaterEqual(self.asked_for(rendezvous), 4)

    def test_http_with_authentication(self):
        rendezvous = self.rendezvous()
        port = self.tinyproxy("BasicAuth someone pass.word")
        self.connects_by(rendezvous, f"http://some%6Fne:pass.word@127.0.0.1:{port}")
        self.assertGreaterEqual(self.asked_for(rendezvous), 4)

    def test_doctor_goes_by_the_proxy_and_names_it(self):
        rendezvous = self.rendezvous()
        proxy = f"127.0.0.1:{self.tinyproxy('BasicAuth someone password')}"
        said = subprocess.run(
            [pathlib.Path(harness.BIN) / "peercat", "doctor", rendezvous.specifier("alice"),
             "--proxy", f"http://someone:password@{proxy}"],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertIn(f"by the proxy {proxy}", said.stdout + said.stderr)
        self.assertNotIn("password", said.stdout + said.stderr)
        self.assertGreaterEqual(self.asked_for(rendezvous), 1)

    def refuses(self, proxy, *words):
        caller = self.peercat("connect", self.rendezvous().specifier("alice"), "--proxy", proxy)
        self.assertEqual(caller.wait(30), NOT_CONNECTED)
        message = caller.event("error")["message"]
        for word in words:
            self.assertIn(word, message)
        self.assertNotIn("secret", message)

    def test_http_with_wrong_credentials(self):
        port = self.tinyproxy("BasicAuth someone password")
        self.refuses(f"http://127.0.0.1:{port}", "proxy", "user name")
        # This proxy answers 401 to those, not 407.
        self.refuses(f"http://someone:secret@127.0.0.1:{port}", "proxy", "user name")

    def test_a_proxy_that_is_not_there(self):
        self.refuses(f"http://127.0.0.1:{quiet_port()}", "cannot be reached")

    def test_socks(self):
        kinds = self.connects_by(self.rendezvous(), f"socks5://127.0.0.1:{self.socks()}")
        self.assertEqual(kinds, [[("tunnel", "ws")], [("tunnel", "ws")]])

    def test_socks_with_authentication(self):
        port = self.socks("-u", "someone", "-P", "password")
        self.connects_by(self.rendezvous(), f"socks5://someone:password@127.0.0.1:{port}")
        self.refuses(f"socks5://someone:secret@127.0.0.1:{port}")

    def test_no_proxy_against_the_system(self):
        os.environ["http_proxy"] = f"http://127.0.0.1:{quiet_port()}"
        self.addCleanup(os.environ.pop, "http_proxy")
        self.call(self.rendezvous(), "--proxy", "none", listen_options=("--proxy", "none"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
