# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""peercat and peer-rendezvous as processes, and streams of octets through them."""

import hashlib
import json
import os
import pathlib
import subprocess
import threading

import harness
from link import LOOPBACK

MIB = 1 << 20


class Rendezvous:
    """peer-rendezvous in a place; specifiers for it. Beyond loopback it makes its own certificate,
    which specifiers pin. One that ends before those who know it do has a quiet port."""

    def __init__(self, place=LOOPBACK, *options, port=0):
        self.process = place.start(
            [pathlib.Path(harness.BIN) / "peer-rendezvous", "--listen", f"{place.address}:{port}",
             "--json", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = []
        for line in self.process.stdout:
            said.append(line.strip())
            event = json.loads(line) if line.startswith("{") else {}
            if event.get("event") == "listening":
                self.address = f"{event['address']}:{event['port']}"
                self.tls = event["tls"]
                return
        raise AssertionError(f"peer-rendezvous ended: {said}")

    def specifier(self, name, parameters=None):
        return f"peer://{name}@{self.address}?{parameters or 'tls=' + self.tls}"


class Peercat:
    """One peercat with --json. What it prints on standard error is collected as events."""

    def __init__(self, mode, specifier, *options, place=LOOPBACK, stdin=subprocess.DEVNULL,
                 stdout=subprocess.DEVNULL):
        self.process = place.start(
            [pathlib.Path(harness.BIN) / "peercat", mode, specifier, "--json", *options],
            stdin=stdin, stdout=stdout, stderr=subprocess.PIPE)
        self.events = []
        self._news = threading.Condition()
        self._has_ended = False
        threading.Thread(target=self._read_events, daemon=True).start()

    def _read_events(self):
        for line in self.process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "text", "text": line.decode(errors="replace").strip()}
            with self._news:
                self.events.append(event)
                self._news.notify_all()
        with self._news:
            self._has_ended = True
            self._news.notify_all()

    def event(self, name, timeout=30, **members):
        """The first such event, waited for."""

        def find():
            for event in self.events:
                if event.get("event") == name and members.items() <= event.items():
                    return event
            return None

        with self._news:
            self._news.wait_for(lambda: find() or self._has_ended, timeout)
            found = find()
        if not found:
            raise AssertionError(f"no event {name} {members} came, but {self.story()}")
        return found

    def story(self):
        """What it told, short enough for a failure's message."""
        with self._news:
            return [{name: str(value)[:200] for name, value in event.items() if name != "t"}
                    for event in self.events[-6:]]

    def errors(self):
        with self._news:
            return [event.get("code") for event in self.events if event.get("event") == "error"]

    def wait(self, timeout):
        """The exit code; a program that does not end is a failure."""
        code = self.process.wait(timeout)
        with self._news:
            self._news.wait_for(lambda: self._has_ended, 10)
        return code

    def resident_octets(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Source(threading.Thread):
    """Writes so many octets that nobody can guess into a pipe, and closes it."""

    def __init__(self, pipe, octets):
        super().__init__(daemon=True)
        self._pipe = pipe
        self._octets = octets
        self._hash = hashlib.sha256()
        self.written = 0
        self.start()

    def run(self):
        base = os.urandom(MIB)
        try:
            while self.written < self._octets:
                block = (self.written.to_bytes(8, "big") + base)[:min(MIB, self._octets
                                                                       - self.written)]
                self._pipe.write(block)
                self._hash.update(block)
                self.written += len(block)
            self._pipe.close()
        except (BrokenPipeError, ValueError):
            pass

    def digest(self):
        self.join()
        return self._hash.hexdigest()


class Sink(threading.Thread):
    """Reads a pipe to its end. Paused, it reads nothing until resumed."""

    def __init__(self, pipe, paused=False):
        super().__init__(daemon=True)
        self._pipe = pipe
        self._hash = hashlib.sha256()
        self._may_read = threading.Event()
        self.octets = 0
        if not paused:
            self.resume()
        self.start()

    def resume(self):
        self._may_read.set()

    def run(self):
        self._may_read.wait()
        while block := self._pipe.read1(MIB):
            self._hash.update(block)
            self.octets += len(block)

    def digest(self):
        self.join()
        return self._hash.hexdigest()


class Case(harness.Case):
    """Starts programs and ends those that a test leaves behind."""

    def rendezvous(self, *arguments, **options):
        rendezvous = Rendezvous(*arguments, **options)
        self.addCleanup(harness.end, rendezvous.process)
        return rendezvous

    def peercat(self, *arguments, **options):
        peercat = Peercat(*arguments, **options)
        self.addCleanup(harness.end, peercat.process)
        return peercat

    def listen(self, rendezvous, *options, name="alice", **where):
        """A listener that is registered, and the address to dial, with its id."""
        listener = self.peercat("listen", rendezvous.specifier(name), *options, **where)
        return listener, listener.event("listening")["address"]

    def exchange(self, rendezvous, there, back, timeout, places=(LOOPBACK, LOOPBACK)):
        """Moves so many octets each way at once; both ends must be content and the same octets
        arrive. Gives both peercats."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        listener, address = self.listen(rendezvous, "--once", place=places[1], **pipes)
        caller = self.peercat("connect", address, place=places[0], **pipes)
        from_caller = Source(caller.process.stdin, there)
        from_listener = Source(listener.process.stdin, back)
        at_listener = Sink(listener.process.stdout)
        at_caller = Sink(caller.process.stdout)
        self.assertEqual(caller.wait(timeout), 0, caller.story())
        self.assertEqual(listener.wait(30), 0, listener.story())
        self.assertEqual(at_listener.digest(), from_caller.digest())
        self.assertEqual(at_caller.digest(), from_listener.digest())
        self.assertEqual((at_listener.octets, at_caller.octets), (there, back))
        return listener, caller
