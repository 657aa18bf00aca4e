# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The situations in which a call must come about: how each internet is built, by which kind of path
the call must go in the end, and how soon the first octet must be there."""

import dataclasses
import typing

import internet
import nat
import servers

DIRECT = ("direct/udp",)
RELAY_UDP = ("relay/udp",)
TUNNEL = ("tunnel/ws",)
OVER_TCP = ("relay/tcp", "relay/tls", "direct/tcp")
NO_UDP = ("relay/tcp", "relay/tls", "tunnel/ws")


@dataclasses.dataclass
class Row:
    key: str
    title: str
    ends_on: tuple  # kinds of path; empty: any
    bound: int  # ms, to the first octet
    build: typing.Callable
    runs: int = 3
    name_of_rendezvous: str = internet.NAME
    conditions: dict = dataclasses.field(default_factory=dict)
    of_all_runs: bool = True  # the bound is for all runs, or for the median
    late: tuple = ()  # (ms, runs): at least so many runs are within so many ms
    load: bool = False  # the path it must end on is that under load
    fails_with: str = ""  # code of the error that must come instead of a call

    # Where the callee, with nothing in its way, takes the caller's relay for one by UDP.
    is_callee_free: bool = False

    def allows(self, path, is_callee=False):
        return path != "no path" and (
            not self.ends_on or path in self.ends_on
            or is_callee and self.is_callee_free and path in RELAY_UDP)


def two_sites(lab, a=None, b=None, turn=False, hosts=None):
    """A caller behind site a and a callee behind site b. hosts: the caller's own /etc/hosts."""
    site_a = lab.internet.site("a", **(a or {}))
    site_b = lab.internet.site("b", **(b or {}))
    for site in (site_a, site_b):
        if site.kind == nat.NONE and not site.restriction and not site.lan6:
            site.open()
    lab.caller = site_a.host("a", hosts)
    lab.callee = site_b.host("b")
    _start_servers(lab, turn)


def _start_servers(lab, turn):
    options = []
    if turn:
        lab.coturn = servers.coturn(lab)
        lab.servers.append(lab.coturn)
        options = servers.turn_options(lab)
    lab.rendezvous = servers.rendezvous(lab, *options)
    lab.servers.append(lab.rendezvous)


def _kinds(a, b, turn=False):
    return lambda lab: two_sites(lab, {"kind": a}, {"kind": b}, turn)


def _same_lan(kind):
    def build(lab):
        site = lab.internet.site("a", kind=kind)
        if kind == nat.NONE:
            site.open()
        lab.caller = site.host("a")
        lab.callee = site.host("b")
        _start_servers(lab, False)

    return build


def _same_private_addresses(lab):
    one = {"lan": "192.168.1.0/24"}
    two_sites(lab, one, one)


def _ipv6(lab):
    """IPv4 would need a relay; of IPv6 what nobody asked for is dropped."""
    both = {"kind": nat.SYMMETRIC, "has_ipv6": True}
    lab.internet.site("a", **both)
    lab.internet.site("b", **both)
    lab.caller = lab.internet.sites["a"].host("a")
    lab.callee = lab.internet.sites["b"].host("b")
    lab.servers.append(servers.rendezvous(lab, address=internet.RENDEZVOUS6))


def _blocked(a, b=None, turn=True):
    return lambda lab: two_sites(lab, {"restriction": a}, {"restriction": b or ""}, turn)


def _direct_tcp(lab):
    """UDP passes nowhere, and of the two only the callee can be reached from outside."""
    two_sites(lab, {"restriction": nat.UDP_BLOCKED},
              {"kind": nat.NONE, "restriction": nat.UDP_BLOCKED})
    lab.internet.sites["b"].open()


def _tcp_punched(lab):
    """UDP passes nowhere, both are behind NATs, and there is neither a relay nor the tunnel: a SYN
    of both must meet (RFC 6544, simultaneous open)."""
    blocked = {"kind": nat.PORT_RESTRICTED, "restriction": nat.UDP_BLOCKED}
    two_sites(lab, blocked, blocked)
    lab.listen_query = "?paths=direct"


def _proxy_only(user=None, is_systems=False):
    """The host knows no names either; those are for the proxy to resolve."""

    def build(lab):
        hosts = lab.scratch / "hosts-without-names"
        hosts.write_text("127.0.0.1 localhost\n", encoding="ascii")
        two_sites(lab, {"restriction": nat.ONLY_THE_EDGE}, turn=True, hosts=hosts)
        uri = servers.proxy(lab, lab.internet.sites["a"], user)
        if is_systems:
            lab.caller.prefix += ["env", f"http_proxy={uri}", f"https_proxy={uri}"]
        else:
            lab.connect_options += ["--proxy", uri]

    return build


