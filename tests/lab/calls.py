# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""One call by peercat, measured from the start of `peercat connect`."""

import dataclasses
import hashlib
import os
import pathlib
import subprocess
import sys
import threading
import time

import harness
from peers import Peercat
from servers import error_of

TIMEOUT = 30  # s, for anything at all to come
SETTLE = 8  # s, for the path that the call must end on
LEAVES_UDP = 10  # s of load, to be off UDP where that is throttled
END = 30  # s, for the rest to arrive and the programs to end
FAILURE = 60  # s, for a call to be given up that cannot come about
GREETINGS = b"there", b"back"
PAYLOAD = 256 * 1024  # octets each way, once the path is settled
LOAD = 2 * 1024 * 1024


@dataclasses.dataclass
class Outcome:
    """What one call came to. Times in ms since the start of `connect`."""

    problem: str = ""  # empty: connected, and as it must
    first_bytes: tuple = ()  # at the caller, at the listener
    path: str = ""  # that it ended on, such as "relay/udp"
    first_path: str = ""
    settled: float = 0.0  # when both ends had it
    timeline: str = ""
    wire: str = ""
    start: float = 0.0  # of `connect`, as of time.monotonic()

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


class Wire:
    """What passes through the hub, kept while a call comes about."""

    def __init__(self, lab):
        self._process = lab.internet.hub.start(
            [sys.executable, "-B", pathlib.Path(__file__).with_name("wire.py")],
            stdout=subprocess.PIPE, text=True)
        self._process.stdout.readline()

    def since(self, start):
        """Lines from that time (of time.monotonic()) on, with times relative to it. Ends."""
        self._process.terminate()
        lines = []
        for line in self._process.communicate()[0].splitlines():
            at, rest = line.split("\t", 1)
            if float(at) >= 1000 * start:
                lines.append(f"{float(at) - 1000 * start:8.1f}  " + rest.replace("\t", "  "))
        return "\n".join(lines)


def call(lab, row, shows_wire=False):
    """Makes a call as the row wants it, on the internet that is built."""
    started = []
    try:
        wire = Wire(lab) if shows_wire else None
        outcome = _call(lab, row, started)
        if wire:
            outcome.wire = wire.since(outcome.start)
        return outcome
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
    if lab.connect_query and lab.connect_query not in address:
        address = address.replace("?", "?" + lab.connect_query + "&", 1)
    listener.process.stdin.write(GREETINGS[1])
    listener.process.stdin.flush()
    start = time.monotonic()
    caller = Peercat("connect", address, *common, *lab.connect_options, place=lab.caller, **pipes)
    started.append(("caller", caller))
    ends = caller, listener
    outcome = Outcome(start=start)
    if row.fails_with:
        _expect_failure(row, outcome, caller)
        outcome.timeline = f"caller: {story(caller)}"
        return outcome
    readers = [Reader(peercat.process.stdout) for peercat in ends]
    caller.process.stdin.write(GREETINGS[0])
    caller.process.stdin.flush()
    for reader, peercat in zip(readers, ends):
        while not reader.came.wait(0.2):
            if time.monotonic() - start > TIMEOUT or peercat.process.poll() is not None:
                raise AssertionError("no call: " + (
                    error_of(caller.events) or error_of(listener.events)
                    or f"nothing came within {TIMEOUT} s"))
    outcome.first_bytes = tuple(1000 * (reader.first_at - start) for reader in readers)
    outcome.first_path = last_path(caller)
    payloads = [os.urandom(LOAD if row.load else PAYLOAD) for _ in ends]
    if row.load:
        _write_all(ends, payloads)
    _settle(row, outcome, ends, start)
    if not row.load:
        _write_all(ends, payloads)
    outcome.timeline = f"caller: {story(caller)} | listener: {story(listener)}"
    _judge(outcome, ends, readers, payloads)
    outcome.timeline = f"caller: {story(caller)} | listener: {story(listener)}"
    return outcome


def _settle(row, outcome, ends, start):
    """Waits until both ends are on a path that the row allows."""
    end = time.monotonic() + (LEAVES_UDP if row.load else SETTLE)
    while True:
        paths = [last_path(peercat) for peercat in ends]
        if row.allows(paths[0]) and row.allows(paths[1], is_callee=True):
            outcome.settled = 1000 * (time.monotonic() - start)
            break
        if time.monotonic() > end or any(peercat.process.poll() is not None for peercat in ends):
            outcome.problem = f"ended on {' and '.join(dict.fromkeys(paths))}"
            break
        time.sleep(0.02)
    outcome.path = paths[0]


def _write(pipe, payload):
    try:
        pipe.write(payload)
        pipe.close()
    except OSError:
        pass  # the program has ended, which its exit code tells


def _write_all(ends, payloads):
    for peercat, payload in zip(ends, payloads):
        threading.Thread(target=_write, args=(peercat.process.stdin, payload),
                         daemon=True).start()


def _judge(outcome, ends, readers, payloads):
    """All must arrive whole, and both must end content."""
    try:
        codes = [peercat.wait(END) for peercat in ends]
    except subprocess.TimeoutExpired:
        outcome.problem = outcome.problem or f"the transfer did not end in {END} s"
        return
    for reader in readers:
        reader.join(END)
    sums = [hashlib.sha256(first + payload).digest()
            for first, payload in zip(GREETINGS, payloads)]
    if codes != [0, 0]:
        outcome.problem = outcome.problem or f"exit codes {codes}: {error_of(ends[0].events)}"
    elif [readers[1].hash.digest(), readers[0].hash.digest()] != sums:
        outcome.problem = "what arrived is not what was sent"


def _expect_failure(row, outcome, caller):
    code = caller.wait(FAILURE)
    told = [event["code"] for event in caller.events if event.get("event") == "error"]
    outcome.path = ", ".join(told) or "no error"
    if code != 2 or told != [row.fails_with]:
        outcome.problem = f"exit code {code}, {error_of(caller.events) or 'no error'}"
