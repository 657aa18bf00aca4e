# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""DTLS ends of somebody else's, by the command openssl, for who is on the path to put in the place of
each of the two peers."""

import pathlib
import re
import socket
import subprocess
import threading

import harness
from ports import quiet_port


def certificate(folder):
    """A key and a certificate of its own; its fingerprint, as it stands in descriptions."""
    files = [str(pathlib.Path(folder) / name) for name in ("cert.pem", "key.pem")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=WebRTC", "-days", "2",
                    "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    said = subprocess.run(["openssl", "x509", "-in", files[0], "-noout", "-fingerprint",
                           "-sha256"], check=True, capture_output=True, text=True).stdout
    return files, re.search("=([0-9A-F:]{95})", said)[1]


class DtlsEnd:
    """One openssl. What it sends goes to send(datagram)."""

    def __init__(self, is_server, files, send):
        self._send = send
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        common = ["-dtls1_2", "-cert", files[0], "-key", files[1], "-quiet"]
        if is_server:
            port = quiet_port()
            self._openssl = ("127.0.0.1", port)
            command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", *common]
        else:
            self._openssl = None  # learnt from what it sends
            command = ["openssl", "s_client", "-connect",
                       "127.0.0.1:%d" % self._socket.getsockname()[1], *common]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.heard = b""
        self._forwarder = threading.Thread(target=self._forward, daemon=True)
        self._forwarder.start()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def take(self, datagram):
        """Of the peer that it speaks to."""
        if self._openssl:
            self._socket.sendto(datagram, self._openssl)

    def close(self):
        harness.end(self.process)
        self._reader.join(10)
        if self._forwarder.is_alive():
            self._socket.sendto(b"", self._socket.getsockname())
            self._forwarder.join(10)

    def _forward(self):
        while True:
            try:
                datagram, source = self._socket.recvfrom(65536)
            except ConnectionError:
                continue  # the port is not, or no longer, there
            if not datagram:
                self._socket.close()
                return
            self._openssl = source
            self._send(datagram)

    def _read(self):
        try:
            while block := self.process.stdout.read1(65536):
                self.heard += block
        except ValueError:
            pass  # closed
