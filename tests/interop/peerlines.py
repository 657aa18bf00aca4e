# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What peers written in Python share: the lines that drive them, and what they send.

JSON lines on standard input {"id":…,"do":METHOD,"with":[…]}, answered on standard output by
{"id":…,"value":…} or {"id":…,"error":…}; {"told":…} is a signal, as peercat --signal-fd has them.
"""

import asyncio
import json
import sys
import threading
import traceback

OCTETS = 1 << 20
CHUNK = 16 * 1024
# Above that, sending waits.
FULL = 256 * 1024

_writing = threading.Lock()


def write(**message):
    with _writing:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def say(**signal):
    write(told=json.dumps(signal))


def pattern(begin):
    return bytes((begin // CHUNK + number) % 251 for number in range(CHUNK))


def counting(octets):
    return bytes(number % 256 for number in range(octets))


def is_same(one, other):
    """A text is not the same as octets."""
    return type(one) is type(other) and one == other


class Told:
    """What other threads tell, to be waited for."""

    def __init__(self):
        self.news = threading.Condition()

    def notify(self):
        with self.news:
            self.news.notify_all()

    def add(self, to, what):
        with self.news:
            to.append(what)
            self.news.notify_all()

    def wait(self, until, timeout=None):
        with self.news:
            return self.news.wait_for(until, timeout)


def serve(peer):
    """Until standard input ends. Signals are taken in their order, anything else is done in a
    thread of its own, for it may wait."""

    def obey(order):
        try:
            write(id=order["id"], value=getattr(peer, order["do"])(*order["with"]))
        except Exception:  # whatever it is, the test is to know
            write(id=order["id"], error=traceback.format_exc())

    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] in ("take", "make"):
            obey(order)
        else:
            threading.Thread(target=obey, args=(order,), daemon=True).start()


async def serve_async(peer):
    """The same for a peer of coroutines, all in one thread."""

    async def obey(order):
        try:
            write(id=order["id"], value=await getattr(peer, order["do"])(*order["with"]))
        except Exception:  # whatever it is, the test is to know
            write(id=order["id"], error=traceback.format_exc())

    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    under_way = set()
    while line := await reader.readline():
        order = json.loads(line)
        if order["do"] in ("take", "make"):
            await obey(order)
        else:
            task = asyncio.create_task(obey(order))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
