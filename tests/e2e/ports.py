# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Ports for programs that are told where to listen. tests/support/ports is the same in C++."""

import itertools
import os
import socket

# Services with a number that everybody knows are below, and what browsers refuse.
FIRST = 10240
# A port and the next one.
STEP = 2
# Where Linux begins to give ports, unless it is told otherwise.
USUAL_END = 32768
# The golden section of 2^32: multiples of it, modulo 2^32, are spread evenly, however many (Knuth,
# The Art of Computer Programming, section 6.4).
GOLDEN_SECTION = 0x9e3779b9

_turns = itertools.count()


def _end():
    """The first port that the system may give by itself."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            begin = int(file.read().split()[0])
    except OSError:
        return USUAL_END
    return USUAL_END if begin < FIRST + 1024 else begin


def _is_free(port):
    try:
        with socket.create_server(("", port)), \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("", port))
    except OSError:
        return False
    return True


def quiet_port():
    """A port where nobody is, by TCP or UDP, nor on the next one, where a rendezvous listens too:
    for whoever is to find nobody there, to listen there later, or to listen there again.

    A port that the system gives to who binds port 0 is not it: as soon as it is closed it may be
    given to the next who binds or connects. This one is below all that the system gives by itself
    (ip_local_port_range; on a system where those begin below 11264 it is merely free). Programs
    that run at once begin at places far apart, by their process id, and each call gives another
    port."""
    count = (_end() - FIRST) // STEP
    begin = (os.getpid() * GOLDEN_SECTION & 0xffffffff) * count >> 32
    for turn in itertools.islice(_turns, count):
        port = FIRST + (begin + turn) % count * STEP
        if _is_free(port) and _is_free(port + 1):
            return port
    raise OSError("no port is free")
