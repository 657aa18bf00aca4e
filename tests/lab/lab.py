# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls by the real programs through real NATs, firewalls, proxies, relays and bad lines, in network
namespaces of this run.

    lab.py [ROW…] [--quick] [--runs N] [--strict] [--verbose] [--list]

A row fails by what connected, by which kind of path, and what was lost. Times stand beside their
bounds and are marked when over; with --strict that fails too. The build tells by environment
variables where the programs are: PEER_BIN, PEER_IMPAIRER.
"""

import argparse
import os
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

# pylint: disable=wrong-import-position
import calls
import harness
import link
import sandbox
import servers
import situations
from internet import HOSTS, Internet
from table import Table

# What the quick run, once each, is made of.
QUICK = ("same-nat", "restricted", "cone-symmetric", "ipv6")


class Lab:
    """One internet at a time, and who is to call whom on it."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.turn_secret = scratch / "turn-secret"
        self.identity = scratch / "identity"  # the callee's, to whom the name belongs
        self.authority = servers.Authority(scratch)
        self.internet = None

    def build(self, row):
        self.servers = []
        self.caller = self.callee = self.rendezvous = self.coturn = None
        self.listen_options, self.connect_options = [], []
        self.listen_query, self.connect_query = "", ""
        self.internet = Internet(harness.IMPAIRER, **row.conditions)
        row.build(self)

    def demolish(self):
        for server in self.servers:
            harness.end(server.process)
        if self.internet:
            self.internet.close()
        self.internet = None


def run_row(lab, row, runs):
    """The outcomes of its runs; one that cannot even be built has one outcome, which says why."""
    try:
        lab.build(row)
        return [calls.call(lab, row) for _ in range(runs)]
    except (RuntimeError, OSError) as failure:
        return [calls.Outcome(problem=str(failure))]
    finally:
        lab.demolish()


def times(row, good):
    """The first octet's median, least and most in ms, and what is beyond its bound."""
    if not good or not row.bound:
        return "", ""
    first = [outcome.first_byte for outcome in good]
    late = []
    if (max(first) if row.of_all_runs else statistics.median(first)) > row.bound:
        late.append("late")
    if row.late and len(first) >= 10:
        within = sum(value <= row.late[0] for value in first)
        if within * len(first) < row.late[1] * len(first) * len(first) / row.runs:
            late.append(f"{within} of {len(first)} within {row.late[0]} ms")
    text = f"{statistics.median(first):.0f} ({min(first):.0f}-{max(first):.0f})"
    return text, ", ".join(late)


def report(table, row, outcomes, verbose):
    """Prints a row; gives whether it failed and whether it was late."""
    problems = [outcome.problem for outcome in outcomes if outcome.problem]
    good = [outcome for outcome in outcomes if outcome.first_bytes]
    text, late = times(row, good)
    verdict = "FAIL" if problems else late or "pass"
    paths = dict.fromkeys(
        outcome.path if outcome.first_path == outcome.path
        else f"{outcome.path} after {outcome.first_path}" for outcome in good)
    table.row(row.key, row.title, " or ".join(row.ends_on) or row.fails_with or "any",
              ", ".join(paths) or "none", text, row.bound or "", f"{len(outcomes)}", verdict)
    for problem in dict.fromkeys(problems):
        print(f"      {problems.count(problem)} of {len(outcomes)}: {problem}", flush=True)
    if verbose or problems:
        for outcome in outcomes if verbose else [o for o in outcomes if o.problem][:1]:
            ends = "/".join(f"{value:.0f}" for value in outcome.first_bytes)
            print(f"      [{ends}] {outcome.timeline}", flush=True)
    return bool(problems), bool(late)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    keys = [row.key for row in situations.ROWS]
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these rows; see --list")
    parser.add_argument("--quick", action="store_true", help="a few rows, once each")
    parser.add_argument("--runs", type=int, help="so many runs of each row")
    parser.add_argument("--strict", action="store_true", help="being late is a failure")
    parser.add_argument("--verbose", action="store_true", help="tell every event of every call")
    parser.add_argument("--list", action="store_true", help="tell the names of the rows and end")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.rows if name not in keys]
    if unknown:
        parser.error(f"no row is called {', '.join(unknown)}; there are: {', '.join(keys)}")
    return arguments


def main():
    arguments = parse()
    rows = [row for row in situations.ROWS
            if row.key in (arguments.rows or (QUICK if arguments.quick else [row.key]))]
    if arguments.list:
        for row in rows:
            print(f"{row.key:30} {row.title}")
        return 0
    if not sandbox.is_inside():
        try:
            return sandbox.run_inside()
        except link.Unavailable as reason:
            print(f"lab: skipped: {reason}")
            return 77
    lab = Lab(sandbox.prepare(HOSTS))
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; "
          "times in ms from the start of connect to the first octet at the later end\n")
    table = Table(row=28, situation=34, must_end_on=22, ended_on=22, first_byte=16, bound=5,
                  runs=4, verdict=8)
    failed = late = False
    for row in rows:
        runs = arguments.runs or (1 if arguments.quick else row.runs)
        row_failed, row_late = report(table, row, run_row(lab, row, runs), arguments.verbose)
        failed |= row_failed
        late |= row_late
    return 1 if failed or late and arguments.strict else 0


if __name__ == "__main__":
    sys.exit(main())
