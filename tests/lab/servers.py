# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Real servers of the lab's internet."""

import pathlib
import signal
import subprocess
import threading
import time

import harness
import internet
from network import command


class Authority:
    """A certificate authority of this run, and one certificate of it for all servers."""

    def __init__(self, folder):
        self.certificate = folder / "ca.pem"
        self.server_certificate = folder / "server.pem"
        self.server_key = folder / "server.key"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        command("openssl", "req", "-x509", *curve, "-subj", "/CN=The lab's authority",
                "-keyout", folder / "ca.key", "-out", self.certificate)
        names = ",".join(f"DNS:{name}" for name in (internet.NAME, internet.NAME6,
                                                    internet.TURN_NAME))
        command("openssl", "req", "-x509", *curve, "-subj", f"/CN={internet.NAME}",
                "-addext", f"subjectAltName={names}", "-CA", self.certificate,
                "-CAkey", folder / "ca.key", "-addext", "basicConstraints=critical,CA:FALSE",
                "-keyout", self.server_key, "-out", self.server_certificate)


class Server:
    """A program that serves until it is stopped or killed, and can be started again."""

    def __init__(self, place, words, is_ready):
        self._place = place
        self._words = words
        self._is_ready = is_ready
        self.process = None
        self.start()

    def start(self):
        self.said = []
        self.process = self._place.start(self._words, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        end = time.monotonic() + 10
        while not self._is_ready(self):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{pathlib.Path(str(self._words[0])).name} did not start: "
                                   + " ".join(self.said[-3:]))
            time.sleep(0.01)

    def _listen(self, process):
        try:
            for line in process.stdout:
                self.said.append(line.decode(errors="replace").strip())
                del self.said[:-200]
        except ValueError:
            pass  # closed by who ended it

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def has_said(self, text):
        return any(text in line for line in self.said)

    def listens_on(self, protocol, port):
        shown = self._place.run("ss", f"--{protocol}", "--listening", "--numeric", "--no-header")
        return any(line.split()[3].endswith(f":{port}") for line in shown.splitlines()
                   if len(line.split()) > 3)


def rendezvous(lab, *options, address=internet.RENDEZVOUS):
    """peer-rendezvous on port 443, with a certificate that the authority signed."""
    host = f"[{address}]" if ":" in address else address
    return Server(lab.internet.server, [
        pathlib.Path(harness.BIN) / "peer-rendezvous", "--listen", f"{host}:443",
        "--tls-cert", lab.authority.server_certificate, "--tls-key", lab.authority.server_key,
        "--json", *options], lambda server: server.has_said('"listening"'))


def turn_options(lab, uris=None):
    """What the rendezvous is told of coturn."""
    words = []
    for uri in uris or (f"turn:{internet.TURN_NAME}:3478?transport=udp",
                        f"turn:{internet.TURN_NAME}:3478?transport=tcp",
                        f"turns:{internet.TURN_NAME}:443?transport=tcp"):
        words += ["--turn", uri]
    return [*words, "--turn-secret", str(lab.turn_secret)]


def coturn(lab):
    """coturn with credentials by a shared secret: UDP, TCP on 3478 and 80, TLS on 5349 and 443."""
    folder = lab.scratch / "coturn"
    folder.mkdir(exist_ok=True)
    secret = "what coturn and the rendezvous share"
    lab.turn_secret.write_text(secret + "\n", encoding="ascii")
    config = folder / "turnserver.conf"
    config.write_text(f"""
listening-ip={internet.TURN}
relay-ip={internet.TURN}
listening-port=3478
tls-listening-port=5349
aux-server={internet.TURN}:443
aux-server={internet.TURN}:80
cert={lab.authority.server_certificate}
pkey={lab.authority.server_key}
realm=lab.test
use-auth-secret
static-auth-secret={secret}
fingerprint
no-cli
userdb={folder}/turndb
pidfile={folder}/pid
log-file=stdout
simple-log
verbose
no-software-attribute
""", encoding="ascii")
    return Server(lab.internet.server, ["turnserver", "-c", config],
                  lambda server: server.listens_on("tcp", 443) and server.listens_on("udp", 3478))


def proxy(lab, site, user=None):
    """tinyproxy at the edge of a site: CONNECT to ports 443 and 80 alone. Gives its URI."""
    config = lab.scratch / f"tinyproxy-{site.name}.conf"
    config.write_text(f"""
Port 3128
Listen {site.lan[1]}
Timeout 600
MaxClients 100
LogLevel Info
ConnectPort 443
ConnectPort 80
{f"BasicAuth {user[0]} {user[1]}" if user else ""}
""", encoding="ascii")
    words = ["tinyproxy", "-d", "-c", config]
    server = Server(site.edge, words, lambda server: server.listens_on("tcp", 3128))
    lab.servers.append(server)
    who = f"{user[0]}:{user[1]}@" if user else ""
    return f"http://{who}{site.lan[1]}:3128"




def error_of(events):
    """The first error that a program told, or what else it said beside its events."""
    for event in list(events):
        if event.get("event") == "error":
            return f"{event['code']}: {event['message']}"
        if event.get("event") == "text":
            return event["text"]
    return ""
