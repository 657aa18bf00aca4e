# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The figures of all runs as tables, as ratios, and beside what we aim at."""

import statistics

OURS = "PeerConnection"
# Ours too, by PeerRuntime without a network thread.
ONE_THREAD = "ours in one thread"


def median(values):
    return statistics.median(values)


def percentile(share):
    def of(values):
        ordered = sorted(values)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return of


LOST = "the same, % that did not arrive"

# What is printed: its name, the samples that it is of, and how a run's are made one figure.
ROWS = [
    ("connect, ms, median", "connect", median),
    ("connect, ms, p95", "connect", percentile(0.95)),
    ("connect, ms, longest", "connect", max),
    ("connect, CPU ms, both ends", "connect CPU", median),
    ("first octet at callee, ms, median", "first octet", median),
    ("100-octet round trip, us, p50", "round trip", median),
    ("100-octet round trip, us, p99", "round trip", percentile(0.99)),
    ("bulk, MB/s", "bulk", median),
    ("bulk, CPU s a GB, both ends", "bulk CPU", median),
    ("unreliable 1200 octets, a second", "datagrams", median),
    ("the same, CPU us each, both ends", "datagrams CPU", median),
    (LOST, "datagrams lost", median),
    ("memory a connection, KiB, both ends", "memory", median),
]

# What we want to be: the row, the other (None: as it stands), the most or least allowed.
AIMS = [
    ("connect, ms, median", None, "<", 6),
    ("connect, ms, longest", None, "<", 1000),
    ("bulk, MB/s", "libdatachannel", ">", 2),
    ("unreliable 1200 octets, a second", "libdatachannel", ">", 3),
    ("100-octet round trip, us, p50", "libdatachannel", "<", 1),
]


class Results:
    """The samples of every run: runs[i][contestant][samples]"""

    def __init__(self, names, runs):
        self._names = names
        self._runs = runs

    def names(self):
        return self._names

    def figures(self, name, row):
        """One figure a run in which it was measured."""
        _, samples, reduce = next(each for each in ROWS if each[0] == row)
        return [reduce(run[name][samples]) for run in self._runs
                if run.get(name, {}).get(samples)]

    def ratios(self, other, row):
        """Ours to theirs, one a run: what disturbed the run disturbed both."""
        _, samples, reduce = next(each for each in ROWS if each[0] == row)
        pairs = [(run.get(OURS, {}).get(samples), run.get(other, {}).get(samples))
                 for run in self._runs]
        if row == LOST:
            return []  # a ratio of what is next to nothing says nothing
        return [reduce(ours) / reduce(theirs) for ours, theirs in pairs if ours and theirs]


def number(value):
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cell(values):
    if not values:
        return "-"
    if len(values) == 1:
        return number(values[0])
    return f"{number(median(values))} ({number(min(values))}-{number(max(values))})"


def print_rows(names, cells):
    width = 26
    print(f"{'':37}" + "".join(f"{name:>{width}}" for name in names))
    for row, _, _ in ROWS:
        texts = [cell(cells(name, row)) for name in names]
        if any(text != "-" for text in texts):
            print(f"{row:37}" + "".join(f"{text:>{width}}" for text in texts))


def print_aims(results):
    for row, other, relation, bound in AIMS:
        values = results.ratios(other, row) if other else results.figures(OURS, row)
        if not values:
            continue
        # The longest of all runs is what its bound is about.
        value = max(values) if row.endswith("longest") else median(values)
        is_met = value < bound if relation == "<" else value > bound
        against = f" times {other}'s" if other else ""
        print(f"  {'met  ' if is_met else 'SHORT'}  {row}: {number(value)}{against}"
              f" (aim: {relation} {bound})")


def print_all(results):
    names = results.names()
    print("\nmedian of the runs (least-most of them)")
    print_rows(names, results.figures)
    others = [name for name in names if name not in (OURS, ONE_THREAD)]
    if OURS not in names or not others:
        return
    print("\nours to theirs, of each run: median (least-most)")
    print_rows(others, results.ratios)
    print("\naims")
    print_aims(results)
