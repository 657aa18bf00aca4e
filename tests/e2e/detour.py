# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Somebody on the path: all that two peers send to each other goes through his hands, for the
rendezvous that he is as well tells them his sockets in place of each other's."""

import socket
import threading

OTHER = {"caller": "callee", "callee": "caller"}
HANDSHAKE, ALERT, APPLICATION_DATA = 22, 21, 23


def is_dtls(datagram):
    """RFC 7983."""
    return len(datagram) >= 13 and 20 <= datagram[0] <= 63


def is_application_data(datagram):
    return is_dtls(datagram) and datagram[0] == APPLICATION_DATA


class Detour:
    """change(datagram, to) gives the list of what goes on to that side, in place of the datagram."""

    def __init__(self, change=lambda datagram, to: [datagram]):
        self._change = change
        self._lock = threading.Lock()
        self._sockets = {}  # for each true address the one that stands for it
        self._ways = {}  # likewise: the side that has it
        self._is_closed = False
        self.datagrams = []  # all that came: which side it was for, and the octets

    def change_candidate(self, line, whose):
        """A candidate line of that side with a socket of ours for the address; None, so that it is
        not told, where this is none that leads to us."""
        words = line.split(" ")
        if words[2].lower() != "udp" or words[4] != "127.0.0.1":
            return None
        socket_of = self._stand_in(("127.0.0.1", int(words[5])), whose)
        words[4:6] = map(str, socket_of.getsockname())
        return " ".join(words)

    def change_signal(self, signal, whose):
        """For middleman.change_signals()."""
        if signal.get("candidate"):
            signal["candidate"] = self.change_candidate(signal["candidate"], whose)
            return signal if signal["candidate"] else None
        if "sdp" in signal:
            lines = [self.change_candidate(line, whose) if line.startswith("a=candidate:")
                     else line for line in signal["sdp"].split("\r\n")]
            signal["sdp"] = "\r\n".join(line for line in lines if line is not None)
        return signal

    def send(self, datagram, to):
        """Something of our own, by every way to that side, as if from the other."""
        with self._lock:
            targets = [address for address, side in self._ways.items() if side == to]
            sources = [self._sockets[address] for address, side in self._ways.items()
                       if side != to]
        for target in targets:
            for source in sources:
                self._send(source, datagram, target)

    def of(self, test):
        return [datagram for _, datagram in self.datagrams if test(datagram)]

    def close(self):
        self._is_closed = True
        with self._lock:
            sockets = list(self._sockets.values())
        for each in sockets:
            each.sendto(b"", each.getsockname())

    def _stand_in(self, address, side):
        with self._lock:
            if address not in self._sockets:
                stand_in = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                stand_in.bind(("127.0.0.1", 0))
                self._sockets[address] = stand_in
                self._ways[address] = side
                threading.Thread(target=self._forward, args=[stand_in, address, side],
                                 daemon=True).start()
            return self._sockets[address]

    def _forward(self, stand_in, target, side):
        while True:
            datagram, source = stand_in.recvfrom(65536)
            if self._is_closed:
                stand_in.close()
                return
            self.datagrams.append((side, datagram))
            way = self._stand_in(source, OTHER[side])
            for each in self._change(datagram, side):
                self._send(way, each, target)

    @staticmethod
    def _send(way, datagram, target):
        try:
            way.sendto(datagram, target)
        except OSError:
            pass  # nobody has the port any more
