# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What the policy tests share.

A policy is a script with a function findings(tree) that returns one line for each violation
below the folder tree, and samples that prove that it can fail: small trees, given as
{path: content}, with the number of findings that each must yield. main() tries the samples
first; only then it looks at the project.
"""

import pathlib
import re
import sys
import tempfile

CODE = {".h", ".cpp", ".c"}

# Made by tools, or belonging to them.
SKIPPED = {".git", "build", ".cache", "__pycache__", "node_modules"}


def files(tree, below=""):
    """All files of the project, as sorted paths relative to tree."""
    root = pathlib.Path(tree)
    found = []
    for path in (root / below).rglob("*"):
        relative = path.relative_to(root)
        if path.is_file() and not SKIPPED.intersection(relative.parts):
            found.append(relative)
    return sorted(found)


def code_files(tree, below=""):
    return [path for path in files(tree, below) if path.suffix in CODE]


def read(tree, path):
    return (pathlib.Path(tree) / path).read_text(encoding="utf-8", errors="replace")


_TOKENS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""",
    re.DOTALL)


def without_comments(code, keep_strings=False):
    """C++ with comments blanked, and strings too unless they are kept; lines stay in place."""

    def blank(match):
        token = match.group(0)
        if keep_strings and not token.startswith("/"):
            return token
        return re.sub(r"[^\n]", " ", token)

    # A digit separator (1'000) is no character literal.
    return _TOKENS.sub(blank, re.sub(r"(?<=\d)'(?=\d)", " ", code))


def _lay_out(tree, sample):
    for path, content in sample.items():
        target = pathlib.Path(tree) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")


def prove(findings, samples):
    """Complaints about samples that did not yield what they must."""
    complaints = []
    for name, (sample, expected) in samples.items():
        with tempfile.TemporaryDirectory() as tree:
            _lay_out(tree, sample)
            found = findings(tree)
        if len(found) != expected:
            complaints.append(f"sample '{name}': expected {expected} findings, got {found}")
    return complaints


def main(findings, samples, *, gate=True, tree=None):
    """Proves, then checks the tree given as first argument. Without gate it only lists."""
    tree = tree or sys.argv[1]
    complaints = prove(findings, samples)
    if complaints:
        print("this policy cannot be trusted:", *complaints, sep="\n  ")
        sys.exit(1)
    print(f"proven on {len(samples)} samples")
    found = findings(tree)
    for line in found:
        print(line)
    print(f"{len(found)} found")
    if gate and found:
        sys.exit(1)
