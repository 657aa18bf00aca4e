# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""peercat --signal-fd, and what carries its signals to a program that speaks other lines."""

import os
import subprocess
import threading

from peers import Peercat


class Passing:
    """Starts a program that keeps some descriptors."""

    def __init__(self, *descriptors):
        self.descriptors = descriptors

    def start(self, command, **options):
        return subprocess.Popen(command, pass_fds=self.descriptors, **options)


class SignalPeer(Peercat):
    """A peercat with --signal-fd, and our ends of its two pipes."""

    def __init__(self, mode, *options, **pipes):
        theirs_in, self.signals_to = os.pipe()
        self.signals_from, theirs_out = os.pipe()
        super().__init__(mode, f"--signal-fd={theirs_in},{theirs_out}", "--loopback", *options,
                         place=Passing(theirs_in, theirs_out), **pipes)
        os.close(theirs_in)
        os.close(theirs_out)

    def lines(self):
        """The signals that it writes, until it ends."""
        with open(self.signals_from, "rb", closefd=True) as file:
            yield from file

    def say(self, octets):
        os.write(self.signals_to, octets)


def carry(lines, say):
    """In a thread of its own, until one of the two has ended."""

    def run():
        for line in lines:
            try:
                say(line)
            except (OSError, ValueError):
                return

    threading.Thread(target=run, daemon=True).start()