def _paths(policy, a=nat.PORT_RESTRICTED, b=nat.PORT_RESTRICTED, turn=True):
    def build(lab):
        two_sites(lab, {"kind": a}, {"kind": b}, turn)
        # It stands in the address that the listener tells, and so holds for both.
        lab.listen_query = f"?paths={policy}"

    return build


ROWS = [
    Row("no-nat", "no NAT", DIRECT, 250, _kinds(nat.NONE, nat.NONE)),
    Row("same-lan", "same LAN", DIRECT, 250, _same_lan(nat.NONE)),
    Row("same-nat", "same LAN behind a NAT without hairpinning", DIRECT, 250,
        _same_lan(nat.PORT_RESTRICTED)),
    Row("same-addresses", "both LANs with the same private addresses", DIRECT, 250,
        _same_private_addresses),
    Row("restricted", "port-restricted both", DIRECT, 300,
        _kinds(nat.PORT_RESTRICTED, nat.PORT_RESTRICTED)),
    Row("cone-symmetric", "full cone to symmetric", DIRECT, 300,
        _kinds(nat.FULL_CONE, nat.SYMMETRIC)),
    Row("ipv6", "IPv6 both", DIRECT, 300, _ipv6, name_of_rendezvous=internet.NAME6),
    Row("restricted-symmetric", "port-restricted to symmetric, coturn", RELAY_UDP, 300,
        _kinds(nat.PORT_RESTRICTED, nat.SYMMETRIC, True)),
    Row("symmetric", "symmetric to symmetric, coturn", RELAY_UDP, 300,
        _kinds(nat.SYMMETRIC, nat.SYMMETRIC, True)),
    Row("restricted-symmetric-no-turn", "port-restricted to symmetric, no TURN server", TUNNEL,
        300, _kinds(nat.PORT_RESTRICTED, nat.SYMMETRIC)),
    Row("symmetric-no-turn", "symmetric to symmetric, no TURN server", TUNNEL, 300,
        _kinds(nat.SYMMETRIC, nat.SYMMETRIC)),
    Row("udp-blocked-one", "UDP blocked one side, coturn on TCP and TLS",
        (*OVER_TCP, "relay/udp"), 350, _blocked(nat.UDP_BLOCKED)),
    Row("udp-blocked-both", "UDP blocked both sides, coturn on TCP and TLS", OVER_TCP, 350,
        _blocked(nat.UDP_BLOCKED, nat.UDP_BLOCKED)),
    Row("direct-tcp", "UDP blocked both sides, one can be reached, no TURN server",
        ("direct/tcp",), 350, _direct_tcp),
    Row("tcp-punched", "UDP blocked both sides, port-restricted both, paths=direct",
        ("direct/tcp",), 500, _tcp_punched),
    Row("tcp-443", "only TCP 443 out", NO_UDP, 500, _blocked(nat.ONLY_TCP_443),
        is_callee_free=True),
    Row("tcp-443-both", "only TCP 443 out, both sides", NO_UDP, 500,
        _blocked(nat.ONLY_TCP_443, nat.ONLY_TCP_443)),
    Row("proxy", "only an HTTP CONNECT proxy", NO_UDP, 500, _proxy_only(),
        is_callee_free=True),
    Row("proxy-system", "the same, as the system has it set", NO_UDP, 500,
        _proxy_only(is_systems=True), is_callee_free=True),
    Row("proxy-auth", "a proxy with basic authentication", NO_UDP, 500,
        _proxy_only(("someone", "secret")), is_callee_free=True),
    Row("throttled", "UDP throttled to 20 kbit/s; within 10 s of load", (*OVER_TCP, "tunnel/ws"),
        1000, _blocked(nat.UDP_20_KBIT, nat.UDP_20_KBIT), load=True),
    Row("bad", "100 ms RTT, 5 % loss on every link", DIRECT, 1200,
        _kinds(nat.PORT_RESTRICTED, nat.PORT_RESTRICTED), runs=20, of_all_runs=False,
        late=(2500, 18), conditions={"delay": 25, "loss": 0.05}),
    Row("paths-relay", "paths=relay", RELAY_UDP, 300, _paths("relay")),
    Row("paths-tunnel", "paths=tunnel", TUNNEL, 300, _paths("tunnel")),
    Row("paths-direct", "paths=direct", DIRECT, 300, _paths("direct")),
    Row("paths-direct-impossible", "paths=direct, symmetric both", (), 0,
        _paths("direct", nat.SYMMETRIC, nat.SYMMETRIC), runs=1, fails_with="NoPath"),
    Row("paths-relay-impossible", "paths=relay, no TURN server", (), 0,
        _paths("relay", turn=False), runs=1, fails_with="PathPolicyUnavailable"),
]
