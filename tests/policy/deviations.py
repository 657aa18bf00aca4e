# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Every entry of a DEVIATIONS.md, a section of level two, cites a clause and names a test that
exists: a line that starts with 'Test:' and has names in back quotes, `tst_file::function` or
`tst_file`."""

import re

import policy


def test_functions(tree):
    """{'tst_file': text of the file}"""
    return {path.stem: policy.read(tree, path) for path in policy.code_files(tree, "tests")
            if path.stem.startswith("tst_")}


def findings(tree):
    found = []
    tests = test_functions(tree)
    for path in policy.files(tree):
        if path.name != "DEVIATIONS.md":
            continue
        for entry in re.split(r"^## ", policy.read(tree, path), flags=re.MULTILINE)[1:]:
            title = entry.splitlines()[0]
            if not re.search(r"\bRFC \d+|\bdraft-|\bsection \d", entry):
                found.append(f"{path}: '{title}' cites no clause")
            line = re.search(r"^Tests?:(.*(?:\n[^\n]+)*)", entry, re.MULTILINE)
            names = re.findall(r"`(tst_\w+)(?:::(\w+))?`", line.group(1)) if line else []
            if not names:
                found.append(f"{path}: '{title}' names no test")
            for file, function in names:
                if file not in tests:
                    found.append(f"{path}: '{title}': there is no {file}.cpp")
                elif function and not re.search(rf"\b{function}\b", tests[file]):
                    found.append(f"{path}: '{title}': {file} has no {function}()")
    return found


TEST = {"tests/unit/tst_agent.cpp": "void tst_Agent::paces() { }\n"}


def entry(test):
    return {"src/core/ice/DEVIATIONS.md": f"# Deviations\n\n## Pacing\nRFC 8445 14.2\n{test}\n"}


SAMPLES = {
    "good": ({**TEST, **entry("Test: `tst_agent::paces`")}, 0),
    "no test": ({**TEST, **entry("")}, 1),
    "no such file": ({**TEST, **entry("Test: `tst_nothing::paces`")}, 1),
    "no such function": ({**TEST, **entry("Test: `tst_agent::races`")}, 1),
    "no clause": ({**TEST, "DEVIATIONS.md": "## Pacing\nTest: `tst_agent::paces`\n"}, 1),
}

if __name__ == "__main__":
    policy.main(findings, SAMPLES)
