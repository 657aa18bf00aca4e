# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What answers in the place of the rendezvous: something else, another version, another
certificate. Each is told by its code and in a sentence, and the exit code is 2."""

import base64
import hashlib
import pathlib
import subprocess
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness
from link import LOOPBACK
from middleman import MiddleMan
from peers import Case
from websocket import Listener, WebSocket

NOT_CONNECTED, REFUSED = 2, 4
WRONG_PIN = "a" * 51 + "q"


def welcome(version):
    return {"type": "welcome", "version": version, "challenge": "A" * 43, "stun": [],
            "address": "127.0.0.1:1", "limits": {"message": 65536, "calls": 16, "names": 16}}


def serve_messages(*messages):
    """A WebSocket server that says this, whatever it is told."""

    def serve(connection):
        client = WebSocket.accept(connection)
        for message in messages:
            client.send(message)
        while True:
            client.receive()

    return serve


def serve_octets(octets):
    def serve(connection):
        connection.recv(4096)
        connection.sendall(octets)
        connection.close()

    return serve


class OtherServersTest(Case):
    def ends(self, peercat, exit_code, error, *words, within=10):
        self.assertEqual(peercat.wait(within), exit_code, peercat.story())
        self.assertEqual(peercat.errors(), [error], peercat.story())
        told = next(event for event in peercat.events if event.get("event") == "error")["message"]
        for word in words:
            self.assertIn(word, told)

    def serve(self, serve):
        server = Listener(serve)
        self.addCleanup(server.close)
        return server

    def test_another_protocol(self):
        answers = {
            "a greeting of another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
            "octets without sense": bytes(range(256)) * 16,
            "the end": b"",
            "a web page": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            "a head without an end": b"HTTP/1.1 101 Switching Protocols\r\nX: " + b"x" * 100000,
        }
        for what, answer in answers.items():
            server = self.serve(serve_octets(answer))
            for mode in ("connect", "listen"):
                with self.subTest(what, mode=mode):
                    self.ends(self.peercat(mode, server.specifier("alice")), NOT_CONNECTED,
                              "RendezvousProtocol", server.address)

    def test_a_web_server(self):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(404)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        specifier = f"peer://alice@127.0.0.1:{server.server_port}?tls=off"
        self.ends(self.peercat("connect", specifier), NOT_CONNECTED, "RendezvousProtocol")

    def test_a_web_socket_of_another_protocol(self):
        for message in ({"hello": "world"}, {"type": "welcome"}, [1, 2, 3],
                        {"type": "welcome", "version": "one"}):
            server = self.serve(serve_messages(message))
            with self.subTest(message=message):
                self.ends(self.peercat("connect", server.specifier("alice")), NOT_CONNECTED,
                          "RendezvousProtocol", server.address)

    def test_another_version(self):
        server = self.serve(serve_messages(welcome("2.0")))
        for mode in ("connect", "listen"):
            with self.subTest(mode):
                self.ends(self.peercat(mode, server.specifier("alice")), NOT_CONNECTED,
                          "RendezvousVersion", "2.0", "1.1")

    def test_a_server_that_refuses_our_version(self):
        refusal = {"type": "error", "cause": "version", "version": "2.0", "text": "Too old."}
        server = self.serve(serve_messages(welcome("1.7"), refusal))
        self.ends(self.peercat("connect", server.specifier("alice")), NOT_CONNECTED,
                  "RendezvousVersion", "2.0")

    def test_plain_text_to_a_server_with_tls_and_the_other_way_round(self):
        secure = self.secure_rendezvous()
        self.ends(self.peercat("connect", f"peer://alice@{secure.address}?tls=off"),
                  NOT_CONNECTED, "RendezvousProtocol")
        plain = self.rendezvous()
        self.assertEqual(self.peercat("connect", f"peer://alice@{plain.address}?tls={WRONG_PIN}")
                         .wait(15), NOT_CONNECTED)

    # Certificates.

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.certificate = pathlib.Path(folder.name) / "certificate.pem"
        self.key = pathlib.Path(folder.name) / "key.pem"

    def secure_rendezvous(self, name="IP:127.0.0.1"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", self.key, "-out", self.certificate, "-days", "2", "-subj",
             "/CN=rendezvous", "-addext", f"subjectAltName={name}"],
            check=True, capture_output=True)
        return self.rendezvous(LOOPBACK, "--tls-cert", self.certificate, "--tls-key", self.key)

    def pin(self):
        """The base32 SHA-256 of the certificate's public key."""
        key = subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER"],
                             check=True, capture_output=True).stdout
        return base64.b32encode(hashlib.sha256(key).digest()).decode().lower().rstrip("=")

    def connects(self, parameters, *options):
        rendezvous = self.secure_rendezvous()
        listener = self.peercat("listen", f"peer://alice@{rendezvous.address}{parameters()}",
                                "--once", *options)
        address = listener.event("listening")["address"]
        caller = self.peercat("connect", address, *options)
        self.assertEqual(caller.wait(30), 0, caller.story())
        self.assertEqual(listener.wait(30), 0, listener.story())

    def test_a_certificate_of_a_trusted_authority(self):
        self.connects(lambda: "", "--ca", self.certificate)

    def test_the_right_pin(self):
        self.connects(lambda: f"?tls={self.pin()}")

    def test_a_certificate_of_nobody_trusted(self):
        rendezvous = self.secure_rendezvous()
        for mode in ("connect", "listen"):
            with self.subTest(mode):
                self.ends(self.peercat(mode, f"peer://alice@{rendezvous.address}"), NOT_CONNECTED,
                          "RendezvousCertificate", "certificate")

    def test_a_certificate_of_another_host(self):
        rendezvous = self.secure_rendezvous("DNS:rendezvous.example")
        caller = self.peercat("connect", f"peer://alice@{rendezvous.address}", "--ca",
                              self.certificate)
        self.ends(caller, NOT_CONNECTED, "RendezvousCertificate")

    def test_the_wrong_pin(self):
        rendezvous = self.secure_rendezvous()
        # Also where an authority vouches for the certificate: a pin is a pin.
        for options in ([], ["--ca", self.certificate]):
            caller = self.peercat("connect", f"peer://alice@{rendezvous.address}?tls={WRONG_PIN}",
                                  *options)
            self.ends(caller, NOT_CONNECTED, "RendezvousCertificate", "pin")

    # The right server, and nobody behind the name.

    def test_an_offline_peer_is_told_by_the_first_answer(self):
        rendezvous = self.rendezvous()
        self.listen(rendezvous)
        calls = []

        def note(message, from_client, _):
            if from_client and message["type"] == "call":
                calls.append(message)
            return message

        man = MiddleMan(rendezvous, note)
        self.addCleanup(man.close)
        caller = self.peercat("connect", man.specifier("bob"))
        self.ends(caller, NOT_CONNECTED, "PeerOffline", "bob")
        # Nobody waits, as for one who may come back.
        self.assertEqual(len(calls), 1)

    def test_a_peer_that_went_away_is_offline(self):
        rendezvous = self.rendezvous()
        listener, address = self.listen(rendezvous)
        harness.end(listener.process)
        deadline = time.monotonic() + 10
        while True: # until the server has noticed
            caller = self.peercat("connect", address, "--timeout", "2")
            self.assertEqual(caller.wait(10), NOT_CONNECTED)
            if caller.errors() == ["PeerOffline"]:
                return
            self.assertLess(time.monotonic(), deadline, caller.story())


if __name__ == "__main__":
    unittest.main(verbosity=2)
