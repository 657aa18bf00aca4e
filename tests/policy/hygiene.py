# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Nothing in the tree depends on the machine it was written on: no absolute paths into somebody's
home, no hosts of package registries. And nothing is left for later without an issue's number."""

import re

import policy

# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.:/])/(?:ho" r"me|ro" r"ot|wo" r"rk|Us" r"ers)/[\w.]",
    "a registry's host": r"\b(?:registry\.(?:npm" r"js|yarn" r"pkg)|deb\.debi" r"an|security\.debi"
                         r"an|pypi\.o" r"rg|nodesource\.c" r"om|snapshot\.debi" r"an)",
    "unfinished work without an issue": r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\s*\(?#\d)",
}
BINARY = {".png", ".bin", ".der", ".pcap"}
# Octets for the parsers' harnesses, made by chance as well.
UNREAD = ("tests/fuzz/corpus/",)


def findings(tree):
    found = []
    for path in policy.files(tree):
        if path.suffix in BINARY or path.as_posix().startswith(UNREAD):
            continue
        text = policy.read(tree, path)
        for what, pattern in FORBIDDEN.items():
            for match in re.finditer(pattern, text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: {what}: {match.group(0)}")
    return found


SAMPLES = {
    "clean": ({"a.md": "see src/home/x, https://example.org/home/x, framework/root/\n"}, 0),
    "home": ({"a.sh": "cd /ho" "me/alice/x\n"}, 1),
    "host": ({"a.json": '"https://registry.npm' 'js.example"\n'}, 1),
    "later": ({"a.cpp": "// TO" "DO: more\n"}, 1),
    "later, with number": ({"a.cpp": "// TO" "DO(#12): more\n"}, 0),
}

if __name__ == "__main__":
    policy.main(findings, SAMPLES)
