# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Network namespaces and what joins them. All of it lives in namespaces of this run (sandbox.py),
so names need not be unique and nothing has to be taken down."""

import os
import subprocess

import link


def command(*words, **options):
    """Runs a command that must succeed; gives what it printed."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(str(word) for word in words)}: "
                           f"{(done.stderr or done.stdout).strip()}")
    return done.stdout


class Namespace(link.Place):
    """A machine: its interfaces, routes and filters, and the programs that run on it."""

    def __init__(self, name, hosts=None):
        command("ip", "netns", "add", name)
        prefix = ["nsenter", f"--net=/run/netns/{name}", "--"]
        if hosts is not None:
            prefix = ["unshare", "--mount", *prefix, "sh", "-c",
                      'mount --bind "$0" /etc/hosts && exec "$@"', hosts]
        super().__init__("", prefix)
        self.name = name
        self.run("ip", "link", "set", "lo", "up")
        # Addresses are usable at once: nobody else is there who could have them.
        self.sysctl("net.ipv6.conf.all.accept_dad", 0)
        self.sysctl("net.ipv6.conf.default.accept_dad", 0)

    def run(self, *words, **options):
        return command("nsenter", f"--net=/run/netns/{self.name}", "--", *words, **options)

    def sysctl(self, name, value):
        self.run("sh", "-c", f"echo {value} >/proc/sys/{name.replace('.', '/')}")

    def route_for_others(self):
        """Makes it a router."""
        self.sysctl("net.ipv4.ip_forward", 1)
        self.sysctl("net.ipv6.conf.all.forwarding", 1)

    def add_address(self, device, *addresses):
        for address in addresses:
            more = ["nodad"] if ":" in address else []
            self.run("ip", "address", "add", address, "dev", device, *more)

    def up(self, device):
        self.run("ip", "link", "set", device, "up")

    def down(self, device):
        self.run("ip", "link", "set", device, "down")

    def route(self, destination, *via):
        family = "-6" if ":" in destination or ":" in via[-1] else "-4"
        self.run("ip", family, "route", "replace", destination, *via)

    def rules(self, ruleset):
        """Replaces all packet filters and address translation by such text for nft(8)."""
        self.run("nft", "--file", "-", input="flush ruleset\n" + ruleset)


def cable(left, left_device, right, right_device):
    """Joins two namespaces by an Ethernet without delay."""
    command("ip", "-n", left.name, "link", "add", left_device, "type", "veth", "peer", "name",
            right_device, "netns", right.name)
    left.up(left_device)
    right.up(right_device)


class Line:
    """Joins two namespaces by a long line: delay in milliseconds one way, loss, rate …, which are
    the options of the impairer."""

    def __init__(self, impairer, left, left_device, right, right_device, **conditions):
        words = [impairer, "--left", f"/run/netns/{left.name}:{left_device}",
                 "--right", f"/run/netns/{right.name}:{right_device}"]
        for name, value in conditions.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, text=True)
        answer = self._process.stdout.readline().strip()
        if not answer.startswith("ready"):
            raise link.Unavailable(answer or "the line ended at once")

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def remove_all():
    """All namespaces; each goes with the last program in it."""
    for name in os.listdir("/run/netns"):
        command("ip", "netns", "delete", name)
