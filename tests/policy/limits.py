# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""src/LIMITS.md is complete and true: each of its rows names a test that exists, as
`tst_file::function`, and every member of PeerRendezvousLimits has a row."""

import re

import policy
from deviations import test_functions

TABLE = "src/LIMITS.md"
HEADER = "include/PeerConnection/peerrendezvouslimits.h"


def rows(tree):
    """The cells of each row; what is no row of a table, or its head, is left out."""
    for path in policy.files(tree):
        if path.as_posix() == TABLE:
            for line in policy.read(tree, path).splitlines():
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                if line.startswith("| `"):
                    yield cells


def members(tree):
    for path in policy.files(tree):
        if path.as_posix() == HEADER:
            body = policy.read(tree, path).split("struct PeerRendezvousLimits", 1)[-1]
            yield from re.findall(r"^    (?!using )[\w:<>]+ (\w+)(?: =[^;]*|\{[^;]*\});", body, re.MULTILINE)


def findings(tree):
    found = []
    tests = test_functions(tree)
    told = set()
    for limit, *_, test in rows(tree):
        told.add(limit.strip("`"))
        names = re.findall(r"`(tst_\w+)::(\w+)`", test)
        if not names:
            found.append(f"{TABLE}: {limit} names no test")
        for file, function in names:
            if not re.search(rf"\b{function}\b", tests.get(file, "")):
                found.append(f"{TABLE}: {limit}: {file} has no {function}()")
    found += [f"{TABLE}: there is no row for {name}"
              for name in members(tree) if name not in told]
    return found


TEST = {"tests/unit/tst_calls.cpp": "void tst_Calls::areLimited() { }\n"}
LIMITS = {HEADER: "struct PeerRendezvousLimits\n{\n    using Rate = int;\n    int calls = 5;\n"
                  "    Rate rate{1, 2}; // of\n};\n"}


def table(*lines):
    return {**TEST, **LIMITS, TABLE: "\n".join(["| limit | is | test |", "|---|---|---|", *lines])}


RATE = "| `rate` | 1 | `tst_calls::areLimited` |"

SAMPLES = {
    "good": (table("| `calls` | 5 | `tst_calls::areLimited` |", RATE), 0),
    "a limit without a row": (table(RATE), 1),
    "a row without a test": (table("| `calls` | 5 | by hand |", RATE), 1),
    "no such function": (table("| `calls` | 5 | `tst_calls::areNot` |", RATE), 1),
    "no such file": (table("| `calls` | 5 | `tst_call::areLimited` |", RATE), 1),
}

if __name__ == "__main__":
    policy.main(findings, SAMPLES)
