# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Includes obey the table of layers: quoted includes name a file below src/ of a layer that may
be used (of the QML modules: one of their own, by its path from the top), angled ones a library that the layer may know."""

import pathlib
import re
import sys

import layers
import policy

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)

STANDARD = set("""
algorithm any array atomic barrier bit bitset charconv chrono codecvt compare complex concepts
condition_variable coroutine deque exception execution filesystem format forward_list fstream
functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list
locale map memory memory_resource mutex new numbers numeric optional ostream queue random ranges
ratio regex scoped_allocator semaphore set shared_mutex source_location span sstream stack
stdexcept stop_token streambuf string string_view system_error thread tuple type_traits typeindex
typeinfo unordered_map unordered_set utility valarray variant vector version
cassert cctype cerrno cfenv cfloat cinttypes climits clocale cmath csetjmp csignal cstdarg cstddef
cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype
""".split())


def is_allowed_library(layer, path, name):
    if name in STANDARD or name.split("/")[0] == "PeerConnection" and layer == "include":
        return True
    prefixes = list(layers.LIBRARIES.get(layer, []))
    if layer == "include":
        prefixes += layers.QT
    for file, more in layers.LIBRARIES_OF_FILES.items():
        if path.startswith(file):
            prefixes += more
    if any(name.startswith(prefix) for prefix in prefixes):
        return True
    # Headers of the C library and the kernel: "sys/socket.h", "unistd.h".
    return layer in layers.SYSTEM_LAYERS and name.endswith(".h") and not any(
        name.startswith(prefix) for prefix in ("Qt", "openssl/", "usrsctp", "srtp2/", "PeerConnection/"))


def check_quoted(tree, layer, inner, name):
    if name.endswith(".moc") or name.startswith("moc_"):
        return None
    if ".." in pathlib.PurePosixPath(name).parts:
        return "includes go by the path from src/, never through '..'"
    # A program's own parts stand beside each other; no layer sees them.
    beside = pathlib.Path(tree) / "src" / pathlib.PurePosixPath(inner).parent / name
    if layer == "tools" and "/" not in name and beside.is_file():
        return None
    used = layers.layer_of(name)
    root = pathlib.Path(tree) if used == "qml" else pathlib.Path(tree) / "src"
    if used is None or not (root / name).is_file():
        return f"'{name}' is no path from src/"
    if used != layer and used not in layers.MAY_USE[layer]:
        return f"{layer} may not use {used}"
    return None


def findings(tree):
    found = []
    for path in policy.code_files(tree, "src") + policy.code_files(tree, "qml"):
        inner = path.as_posix().removeprefix("src/")
        layer = layers.layer_of(inner)
        if layer is None:
            found.append(f"{path}: belongs to no layer")
            continue
        code = policy.without_comments(policy.read(tree, path), keep_strings=True)
        for kind, name in INCLUDE.findall(code):
            if kind == '"':
                fault = check_quoted(tree, layer, inner, name)
            else:
                allowed = is_allowed_library(layer, inner, name)
                fault = None if allowed else f"{layer} may not include <{name}>"
            if fault:
                found.append(f"{path}: {fault}")
    found += public_headers(tree)
    return found


def public_headers(tree):
    """What is installed knows Qt, the standard library and its own kind."""
    found = []
    for path in policy.files(tree, "include"):
        for kind, name in INCLUDE.findall(policy.read(tree, path)):
            if kind == '"' and path.suffix == ".h":
                found.append(f"{path}: public headers include <PeerConnection/{name}>")
            if kind == "<" and not is_allowed_library("include", path.as_posix(), name):
                found.append(f"{path}: public headers may not include <{name}>")
    return found


STUN = {"src/core/stun/message.h": "", "src/session/session.h": "", "src/core/base/bytes.h": ""}
SAMPLES = {
    "allowed": ({**STUN, "src/core/stun/a.cpp": '#include "core/base/bytes.h"\n#include <vector>\n'
                                                '// #include "session/session.h"\n'}, 0),
    "upwards": ({**STUN, "src/core/stun/a.cpp": '#include "session/session.h"\n'}, 1),
    "base uses stun": ({**STUN, "src/core/base/a.cpp": '#include "core/stun/message.h"\n'}, 1),
    "dots": ({**STUN, "src/core/stun/a.cpp": '#include "../base/bytes.h"\n'}, 1),
    "bare name": ({**STUN, "src/core/stun/a.cpp": '#include "message.h"\n'}, 1),
    "Qt in the core": ({**STUN, "src/core/stun/a.cpp": "#include <QtCore/qobject.h>\n"}, 1),
    "OpenSSL in stun": ({**STUN, "src/core/stun/message.cpp": "#include <openssl/evp.h>\n"}, 1),
    "OpenSSL in integrity": ({"src/core/stun/integrity.cpp": "#include <openssl/evp.h>\n"}, 0),
    "usrsctp in session": ({"src/session/a.cpp": "#include <usrsctp.h>\n"}, 1),
    "sockets in session": ({"src/session/a.cpp": "#include <sys/socket.h>\n"}, 1),
    "sockets in shell": ({"src/shell/a.cpp": "#include <sys/socket.h>\n"}, 0),
    "api uses rendezvous": ({"src/rendezvous/s.h": "",
                             "src/api/a.cpp": '#include "rendezvous/s.h"\n'}, 1),
    "a tool uses internals": ({**STUN, "src/tools/a.cpp": '#include "session/session.h"\n'}, 1),
    "the modules use public headers": ({"qml/M/a.h": "", "qml/M/a.cpp":
                                        '#include "qml/M/a.h"\n#include <QtQml/qqml.h>\n'
                                        "#include <PeerConnection/peertrack.h>\n"}, 0),
    "the modules use internals": ({**STUN, "qml/M/a.cpp": '#include "session/session.h"\n'
                                                          "#include <gst/gst.h>\n"}, 2),
    "media uses the modules": ({"qml/M/a.h": "", "src/media/a.cpp": '#include "qml/M/a.h"\n'}, 1),
    "unknown folder": ({"src/misc/a.cpp": ""}, 1),
    "public header": ({"include/PeerConnection/a.h": "#include <PeerConnection/b.h>\n"
                                                     "#include <QtCore/qobject.h>\n"}, 0),
    "leaking header": ({"include/PeerConnection/a.h": "#include <openssl/evp.h>\n"
                                                      '#include "session/session.h"\n'}, 2),
}

if __name__ == "__main__":
    policy.main(findings, SAMPLES, tree=sys.argv[1])
