# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""ICE alone, between our agent and libnice, each as a process of its own, on loopback."""

import functools
import os
import subprocess
import tempfile
import threading
import unittest

from interoppeer import LinesPeer  # which finds the modules of tests/e2e
from coturn import Coturn
from peers import Case

CONNECTED = ("connected", "completed", "ready")
# RFC 7675: consent ends after 30 s; and some more.
CONSENT_LIMIT = 45


def both_roles(test):
    """Runs it with us as the controlling agent, then with them."""

    @functools.wraps(test)
    def run(self):
        for controlling in ("we", "they"):
            with self.subTest(controlling=controlling):
                test(self, controlling)

    return run


class IcePeer(LinesPeer):
    """icepeer.cpp or libnicepeer.cpp; its signals go to the other as soon as there is one."""

    def start(self, relay=None):
        self.do("start", **(relay or {}))

    def carry_to(self, other, hold=lambda signal: None):
        def run():
            for signal in iter(self.signals.get, None):
                hold(signal)
                try:
                    other.say(signal)
                except (OSError, ValueError):
                    return  # it has ended

        threading.Thread(target=run, daemon=True).start()

    def is_connected(self):
        """Waits for it. libnice has "failed" for a moment when it restarts: it knows of no pair yet."""
        while self.event("state")["state"] not in CONNECTED:
            pass


@unittest.skipUnless(os.environ.get("PEER_INTEROP_LIBNICE"), "libnice is not installed (libnice-dev)")
class LibniceTest(Case):
    runs_all = False

    @classmethod
    def setUpClass(cls):
        said = subprocess.run(["pkg-config", "--modversion", "nice"], capture_output=True,
                              text=True, check=False)
        cls.version = f"libnice {said.stdout.strip()}"
        print(cls.version, flush=True)

    def pair(self, controlling, relay=None, ours="PEER_INTEROP_ICE", **hold):
        """Ours and theirs, on their way to each other."""
        roles = ("controlling", "controlled") if controlling == "we" else ("controlled", "controlling")
        pair = [IcePeer(os.environ[name], role)
                for name, role in zip((ours, "PEER_INTEROP_LIBNICE"), roles)]
        for peer, other in zip(pair, reversed(pair)):
            self.addCleanup(peer.end)
            peer.carry_to(other, **hold)
        for peer in pair:
            peer.start(relay)
        return pair

    def check_datagrams(self, *pair):
        for peer, other in (pair, pair[::-1]):
            text = f"from {peer.process.pid}"
            peer.do("send", text=text)
            other.event("message", text=text)

    @both_roles
    def test_a_datagram_there_and_back(self, controlling):
        pair = self.pair(controlling)
        for peer in pair:
            peer.is_connected()
        self.check_datagrams(*pair)

    def test_a_datagram_there_and_back_by_a_peer_datagram_socket(self):
        ours, theirs = self.pair("they", ours="PEER_INTEROP_DATAGRAMSOCKET")
        ours.is_connected()
        theirs.event("state", state="ready")
        self.check_datagrams(ours, theirs)

    @both_roles
    def test_candidates_that_come_late(self, controlling):
        """Trickled after both sides check: none has any of the other's until then."""
        may_go = threading.Event()
        pair = self.pair(controlling,
                         hold=lambda signal: "candidate" in signal and may_go.wait(30))
        # Whoever has the other's credentials has nothing to check yet.
        for peer in pair:
            self.assertFalse(peer.comes("route", 0.5))
        may_go.set()
        for peer in pair:
            peer.is_connected()
        self.check_datagrams(*pair)

    def check_restart(self, controlling, who):
        ours, theirs = self.pair(controlling)
        # Of libnice "ready" is the last of each session.
        theirs.event("state", state="ready")
        ours.is_connected()
        for _ in range(2):
            (ours if who == "we" else theirs).do("restart")
            theirs.event("state", state="ready")
            self.check_datagrams(ours, theirs)
        self.assertFalse(ours.has_told("state", state="failed"))

    @both_roles
    def test_we_restart(self, controlling):
        self.check_restart(controlling, "we")

    @both_roles
    def test_they_restart(self, controlling):
        self.check_restart(controlling, "they")

    @both_roles
    @unittest.skipUnless(Coturn.is_installed(), "coturn is not installed")
    def test_from_relay_to_relay(self, controlling):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        coturn = Coturn(folder.name, users=("bob:secret",))
        self.addCleanup(lambda: (coturn.process.kill(), coturn.process.wait()))
        ours, theirs = self.pair(controlling, {
            "host": "127.0.0.1", "port": coturn.port, "username": "bob", "password": "secret"})
        ours.is_connected()
        theirs.is_connected()
        self.check_datagrams(ours, theirs)
        for peer in (ours, theirs):
            route = peer.event("route")
            self.assertEqual(route["local"], "relay")
            # Its candidate may still be on its way when the check comes.
            self.assertIn(route["remote"], ("relay", "prflx"))

    @both_roles
    def test_we_notice_when_they_vanish(self, controlling):
        ours, theirs = self.pair(controlling)
        ours.is_connected()
        theirs.is_connected()
        theirs.process.kill()
        ours.event("state", 15, state="disconnected")

    def test_they_notice_when_we_vanish(self):
        if not self.runs_all:
            self.skipTest("libnice needs 30 s for it: ./run interop tries it")
        ours, theirs = self.pair("we")
        ours.is_connected()
        theirs.is_connected()
        ours.process.kill()
        theirs.event("state", CONSENT_LIMIT, state="failed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
