# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A peer of another implementation, driven from a test: stack_peer.js in what runs JavaScript, or a
program of its own."""

import json
import pathlib
import queue
import subprocess
import threading

from scriptpage import PageError

HERE = pathlib.Path(__file__).parent


class ScriptPeer:
    """A ScriptPage with stack_peer.js in it."""

    def __init__(self, page):
        self.page = page
        self.told = page.told
        self.console = page.console
        page.evaluate((HERE / "stack_peer.js").read_text())

    def make(self, configuration):
        """The connection: W3C's RTCConfiguration."""
        self.page.call("(of) => { globalThis.peer = new Peer(of); }", configuration)

    def do(self, method, *arguments, timeout=60):
        """What the peer's method of that name comes to."""
        first, *rest = method.split("_")
        name = first + "".join(word.capitalize() for word in rest)
        return self.page.call(f"peer.{name}.bind(peer)", *arguments, timeout=timeout)


class ProcessPeer:
    """A program that speaks the lines of peerlines.py."""

    def __init__(self, command):
        self.told = queue.Queue()
        self.console = []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self._lock = threading.Lock()
        self._waiting = {}
        self._last = 0
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            if "told" in message:
                self.told.put(message["told"])
                continue
            with self._lock:
                answer = self._waiting.pop(message["id"], None)
            if answer:
                answer.put(message)
        with self._lock:
            waiting, self._waiting = self._waiting, None
        for answer in waiting.values():
            answer.put({"error": "it has ended"})

    def _read_errors(self):
        for line in self.process.stderr:
            self.console.append(line.rstrip())

    def make(self, configuration):
        """The connection: W3C's RTCConfiguration."""
        self.do("make", configuration)

    def do(self, method, *arguments, timeout=60):
        """What the peer's method of that name comes to."""
        answer = queue.Queue()
        with self._lock:
            if self._waiting is None:
                raise PageError(f"it has ended: {self.console[-8:]}")
            self._last += 1
            self._waiting[self._last] = answer
            self.process.stdin.write(
                json.dumps({"id": self._last, "do": method, "with": arguments}) + "\n")
            self.process.stdin.flush()
        try:
            said = answer.get(timeout=timeout)
        except queue.Empty:
            raise PageError(f"no answer came to {method} {self.console[-8:]}") from None
        if "error" in said:
            raise PageError(f"{said['error']} {self.console[-8:]}")
        return said.get("value")

    def vanish(self):
        """Without a word to anybody."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except OSError:
                pass  # something was still to be written

    close = vanish
