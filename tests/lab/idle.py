# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What a call costs on which nobody says anything, in octets a minute on the caller's interface: all
of it, IP headers included, that of the rendezvous and of relays that stand by too."""

import dataclasses
import subprocess
import time
import typing

import harness
import internet
import nat
import servers
import situations
from calls import last_path, story
from peers import Peercat
from situations import DIRECT, RELAY_UDP, TUNNEL

SETTLE = 20  # s, in which better paths are found and spare ones tried
MINUTE = 60  # s
ETHERNET = 14  # octets of each frame, which are not counted
TIMEOUT = 30  # s, to be connected


@dataclasses.dataclass
class Idle:
    key: str
    title: str
    ends_on: tuple
    bound: int  # octets a minute, both ways together; the documentation has it
    build: typing.Callable
    runs: int = 1
    name_of_rendezvous: str = internet.NAME
    conditions: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Outcome:
    problem: str = ""
    path: str = ""
    sent: int = 0  # octets a minute
    received: int = 0
    packets: int = 0
    timeline: str = ""


def _only(policy, uris=(), restriction=""):
    """By that kind of path alone; uris: of coturn."""

    def build(lab):
        lab.listen_query = f"?paths={policy}"
        site = {"restriction": restriction}
        if not uris:
            situations.two_sites(lab, site, site)
            return
        lab.caller = lab.internet.site("a", **site).host("a")
        lab.callee = lab.internet.site("b", **site).host("b")
        lab.servers.append(servers.coturn(lab))
        lab.servers.append(servers.rendezvous(lab, *servers.turn_options(lab, uris)))

    return build


def _everything(lab):
    """Relays over UDP, TCP and TLS, and the tunnel, stand by."""
    situations.two_sites(lab, turn=True)


ROWS = [
    Idle("idle-direct", "direct, nothing else", DIRECT, 11000, _only("direct")),
    Idle("idle-all", "direct; 6 relays and the tunnel stand by", DIRECT, 40000, _everything),
    Idle("idle-relay-udp", "relays over UDP, nothing else", RELAY_UDP, 11500,
         _only("relay", [f"turn:{internet.TURN_NAME}:3478?transport=udp"])),
    Idle("idle-relay-tcp", "relays over TCP, nothing else", ("relay/tcp",), 17000,
         _only("relay", [f"turn:{internet.TURN_NAME}:3478?transport=tcp"], nat.UDP_BLOCKED)),
    Idle("idle-relay-tls", "relays over TLS, nothing else", ("relay/tls",), 20000,
         _only("relay", [f"turns:{internet.TURN_NAME}:443?transport=tcp"], nat.UDP_BLOCKED)),
    Idle("idle-tunnel", "the tunnel, nothing else", TUNNEL, 18500, _only("tunnel")),
]


def measure(lab, row):
    """One call, in which nobody speaks for a minute."""
    started = []
    outcome = Outcome()
    try:
        common = ["--ca", str(lab.authority.certificate)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        listener = Peercat("listen", f"peer://alice@{row.name_of_rendezvous}{lab.listen_query}",
                           "--once", *common, "--identity", str(lab.identity), place=lab.callee,
                           **pipes)
        started.append(listener)
        address = listener.event("listening", TIMEOUT)["address"]
        caller = Peercat("connect", address, *common, place=lab.caller, **pipes)
        started.append(caller)
        caller.event("state", TIMEOUT, state="connected")
        time.sleep(SETTLE)
        before = _counters(lab.caller)
        time.sleep(MINUTE)
        after = _counters(lab.caller)
        outcome.received, outcome.sent, outcome.packets = (
            new - old for old, new in zip(before, after))
        outcome.path = last_path(caller)
        if outcome.path not in row.ends_on:
            outcome.problem = f"on {outcome.path}"
        elif row.bound and outcome.received + outcome.sent > row.bound:
            outcome.problem = f"{outcome.received + outcome.sent} octets, more than {row.bound}"
        outcome.timeline = f"caller: {story(caller)} | listener: {story(listener)}"
    except (AssertionError, OSError) as failure:
        outcome.problem = str(failure)[:300]
    finally:
        for one in started:
            harness.end(one.process)
    return outcome


def _counters(host):
    """Octets received, octets sent, packets; of IP."""
    for line in host.run("cat", "/proc/net/dev").splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == "eth":
            numbers = [int(number) for number in numbers.split()]
            return (numbers[0] - ETHERNET * numbers[1], numbers[8] - ETHERNET * numbers[9],
                    numbers[1] + numbers[9])
    raise AssertionError("the host has no interface")
