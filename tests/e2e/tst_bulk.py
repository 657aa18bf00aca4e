# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Much through peercat: the same SHA-256 at both ends, and both exit with 0. PEER_BULK_MIB says how
much; 1024 is what the program is meant to carry, the default what a test run has time for."""

import os
import subprocess
import time
import unittest

from peers import MIB, Case, Sink, Source

BULK = int(os.environ.get("PEER_BULK_MIB", "64")) * MIB


class BulkTest(Case):
    def move(self, there, back):
        start = time.monotonic()
        self.exchange(self.rendezvous(), there, back, timeout=60 + BULK // MIB)
        seconds = time.monotonic() - start
        print(f"{(there + back) / seconds / 1e6:.0f} MB/s", end=" ", flush=True)

    def test_nothing(self):
        self.exchange(self.rendezvous(), 0, 0, timeout=30)

    def test_one_way(self):
        self.move(BULK, 0)

    def test_both_ways_at_once(self):
        self.move(BULK, BULK)

    def test_echo_to_several_callers_at_once(self):
        _, address = self.listen(self.rendezvous(), "--echo")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        callers = [self.peercat("connect", address, **pipes) for _ in range(4)]
        streams = [(Source(caller.process.stdin, 2 * MIB), Sink(caller.process.stdout))
                   for caller in callers]
        for caller, (source, sink) in zip(callers, streams):
            self.assertEqual(caller.wait(60), 0, caller.story())
            self.assertEqual(sink.digest(), source.digest())


if __name__ == "__main__":
    unittest.main(verbosity=2)
