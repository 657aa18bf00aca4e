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
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

# pylint: disable=wrong-import-position
import calls
import doctor
import harness
import idle
import link
import results
import running
import sandbox
import servers
import situations
from doctor import PATIENTS, Patient
from events import EVENTS, Event
from idle import Idle
from internet import HOSTS, Internet
from situations import Row

# What the quick run, once each, is made of.
QUICK = ("same-nat", "restricted", "cone-symmetric", "ipv6", "direct-tcp", "nat-rebooted",
         "doctor-restricted", "doctor-symmetric")


ROWS = [*situations.ROWS, *EVENTS, *PATIENTS, *idle.ROWS]
OUTCOMES = {Row: calls.Outcome, Event: running.Outcome, Patient: doctor.Outcome,
            Idle: idle.Outcome}
TABLES = {Row: results.Situations, Event: results.Events, Patient: results.Doctor,
          Idle: results.Quiet}


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


def run_row(lab, row, runs, shows_wire):
    """The outcomes of its runs. Calls share an internet; what happens to one leaves it changed.
    A row that cannot be built has one outcome, which says why."""
    try:
        if isinstance(row, Patient):
            lab.build(row)
            return [doctor.examine(lab, row) for _ in range(runs)]
        if isinstance(row, Idle):
            lab.build(row)
            return [idle.measure(lab, row) for _ in range(runs)]
        if isinstance(row, Event):
            outcomes = []
            for _ in range(runs):
                lab.build(row)
                outcomes.append(running.run(lab, row))
                lab.demolish()
            return outcomes
        lab.build(row)
        return [calls.call(lab, row, shows_wire) for _ in range(runs)]
    except (RuntimeError, OSError) as failure:
        return [OUTCOMES[type(row)](problem=str(failure))]
    finally:
        lab.demolish()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    keys = [row.key for row in ROWS]
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these rows; see --list")
    parser.add_argument("--quick", action="store_true", help="a few rows, once each")
    parser.add_argument("--runs", type=int, help="so many runs of each row")
    parser.add_argument("--strict", action="store_true", help="being late is a failure")
    parser.add_argument("--verbose", action="store_true", help="tell every event of every call")
    parser.add_argument("--wire", action="store_true", help="show every packet of every call")
    parser.add_argument("--list", action="store_true", help="tell the names of the rows and end")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.rows if name not in keys]
    if unknown:
        parser.error(f"no row is called {', '.join(unknown)}; there are: {', '.join(keys)}")
    return arguments


def main():
    arguments = parse()
    rows = [row for row in ROWS
            if row.key in (arguments.rows or (QUICK if arguments.quick else [row.key]))]
    if arguments.list:
        for row in rows:
            print(f"{row.key:30} {row.title}")
        return 0
    if not os.access(harness.IMPAIRER, os.X_OK):
        print("lab: PEER_BIN and PEER_IMPAIRER do not tell where the programs are; ./run lab does")
        return 1
    if not sandbox.is_inside():
        try:
            return sandbox.run_inside()
        except link.Unavailable as reason:
            print(f"lab: skipped: {reason}")
            return 77
    lab = Lab(sandbox.prepare(HOSTS))
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    failed = late = False
    for kind, table in TABLES.items():
        wanted = [row for row in rows if isinstance(row, kind)]
        shown = table(arguments.verbose) if wanted else None
        for row in wanted:
            runs = arguments.runs or (1 if arguments.quick else row.runs)
            row_failed, row_late = shown.add(row, run_row(lab, row, runs, arguments.wire))
            failed |= row_failed
            late |= row_late
    return 1 if failed or late and arguments.strict else 0


if __name__ == "__main__":
    sys.exit(main())
