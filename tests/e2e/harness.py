# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What the tests of the programs share. The build tells where they are by environment variables."""

import os
import unittest

import link

BIN = os.environ.get("PEER_BIN", "")
IMPAIRER = os.environ.get("PEER_IMPAIRER", "")


def end(process):
    """Kills a program that is still running, and reaps it."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        try:
            if pipe:
                pipe.close()
        except OSError:
            pass  # what was still to be written has nobody to go to


class Case(unittest.TestCase):
    """A test that needs a link is skipped, with the reason, where the system has none."""

    def _callSetUp(self):
        self.or_skip(self.setUp)

    def _callTestMethod(self, method):
        self.or_skip(method)

    def or_skip(self, step):
        try:
            step()
        except link.Unavailable as reason:
            self.skipTest(f"no network namespaces here: {reason}")
