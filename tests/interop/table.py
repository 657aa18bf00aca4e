# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls between us and every other implementation that is there, as a table in Markdown.

    table.py [--write FILE] [NAME…]

A cell is red ("no") if the case fails in either role; below the table stands with what. Such a case
is tried with a third implementation in our place as well: if it fails there in the same roles, it is
not our fault ("no; nor with …"). Whatever else is red makes the exit code 1.
"""

import argparse
import pathlib
import subprocess
import sys
import unittest

import thirdpeer
import tst_aiortc
import tst_chromium
import tst_libnice
import tst_node
import tst_webrtcbin

CLASSES = (
    ("Chromium", tst_chromium.ChromiumTest),
    ("libwebrtc", tst_node.LibwebrtcTest),
    ("libdatachannel", tst_node.LibdatachannelTest),
    ("werift", tst_node.WeriftTest),
    ("webrtcbin", tst_webrtcbin.WebrtcbinTest),
    ("aiortc", tst_aiortc.AiortcTest),
)


ICE_CLASSES = (
    ("libnice", tst_libnice.LibniceTest),
)


class Results(unittest.TestResult):
    """What became of each test of a class, in words."""

    def __init__(self):
        super().__init__()
        self.cells = {}
        # Of each test: by who offered, or None where that is all one, what went wrong.
        self.faults = {}
        self.reasons = {}

    def _note(self, test, word):
        name = name_of(test)
        if self.cells.get(name) != "no":
            self.cells[name] = word
        print(f"    {test.id().split('.')[-1]}: {word}", flush=True)

    def _note_fault(self, test, error, offerer=None):
        self.faults.setdefault(name_of(test), {})[offerer] = last_line(error)
        self._note(test, "no")

    def addSuccess(self, test):
        super().addSuccess(test)
        word, reason = getattr(test, "words", {}).get(name_of(test), ("yes", None))
        if reason:
            self.reasons[name_of(test)] = reason
        self._note(test, word)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.reasons[name_of(test)] = reason
        self._note(test, "–")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note_fault(test, err[1])

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self._note_fault(test, err[1], next(iter(subtest.params.values())))


def name_of(test):
    return test.id().split(".")[-1].split(" ")[0]


def last_line(error):
    """With its last words, if it is long."""
    text = next((line for line in reversed(str(error).splitlines()) if line.strip()), "").lstrip(" :")
    return text if len(text) <= 240 else text[:120] + " … " + text[-110:]


class Column:
    """One implementation: its cells, and what is to be said about them."""

    def __init__(self, name, case):
        print(name, flush=True)
        case.runs_all = True
        self.results = Results()
        unittest.defaultTestLoader.loadTestsFromTestCase(case).run(self.results)
        self.version = getattr(case, "version", None) or f"{name}, not installed"
        self.cells = dict(self.results.cells)
        self.notes = [f"{title(test)}: {reason}" for test, reason in self.results.reasons.items()]
        for test, faults in self.results.faults.items():
            self.notes += [f"{title(test)}{offering(offerer)}: {fault}"
                           for offerer, fault in faults.items()]
        # Red cells that may be our fault.
        self.unproven = set(self.results.faults)
        for third in thirdpeer.third_for(case) if hasattr(case, "third") else ():
            if self.unproven:
                self._try_with(third, case)
        self.notes.sort()

    def _try_with(self, package, case):
        """The same tests with that in our place."""
        name = thirdpeer.name(package)
        print(f"  {name} in our place", flush=True)
        # Of the same name and place, for that is what tests are told apart by.
        other = type(case.__name__, (case,), {"third": package, "__module__": case.__module__})
        results = Results()
        unittest.TestSuite(other(test) for test in sorted(self.unproven)).run(results)
        for test in sorted(self.unproven):
            ours, theirs = self.results.faults[test], results.faults.get(test, {})
            if ours.keys() <= theirs.keys():
                self.cells[test] = f"no; nor with {name}"
                self.unproven.remove(test)
            elif results.cells.get(test) == "yes":
                self.cells[test] = f"no; yes with {name}"
            self.notes += [f"{title(test)}{offering(offerer)}, with {name} in our place: {fault}"
                           for offerer, fault in theirs.items()]


def offering(offerer):
    return {"we": ", we offer", "they": ", they offer"}.get(offerer, "")


def title(test):
    test = test.replace("a_peer_datagram_socket", "PeerDatagramSocket")
    words = {"ice": "ICE", "mib": "MiB"}
    return " ".join(words.get(word, word) for word in test.removeprefix("test_").split("_"))


def table(columns, about):
    tests = sorted({name for column in columns for name in column.cells
                    if name.startswith("test_")})
    lines = [f"| {about} | "
             + " | ".join(column.version for column in columns) + " |",
             "|---" * (len(columns) + 1) + "|"]
    for test in tests:
        cells = [column.cells.get(test, "") for column in columns]
        lines.append(f"| {title(test)} | " + " | ".join(cells) + " |")
    notes = [f"- {column.version}, {note}" for column in columns for note in column.notes]
    return "\n".join(lines + ["", *notes]) + "\n"


def coturn_version():
    said = subprocess.run(["turnserver", "--version"], capture_output=True, text=True, check=False)
    return f"coturn {said.stdout.strip()}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("names", nargs="*", help="of implementations; all by default")
    arguments = parser.parse_args()
    columns, ice_columns = (
        [Column(name, case) for name, case in classes
         if not arguments.names or name in arguments.names]
        for classes in (CLASSES, ICE_CLASSES))
    text = (table(columns, "case, in both roles where it has any")
            + "\n## ICE alone\n\nOur agent on real sockets, without a secure session, in both roles.\n\n"
            + f"Relays are those of {coturn_version()}, here and above.\n\n"
            + table(ice_columns, "case"))
    print(text)
    if arguments.write:
        arguments.write.write_text("""<!--
SPDX-FileCopyrightText: The PeerConnection authors
SPDX-License-Identifier: MIT
-->
# Calls with other implementations of WebRTC

Written by `./run interop --write`, which runs every case of `tests/interop` between us and each
implementation that Debian 12 or npm has, each as a process of its own. "–" stands where an
implementation has nothing to try, with the reason below. What fails is tried once more in the same
run with a third implementation in our place: where it is "no; nor with" that one, in the same roles,
what is wrong is not on our side. What went wrong stands below as well.

""" + text)
    return any(column.unproven for column in columns + ice_columns)


if __name__ == "__main__":
    sys.exit(main())
