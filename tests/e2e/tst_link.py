# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The link between two namespaces is what it says it is; everything else in this folder leans on
that. Clocks are looked at from below only: a packet may be late on a busy machine, not early."""

import subprocess
import sys
import unittest

import harness
from link import Link

ECHO = """
import socket
server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 5000))
print("up", flush=True)
while True:
    server.sendto(*server.recvfrom(2000))
"""

# Sends COUNT numbered datagrams, then prints the numbers that came back, in their order, and the
# shortest round trip in milliseconds.
ASK = """
import socket, sys, time
host, count = sys.argv[1], int(sys.argv[2])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
client = socket.socket(family, socket.SOCK_DGRAM)
client.settimeout(1)
sent, shortest, numbers = {}, 1e9, []
for number in range(count):
    sent[number] = time.monotonic()
    client.sendto(str(number).encode(), (host, 5000))
try:
    while len(numbers) < count:
        number = int(client.recv(2000))
        shortest = min(shortest, 1000 * (time.monotonic() - sent[number]))
        numbers.append(number)
except TimeoutError:
    pass
print(shortest, *numbers)
"""


class LinkTest(harness.Case):
    def ask(self, host, count, **conditions):
        with Link(harness.IMPAIRER, **conditions) as (left, right):
            server = right.start([sys.executable, "-c", ECHO], stdout=subprocess.PIPE)
            self.addCleanup(harness.end, server)
            server.stdout.readline()
            client = left.start([sys.executable, "-c", ASK, host, count], stdout=subprocess.PIPE)
            words = client.communicate(timeout=60)[0].split()
        return float(words[0]), [int(word) for word in words[1:]]

    def test_a_datagram_takes_the_delay_both_ways(self):
        for host in ("10.77.0.2", "fd77::2"):
            shortest, numbers = self.ask(host, 1, delay=30)
            self.assertEqual(numbers, [0])
            self.assertGreaterEqual(shortest, 60)

    # Bursts of more than 200 datagrams would overflow the receiver's socket.

    def test_a_fifth_is_lost_each_way(self):
        _, numbers = self.ask("10.77.0.2", 150, loss=0.2)
        # Of 150 about 96 come back; the bounds are five standard deviations away.
        self.assertTrue(66 <= len(numbers) <= 126, len(numbers))

    def test_some_overtake_others(self):
        _, numbers = self.ask("10.77.0.2", 150, reorder=0.1, hold_back=20)
        self.assertEqual(sorted(numbers), list(range(150)))
        self.assertNotEqual(numbers, sorted(numbers))


if __name__ == "__main__":
    unittest.main(verbosity=2)
