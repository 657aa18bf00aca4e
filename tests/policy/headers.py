# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Public headers: each class has its forwarding header, include guards, and compiles by itself as
C++17 and C++20 with Qt's keywords off.

headers.py ROOT COMPILER INCLUDES…: what a user of the library has, several also by ';'.
"""

import pathlib
import re
import subprocess
import sys

import policy

FOLDER = "include/PeerConnection"


def compile_fault(tree, path, compiler, includes):
    result = subprocess.run(
        [compiler, "-x", "c++", "-std=c++20", "-fPIC", "-fsyntax-only", "-Wall", "-Wextra",
         "-Werror", "-DQT_NO_KEYWORDS", "-I", str(pathlib.Path(tree, "include")),
         *[argument for directory in includes for argument in ("-isystem", directory)], "-"],
        input=f"#include <{path.relative_to('include').as_posix()}>\n",
        capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return None
    return next((line for line in result.stderr.splitlines() if "error" in line), "?")


def is_media_built(includes):
    """Where GStreamer is missing, so is the export header that the headers of Media need."""
    return any(pathlib.Path(directory, "PeerConnection/peerconnection_media_export.h").is_file()
               for directory in includes)


def make_findings(compiler, includes):
    def findings(tree):
        found = []
        paths = policy.files(tree, FOLDER)
        if not is_media_built(includes):
            paths = [path for path in paths if not path.name.lower().startswith("peermedia")]
        names = {path.name for path in paths}
        for path in paths:
            text = policy.read(tree, path)
            if path.suffix == ".h":
                guard = path.name.upper().replace(".", "_")
                if f"#ifndef {guard}\n#define {guard}\n" not in text:
                    found.append(f"{path}: lacks the include guard {guard}")
                for name in re.findall(r"^class \w+_EXPORT (\w+)", text, re.MULTILINE):
                    if name not in names:
                        found.append(f"{path}: class {name} lacks the header {FOLDER}/{name}")
            elif not (f'#include "{path.name.lower()}.h"' in text
                      or re.search(r'#include "(\w+\.h)"', text)):
                found.append(f"{path}: forwards nothing")
            fault = compile_fault(tree, path, compiler, includes)
            if fault:
                found.append(f"{path}: does not compile by itself: {fault}")
        return found

    return findings


GOOD = "#ifndef A_H\n#define A_H\n#include <vector>\nclass X_EXPORT A;\nstd::vector<int> f();\n#endif\n"
GOOD = GOOD.replace("X_EXPORT ", "")
FORWARD = {f"{FOLDER}/A": '#include "a.h"\n'}
SAMPLES = {
    "good": ({f"{FOLDER}/a.h": GOOD, **FORWARD}, 0),
    "leans on others": ({f"{FOLDER}/a.h": GOOD.replace("#include <vector>\n", "")}, 1),
    "no guard": ({f"{FOLDER}/a.h": "int f();\n"}, 1),
    "no forwarding header": ({f"{FOLDER}/a.h": "#ifndef A_H\n#define A_H\n#define X_EXPORT\n"
                              "class X_EXPORT A\n{ };\n#endif\n"}, 1),
    "dangling forward": ({f"{FOLDER}/B": '#include "b.h"\n'}, 1),
    "Qt's keywords": ({f"{FOLDER}/a.h": GOOD.replace("std::vector<int> f();", "struct B { "
                                                     "signals: void b(); };")}, 1),
}

if __name__ == "__main__":
    _includes = [d for argument in sys.argv[3:] for d in argument.split(";") if d]
    policy.main(make_findings(sys.argv[2], _includes), SAMPLES)
