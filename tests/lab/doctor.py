# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What `peercat doctor` says of networks that are known."""

import dataclasses
import json
import pathlib
import subprocess
import time
import typing

import harness
import internet
import nat
import servers


@dataclasses.dataclass
class Patient:
    key: str
    title: str
    expected: dict  # members of the report by their paths
    build: typing.Callable
    runs: int = 1
    name_of_rendezvous: str = internet.NAME
    conditions: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Outcome:
    problem: str = ""
    seconds: float = 0
    timeline: str = ""


def _host(address=internet.RENDEZVOUS, **site):
    def build(lab):
        lab.caller = _open_if_free(lab.internet.site("a", **site)).host("a")
        lab.servers.append(servers.rendezvous(lab, address=address))

    return build


def _with_relay(lab):
    lab.caller = lab.internet.site("a", kind=nat.SYMMETRIC).host("a")
    lab.servers.append(servers.coturn(lab))
    lab.servers.append(servers.rendezvous(lab, *servers.turn_options(lab)))


def _behind_proxy(lab):
    site = lab.internet.site("a", restriction=nat.ONLY_THE_EDGE)
    lab.caller = site.host("a")
    lab.servers.append(servers.rendezvous(lab))
    lab.connect_options += ["--proxy", servers.proxy(lab, site)]


def _open_if_free(site):
    if site.kind == nat.NONE and not site.has_firewall:
        site.open()
    return site


PATIENTS = [
    Patient("doctor-no-nat", "no NAT", {"ipv4.udp": "open", "ipv4.nat": "none",
                                        "ipv4.filtering": "open", "direct": "mostly"},
            _host(kind=nat.NONE)),
    Patient("doctor-firewall", "no NAT, a firewall",
            {"ipv4.udp": "open", "ipv4.nat": "none", "ipv4.filtering": "restricted",
             "direct": "mostly"}, _host(kind=nat.NONE, has_firewall=True)),
    Patient("doctor-cone", "full cone",
            {"ipv4.udp": "open", "ipv4.nat": "constant", "ipv4.filtering": "open",
             "direct": "mostly", "rendezvous.reachable": True}, _host(kind=nat.FULL_CONE)),
    Patient("doctor-restricted", "port-restricted",
            {"ipv4.udp": "open", "ipv4.nat": "constant", "ipv4.filtering": "restricted",
             "direct": "mostly"}, _host(kind=nat.PORT_RESTRICTED)),
    Patient("doctor-symmetric", "symmetric",
            {"ipv4.udp": "open", "ipv4.nat": "varying", "direct": "sometimes"},
            _host(kind=nat.SYMMETRIC)),
    Patient("doctor-ipv6", "symmetric, and IPv6",
            {"ipv6.udp": "open", "ipv6.nat": "none", "direct": "mostly"},
            _host(internet.RENDEZVOUS6, kind=nat.SYMMETRIC, has_ipv6=True),
            name_of_rendezvous=internet.NAME6),
    Patient("doctor-udp-blocked", "UDP blocked",
            {"ipv4.udp": "blocked", "direct": "impossible", "rendezvous.reachable": True},
            _host(restriction=nat.UDP_BLOCKED)),
    Patient("doctor-relay", "symmetric, and coturn",
            {"direct": "sometimes", "relays.0.usable": True, "relays.1.usable": True,
             "relays.2.usable": True}, _with_relay),
    Patient("doctor-proxy", "only an HTTP CONNECT proxy",
            {"ipv4.udp": "blocked", "rendezvous.reachable": True,
             "rendezvous.proxy": "192.168.1.1:3128"}, _behind_proxy),
    Patient("doctor-nothing", "nothing gets out",
            {"ipv4.udp": "blocked", "direct": "impossible", "rendezvous.reachable": False},
            _host(restriction="drop")),
]


def examine(lab, patient):
    """Runs the doctor on the host and compares."""
    start = time.monotonic()
    place = lab.caller
    done = subprocess.run(
        [*place.prefix, pathlib.Path(harness.BIN) / "peercat", "doctor",
         f"peer://{patient.name_of_rendezvous}", "--ca", lab.authority.certificate, "--json",
         *lab.connect_options], capture_output=True, text=True, timeout=60, check=False)
    outcome = Outcome(seconds=time.monotonic() - start, timeline=done.stdout.strip())
    try:
        report = json.loads(done.stdout)
    except ValueError:
        outcome.problem = done.stderr.strip() or f"exit code {done.returncode}"
        return outcome
    wrong = []
    for path, value in patient.expected.items():
        found = report
        for member in path.split("."):
            found = found[int(member) if isinstance(found, list) else member]
        if found != value:
            wrong.append(f"{path} is {found}, not {value}")
    outcome.problem = ", ".join(wrong)
    return outcome
