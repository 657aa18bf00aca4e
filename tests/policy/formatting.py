# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Every C++ file is as clang-format with the project's .clang-format leaves it."""

import os
import pathlib
import subprocess

import policy

PROJECT_STYLE = pathlib.Path(__file__).resolve().parents[2] / ".clang-format"


def findings(tree):
    paths = [str(path) for path in policy.code_files(tree)]
    jobs = os.cpu_count() or 1
    running = [
        subprocess.Popen(["clang-format", f"--style=file:{PROJECT_STYLE}", "--dry-run",
                          *paths[job::jobs]],
                         cwd=tree, stderr=subprocess.PIPE, text=True)
        for job in range(jobs) if paths[job::jobs]]
    output = "".join(process.communicate()[1] for process in running)
    wrong = {line.split(":")[0] for line in output.splitlines()
             if "-Wclang-format-violations" in line}
    if not wrong and any(process.returncode for process in running):
        return ["clang-format failed: " + output]
    return [f"{path}: run clang-format -i on it" for path in sorted(wrong)]


SAMPLES = {
    "good": ({"a.cpp": "int f()\n{\n    return 1;\n}\n"}, 0),
    "brace": ({"a.cpp": "int f() {\n    return 1;\n}\n", "b.h": "int   i;\n"}, 2),
}

if __name__ == "__main__":
    policy.main(findings, SAMPLES)
