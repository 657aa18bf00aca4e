# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls between us and aiortc."""

import subprocess
import sys
import unittest

from mediatests import OUR_ID, THEIR_ID, MediaTests, TheirProcess
from stacktests import HERE, Case, StackTests
from theirpeer import ProcessPeer

PEER = HERE / "aiortc_peer.py"


def find():
    """The interpreter that has it, and its version, such as "aiortc 1.4.0"; None where it is not.
    Debian's package belongs to Debian's interpreter."""
    for python in (sys.executable, "/usr/bin/python3"):
        said = subprocess.run([python, "-B", PEER, "--version"], capture_output=True, text=True,
                              check=False)
        if said.returncode == 0:
            return python, said.stdout.strip()
    return None, None


class AiortcTest(MediaTests, StackTests, Case):
    largest = 65536  # as its descriptions say
    lacks = {
        "test_by_a_relay_alone": "aiortc has no iceTransportPolicy",
        "test_they_restart_ice": "aiortc has no restartIce()",
    }

    @classmethod
    def setUpClass(cls):
        cls.python, cls.version = find()
        if not cls.python:
            raise unittest.SkipTest("aiortc is not installed (Debian: python3-aiortc)")
        print(cls.version, flush=True)

    def new_peer(self):
        peer = ProcessPeer((self.python, "-B", PEER))
        self.addCleanup(peer.close)
        return peer

    def vanishing_peer(self):
        peer = self.new_peer()
        return peer, peer.vanish

    def their_media(self):
        return TheirProcess(self.python, "-B", HERE / "aiortc_mediapeer.py", str(THEIR_ID),
                            str(OUR_ID))


if __name__ == "__main__":
    unittest.main(verbosity=2)
