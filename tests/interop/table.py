# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls between us and every other implementation that is there, as a table in Markdown.

    table.py [--write FILE]

A cell is red ("no") if the case fails in either role; below the table stands with what. Whatever is
red makes the exit code 1.
"""

import argparse
import pathlib
import sys
import unittest

import tst_aiortc
import tst_chromium
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


class Results(unittest.TestResult):
    """What became of each test of a class, in words."""

    def __init__(self):
        super().__init__()
        self.cells = {}
        self.reasons = []

    def _note(self, test, word, reason=None):
        name = test.id().split(".")[-1].split(" ")[0]
        if self.cells.get(name) != "no":
            self.cells[name] = word
        if reason:
            self.reasons.append((name, str(reason).strip().splitlines()[-1]))
        print(f"    {test.id().split('.')[-1]}: {word}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._note(test, "yes")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, "–", reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, "no", err[1])

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            role = next(iter(subtest.params.values()))
            self._note(test, "no", f"{'we' if role == 'we' else 'they'} offer: {err[1]}")


def measure():
    """[(name with version, Results)]"""
    columns = []
    for name, case in CLASSES:
        print(name, flush=True)
        case.runs_all = True
        results = Results()
        unittest.defaultTestLoader.loadTestsFromTestCase(case).run(results)
        columns.append((getattr(case, "version", None) or f"{name}, not installed", results))
    return columns


def title(test):
    words = {"ice": "ICE", "mib": "MiB"}
    return " ".join(words.get(word, word) for word in test.removeprefix("test_").split("_"))


def table(columns):
    tests = sorted({name for _, results in columns for name in results.cells
                    if name.startswith("test_")})
    lines = ["| case, in both roles where it has any | " + " | ".join(name for name, _ in columns)
             + " |", "|---" * (len(columns) + 1) + "|"]
    for test in tests:
        cells = [results.cells.get(test, "") for _, results in columns]
        lines.append(f"| {title(test)} | " + " | ".join(cells) + " |")
    reasons = [f"- {name}, {title(test)}: {reason}" for name, results in columns
               for test, reason in results.reasons]
    return "\n".join(lines + ["", *reasons]) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", type=pathlib.Path)
    arguments = parser.parse_args()
    columns = measure()
    text = table(columns)
    print(text)
    if arguments.write:
        arguments.write.write_text("""<!--
SPDX-FileCopyrightText: The PeerConnection authors
SPDX-License-Identifier: MIT
-->
# Calls with other implementations of WebRTC

Written by `./run interop --write`, which runs every case of `tests/interop` between us and each
implementation that Debian 12 or npm has, each as a process of its own. "–" stands where an
implementation has nothing to try, with the reason below.

""" + text)
    return any("no" in results.cells.values() for _, results in columns)


if __name__ == "__main__":
    sys.exit(main())
