# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Node.js with a package that implements RTCPeerConnection, as a process of its own."""

import json
import os
import pathlib
import queue
import subprocess
import threading

from scriptpage import PageError, ScriptPage

HERE = pathlib.Path(__file__).parent


def modules():
    """The folder with the packages; ./run interop has npm put them there, and says where."""
    return os.environ.get("PEER_STACKS", "")


def version(package):
    """Such as "werift 0.22.9"; None if it is not installed."""
    try:
        described = json.loads(pathlib.Path(modules(), package, "package.json").read_text())
    except OSError:
        return None
    return f"{package.split('/')[-1]} {described['version']}"


class NodePage(ScriptPage):
    def __init__(self, stack):
        super().__init__()
        self._process = subprocess.Popen(
            ["node", HERE / "node_page.js", stack, modules()], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._lock = threading.Lock()
        self._waiting = {}
        self._last = 0
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
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
            answer.put({"error": "Node.js has ended"})

    def _read_errors(self):
        for line in self._process.stderr:
            self.console.append(line.rstrip())

    def evaluate(self, script, timeout=60):
        answer = queue.Queue()
        with self._lock:
            if self._waiting is None:
                raise PageError(f"Node.js has ended: {self.console[-8:]}")
            self._last += 1
            self._waiting[self._last] = answer
            self._process.stdin.write(json.dumps({"id": self._last, "script": script}) + "\n")
            self._process.stdin.flush()
        try:
            said = answer.get(timeout=timeout)
        except queue.Empty:
            raise PageError(f"no answer came to: {script[:80]} {self.console[-8:]}") from None
        if "error" in said:
            raise PageError(f"{said['error']} {self.console[-8:]}")
        return said.get("value")

    def vanish(self):
        """Without a word to anybody."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            try:
                pipe.close()
            except OSError:
                pass  # something was still to be written

    close = vanish
