# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The processes of a measurement, and the contestants that they belong to."""

import json
import os
import queue
import subprocess
import threading

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
# Longer than any measurement takes; a process that is silent for so long hangs.
PATIENCE = 60


class Endpoint:
    """One of the two processes: takes one line of JSON a command, answers likewise."""

    def __init__(self, command):
        self._process = subprocess.Popen([str(word) for word in command], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lines = queue.Queue()
        threading.Thread(target=self._collect, daemon=True).start()
        self.address = self.read().get("address")

    def _collect(self):
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def read(self):
        try:
            line = self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise RuntimeError(f"{self._process.args} is silent") from None
        if line is None:
            raise RuntimeError(f"{self._process.args} ended")
        return json.loads(line)

    def _tell(self, command, **parameters):
        message = json.dumps({"do": command, **parameters}, separators=(",", ":"))
        self._process.stdin.write(message + "\n")
        self._process.stdin.flush()

    def ask(self, command, **parameters):
        self._tell(command, **parameters)
        return self.read()

    def cpu_seconds(self):
        with open(f"/proc/{self._process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_octets(self):
        with open(f"/proc/{self._process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE

    def quit(self):
        try:
            self._tell("quit")
            self._process.wait(timeout=5)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()


class Contestant:
    """A library: how its two processes are started, and what they can do."""

    def __init__(self, name, listen, dial, helpers=(), is_bare=False):
        self.name = name
        self.listen = listen
        self.dial = dial
        self.helpers = helpers
        # Without connections and reliability.
        self.is_bare = is_bare


class Pair:
    """with Pair(contestant) as (caller, callee): … ; two processes, connected for signals only"""

    def __init__(self, contestant):
        self._contestant = contestant
        self._endpoints = []

    def _start(self, command):
        self._endpoints.insert(0, Endpoint(command))
        return self._endpoints[0]

    def __enter__(self):
        try:
            listen = self._contestant.listen
            for command in self._contestant.helpers:
                listen = [*listen, self._start(command).address]
            callee = self._start(listen)
            return self._start([*self._contestant.dial, callee.address]), callee
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for endpoint in self._endpoints:
            endpoint.quit()
