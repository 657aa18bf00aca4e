# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A running recorder (recorder.py)."""

import pathlib
import subprocess
import sys
import threading

RECORDER = pathlib.Path(__file__).with_name("recorder.py")


class Watch(threading.Thread):
    """A recorder in a place; lines() ends it."""

    def __init__(self, place, *arguments):
        super().__init__(daemon=True)
        self._process = place.start([sys.executable, "-B", RECORDER, *arguments],
                                    stdout=subprocess.PIPE, text=True)
        self.address = self._process.stdout.readline().rstrip("\n").split("\t")[-1]
        self._lines = []
        self.start()

    def run(self):
        for line in self._process.stdout:
            self._lines.append(line.rstrip("\n"))

    def lines(self):
        self.end()
        return self._lines

    def end(self):
        self._process.kill()
        self._process.wait()
        self.join(10)
        self._process.stdout.close()
