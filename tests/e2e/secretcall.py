# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A call in which something is said that nobody else may know, by way of somebody who wants to."""

import pathlib
import re
import socket
import subprocess
import tempfile
import threading

from middleman import MiddleMan
from peers import Case

NOT_CONNECTED, LOST, REFUSED = 2, 3, 4
SECRET = b"for alice alone " * 64
ANSWER = b"of alice alone " * 64


class Stranger(threading.Thread):
    """A UDP port of somebody else, that keeps what it gets."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.datagrams = []
        self.start()

    def run(self):
        while True:
            try:
                datagram = self.socket.recv(4096)
            except OSError:
                return
            if not datagram:
                return
            self.datagrams.append(datagram)

    def close(self):
        self.socket.sendto(b"", self.socket.getsockname())
        self.join(10)
        self.socket.close()

    def candidate(self, line):
        """A candidate line with this port for its address."""
        words = line.split(" ")
        words[4], words[5] = map(str, self.socket.getsockname())
        return " ".join(words)


def is_stun(datagram):
    return len(datagram) >= 20 and datagram[0] < 4 and datagram[4:8] == b"\x21\x12\xa4\x42"


class SecretCase(Case):
    def through(self, change, change_datagram=None):
        man = MiddleMan(self.honest, change, change_datagram=change_datagram)
        self.addCleanup(man.close)
        return man

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.honest = self.rendezvous()
        self.named = ["--identity", self.folder / "bob"]

    def id_of(self, name):
        """The id of the key in that file, which is made if there is none."""
        listener = self.peercat("listen", self.honest.specifier("somebody-" + name),
                                "--identity", self.folder / name)
        address = listener.event("listening")["address"]
        listener.process.terminate()
        listener.wait(10)
        return re.search("id=([a-z2-7]{52})", address)[1]

    def alice(self, rendezvous, *options, name="alice"):
        """Alice, who has something to tell; and her address."""
        alice, address = self.listen(rendezvous, "--once", "--identity", self.folder / "alice",
                                     *options, name=name, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE)
        self.assertIn("id=", address)
        self.say(alice, ANSWER)
        return alice, address

    def call(self, change, *options, allowed=(), paths="", address_of=lambda address: address):
        """A secret from a caller to alice by her full address, and one back; gives the caller, once
        it has ended, and what alice got."""
        man = change if isinstance(change, MiddleMan) else self.through(change)
        alice, address = self.alice(man, *(f"--allow={each}" for each in allowed))
        caller = self.dial(address_of(address) + paths, *options)
        got = []
        reader = threading.Thread(target=lambda: got.append(alice.process.stdout.read()))
        reader.start()
        # What alice says would reach the caller as well: nobody may say anything in her name.
        caller.code = caller.wait(60)
        caller.other = alice
        caller.heard = caller.process.stdout.read()
        if caller.code == 0:
            alice.wait(10)
        alice.process.terminate()
        self.assertIn(alice.wait(10), (0, NOT_CONNECTED, LOST, REFUSED), alice.story())
        reader.join(10)
        return caller, got[0]

    def dial(self, address, *options):
        """A caller, who has the secret."""
        caller = self.peercat("connect", address, *options, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
        self.say(caller, SECRET)
        return caller

    def say(self, peercat, octets):
        """Fewer than a pipe holds."""
        try:
            peercat.process.stdin.write(octets)
            peercat.process.stdin.close()
        except BrokenPipeError:
            pass

    def assert_told(self, call):
        caller, got = call
        self.assertEqual(caller.code, 0, caller.story())
        self.assertEqual((got, caller.heard), (SECRET, ANSWER),
                         (caller.story(), caller.other.story()))

    def assert_refused(self, call, *errors):
        """With one of these errors; nobody has heard anything."""
        caller, got = call
        self.assertEqual(caller.code, REFUSED, caller.story())
        self.assertEqual((got, caller.heard), (b"", b""))
        if errors:
            self.assertIn(caller.errors(), [[error] for error in errors])

    def nothing_from(self, peercat):
        peercat.process.terminate()
        peercat.wait(10)
        self.assertEqual(peercat.process.stdout.read(), b"")
