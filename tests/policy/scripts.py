# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Shell scripts pass shellcheck, Python ones compile."""

import pathlib
import subprocess

import policy


def is_shell(tree, path):
    if path.suffix == ".sh":
        return True
    with open(pathlib.Path(tree) / path, "rb") as file:
        return file.readline().startswith((b"#!/usr/bin/env bash", b"#!/bin/sh", b"#!/bin/bash"))


def findings(tree):
    found = []
    for path in policy.files(tree):
        if is_shell(tree, path):
            result = subprocess.run(["shellcheck", "--format=gcc", str(path)], cwd=tree,
                                    capture_output=True, text=True, check=False)
            found += result.stdout.splitlines()
        elif path.suffix == ".py":
            try:
                compile(policy.read(tree, path), str(path), "exec")
            except SyntaxError as error:
                found.append(f"{path}: {error}")
    return found


SAMPLES = {
    "good": ({"run": '#!/usr/bin/env bash\necho "$1"\n', "a.py": "pass\n"}, 0),
    "unquoted": ({"run": "#!/usr/bin/env bash\nrm $1\n"}, 1),
    "by suffix": ({"a.sh": "#!/bin/sh\nrm $1\n"}, 1),
    "Python": ({"a.py": "def f(:\n"}, 1),
}

if __name__ == "__main__":
    policy.main(findings, SAMPLES)
