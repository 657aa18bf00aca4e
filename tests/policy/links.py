# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The build itself obeys the table of layers: link lines name no layer that may not be used, and
with a layer's include directories a header of a forbidden layer cannot be found.

links.py TARGETS COMPILER: the file TARGETS is written by CMake, one target a line:
name|folder below src/|what it links, by ';'|its include directories, by ';'.
"""

import pathlib
import subprocess
import sys

import layers
import policy


def parse(targets):
    parsed = {}
    for line in pathlib.Path(targets).read_text(encoding="utf-8").splitlines():
        name, folder, links, includes = line.split("|")
        parsed[name] = (folder, [link for link in links.split(";") if link],
                        [directory for directory in includes.split(";") if directory])
    return parsed


def link_findings(targets):
    found = []
    parsed = parse(targets)
    for name, (folder, links, _) in parsed.items():
        if folder not in layers.MAY_USE:
            found.append(f"{name}: '{folder}' is no layer of the table")
            continue
        for link in links:
            used = parsed[link][0] if link in parsed else None
            if used and used != folder and used not in layers.MAY_USE[folder]:
                found.append(f"{name} links {link}, but {folder} may not use {used}")
    return found


def is_found(compiler, includes, header):
    result = subprocess.run(
        [compiler, "-x", "c++", "-std=c++20", "-M", "-MG", "-", "-o", "/dev/stdout"]
        + [f"-I{directory}" for directory in includes],
        input=f'#include "{header}"\n', capture_output=True, text=True, check=False)
    # -MG lists a header that is not there by its bare name; one that was found has a directory.
    return f" {header}" not in " " + result.stdout.replace("\\\n", " ").replace("-:", " ")


def include_findings(targets, compiler):
    found = []
    parsed = parse(targets)
    one_header = {}
    for folder, _, includes in parsed.values():
        for directory in includes:
            headers = sorted(pathlib.Path(directory, folder).glob("*.h"))
            if headers:
                one_header[folder] = f"{folder}/{headers[0].name}"
    for name, (folder, _, includes) in parsed.items():
        if folder not in layers.MAY_USE:
            continue
        allowed = layers.closure(folder)
        for other, header in one_header.items():
            if other not in allowed and is_found(compiler, includes, header):
                found.append(f"{name}: {header} compiles, but {folder} may not use {other}")
        if folder in one_header and not is_found(compiler, includes, one_header[folder]):
            found.append(f"{name}: its own {one_header[folder]} is not found")
    return found


def sample_findings(compiler):
    """Findings of a sample: the tree's file 'targets' has {tree} for its own place."""

    def findings(tree):
        targets = pathlib.Path(tree, "targets")
        targets.write_text(targets.read_text().replace("{tree}", str(tree)))
        return link_findings(targets) + include_findings(targets, compiler)

    return findings


HEADERS = {"b/core/base/b.h": "", "s/core/stun/s.h": "", "x/session/x.h": ""}
BASE = "peer_base|core/base||{tree}/b\n"
SESSION = "peer_session|session|peer_base|{tree}/x;{tree}/b\n"
SAMPLES = {
    "good": ({**HEADERS, "targets": BASE + SESSION
              + "peer_stun|core/stun|peer_base;Qt6::Core|{tree}/s;{tree}/b\n"}, 0),
    "links upwards": ({**HEADERS, "targets": BASE + SESSION
                       + "peer_stun|core/stun|peer_session|{tree}/s\n"}, 1),
    "sees upwards": ({**HEADERS, "targets": BASE + SESSION
                      + "peer_stun|core/stun||{tree}/s;{tree}/x\n"}, 1),
    "blind": ({**HEADERS, "targets": BASE + "peer_stun|core/stun||{tree}/b\n"
               + "peer_stun2|core/stun||{tree}/s\n"}, 1),
    "no layer": ({"targets": "peer_misc|misc||\n"}, 1),
    "a QML module links a layer": ({**HEADERS, "targets": BASE + "MyQml|qml|peer_base|\n"}, 1),
    "a tool links a layer": ({**HEADERS, "targets": BASE + "peercat|tools|peer_base|\n"}, 1),
}

if __name__ == "__main__":
    _targets, _compiler = sys.argv[1:3]
    policy.main(lambda tree: (link_findings(tree) + include_findings(tree, _compiler)
                              if pathlib.Path(tree).is_file()
                              else sample_findings(_compiler)(tree)),
                SAMPLES, tree=_targets)
