# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Lists files over 400 lines and functions over 60: which concept inside wants a name? A question,
not a gate: this never fails on the project."""

import re

import policy

FILE_LINES = 400
FUNCTION_LINES = 60

# In our format the body of a function outside a class starts and ends in the first column.


def long_functions(code):
    lines = code.splitlines()
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            length = number - start - 1
            if length > FUNCTION_LINES:
                head = " ".join(lines[max(0, start - 4):start])
                names = re.findall(r"([~\w:]+)\s*\(", head)
                yield start + 1, names[-1] if names else "?", length
            start = None


def findings(tree):
    found = []
    for folder in ("include", "src", "qml", "tests"):
        for path in policy.code_files(tree, folder):
            text = policy.read(tree, path)
            lines = text.count("\n")
            if lines > FILE_LINES:
                found.append(f"{path}: {lines} lines: which concept inside wants a name?")
            for line, name, length in long_functions(policy.without_comments(text)):
                found.append(f"{path}:{line}: {name}() has {length} lines: what are its steps?")
    return found


SAMPLES = {
    "short": ({"src/a.cpp": "int f()\n{\n" + "    g();\n" * 60 + "}\n"}, 0),
    "long function": ({"src/a.cpp": "int f()\n{\n" + "    g();\n" * 61 + "}\n"}, 1),
    "long file": ({"src/a.cpp": "int i;\n" * 401}, 1),
}

if __name__ == "__main__":
    policy.main(findings, SAMPLES, gate=False)
