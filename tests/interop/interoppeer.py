# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A side of a test, ours or theirs, that speaks JSON lines on its standard input and output."""

import json
import os
import pathlib
import queue
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))

import harness


class TellingPeer:
    """What it tells is in `events`; its signals are in `signals`, a queue that ends with None. Of
    "figures" the latest are known."""

    def __init__(self):
        self.events = []
        self.figures = {}
        self.signals = queue.Queue()
        self._news = threading.Condition()

    def take(self, lines):
        """What it writes, until that ends."""
        for line in lines:
            message = json.loads(line)
            if "event" not in message:
                self.signals.put(message)
                continue
            with self._news:
                if message["event"] == "figures":
                    self.figures = message
                else:
                    self.events.append(message)
                self._news.notify_all()
        self.signals.put(None)

    def event(self, name, timeout=30, **members):
        """The first such event, waited for, which is then forgotten."""

        def find():
            for event in self.events:
                if event["event"] == name and members.items() <= event.items():
                    return event
            return None

        with self._news:
            self._news.wait_for(find, timeout)
            found = find()
            if not found:
                raise AssertionError(f"no {name} {members} came, but {self.events[-8:]}")
            self.events.remove(found)
            return found

    def has_told(self, name, **members):
        return self.comes(name, 0, **members)

    def comes(self, name, timeout, **members):
        """Whether there is such an event by then."""
        with self._news:
            return self._news.wait_for(
                lambda: any(event["event"] == name and members.items() <= event.items()
                            for event in self.events), timeout)


class LinesPeer(TellingPeer):
    """A program."""

    def __init__(self, *command):
        super().__init__()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._sending = threading.Lock()
        threading.Thread(target=self.take, args=(self.process.stdout,), daemon=True).start()

    def say(self, message):
        """A signal; or a command, by do()."""
        with self._sending:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def do(self, command, **members):
        self.say({"command": command, **members})

    def end(self):
        harness.end(self.process)


class InteropPeer(LinesPeer):
    """interop_peer, our side of most tests."""

    def __init__(self, role):
        super().__init__(os.environ["PEER_INTEROP"], role)
