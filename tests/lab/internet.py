# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The lab's internet: sites, each with hosts behind an edge (a router, mostly with NAT), and a
server, around a hub.

    host a -- edge a ==10 ms there and back== hub ==10 ms there and back== edge b -- host b
                                               |
                                             server

So it is 20 ms from site to site and back, and 10 ms to the server. Public addresses are those for
documentation (RFC 5737, RFC 3849), which nothing takes for private ones.
"""

import ipaddress

import nat
import network
from network import Line, Namespace, cable

RENDEZVOUS, RENDEZVOUS6 = "203.0.113.2", "2001:db8:f::2"
TURN = "203.0.113.3"
NAME, NAME6, TURN_NAME = "rendezvous.lab.test", "rendezvous6.lab.test", "turn.lab.test"
HOSTS = f"""127.0.0.1 localhost
{RENDEZVOUS} {NAME}
{RENDEZVOUS6} {NAME6}
{TURN} {TURN_NAME}
"""
LINE_DELAY = 5  # ms one way, from an edge to the hub
SITES = {
    "a": ("198.51.100.0/26", "2001:db8:a::/48"),
    "b": ("198.51.100.64/26", "2001:db8:b::/48"),
    "c": ("198.51.100.128/26", "2001:db8:c::/48"),
}


class Internet:
    """The hub and the server. Sites are added to it; what the lines are like is for all of them."""

    def __init__(self, impairer, **conditions):
        self.impairer = impairer
        self.conditions = {"delay": LINE_DELAY, **conditions}
        self.lines = []
        self.sites = {}
        self.hub = Namespace("hub")
        self.hub.route_for_others()
        self.server = Namespace("server")
        cable(self.hub, "server", self.server, "eth")
        self.hub.add_address("server", "203.0.113.1/24", "2001:db8:f::1/64")
        self.server.add_address("eth", f"{RENDEZVOUS}/24", f"{TURN}/24", f"{RENDEZVOUS6}/64")
        self.server.route("default", "via", "203.0.113.1")
        self.server.route("default", "via", "2001:db8:f::1")

    def site(self, name, **kinds):
        site = Site(self, name, **kinds)
        self.sites[name] = site
        return site

    def close(self):
        for line in self.lines:
            line.close()
        network.remove_all()


class Site:
    """An edge on a line to the hub, and the LAN behind it."""

    def __init__(self, internet, name, kind=nat.PORT_RESTRICTED, restriction="", lan=None,
                 has_ipv6=False, has_firewall=False):
        public, public6 = SITES[name]
        self.name = name
        self.kind = kind
        self.has_firewall = has_firewall
        self.hosts = []
        self.public = ipaddress.ip_network(public)
        if lan is None:
            lan = f"192.168.{len(internet.sites) + 1}.0/24"
        # Without NAT the LAN has public addresses: the upper half of the site's.
        self.lan = ipaddress.ip_network(lan) if kind != nat.NONE \
            else list(self.public.subnets(1))[1]
        self.lan6 = list(ipaddress.ip_network(public6).subnets(new_prefix=64))[1] \
            if has_ipv6 else None
        self.edge = Namespace(f"edge-{name}")
        self.edge.route_for_others()
        self.edge.run("ip", "link", "add", "lan", "type", "bridge")
        self.edge.up("lan")
        self.edge.add_address("lan", f"{self.lan[1]}/{self.lan.prefixlen}")
        device = f"site-{name}"
        internet.lines.append(Line(internet.impairer, self.edge, "wan", internet.hub, device,
                                   **internet.conditions))
        self.edge.add_address("wan", f"{self.public[1]}/32")
        self.edge.route("default", "dev", "wan")
        internet.hub.route(public, "dev", device)
        if self.lan6:
            self.edge.add_address("wan", f"{ipaddress.ip_network(public6)[1]}/128")
            self.edge.add_address("lan", f"{self.lan6[1]}/64")
            self.edge.run("ip", "-6", "route", "replace", "default", "dev", "wan")
            internet.hub.route(public6, "dev", device)
        self.lets_in = False
        self.filter(restriction)

    def filter(self, restriction):
        """Replaces what is forbidden here. Translations that are in use go on."""
        self.restriction = restriction
        self.edge.rules(nat.edge_rules(self.kind, restriction, self.lan[2], self.lets_in))

    def open(self):
        """No firewall."""
        self.lets_in = True
        self.filter(self.restriction)
        return self

    def host(self, name, hosts=None):
        """One more host on the LAN: .2, .3 …"""
        number = len(self.hosts) + 2
        host = Namespace(f"host-{name}", hosts)
        host.number = number
        port = f"port-{number}"
        cable(self.edge, port, host, "eth")
        self.edge.run("ip", "link", "set", port, "master", "lan")
        host.add_address("eth", f"{self.lan[number]}/{self.lan.prefixlen}")
        host.address = str(self.lan[number])
        host.gateway = str(self.lan[1])
        host.route("default", "via", host.gateway)
        if self.lan6:
            host.add_address("eth", f"{self.lan6[number]}/64")
            host.route("default", "via", str(self.lan6[1]))
        self.hosts.append(host)
        return host
