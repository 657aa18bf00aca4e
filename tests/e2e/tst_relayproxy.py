# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Relays over TCP and TLS by real proxies: those that lead there, and those that say no."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import harness
from coturn import Coturn
from link import LOOPBACK
from peers import MIB, Sink, Source
from proxies import ProxyCase

NOT_CONNECTED = 2


class RelayProxyTest(ProxyCase):
    def setUp(self):
        if not Coturn.is_installed():
            self.skipTest("coturn is not installed")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.coturn = Coturn(folder.name)
        self.addCleanup(harness.end, self.coturn.process)

    def ends(self, protocol, proxy):
        """Both by the proxy, and by relays over the protocol alone."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        options = ["--proxy", proxy, "--paths", "relay", "--ca", self.coturn.certificate]
        rendezvous = self.rendezvous(LOOPBACK, *self.coturn.rendezvous_options(protocol))
        listener = self.peercat("listen", rendezvous.specifier("alice"), "--once", *options,
                                **pipes)
        address = listener.event("listening")["address"]
        return listener, self.peercat("connect", address, *options, **pipes)

    def goes(self, protocol, proxy):
        listener, caller = self.ends(protocol, proxy)
        streams = [(Source(one.process.stdin, MIB), Sink(other.process.stdout))
                   for one, other in ((caller, listener), (listener, caller))]
        self.assertEqual(caller.wait(60), 0, caller.story())
        self.assertEqual(listener.wait(30), 0, listener.story())
        for source, sink in streams:
            self.assertEqual(sink.digest(), source.digest())
        path = caller.event("path")
        self.assertEqual((path["kind"], path["protocol"]), ("relay", protocol))
        port = self.coturn.tls_port if protocol == "tls" else self.coturn.port
        # Both ends asked the proxy for the server.
        self.assertGreaterEqual(self.proxy_log().count(f"127.0.0.1:{port}"), 2, self.proxy_log())

    def test_socks(self):
        self.goes("tcp", f"socks5://127.0.0.1:{self.socks()}")

    def test_socks_with_authentication(self):
        port = self.socks("-u", "someone", "-P", "pass.word")
        self.goes("tls", f"socks5://someone:pass.word@127.0.0.1:{port}")

    def test_http(self):
        self.goes("tls", f"http://127.0.0.1:{self.tinyproxy()}")

    def test_http_with_authentication(self):
        port = self.tinyproxy("BasicAuth someone pass.word")
        self.goes("tcp", f"http://someone:pass.word@127.0.0.1:{port}")

    def test_a_proxy_that_does_not_lead_to_the_relay(self):
        rendezvous = self.rendezvous(LOOPBACK, *self.coturn.rendezvous_options("tcp"))
        port = self.tinyproxy(f"ConnectPort {rendezvous.address.rsplit(':', 1)[1]}")
        options = ["--proxy", f"http://127.0.0.1:{port}", "--paths", "relay"]
        _, address = self.listen(rendezvous, "--once", *options)
        caller = self.peercat("connect", address, *options)
        self.assertEqual(caller.wait(60), NOT_CONNECTED, caller.story())
        error = caller.event("error")
        self.assertEqual(error["code"], "NoPath")
        for word in ("paths=relay", f"a relay is not reached: 127.0.0.1:{self.coturn.port}:"):
            self.assertIn(word, error["message"])

    def refuses(self, proxy, *words):
        """The rendezvous is not asked, so that it is the relay's stream that is refused."""
        coturn = self.coturn
        said = subprocess.run(
            [pathlib.Path(harness.BIN) / "peercat", "doctor", "--json", "--proxy", proxy,
             "--turn", coturn.own_uri("tcp", "bob:password")],
            capture_output=True, text=True, timeout=60, check=True).stdout
        (relay,) = json.loads(said)["relays"]
        self.assertFalse(relay["usable"])
        for word in words:
            self.assertIn(word, relay["problem"].lower())
        self.assertNotIn("secret", said)

    def test_refused_credentials(self):
        port = self.socks("-u", "someone", "-P", "password")
        self.refuses(f"socks5://someone:secret@127.0.0.1:{port}", "authentication")
        self.refuses(f"socks5://127.0.0.1:{port}", "authentication")
        # This proxy answers 401 to wrong ones, not 407.
        port = self.tinyproxy("BasicAuth someone password")
        self.refuses(f"http://someone:secret@127.0.0.1:{port}", "by the proxy")
        self.refuses(f"http://127.0.0.1:{port}", "by the proxy", "authentication")


if __name__ == "__main__":
    unittest.main(verbosity=2)
