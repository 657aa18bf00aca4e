# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""As much of RFC 6455 as it takes to stand in for a rendezvous, or between one and its clients."""

import base64
import hashlib
import json
import os
import socket
import struct
import threading

TEXT, BINARY, CLOSE = 1, 2, 8


class Closed(Exception):
    """The other side is gone."""


class WebSocket:
    """One side of an open WebSocket; a client masks what it sends (section 5.3)."""

    def __init__(self, connection, is_client):
        self.path = None  # that the client has asked for
        self._socket = connection
        self._is_client = is_client
        self._sending = threading.Lock()

    @classmethod
    def accept(cls, connection):
        """The server's side of the handshake."""
        socket_of = cls(connection, is_client=False)
        head = socket_of.read_head()
        socket_of.path = head.split(b" ", 2)[1].decode()
        key = next(line.split(b":", 1)[1].strip() for line in head.split(b"\r\n")
                   if line.lower().startswith(b"sec-websocket-key:"))
        accepted = base64.b64encode(hashlib.sha1(
            key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accepted
                           + b"\r\n\r\n")
        return socket_of

    @classmethod
    def dial(cls, address, path="/rendezvous"):
        """The client's side, to HOST:PORT; the answer is believed."""
        host, port = address.rsplit(":", 1)
        connection = socket.create_connection((host, int(port)), timeout=30)
        connection.settimeout(None)
        connection.sendall(b"GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
                           b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                           b"Sec-WebSocket-Key: %s\r\n\r\n"
                           % (path.encode(), address.encode(), base64.b64encode(os.urandom(16))))
        socket_of = cls(connection, is_client=True)
        socket_of.read_head()
        return socket_of

    def read_head(self):
        """An HTTP head, its empty line included, and not an octet more."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._read(1)
        return head

    def receive(self):
        """The next JSON object. Raises Closed at the end."""
        while True:
            kind, payload = self.receive_message()
            if kind == TEXT:
                return json.loads(payload)
            # Else a ping or a pong: whoever waits that long has other troubles in a test.

    def receive_message(self):
        """The next message: its kind, its octets. Raises Closed at the end."""
        first, second = self._read(2)
        size = second & 0x7F
        if size == 126:
            size, = struct.unpack("!H", self._read(2))
        elif size == 127:
            size, = struct.unpack("!Q", self._read(8))
        mask = self._read(4) if second & 0x80 else b"\0\0\0\0"
        payload = self._masked(self._read(size), mask)
        if first & 0x0F == CLOSE:
            raise Closed
        return first & 0x0F, payload

    def send(self, message):
        """A JSON object as one text message."""
        self.send_message(TEXT, json.dumps(message).encode())

    def send_message(self, kind, payload):
        mask_bit = 0x80 if self._is_client else 0
        head = bytes([0x80 | kind])
        if len(payload) < 126:
            head += bytes([mask_bit | len(payload)])
        else:
            head += struct.pack("!BH" if len(payload) < 1 << 16 else "!BQ",
                                mask_bit | (126 if len(payload) < 1 << 16 else 127), len(payload))
        if self._is_client:
            mask = os.urandom(4)
            head, payload = head + mask, self._masked(payload, mask)
        with self._sending:
            try:
                self._socket.sendall(head + payload)
            except OSError as error:
                raise Closed from error

    def peer_address(self):
        return self._socket.getpeername()[0]

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _read(self, size):
        octets = b""
        while len(octets) < size:
            try:
                block = self._socket.recv(size - len(octets))
            except OSError as error:
                raise Closed from error
            if not block:
                raise Closed
            octets += block
        return octets

    @staticmethod
    def _masked(payload, mask):
        repeated = (mask * (len(payload) // 4 + 1))[:len(payload)]
        return (int.from_bytes(payload, "big")
                ^ int.from_bytes(repeated, "big")).to_bytes(len(payload), "big")


class Listener:
    """Accepts on a free port of that address and calls serve(socket) for each client in a thread."""

    def __init__(self, serve, address="127.0.0.1"):
        self._serve = serve
        self._socket = socket.create_server((address, 0))
        self._clients = []
        self.address = "%s:%d" % self._socket.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def specifier(self, name, parameters="tls=off"):
        return f"peer://{name}@{self.address}?{parameters}"

    def _accept(self):
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self._clients.append(client)
            threading.Thread(target=self._handle, args=[client], daemon=True).start()

    def _handle(self, client):
        try:
            self._serve(client)
        except (Closed, OSError):
            pass

    def close(self):
        for each in [self._socket, *self._clients]:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()
