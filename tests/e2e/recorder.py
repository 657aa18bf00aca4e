# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Watchers, programs of their own for the place that they watch:

    recorder.py signals ADDRESS RENDEZVOUS [STRANGER]
                          stands before a plain rendezvous, and prints each message that reaches a
                          client: its address, the JSON. With the address of a stranger every
                          description names that as well
    recorder.py packets   prints from where to where each IP packet goes
    recorder.py octets    prints each IP packet: machine time in s, sent or received, octets in hex

The first line of each is "ready", with the address to dial.
"""

import ipaddress
import json
import socket
import sys
import threading
import time

from middleman import MiddleMan


class Recorder(MiddleMan):
    """Passes everything on as it is, but for the stranger; tunnels too, unread."""

    def __init__(self, address, rendezvous, stranger=None):
        self._stranger = stranger
        self.address_of_rendezvous = rendezvous

        class Honest:
            address = rendezvous

        super().__init__(Honest, self._record, address)

    def _carry(self, connection):
        if connection.recv(11, socket.MSG_PEEK | socket.MSG_WAITALL) == b"GET /tunnel":
            self._pass_on(connection)
        else:
            super()._carry(connection)

    def _pass_on(self, connection):
        host, port = self.address_of_rendezvous.rsplit(":", 1)
        server = socket.create_connection((host, int(port)))
        threading.Thread(target=pour, args=[server, connection], daemon=True).start()
        pour(connection, server)

    def _record(self, message, from_client, tap):
        signal = message.get("signal", {})
        if from_client and self._stranger and "sdp" in signal:
            signal["sdp"] += (
                f"a=candidate:901 1 udp 2130706431 {self._stranger} 4000 typ host\r\n"
                f"a=candidate:902 1 tcp 2105458943 {self._stranger} 4001 typ host "
                "tcptype passive\r\n")
        if not from_client:
            # In one piece, for there are threads.
            sys.stdout.write(f"{tap.client.peer_address()}\t{json.dumps(message)}\n")
            sys.stdout.flush()
        return message


def pour(source, target):
    try:
        while octets := source.recv(65536):
            target.sendall(octets)
    except OSError:
        pass
    for each in (source, target):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def addresses_of(packet):
    if packet[0] >> 4 == 4:
        ends = packet[12:16], packet[16:20]
    else:
        ends = packet[8:24], packet[24:40]
    return [str(ipaddress.ip_address(end)) for end in ends]


def packets():
    """Each IP packet, and whether this host has sent it."""
    watcher = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    watcher.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
    print("ready", flush=True)
    while True:
        packet, where = watcher.recvfrom(65536)
        if where[1] in (0x0800, 0x86dd):
            yield packet, where[2] == socket.PACKET_OUTGOING


def watch_packets():
    for packet, _ in packets():
        print(*addresses_of(packet), sep="\t", flush=True)


def watch_octets():
    for packet, is_sent in packets():
        print(f"{time.monotonic():.6f}", "sent" if is_sent else "received", packet.hex(), sep="\t",
              flush=True)


def main():
    if sys.argv[1] == "packets":
        watch_packets()
    if sys.argv[1] == "octets":
        watch_octets()
    recorder = Recorder(*sys.argv[2:])
    print("ready", recorder.address, sep="\t", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
