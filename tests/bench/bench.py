# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Figures of this library beside those of others, from one run on one machine.

    bench.py BIN MODULES [--quick] [NAME…]

BIN has our programs, MODULES the installed npm packages; NAME picks contestants. Every contestant
is two processes on loopback that do the same work, driven by one line of JSON a command:

    connect                        {dialed, opened}; the listener then says {first}
    session                        {} when the channels for what follows are open
    roundtrips count size          {times: […]} in ns, one after the other
    send channel size seconds      {messages}; as fast as its buffers let it
    reset, count                   the listener's: {messages, octets, first, last}
    many count                     {} when so many further connections are open

Times are CLOCK_MONOTONIC in ns, which the two processes share. CPU time and memory are read from
/proc, so that all threads count.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Endpoint:
    """One of the two processes."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(word) for word in command], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = self.read().get("address")

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended")
        return json.loads(line)

    def ask(self, command, **parameters):
        message = json.dumps({"do": command, **parameters}, separators=(",", ":"))
        self.process.stdin.write(message + "\n")
        self.process.stdin.flush()
        return self.read() if command != "quit" else None

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_octets(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE

    def quit(self):
        try:
            self.ask("quit")
            self.process.wait(timeout=5)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


class Contestant:
    """A library: how its two processes are started, and what they can do."""

    def __init__(self, name, listen, dial, helpers=(), is_bare=False):
        self.name = name
        self.listen = listen
        self.dial = dial
        self.helpers = helpers
        self.is_bare = is_bare


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure_connects(caller, callee, count):
    opened, first = [], []
    for _ in range(count):
        answer = caller.ask("connect")
        first.append((callee.read()["first"] - answer["dialed"]) / 1e6)
        opened.append((answer["opened"] - answer["dialed"]) / 1e6)
    return {
        "connect, shortest ms": min(opened),
        "connect, median ms": statistics.median(opened),
        "connect, p95 ms": percentile(opened, 0.95),
        "connect, longest ms": max(opened),
        "first octet there, median ms": statistics.median(first),
    }


def measure_round_trips(caller, count):
    caller.ask("roundtrips", count=count // 10 + 1, size=100)
    times = caller.ask("roundtrips", count=count, size=100)["times"]
    return {
        "100-octet round trip, p50 us": percentile(times, 0.5) / 1e3,
        "100-octet round trip, p99 us": percentile(times, 0.99) / 1e3,
    }


def settle(callee):
    """What has arrived when nothing more arrives."""
    before = callee.ask("count")
    while True:
        time.sleep(0.2)
        after = callee.ask("count")
        if after["messages"] == before["messages"]:
            return after
        before = after


def measure_flow(caller, callee, channel, size, seconds):
    """(what the callee counted, its seconds, CPU seconds of both)"""
    callee.ask("reset")
    before = caller.cpu_seconds() + callee.cpu_seconds()
    caller.ask("send", channel=channel, size=size, seconds=seconds)
    counted = settle(callee)
    cpu = caller.cpu_seconds() + callee.cpu_seconds() - before
    return counted, (counted["last"] - counted["first"]) / 1e9, cpu


def measure_bulk(caller, callee, size, seconds):
    counted, duration, cpu = measure_flow(caller, callee, "bulk", size, seconds)
    return {
        "bulk, MB/s": counted["octets"] / duration / 1e6,
        "bulk, CPU s a GB, both ends": cpu / (counted["octets"] / 1e9),
    }


def measure_datagrams(caller, callee, seconds):
    counted, duration, _ = measure_flow(caller, callee, "datagrams", 1200, seconds)
    return {"unreliable 1200 octets, a second": counted["messages"] / duration}


def measure_memory(caller, callee, count):
    before = caller.resident_octets() + callee.resident_octets()
    caller.ask("many", count=count)
    after = caller.resident_octets() + callee.resident_octets()
    return {"memory a connection, both ends, KiB": (after - before) / count / 1024}


class Pair:
    """with Pair(contestant) as (caller, callee): … ; two processes, connected for signals only"""

    def __init__(self, contestant):
        self._contestant = contestant
        self._endpoints = []

    def _start(self, command):
        self._endpoints.insert(0, Endpoint(command))
        return self._endpoints[0]

    def __enter__(self):
        try:
            listen = self._contestant.listen
            for command in self._contestant.helpers:
                listen = [*listen, self._start(command).address]
            callee = self._start(listen)
            return self._start([*self._contestant.dial, callee.address]), callee
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for endpoint in self._endpoints:
            endpoint.quit()


def measure(contestant, quick):
    figures = {}
    seconds = 1 if quick else 4
    with Pair(contestant) as (caller, callee):
        if not contestant.is_bare:
            figures |= measure_connects(caller, callee, 10 if quick else 60)
            caller.ask("session")
        figures |= measure_round_trips(caller, 300 if quick else 3000)
        if not contestant.is_bare:
            assert "first" in callee.read()
        figures |= measure_bulk(caller, callee, 1200 if contestant.is_bare else 65536, seconds)
        figures |= measure_datagrams(caller, callee, seconds)
    if not contestant.is_bare:
        # Fresh processes, for others may have memory left over from what was measured before.
        with Pair(contestant) as (caller, callee):
            caller.ask("many", count=1)
            figures |= measure_memory(caller, callee, 10 if quick else 50)
    return figures


def contestants(binaries, modules):
    binaries = pathlib.Path(binaries)
    node = ["node", HERE / "peers/endpoint.mjs"]

    def npm(name, adapter):
        command = [*node, HERE / "peers" / adapter, modules]
        return Contestant(name, [*command, "listen"], [*command, "dial"])

    return [
        Contestant("PeerConnection", [binaries / "bench_peer", "listen"],
                   [binaries / "bench_peer", "dial"], [[binaries / "bench_peer", "rendezvous"]]),
        npm("libdatachannel", "nodedatachannel.mjs"),
        npm("libwebrtc", "wrtc.mjs"),
        Contestant("UDP socket", [binaries / "bench_udp", "listen"],
                   [binaries / "bench_udp", "dial"], is_bare=True),
    ]


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def print_table(results):
    names = list(results)
    rows = dict.fromkeys(row for figures in results.values() for row in figures)
    ours = results.get("PeerConnection")
    print(f"\n{'':38}" + "".join(f"{name:>16}" for name in names))
    for row in rows:
        print(f"{row:38}" + "".join(f"{number(results[name].get(row)):>16}" for name in names))
    if not ours:
        return
    print("\nours, as a multiple of theirs")
    others = [name for name in names if name != "PeerConnection"]
    print(f"{'':38}" + "".join(f"{name:>16}" for name in others))
    for row in rows:
        ratios = [f"{ours[row] / results[name][row]:.2f}"
                  if row in ours and results[name].get(row) else "-" for name in others]
        print(f"{row:38}" + "".join(f"{ratio:>16}" for ratio in ratios))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("modules")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()
    results = {}
    for contestant in contestants(arguments.binaries, arguments.modules):
        if arguments.names and contestant.name not in arguments.names:
            continue
        print(f"measuring {contestant.name}", flush=True)
        try:
            results[contestant.name] = measure(contestant, arguments.quick)
        except (OSError, RuntimeError) as error:
            print(f"{contestant.name} could not be measured: {error}", file=sys.stderr)
    print_table(results)


if __name__ == "__main__":
    main()
