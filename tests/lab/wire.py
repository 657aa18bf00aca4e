# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Prints what passes through a namespace, a line a packet: machine time in ms, from, to, what.

It is a program of its own, which the lab starts in the hub: every packet between a site and
anything else passes there, once.
"""

import ipaddress
import socket
import struct
import sys
import time

STUN_CLASSES = {0x000: "request", 0x010: "indication", 0x100: "response", 0x110: "error"}
STUN_METHODS = {1: "Binding", 3: "Allocate", 4: "Refresh", 6: "Send", 7: "Data",
                8: "CreatePermission", 9: "ChannelBind"}
HANDSHAKES = {0: "HelloRequest", 1: "ClientHello", 2: "ServerHello", 3: "HelloVerifyRequest",
              4: "NewSessionTicket", 11: "Certificate", 12: "ServerKeyExchange",
              13: "CertificateRequest", 14: "ServerHelloDone", 15: "CertificateVerify",
              16: "ClientKeyExchange", 20: "Finished"}
RECORDS = {20: "ChangeCipherSpec", 21: "Alert", 22: "Handshake", 23: "data"}


def stun(payload):
    (kind,) = struct.unpack_from("!H", payload)
    method = (kind & 0xf) | (kind & 0xe0) >> 1 | (kind & 0x3e00) >> 2
    return f"STUN {STUN_METHODS.get(method, method)} {STUN_CLASSES[kind & 0x110]}"


def dtls(payload):
    """The records of a datagram, and the handshake messages in those that can be read."""
    words = []
    while len(payload) >= 13:
        kind, _version, epoch, _number, size = struct.unpack_from("!BHH6sH", payload)
        word = RECORDS.get(kind, str(kind))
        if kind == 22:
            word = HANDSHAKES.get(payload[13], "Handshake") if epoch == 0 else "Finished"
        words.append(word)
        payload = payload[13 + size:]
    return "DTLS " + "+".join(words)


def datagram(payload):
    """What a UDP payload is (RFC 7983)."""
    if not payload:
        return "empty"
    if payload[0] < 4 and len(payload) >= 20:
        return stun(payload)
    if 20 <= payload[0] <= 63:
        return dtls(payload)
    if 64 <= payload[0] <= 79:
        return "TURN ChannelData " + datagram(payload[4:])
    return f"first octet {payload[0]}"


def segment(packet):
    """What a TCP segment is."""
    flags = packet[13]
    payload = packet[(packet[12] >> 4) * 4:]
    words = [name for bit, name in ((2, "SYN"), (1, "FIN"), (4, "RST")) if flags & bit]
    if payload and payload[0] in RECORDS and len(payload) > 5:
        words.append("TLS " + RECORDS[payload[0]])
    return "TCP " + " ".join([*words, f"{len(payload)} octets" if payload else "ACK"])


def describe(packet):
    """(from, to, what) of an IP packet; None for what is no TCP and no UDP."""
    if packet[0] >> 4 == 4:
        protocol, start = packet[9], (packet[0] & 15) * 4
        addresses = [ipaddress.ip_address(packet[at:at + 4]) for at in (12, 16)]
    else:
        protocol, start = packet[6], 40
        addresses = [ipaddress.ip_address(packet[at:at + 16]) for at in (8, 24)]
    if protocol not in (6, 17):
        return None
    ports = struct.unpack_from("!HH", packet, start)
    ends = [f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
            for address, port in zip(addresses, ports)]
    rest = packet[start:]
    return (*ends, f"UDP {datagram(rest[8:])}" if protocol == 17 else segment(rest))


def main():
    watcher = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    print("ready", flush=True)
    while True:
        packet, where = watcher.recvfrom(65536)
        if where[2] != socket.PACKET_HOST or where[1] not in (0x0800, 0x86dd):
            continue
        described = describe(packet)
        if described:
            print(f"{1000 * time.monotonic():.1f}", *described, sep="\t", flush=True)


if __name__ == "__main__":
    sys.exit(main())
