# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""One call by peercat, measured from the start of `peercat connect`."""

import dataclasses
import hashlib
import os
import subprocess
import threading
import time

import harness
from peers import Peercat

TIMEOUT = 30  # s, for anything at all to come
SETTLE = 8  # s, for the path that the call must end on
PAYLOAD = 256 * 1024  # octets each way, once the path is settled


@dataclasses.dataclass
class Outcome:
    """What one call came to. Times in ms since the start of `connect`."""

    problem: str = ""  # empty: connected, and as it must
    first_bytes: tuple = ()  # at the caller, at the listener
    path: str = ""  # that it ended on, such as "relay/udp"
    first_path: str = ""
    settled: float = 0.0  # when it had that path
    timeline: str = ""

    @property
    def first_byte(self):
        return max(self.first_bytes)


class Reader(threading.Thread):
    """Reads a pipe to its end; knows when the first octet came."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self._pipe = pipe
        self.first_at = None
        self.came = threading.Event()
        self.hash = hashlib.sha256()
        self.start()

    def run(self):
        while block := self._pipe.read1(1 << 16):
            if self.first_at is None:
                self.first_at = time.monotonic()
                self.came.set()
            self.hash.update(block)


def kind_of(event):
    return f"{event['kind']}/{event['protocol']}"


def last_path(peercat):
    paths = [event for event in list(peercat.events) if event.get("event") == "path"
             and event.get("kind") not in (None, "none")]
    return kind_of(paths[-1]) if paths else "no path"


def story(peercat):
    """Its events with their times, in one line."""
    words = []
    for event in list(peercat.events):
        what = event.get("state") or event.get("code") or event.get("text") or event["event"]
        if event["event"] == "path":
            what = f"{kind_of(event)} {event['local']}>{event['remote']}"
        if event["event"] == "error":
            what += f" ({event.get('message', '')})"
        words.append(f"{event.get('t', 0):.0f} {what}")
    return ", ".join(words)


def call(lab, row):
    """Makes a call as the row wants it, on the internet that is built."""
    started = []
    try:
        return _call(lab, row, started)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as failure:
        told = " | ".join(f"{name}: {story(one)}" for name, one in started)
        return Outcome(problem=str(failure).splitlines()[0][:300], timeline=told)
    finally:
        for _name, one in started:
            harness.end(one.process)


def _call(lab, row, started):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    common = ["--ca", str(lab.authority.certificate)]
    identity = ["--identity", str(lab.identity)]
    listener = Peercat("listen", f"peer://alice@{row.name_of_rendezvous}{lab.listen_query}",
                       "--once", *common, *identity, *lab.listen_options, place=lab.callee, **pipes)
    started.append(("listener", listener))
    address = listener.event("listening", TIMEOUT)["address"]
    if lab.connect_query:
        address = address.replace("?", "?" + lab.connect_query + "&", 1)
    payloads = [os.urandom(PAYLOAD) for _ in range(2)]
    listener.process.stdin.write(b"back")
    listener.process.stdin.flush()
    start = time.monotonic()
    caller = Peercat("connect", address, *common, *lab.connect_options, place=lab.caller, **pipes)
    started.append(("caller", caller))
    readers = [Reader(caller.process.stdout), Reader(listener.process.stdout)]
    caller.process.stdin.write(b"there")
    caller.process.stdin.flush()
    for reader, peercat in zip(readers, (caller, listener)):
        while not reader.came.wait(0.2):
            if time.monotonic() - start > TIMEOUT or peercat.process.poll() is not None:
                raise AssertionError("no call: " + (errors(caller) or errors(listener)
                                                    or f"nothing came within {TIMEOUT} s"))
    outcome = Outcome(first_bytes=tuple(1000 * (reader.first_at - start) for reader in readers),
                      first_path=last_path(caller))
    _settle(row, outcome, caller, listener, start)
    _exchange(outcome, caller, listener, readers, payloads)
    outcome.timeline = f"caller: {story(caller)} | listener: {story(listener)}"
    return outcome


def _settle(row, outcome, caller, listener, start):
    """Waits until both ends are on a path that the row allows."""
    end = time.monotonic() + SETTLE
    while True:
        paths = last_path(caller), last_path(listener)
        if all(row.allows(path) for path in paths):
            outcome.settled = 1000 * (time.monotonic() - start)
            break
        if time.monotonic() > end:
            outcome.problem = f"ended on {' and '.join(dict.fromkeys(paths))}"
            break
        time.sleep(0.02)
    outcome.path = paths[0]


def _exchange(outcome, caller, listener, readers, payloads):
    """What must arrive whole, and both must end content."""
    sums = []
    for first, peercat, payload in ((b"there", caller, payloads[0]),
                                    (b"back", listener, payloads[1])):
        threading.Thread(target=_write, args=(peercat.process.stdin, payload),
                         daemon=True).start()
        sums.append(hashlib.sha256(first + payload).digest())
    codes = caller.wait(TIMEOUT), listener.wait(TIMEOUT)
    for reader in readers:
        reader.join(TIMEOUT)
    if codes != (0, 0):
        outcome.problem = outcome.problem or f"exit codes {codes}: {errors(caller)}"
    elif [readers[1].hash.digest(), readers[0].hash.digest()] != sums:
        outcome.problem = "what arrived is not what was sent"


def _write(pipe, payload):
    try:
        pipe.write(payload)
        pipe.close()
    except OSError:
        pass  # the program has ended, which its exit code tells


def errors(peercat):
    for event in list(peercat.events):
        if event.get("event") == "error":
            return f"{event['code']}: {event['message']}"
        if event.get("event") == "text":
            return event["text"]
    return ""
