# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""coturn on loopback, with credentials by a secret that it shares with the rendezvous."""

import pathlib
import shutil
import subprocess
import sys
import time

from link import LOOPBACK
from ports import quiet_port

SECRET = "what coturn and the rendezvous share"
START_LIMIT = 10


def make_certificate(folder, address):
    """A certificate for the address that vouches for itself."""
    files = [folder / "certificate.pem", folder / "key.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=turn.test", "-addext",
         f"subjectAltName=IP:{address}", "-keyout", files[1], "-out", files[0]],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return files


class Coturn:
    """A running turnserver in a place; options are lines of its configuration. With users, such as
    "bob:password", it knows those and no secret."""

    def __init__(self, folder, *options, place=LOOPBACK, users=()):
        folder = pathlib.Path(folder)
        self.place = place
        self.port, self.tls_port = quiet_port(), quiet_port()
        self.certificate, key = make_certificate(folder, place.address)
        self.secret = folder / "secret"
        self.secret.write_text(SECRET + "\n", encoding="ascii")
        config = folder / "turnserver.conf"
        config.write_text("\n".join([
            f"listening-ip={place.address}", f"relay-ip={place.address}",
            f"listening-port={self.port}", f"tls-listening-port={self.tls_port}",
            f"cert={self.certificate}", f"pkey={key}", "realm=turn.test",
            *([f"user={user}" for user in users] + ["lt-cred-mech"] if users else
              ["use-auth-secret", f"static-auth-secret={SECRET}"]), "allow-loopback-peers", "no-cli", "no-rfc5780",
            f"userdb={folder}/turndb", f"pidfile={folder}/pid", f"log-file={folder}/log",
            "simple-log", "verbose", *options]) + "\n", encoding="ascii")
        self.log = folder / "log"
        self.process = place.start(["turnserver", "-c", config], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait_until_it_listens()

    @staticmethod
    def is_installed():
        return shutil.which("turnserver") is not None

    def _wait_until_it_listens(self):
        end = time.monotonic() + START_LIMIT
        while not self._listens():
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f"coturn does not listen: {self.said()[-500:]}")
            time.sleep(0.02)

    def _listens(self):
        probe = "import socket\n" + "\n".join(
            f"socket.create_connection(('{self.place.address}', {port}), 1)"
            for port in (self.port, self.tls_port))
        return self.place.start([sys.executable, "-c", probe],
                                stderr=subprocess.DEVNULL).wait() == 0

    def uri(self, protocol):
        """As the rendezvous tells it to peers."""
        port = self.tls_port if protocol == "tls" else self.port
        scheme = "turns" if protocol == "tls" else "turn"
        transport = "udp" if protocol == "udp" else "tcp"
        return f"{scheme}:{self.place.address}:{port}?transport={transport}"

    def own_uri(self, protocol, user):
        """As `peercat --turn` takes it; user is "NAME:PASSWORD", percent-encoded."""
        scheme, rest = self.uri(protocol).split(":", 1)
        return f"{scheme}:{user}@{rest}"

    def rendezvous_options(self, *protocols):
        words = []
        for protocol in protocols:
            words += ["--turn", self.uri(protocol)]
        return [*words, "--turn-secret", str(self.secret)]

    def said(self):
        return self.log.read_text(encoding="utf-8", errors="replace")
