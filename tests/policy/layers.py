# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Who may use whom. The table is explained in src/README.md."""

CORE = ["core/base", "core/stun", "core/turn", "core/sdp", "core/ice"]
SECURE = ["secure/identity", "secure/dtls", "secure/sctp", "secure/srtp"]
BELOW_SHELL = CORE + SECURE + ["session"]

# Folder below src/, or qml/ itself -> the folders that it may include and link, besides itself.
MAY_USE = {
    "core/base": [],
    "core/stun": ["core/base"],
    "core/sdp": ["core/base", "core/stun"],
    "core/turn": ["core/base", "core/stun"],
    "core/ice": ["core/base", "core/stun", "core/turn"],
    "secure/identity": ["core/base"],
    "secure/dtls": ["core/base"],
    "secure/sctp": ["core/base"],
    "secure/srtp": ["core/base"],
    "session": CORE + SECURE,
    "shell": ["core/base", "core/stun", "core/turn", "session"],
    "signaling": ["core/base", "core/sdp", "secure/identity", "session", "shell"],
    "rendezvous": ["core/base", "core/stun", "secure/identity", "signaling", "shell"],
    "api": BELOW_SHELL + ["shell", "signaling"],
    "media/pattern": [],
    "media/congestion": ["core/base"],
    "media/engine": ["core/base", "media/pattern", "media/congestion"],
    "media/display": ["media/pattern", "media/engine"],
    "media": ["core/base", "media/pattern", "media/engine", "media/display", "media/congestion"],
    "tools": [],
    "qml": [],
}

# Folder -> what its #include <…> may start with, besides the standard library.
QT = ["Qt"]
LIBRARIES = {
    "secure/identity": ["openssl/"],
    "secure/dtls": ["openssl/", "sys/time.h"],  # timeval, OpenSSL's way to say when
    "secure/sctp": ["usrsctp.h", "arpa/inet.h"],  # usrsctp's addresses are sockaddr
    "secure/srtp": ["srtp2/", "openssl/crypto.h"],  # and libcrypto, to wipe keys
    "shell": QT,
    "signaling": QT + ["PeerConnection/"],
    "rendezvous": QT + ["PeerConnection/"],
    "api": QT + ["PeerConnection/"],
    "media/engine": ["gst/", "glib"],
    "media/display": ["gst/"] + QT,
    "media": QT + ["PeerConnection/"],
    "tools": QT + ["PeerConnection/"],
    "qml": QT + ["PeerConnection/"],
}
# Single files with a library of their own.
LIBRARIES_OF_FILES = {
    "core/stun/integrity": ["openssl/"],
    "rendezvous/certificatetools": ["openssl/"],
    "shell/networkthread": ["openssl/"],
    "secure/sctp/crc32c": ["nmmintrin.h"],
}
# The only layer that talks to the system.
SYSTEM_LAYERS = ["shell", "rendezvous", "tools"]


def layer_of(path):
    """The layer that a path relative to src/ belongs to, or one below qml/; or None."""
    for layer in MAY_USE:
        if path == layer or path.startswith(layer + "/"):
            return layer
    return None


def closure(layer):
    """All layers that may come along with what a layer uses, itself included."""
    seen = set()
    waiting = [layer]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += MAY_USE[current]
    return seen
