# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Real proxies on loopback: tinyproxy (HTTP CONNECT) and microsocks (SOCKS5)."""

import pathlib
import socket
import subprocess
import tempfile
import time

import harness
from peers import Case
from ports import quiet_port


def wait_for_port(port, process):
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the proxy did not start")


class ProxyCase(Case):
    """One proxy a test; proxy_log() is what it says of whom it was asked for."""

    def tinyproxy(self, *lines):
        """Gives its port."""
        port = quiet_port()
        folder = self._folder()
        config = folder / "tinyproxy.conf"
        config.write_text("\n".join([f"Port {port}", "Listen 127.0.0.1", "Timeout 600",
                                     f'LogFile "{self._log}"', "LogLevel Connect", *lines, ""]),
                          encoding="ascii")
        self._start(["tinyproxy", "-d", "-c", config], port, subprocess.DEVNULL)
        return port

    def socks(self, *options):
        """Gives its port."""
        port = quiet_port()
        self._folder()
        with open(self._log, "wb") as log:
            self._start(["microsocks", "-i", "127.0.0.1", "-p", str(port), *options], port, log)
        return port

    def proxy_log(self):
        return self._log.read_text(encoding="utf-8")

    def _folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self._log = pathlib.Path(folder.name) / "log"
        return pathlib.Path(folder.name)

    def _start(self, command, port, log):
        try:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        except FileNotFoundError:
            self.skipTest(f"there is no {command[0]} here")
        self.addCleanup(harness.end, process)
        wait_for_port(port, process)
