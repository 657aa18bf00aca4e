# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What goes wrong is told by exit code, error code and a sentence: 1 usage, 2 could not connect,
3 connection lost, 4 identity mismatch or refused."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from link import LOOPBACK
from peers import MIB, Case, Sink, Source
from ports import quiet_port

USAGE, NOT_CONNECTED, LOST, REFUSED = 1, 2, 3, 4


def serve_nonsense(answer):
    """A TCP server on loopback that says this to everybody; gives its port and its socket."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.recv(4096)
                client.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return server, server.getsockname()[1]


class FaultTest(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def fails(self, peercat, exit_code, error=None, timeout=30):
        """It ends with this exit code, and says something that a person can read."""
        self.assertEqual(peercat.wait(timeout), exit_code, peercat.story())
        told = [event.get("message") or event.get("text") for event in peercat.events]
        self.assertTrue(any(text and len(text) > 10 for text in told), peercat.story())
        if error:
            self.assertIn(error, peercat.errors())

    def test_a_malformed_address(self):
        for mode in ("connect", "listen"):
            for specifier in ("alice@127.0.0.1", "peer://alice@127.0.0.1:0", "http://127.0.0.1/",
                              "peer://alice@127.0.0.1?nonsense=1", "peer://a:b@127.0.0.1"):
                self.fails(self.peercat(mode, specifier), USAGE)

    def test_an_unknown_option(self):
        self.fails(self.peercat("connect", "peer://alice@127.0.0.1", "--nonsense"), USAGE)

    def test_plain_text_to_another_machine(self):
        self.fails(self.peercat("connect", "peer://alice@192.0.2.1?tls=off"), USAGE)

    def test_no_rendezvous(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            specifier = f"peer://alice@127.0.0.1:{free.getsockname()[1]}?tls=off"
            self.fails(self.peercat("connect", specifier), NOT_CONNECTED, "RendezvousUnreachable")

    def test_something_else_answers(self):
        for answer in (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"SSH-2.0-OpenSSH\r\n",
                       b"\x00" * 64, b""):
            server, port = serve_nonsense(answer)
            self.addCleanup(server.close)
            self.fails(self.peercat("connect", f"peer://alice@127.0.0.1:{port}?tls=off"),
                       NOT_CONNECTED)

    def test_a_wrong_pin(self):
        specifier = self.rendezvous_with_tls().specifier("alice", "tls=" + "a" * 51 + "q")
        self.fails(self.peercat("connect", specifier), NOT_CONNECTED, "RendezvousCertificate")

    def test_a_certificate_that_nobody_vouches_for(self):
        specifier = f"peer://alice@{self.rendezvous_with_tls().address}"
        self.fails(self.peercat("connect", specifier), NOT_CONNECTED, "RendezvousCertificate")

    def rendezvous_with_tls(self):
        files = [self.folder / "certificate.pem", self.folder / "key.pem"]
        return self.rendezvous(LOOPBACK, "--tls-cert", files[0], "--tls-key", files[1])

    def test_nobody_of_that_name(self):
        caller = self.peercat("connect", self.rendezvous().specifier("nobody"))
        self.fails(caller, NOT_CONNECTED, "PeerOffline", timeout=5)

    def test_somebody_else_has_the_name(self):
        rendezvous = self.rendezvous()
        self.listen(rendezvous)
        self.fails(self.peercat("listen", rendezvous.specifier("alice")), REFUSED,
                   "RendezvousRefused")

    def test_the_peer_is_not_who_the_address_asks_for(self):
        rendezvous = self.rendezvous()
        listener, _ = self.listen(rendezvous, "--once", stdout=subprocess.PIPE)
        sink = Sink(listener.process.stdout)
        wrong = rendezvous.specifier("alice", "tls=off&id=" + "a" * 51 + "q")
        caller = self.peercat("connect", wrong, stdin=subprocess.PIPE)
        Source(caller.process.stdin, MIB)
        self.fails(caller, REFUSED, "IdentityMismatch")
        listener.process.terminate()
        listener.wait(10)
        sink.join()
        self.assertEqual(sink.octets, 0)

    def test_a_caller_who_is_not_on_the_list(self):
        rendezvous = self.rendezvous()
        _, address = self.listen(rendezvous, "--allow", "a" * 51 + "q")
        self.fails(self.peercat("connect", address), REFUSED, "PeerRejected")

    def test_a_busy_peer(self):
        rendezvous = self.rendezvous()
        _, address = self.listen(rendezvous)
        first = self.peercat("connect", address, stdin=subprocess.PIPE)
        first.event("state", state="connected")
        self.fails(self.peercat("connect", address), NOT_CONNECTED, "PeerBusy")

    def test_patience_ends(self):
        rendezvous = self.rendezvous()
        listener, address = self.listen(rendezvous)
        listener.process.send_signal(signal.SIGSTOP)
        self.addCleanup(listener.process.send_signal, signal.SIGCONT)
        self.fails(self.peercat("connect", address, "--timeout", "2"), NOT_CONNECTED, "Cancelled",
                   timeout=10)

    def transfer(self, *options):
        """A transfer without an end, on its way."""
        rendezvous = self.rendezvous(port=quiet_port())
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        listener, address = self.listen(rendezvous, "--once", **pipes)
        caller = self.peercat("connect", address, *options, **pipes)
        Source(caller.process.stdin, 1 << 40)
        sink = Sink(listener.process.stdout)
        deadline = time.monotonic() + 30
        while sink.octets < MIB and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertGreaterEqual(sink.octets, MIB)
        self.sink = sink
        return rendezvous, listener, caller

    def test_a_listener_that_dies_in_mid_transfer(self):
        _, listener, caller = self.transfer()
        listener.process.kill()
        self.fails(caller, LOST, timeout=15)

    def test_a_caller_that_dies_in_mid_transfer(self):
        _, listener, caller = self.transfer()
        caller.process.kill()
        self.fails(listener, LOST, timeout=15)

    def test_a_caller_that_is_interrupted_says_goodbye(self):
        _, listener, caller = self.transfer()
        caller.process.terminate()
        caller.wait(15)
        # Well before silence would have told.
        self.fails(listener, LOST, "ClosedEarly", timeout=10)

    def test_a_transfer_outlives_the_rendezvous(self):
        # Without a rendezvous nobody tells that the peer has gone: the caller's patience decides.
        rendezvous, listener, caller = self.transfer("--patience", "4")
        rendezvous.process.kill()
        rendezvous.process.wait()
        before, deadline = self.sink.octets, time.monotonic() + 30
        while self.sink.octets < before + MIB and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertGreaterEqual(self.sink.octets, before + MIB)
        listener.process.kill()
        self.fails(caller, LOST, "ConnectionLost", timeout=20)

    def test_the_rendezvous_ends_cleanly(self):
        rendezvous = self.rendezvous()
        self.listen(rendezvous)
        rendezvous.process.send_signal(signal.SIGTERM)
        self.assertEqual(rendezvous.process.wait(10), 0)

    def test_an_identity_that_others_could_read_is_made_private(self):
        key = self.folder / "alice.key"
        rendezvous = self.rendezvous()
        self.listen(rendezvous, "--identity", key)
        self.assertEqual(os.stat(key).st_mode & 0o077, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
