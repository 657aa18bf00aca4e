# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""How octets go in and come out: at once or drop by drop, into a reader that sleeps, out of an
input that ends early, and into peers that die."""

import os
import pathlib
import signal
import subprocess
import threading
import time
import unittest

import harness
from peers import MIB, Case, Sink, Source

PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
LOST = 3
# Asked for: a stalled reader costs each side no more than this above what it took when connected.
# The read buffer of the channel (4 MiB), both send buffers, what SCTP holds, and the heap's slack.
STALL_BOUND = 64 * MIB


def peak_resident_octets(peercat):
    """VmHWM: the most physical memory that the process ever had."""
    with open(f"/proc/{peercat.process.pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


class StreamTest(Case):
    def pair(self, *options, **pipes):
        """A caller and a listener, connected."""
        rendezvous = self.rendezvous()
        listener, address = self.listen(rendezvous, *options, **(pipes or PIPES))
        caller = self.peercat("connect", address, **PIPES)
        caller.event("state", state="connected")
        return listener, caller

    def both_end_well(self, listener, caller):
        self.assertEqual(caller.wait(60), 0, caller.story())
        self.assertEqual(listener.wait(30), 0, listener.story())

    def test_many_small_writes_arrive_in_order(self):
        listener, caller = self.pair("--once")
        sink = Sink(listener.process.stdout)
        listener.process.stdin.close()
        expected = b""
        for number in range(20000):
            line = b"%d\n" % number
            os.write(caller.process.stdin.fileno(), line)
            expected += line
        caller.process.stdin.close()
        self.both_end_well(listener, caller)
        sink.join()
        self.assertEqual(sink.octets, len(expected))

    def test_a_line_arrives_before_the_next_is_written(self):
        listener, caller = self.pair("--once")
        for question in (b"how are you?\n", b"and the children?\n"):
            os.write(caller.process.stdin.fileno(), question)
            self.assertEqual(listener.process.stdout.readline(), question)
            os.write(listener.process.stdin.fileno(), b"fine\n")
            self.assertEqual(caller.process.stdout.readline(), b"fine\n")
        for peercat in (listener, caller):
            peercat.process.stdin.close()
        self.both_end_well(listener, caller)

    def test_one_direction_goes_on_after_the_other_has_ended(self):
        listener, caller = self.pair("--once")
        caller.process.stdin.close()
        at_caller = Sink(caller.process.stdout)
        source = Source(listener.process.stdin, 8 * MIB)
        self.both_end_well(listener, caller)
        self.assertEqual(at_caller.digest(), source.digest())
        self.assertEqual(listener.process.stdout.read(), b"")

    def test_an_input_that_ended_before_the_call(self):
        rendezvous = self.rendezvous()
        listener, address = self.listen(rendezvous, "--once")
        caller = self.peercat("connect", address)
        self.both_end_well(listener, caller)

    def test_streams_that_are_closed_or_cannot_be_read(self):
        rendezvous = self.rendezvous()
        for name, redirection, code in (("a", "<&-", 0), ("b", ">&-", 0), ("c", "<&- >&-", 0),
                                        ("d", "</", LOST)):
            listener, address = self.listen(rendezvous, "--once", name=name)
            run = subprocess.run(
                ["sh", "-c", f'exec "$0" connect "$1" {redirection}',
                 pathlib.Path(harness.BIN) / "peercat", address], timeout=30,
                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
            with self.subTest(redirection):
                self.assertEqual(run.returncode, code, run.stderr)
                if code: # found out before anybody was called
                    self.assertIn("cannot read standard input", run.stderr)
                else:
                    self.assertEqual(listener.wait(30), 0, listener.story())

    def test_a_reader_of_ours_that_goes_away(self):
        listener, caller = self.pair("--once")
        Source(caller.process.stdin, 1 << 40)
        self.assertEqual(len(listener.process.stdout.read(MIB)), MIB)
        listener.process.stdout.close()
        self.assertEqual(listener.wait(15), LOST, listener.story())
        self.assertEqual(listener.errors()[0], "Stream")
        self.assertEqual(caller.wait(15), LOST, caller.story())

    def test_a_listener_takes_nobody_after_the_one_call(self):
        listener, caller = self.pair("--once")
        for peercat in (listener, caller):
            peercat.process.stdin.close()
        self.both_end_well(listener, caller)

    def test_a_stalled_reader_holds_memory_to_the_bound(self):
        listener, caller = self.pair("--once", stdout=subprocess.PIPE)
        idle = [peak_resident_octets(peercat) for peercat in (listener, caller)]
        sink = Sink(listener.process.stdout, paused=True)
        source = Source(caller.process.stdin, 64 * MIB)
        time.sleep(10) # the stall itself, not a wait for something
        self.assertLess(source.written, 32 * MIB)
        sink.resume()
        # Read at the last moment: a process takes its figures with it.
        while sink.octets < 64 * MIB:
            grown = [peak_resident_octets(peercat) - before
                     for peercat, before in zip((listener, caller), idle)]
            if not sink.is_alive():
                break
            sink.join(0.05)
        self.both_end_well(listener, caller)
        self.assertEqual(sink.digest(), source.digest())
        print("grown above idle, MiB:", [octets // MIB for octets in grown], end=" ", flush=True)
        self.assertLess(max(grown), STALL_BOUND)

    def test_what_the_reader_has_not_taken_outlives_the_sender(self):
        # In peercat, in the channel's buffer, and beyond it in SCTP's.
        for octets in (MIB, 3 * MIB, 4 * MIB + MIB // 2):
            with self.subTest(octets=octets):
                listener, address = self.listen(self.rendezvous(), "--once", stdout=subprocess.PIPE)
                caller = self.peercat("connect", address, stdin=subprocess.PIPE)
                sink = Sink(listener.process.stdout, paused=True)
                source = Source(caller.process.stdin, octets)
                self.assertEqual(caller.wait(60), 0, caller.story())
                sink.resume()
                self.assertEqual(listener.wait(60), 0, listener.story())
                self.assertEqual(sink.digest(), source.digest())

    def test_a_killed_peer_is_noticed_within_15_seconds(self):
        for victim in ("listener", "caller"):
            listener, caller = self.pair("--once")
            Source(caller.process.stdin, 1 << 40)
            self.assertEqual(len(listener.process.stdout.read(MIB)), MIB)
            dies, lives = (listener, caller) if victim == "listener" else (caller, listener)
            drain = threading.Thread(target=lives.process.stdout.read, daemon=True)
            drain.start()
            dies.process.send_signal(signal.SIGKILL)
            with self.subTest(victim):
                self.assertEqual(lives.wait(15), LOST, lives.story())
                self.assertTrue(lives.errors())


if __name__ == "__main__":
    unittest.main(verbosity=2)
