# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What an edge does to packets, as text for nft(8): kinds of NAT (RFC 4787) and of firewall.

Whatever the kind, packets from outside that nobody inside asked for are dropped at the edge itself.
Else its connection tracking would take up the port that such a packet came to, and the translation
of what is then sent to the same place would move to another port: a hole punched by both at once
would look as if the NAT were symmetric.
"""

# Mapping and filtering. The port is kept where it is free: mappings do not depend on the endpoint.
PORT_RESTRICTED = "masquerade"
# Every destination gets a port of its own, at random.
SYMMETRIC = "masquerade random,fully-random"
# Mapping as port-restricted; whoever sends to a port that was once sent from gets through.
FULL_CONE = "full cone"
# No translation.
NONE = ""

# What hosts may not send out, or get in; such rules stand first, so they end what goes on too.
UDP_BLOCKED = 'meta l4proto udp drop'
ONLY_TCP_443 = 'ct direction original tcp dport != 443 drop; meta l4proto != tcp drop'
# A host that reaches nothing beyond its edge, where the proxy is.
ONLY_THE_EDGE = "drop"
# Both directions together get this much of UDP. What is beyond is dropped, as a policer does.
UDP_20_KBIT = "meta l4proto udp limit rate over 2500 bytes/second burst 5000 bytes drop"


def edge_rules(kind, restriction, host, lets_in):
    """The rules of an edge whose full cone leads to the host. With lets_in, packets that nobody
    asked for pass, as they do where there is no NAT and no firewall."""
    restriction = restriction.replace("; ", "\n        ")
    return f"""
table inet edge {{
    chain input {{
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iifname {{ "lan", "lo" }} accept
        meta l4proto {{ icmp, ipv6-icmp }} accept
    }}
    chain forward {{
        type filter hook forward priority filter; policy {"accept" if lets_in else "drop"};
        {restriction}
        ct state established,related accept
        iifname "lan" accept
        ct status dnat accept
        meta l4proto ipv6-icmp accept
    }}
}}
""" + _translation(kind, host)


def _translation(kind, host):
    if kind == NONE:
        return ""
    masquerade = PORT_RESTRICTED if kind == FULL_CONE else kind
    text = f"""
table ip translation {{
    chain out {{
        type nat hook postrouting priority srcnat;
        oifname "wan" {masquerade}
    }}
"""
    if kind == FULL_CONE:
        text += f"""
    set used {{ type inet_service; flags dynamic; size 65535; }}
    chain learn {{
        type filter hook postrouting priority srcnat - 10;
        oifname "wan" meta l4proto udp add @used {{ udp sport }}
    }}
    chain in {{
        type nat hook prerouting priority dstnat;
        iifname "wan" udp dport @used dnat to {host}
    }}
"""
    return text + "}\n"
