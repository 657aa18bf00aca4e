# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Judges what a host has sent, packet by packet: nothing but STUN, and the SYN of a check by TCP,
may go to an address that has not consented within the last 30 s (RFC 7675 section 5.1). Consent is
a success response to a Binding request of the host's, from where it was sent to, and signed with
the password of one of the two peers."""

import collections
import hashlib
import hmac
import ipaddress
import struct

LIFETIME = 30  # s
MAGIC = 0x2112a442
XOR_PEER_ADDRESS, DATA, CHANNEL_NUMBER, INTEGRITY = 0x12, 0x13, 0x0c, 0x08
CHANNEL_BIND = 0x0009
SYN, ACK = 2, 16


def split(octets):
    """The datagrams that the system was given in one piece (segmentation offload), as far as they
    tell their own length: STUN, ChannelData, DTLS records; anything else is the last."""
    while octets:
        first = octets[0]
        size = len(octets)
        if first < 4 and size >= 20:
            size = 20 + int.from_bytes(octets[2:4], "big")
        elif 64 <= first <= 79 and size >= 4:
            size = 4 + int.from_bytes(octets[2:4], "big")
        elif 20 <= first <= 63 and size >= 13:
            size = 13 + int.from_bytes(octets[11:13], "big")
        yield octets[:size]
        octets = octets[size:]


def is_stun(datagram):
    return len(datagram) >= 20 and datagram[0] < 4 \
        and int.from_bytes(datagram[4:8], "big") == MAGIC


def attributes(message):
    at = 20
    while at + 4 <= len(message):
        kind, size = struct.unpack_from("!HH", message, at)
        yield kind, message[at + 4:at + 4 + size], at
        at += 4 + (size + 3) // 4 * 4


def is_signed(message, passwords):
    """By MESSAGE-INTEGRITY (RFC 8489 section 14.5)."""
    for kind, value, at in attributes(message):
        if kind == INTEGRITY:
            signed = message[:2] + struct.pack("!H", at + 4) + message[4:at]
            return any(hmac.new(password.encode(), signed, hashlib.sha1).digest() == value
                       for password in passwords)
    return False


def xor_address(value, message):
    port = int.from_bytes(value[2:4], "big") ^ MAGIC >> 16
    mask = message[4:4 + len(value) - 4]
    return str(ipaddress.ip_address(bytes(a ^ b for a, b in zip(value[4:], mask)))), port


class Stream:
    """One direction of a TCP connection between peers: frames of RFC 4571."""

    def __init__(self, sequence):
        self._next = sequence
        self._octets = b""

    def frames(self, sequence, payload):
        new = self._next - sequence & 0xffffffff
        if new > len(payload):
            return  # again, or out of order, which nothing here causes
        self._octets += payload[new:]
        self._next = self._next + len(payload) - new & 0xffffffff
        while len(self._octets) >= 2:
            size = 2 + int.from_bytes(self._octets[:2], "big")
            if len(self._octets) < size:
                return
            yield self._octets[2:size]
            self._octets = self._octets[size:]


class Judge:
    """Of one host. server: whom it may talk to as it likes, being no peer: the rendezvous, and
    TURN, at that port by UDP, which is looked into."""

    def __init__(self, passwords, server, turn_port):
        self.faults = []
        self.data = collections.Counter()  # datagrams that were not STUN, by kind of path
        self.sent = collections.Counter()  # packets by remote address
        self._passwords = passwords
        self._server = server
        self._turn_port = turn_port
        self._asked = {}
        self._consented = {}
        self._channels = {}
        self._streams = {}

    def take(self, time, is_sent, packet):
        if packet[0] >> 4 == 4:
            protocol, start, ends = packet[9], (packet[0] & 15) * 4, (packet[12:16], packet[16:20])
            packet = packet[:int.from_bytes(packet[2:4], "big") or len(packet)]
        else:
            protocol, start, ends = packet[6], 40, (packet[8:24], packet[24:40])
        if protocol not in (6, 17):
            return
        source, target = zip((str(ipaddress.ip_address(end)) for end in ends),
                             struct.unpack_from("!HH", packet, start))
        local, remote = (source, target) if is_sent else (target, source)
        if is_sent:
            self.sent[remote[0]] += 1
        body = packet[start:]
        if protocol == 6:
            if remote[0] != self._server:
                self._take_segment(time, is_sent, (local, remote), body)
            return
        for datagram in split(body[8:]):
            if remote == (self._server, self._turn_port):
                self._take_relayed(time, is_sent, local, datagram)
            elif remote[0] != self._server:
                self._take(time, is_sent, ("udp", local, remote), datagram)

    def _take_segment(self, time, is_sent, ends, segment):
        sequence = int.from_bytes(segment[4:8], "big")
        payload = segment[(segment[12] >> 4) * 4:]
        key = (ends, is_sent)
        if segment[13] & SYN:
            self._streams[key] = Stream(sequence + 1 & 0xffffffff)
            if payload:
                self.faults.append(f"a SYN to {ends[1]} carries data")
        elif payload and key in self._streams:
            for frame in self._streams[key].frames(sequence, payload):
                self._take(time, is_sent, ("tcp", *ends), frame)

    def _take_relayed(self, time, is_sent, local, datagram):
        if 64 <= datagram[0] <= 79:
            number = int.from_bytes(datagram[:2], "big")
            if number in self._channels:
                self._take(time, is_sent, ("relay", local, self._channels[number]), datagram[4:])
            elif is_sent:
                self.faults.append("a channel is used that was not bound")
            return
        if not is_stun(datagram):
            self.faults.append("a relay is given what is neither STUN nor ChannelData")
            return
        found = {kind: value for kind, value, _ in attributes(datagram)}
        if XOR_PEER_ADDRESS not in found:
            return
        peer = xor_address(found[XOR_PEER_ADDRESS], datagram)
        if CHANNEL_NUMBER in found:
            self._channels[int.from_bytes(found[CHANNEL_NUMBER][:2], "big")] = peer
        if DATA in found:
            self._take(time, is_sent, ("relay", local, peer), found[DATA])

    def _take(self, time, is_sent, path, datagram):
        if is_stun(datagram):
            kind, transaction = int.from_bytes(datagram[:2], "big"), datagram[8:20]
            if is_sent and kind == 0x0001:
                self._asked[transaction] = path
            elif not is_sent and kind == 0x0101 and self._asked.get(transaction) == path \
                    and is_signed(datagram, self._passwords):
                self._consented[path] = time
        elif is_sent:
            self.data[path[0]] += 1
            if time - self._consented.get(path, -LIFETIME - 1) > LIFETIME:
                self.faults.append(f"{len(datagram)} octets to {path[2]} by {path[0]} at {time}")
