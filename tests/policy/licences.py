# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Every file says whose it is and under which licence: two SPDX lines among its first lines, or
an entry in .reuse/dep5 for files that cannot carry them."""

import fnmatch
import pathlib
import re

import policy

# In two pieces, so that tools which read these tags do not read them here.
COPYRIGHT = "SPDX-" + "FileCopyrightText: The PeerConnection authors"
LICENCE = "SPDX-" + "License-Identifier: MIT"


def patterns_of_dep5(tree):
    file = pathlib.Path(tree) / ".reuse/dep5"
    if not file.is_file():
        return []
    text = re.sub(r"\n[ \t]+", " ", file.read_text(encoding="utf-8"))
    return [pattern for line in re.findall(r"^Files:(.*)$", text, re.MULTILINE)
            for pattern in line.split()]


def findings(tree):
    found = []
    patterns = patterns_of_dep5(tree)
    for path in policy.files(tree):
        name = path.as_posix()
        if name.startswith("LICENSES/") or name == ".reuse/dep5":
            continue
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
            continue
        head = "\n".join(policy.read(tree, path).splitlines()[:6])
        for tag in (COPYRIGHT, LICENCE):
            if tag not in head:
                found.append(f"{path}: lacks '{tag}'")
    return found


GOOD = f"// {COPYRIGHT}\n// {LICENCE}\n"
SAMPLES = {
    "good": ({"a.cpp": GOOD}, 0),
    "none": ({"a.cpp": "int i;\n"}, 2),
    "one": ({"a.cpp": f"// {LICENCE}\n"}, 1),
    "too late": ({"a.cpp": "\n" * 10 + GOOD}, 2),
    "in dep5": ({".reuse/dep5": "Files: a.json\n b/*\nLicense: MIT\n",
                 "a.json": "{}", "b/c": "x"}, 0),
    "not in dep5": ({".reuse/dep5": "Files: a.json\nLicense: MIT\n", "b.json": "{}"}, 2),
}

if __name__ == "__main__":
    policy.main(findings, SAMPLES)
