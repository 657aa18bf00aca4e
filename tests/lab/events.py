# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What happens to the network in the middle of a call, and how long the call may be silent then."""

import dataclasses
import signal
import time
import typing

import internet
import nat
import servers
import situations
from network import cable
from situations import DIRECT, RELAY_UDP, TUNNEL

REMOTE = ("relay/udp", "relay/tcp", "relay/tls", "direct/tcp", "tunnel/ws")


@dataclasses.dataclass
class Event:
    key: str
    title: str
    starts_on: tuple  # kinds of path; empty: any
    bound: int  # ms of silence; 0: not one datagram may be lost
    build: typing.Callable
    # Gives the machine time from which the silence counts, or None for the whole silence.
    happen: typing.Callable
    ends_on: tuple = ()
    within: int = 5  # s, to be on that path
    ends: bool = False  # the call must end with an error
    runs: int = 3
    name_of_rendezvous: str = internet.NAME
    conditions: dict = dataclasses.field(default_factory=dict)


def machine_time():
    """As lab_call has it: ms."""
    return 1000 * time.monotonic()


def _sites(a=nat.PORT_RESTRICTED, b=nat.PORT_RESTRICTED, restriction="", turn=False):
    return lambda lab: situations.two_sites(lab, {"kind": a, "restriction": restriction},
                                            {"kind": b}, turn)


def _with_lte(lab):
    """The caller has one more interface, to a third site, that is not up yet."""
    situations.two_sites(lab)
    site = lab.internet.site("c")
    cable(site.edge, "port-lte", lab.caller, "lte")
    site.edge.run("ip", "link", "set", "port-lte", "master", "lan")
    lab.caller.down("lte")


def _filter_a(restriction):
    def happen(lab, _call):
        lab.internet.sites["a"].filter(restriction)

    return happen


def _kill_coturn(lab, _call):
    lab.coturn.kill()


def _move_to_lte(lab, _call):
    site = lab.internet.sites["c"]
    lab.caller.run("ip", "address", "flush", "dev", "eth")
    lab.caller.down("eth")
    lab.caller.add_address("lte", f"{site.lan[2]}/{site.lan.prefixlen}")
    lab.caller.up("lte")
    lab.caller.route("default", "via", str(site.lan[1]))


def _new_public_address(lab, _call):
    site = lab.internet.sites["a"]
    site.edge.add_address("wan", f"{site.public[5]}/32")
    site.edge.run("ip", "address", "delete", f"{site.public[1]}/32", "dev", "wan")
    site.edge.route("default", "dev", "wan")


def _reboot_nat(lab, _call):
    lab.internet.sites["a"].edge.run("conntrack", "--flush")


def _line_down(lab, _call):
    site = lab.internet.sites["a"]
    site.filter("drop")
    time.sleep(20)
    site.filter("")
    return machine_time()


def _interface_down(lab, _call):
    lab.caller.down("eth")
    time.sleep(20)
    lab.caller.up("eth")
    lab.caller.route("default", "via", lab.caller.gateway)
    return machine_time()


def _restart_rendezvous(lab, _call):
    lab.rendezvous.kill()
    time.sleep(3)
    lab.rendezvous.start()
    return machine_time()


def _restart_rendezvous_unnoticed(lab, call):
    """Nothing may be missed; and then it must still be of use: for a new call to somebody who was
    registered before, and for an ICE restart of the old one."""
    address = call.other_listener(lab)
    _restart_rendezvous(lab, call)
    call.wait(8)
    call.expect_no_silence()
    call.note("a new call")
    call.call_other(lab, address)
    call.note("the caller moves")
    _move_to_lte(lab, call)


def _sleep(_lab, call):
    call.caller.process.send_signal(signal.SIGSTOP)
    time.sleep(45)
    call.caller.process.send_signal(signal.SIGCONT)
    return machine_time()


def _all_gone(lab, call):
    lab.internet.sites["a"].filter("drop")
    call.wait_for_end(90)


EVENTS = [
    Event("udp-unblocked", "a better path appears (UDP unblocked)", (), 0,
          _sites(restriction=nat.UDP_BLOCKED, turn=True), _filter_a(""), DIRECT, 40),
    Event("udp-blocked", "UDP blocked in mid-call", DIRECT, 700, _sites(turn=True),
          _filter_a(nat.UDP_BLOCKED), REMOTE),
    Event("udp-blocked-no-turn", "UDP blocked in mid-call, no TURN server", DIRECT, 700, _sites(),
          _filter_a(nat.UDP_BLOCKED), (*TUNNEL, "direct/tcp")),
    Event("turn-killed", "the only TURN server killed while relayed", RELAY_UDP, 700,
          _sites(nat.SYMMETRIC, nat.SYMMETRIC, turn=True), _kill_coturn, TUNNEL),
    Event("renumbered", "host renumbered (Wi-Fi to LTE)", DIRECT, 1000, _with_lte, _move_to_lte),
    Event("new-address", "new public address", DIRECT, 1000, _sites(), _new_public_address),
    Event("nat-rebooted", "NAT rebooted with new mappings", DIRECT, 1000,
          _sites(nat.SYMMETRIC, nat.FULL_CONE), _reboot_nat),
    Event("line-down", "link down 20 s beyond the first router", DIRECT, 1500, _sites(),
          _line_down),
    Event("interface-down", "link down 20 s at the interface", DIRECT, 1500, _sites(),
          _interface_down),
    Event("rendezvous-direct", "rendezvous killed and restarted while on a direct path, then a "
          "new call, then the host renumbered", DIRECT, 1000, _with_lte, _restart_rendezvous_unnoticed),
    Event("rendezvous-tunnel", "rendezvous killed and restarted while on the tunnel", TUNNEL, 2000,
          _sites(nat.SYMMETRIC, nat.SYMMETRIC), _restart_rendezvous),
    Event("sleep", "process stopped for 45 s and continued", DIRECT, 2000, _sites(), _sleep),
    Event("all-gone", "everything gone longer than the patience", DIRECT, 0, _sites(), _all_gone,
          ends=True, runs=1),
]
