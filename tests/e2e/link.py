# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Two places for programs to run in: both on loopback, or in two network namespaces joined by a
link as bad as asked for (tests/support/impairer)."""

import os
import subprocess


class Unavailable(Exception):
    """This system gives no network namespaces; the text says which step failed."""


class Place:
    """Where a program runs: its address, and what stands before its command line."""

    def __init__(self, address, prefix=()):
        self.address = address
        self.prefix = list(prefix)

    def start(self, command, **options):
        return subprocess.Popen(self.prefix + [str(word) for word in command], **options)


LOOPBACK = Place("127.0.0.1")


class Alone(Place):
    """A network of its own with nothing but loopback, and what filter() says."""

    def __init__(self, rules=""):
        setup = "ip link set lo up && echo ready && exec sleep 600"
        try:
            self._process = subprocess.Popen(
                ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", setup],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        except OSError as error:
            raise Unavailable(str(error)) from error
        super().__init__("127.0.0.1", ["nsenter", "--target", str(self._process.pid), "--user",
                                       "--net", "--preserve-credentials"])
        said = self._process.stdout.readline().strip()
        if said != "ready":
            self.end()
            raise Unavailable(said)
        if rules:
            self.filter(rules)

    def filter(self, rules):
        """Rules of nftables, besides those that there are."""
        try:
            done = subprocess.run([*self.prefix, "nft", "-f", "-"], input=rules, text=True,
                                  capture_output=True, check=False)
        except OSError as error:
            raise Unavailable(str(error)) from error
        if done.returncode:
            raise Unavailable(done.stderr.splitlines()[0])

    def end(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


class Link:
    """with Link(impairer, loss=0.02, delay=10) as (left, right): …

    Conditions are the impairer's options, without their dashes, hold_back for hold-back.
    """

    def __init__(self, impairer, **conditions):
        self._command = [impairer]
        for name, value in conditions.items():
            self._command += ["--" + name.replace("_", "-"), str(value)]
        self._process = None
        self.summary = ""

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, text=True,
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        answer = self._process.stdout.readline().split(maxsplit=1)
        if not answer or answer[0] != "ready":
            self.__exit__()
            raise Unavailable(answer[1].strip() if len(answer) > 1 else self.summary)
        left, right = answer[1].split()
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        enter = ["nsenter", *user, "--net", "--target"]
        return Place("10.77.0.1", [*enter, left, "--"]), Place("10.77.0.2", [*enter, right, "--"])

    def __exit__(self, *_):
        self.summary = self._process.communicate()[1].strip()
