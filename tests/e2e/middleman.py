# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A rendezvous that does not keep its hands off what it carries: it passes every message on to an
honest peer-rendezvous, as a test wants it changed."""

import threading

from websocket import BINARY, Closed, Listener, WebSocket


class Tap:
    """One client's way through the middle. A change may also speak up by itself, through the two
    sockets: `client` and `server`."""

    def __init__(self, client, server):
        self.client = client
        self.server = server


class MiddleMan(Listener):
    """change(message, from_client, tap) gives the message to pass on, or None to swallow it.
    change_datagram(datagram, from_client, tap) gives the list of those to pass on, of a tunnel;
    without it there are no tunnels."""

    def __init__(self, rendezvous, change, address="127.0.0.1", change_datagram=None):
        self._rendezvous = rendezvous
        self._change = change
        self._change_datagram = change_datagram
        super().__init__(self._carry, address)

    def _carry(self, connection):
        client = WebSocket.accept(connection)
        is_tunnel = client.path.startswith("/tunnel")
        if is_tunnel and not self._change_datagram:
            client.close()
            return
        server = WebSocket.dial(self._rendezvous.address, client.path)
        tap = Tap(client, server)
        pump = self._pump_tunnel if is_tunnel else self._pump
        threading.Thread(target=pump, args=[client, server, True, tap], daemon=True).start()
        pump(server, client, False, tap)

    def _pump(self, source, target, from_client, tap):
        try:
            while True:
                message = self._change(source.receive(), from_client, tap)
                if message is not None:
                    target.send(message)
        except Closed:
            source.close()
            target.close()

    def _pump_tunnel(self, source, target, from_client, tap):
        try:
            while True:
                kind, octets = source.receive_message()
                datagrams = [octets]
                if kind == BINARY:
                    datagrams = self._change_datagram(octets, from_client, tap)
                for datagram in datagrams:
                    target.send_message(kind, datagram)
        except Closed:
            source.close()
            target.close()


def change_signals(change):
    """For a change of signals alone: change(signal, side), side being whose signal it is. Each
    passes the middle twice, from its sender and to its receiver; it is changed on the first way."""

    def change_message(message, from_client, _):
        if from_client and "signal" in message:
            side = "caller" if message["type"] == "call" else message["side"]
            message["signal"] = change(message["signal"], side)
            if message["signal"] is None:
                return None
        return message

    return change_message


def lines(sdp):
    return sdp.split("\r\n")


def change_lines(sdp, change):
    """Each line as change gives it; None takes it out."""
    changed = [change(line) for line in lines(sdp)]
    return "\r\n".join(line for line in changed if line is not None)


def of(side, change):
    """Changes the descriptions of one side."""

    def change_signal(signal, whose):
        if whose == side and "sdp" in signal:
            signal["sdp"] = change(signal["sdp"])
        return signal

    return change_signals(change_signal)


def another_fingerprint(line):
    if not line.startswith("a=fingerprint:"):
        return line
    return line[:-1] + ("0" if line[-1] != "0" else "1")


def without_identity(line):
    return None if line.startswith("a=peer-identity:") else line


def another_signature(line):
    if not line.startswith("a=peer-identity:"):
        return line
    at = line.rindex(" ") + 10
    return line[:at] + ("A" if line[at] != "A" else "B") + line[at + 1:]


def swap_candidates(stranger, sides):
    """Those of these sides become the stranger's (secretcall.py)."""

    def change(signal, side):
        if side not in sides:
            return signal
        if signal.get("candidate"):
            signal["candidate"] = stranger.candidate(signal["candidate"])
        elif "sdp" in signal:
            signal["sdp"] = change_lines(signal["sdp"], lambda line: stranger.candidate(line)
                                         if line.startswith("a=candidate:") else line)
        return signal

    return change_signals(change)
