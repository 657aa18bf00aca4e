# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Figures of this library beside those of others, from one machine at one time.

    bench.py BIN MODULES [--quick] [--runs N] [NAME…]

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

Everything is measured in several runs. In a run all contestants are up, and each measurement is
made of one after the other, in another order each run, so that whatever else the machine does
meets all alike. Ratios are of figures of the same run.
"""

import argparse
import contextlib
import os
import pathlib
import sys

import measurements
import table
from endpoint import Contestant, Pair, TICKS

HERE = pathlib.Path(__file__).resolve().parent


class Effort:
    """How long each measurement takes."""

    def __init__(self, quick):
        self.runs = 2 if quick else 5
        self.seconds = 1 if quick else 2
        self.connects = 10 if quick else 40
        self.round_trips = 300 if quick else 2000
        self.connections = 10 if quick else 40


def contestants(binaries, modules):
    binaries = pathlib.Path(binaries)
    node = ["node", HERE / "peers/endpoint.mjs"]

    def npm(name, adapter):
        command = [*node, HERE / "peers" / adapter, modules]
        return Contestant(name, [*command, "listen"], [*command, "dial"])

    def ours(name, *options):
        program = binaries / "bench_peer"
        return Contestant(name, [program, *options, "listen"], [program, *options, "dial"],
                          [[program, "rendezvous"]])

    return [
        ours(table.OURS),
        ours(table.ONE_THREAD, "--one-thread"),
        npm("libdatachannel", "nodedatachannel.mjs"),
        npm("libwebrtc", "wrtc.mjs"),
        Contestant("UDP socket", [binaries / "bench_udp", "listen"],
                   [binaries / "bench_udp", "dial"], is_bare=True),
    ]


def steps(contestant, caller, callee, effort):
    """The measurements of one pair, to be made one by one."""
    def round_trips():
        if not contestant.is_bare:
            caller.ask("session")
        figures = measurements.round_trips(caller, effort.round_trips)
        if not contestant.is_bare:
            assert "first" in callee.read()
        return figures

    def connects():
        return {} if contestant.is_bare else measurements.connects(caller, callee, effort.connects)

    size = 1200 if contestant.is_bare else 65536
    return [connects, round_trips,
            lambda: measurements.bulk(caller, callee, size, effort.seconds),
            lambda: measurements.datagrams(caller, callee, effort.seconds)]


def interleave(entrants, effort, run):
    """One run: {contestant: samples}, without what failed."""
    results = {contestant.name: {} for contestant in entrants}
    turn = run % len(entrants)
    order = entrants[turn:] + entrants[:turn]
    failed = set()

    def guarded(contestant, measure):
        if contestant.name in failed:
            return
        try:
            results[contestant.name] |= measure()
        except (OSError, RuntimeError) as error:
            failed.add(contestant.name)
            print(f"{contestant.name} leaves run {run + 1}: {error}", flush=True)

    with contextlib.ExitStack() as stack:
        plans = []

        def start(contestant):
            caller, callee = stack.enter_context(Pair(contestant))
            plans.append((contestant, steps(contestant, caller, callee, effort)))
            return {}

        for contestant in order:
            guarded(contestant, lambda contestant=contestant: start(contestant))
        for step in range(max((len(plan) for _, plan in plans), default=0)):
            for contestant, plan in plans:
                guarded(contestant, plan[step])

    # Fresh processes, for others may have memory left over from what was measured before.
    def memory(contestant):
        with Pair(contestant) as (caller, callee):
            return measurements.memory(caller, callee, effort.connections)

    for contestant in order:
        if not contestant.is_bare:
            guarded(contestant, lambda contestant=contestant: memory(contestant))
    return results


class Machine:
    """What the machine did meanwhile for others than us."""

    def __init__(self):
        self._before = self._ticks()

    @staticmethod
    def _ticks():
        with open("/proc/stat", encoding="ascii") as file:
            user, nice, system, idle, wait, *rest = map(int, file.readline().split()[1:])
        return user + nice + system + sum(rest[:3]), idle + wait

    def describe(self):
        busy, idle = (after - before for after, before in zip(self._ticks(), self._before))
        times = os.times()
        own = (times.user + times.system + times.children_user + times.children_system) * TICKS
        others = max(0, busy - own)
        return (f"{os.cpu_count()} cores; of their time the contestants had"
                f" {own / (busy + idle):.0%}, other programs {others / (busy + idle):.0%},"
                f" {idle / (busy + idle):.0%} was idle")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("modules")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()
    effort = Effort(arguments.quick)
    runs = arguments.runs or effort.runs
    entrants = [each for each in contestants(arguments.binaries, arguments.modules)
                if not arguments.names or each.name in arguments.names]
    if not entrants:
        parser.error("no contestant has such a name")
    machine = Machine()
    results = []
    for run in range(runs):
        print(f"run {run + 1} of {runs}", flush=True)
        results.append(interleave(entrants, effort, run))
    print(f"\n{runs} runs of: {effort.connects} connects, {effort.round_trips} round trips,"
          f" {effort.seconds} s bulk in messages of 64 KiB, {effort.seconds} s datagrams,"
          f" {effort.connections} connections for their memory")
    print("libdatachannel and libwebrtc run within Node.js and pass signals over a TCP connection;"
          " ours\npass them over a rendezvous. The UDP socket sends 1200 octets a system call,"
          " unprotected.")
    print(machine.describe())
    table.print_all(table.Results([each.name for each in entrants], results))
    if not any(results[-1].values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
