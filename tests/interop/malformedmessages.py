# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What no rendezvous may say to a page: its messages, each with one thing wrong, and the tables of
tests/support/malformed."""

import base64
import copy
import json
import pathlib
import subprocess

import harness
from websocket import BINARY, TEXT

# Stands for lists in each other; Python's own JSON does not go that deep.
DEEP = "@deep@"
DEPTH = 5000
WRONG = (None, True, False, -1, 0.5, 1e300, 1 << 53, "", "\0", "\u202e", "\ud800", "x" * 70_000, [],
         [[]], [None], {}, {"toString": 1, "valueOf": 1}, {"__proto__": {"polluted": 1}},
         {"constructor": {"prototype": {"polluted": 1}}}, DEEP)
NO_TEXT = tuple(value for value in WRONG if not isinstance(value, str) and value is not None)
NOT_MESSAGES = ((BINARY, b"\0\1\2"), (BINARY, b'{"type":"ready"}'), (BINARY, b""), (TEXT, b""),
                (TEXT, b"ready"), (TEXT, b"null"), (TEXT, b"7"), (TEXT, b"[]"), (TEXT, b'"ready"'),
                (TEXT, b"[null]"), (TEXT, b'{"type":"ready"'), (TEXT, b'{"type":"ready"}}'),
                (TEXT, b"[" * DEPTH), (TEXT, b"[" * DEPTH + b"]" * DEPTH),
                (TEXT, b'{"a":' * DEPTH + b"1" + b"}" * DEPTH),
                (TEXT, b'{"__proto__":{"type":"replaced","name":"page"}}'),
                (TEXT, b'{"constructor":{"prototype":{"polluted":1}}}'),
                (TEXT, b'{"type":"ready","turn":"' + b"x" * (1 << 20) + b'"}'))


def text(message):
    """As JSON."""
    deep = "[" * DEPTH + "]" * DEPTH
    return json.dumps(message).replace(f'"{DEEP}"', deep).encode()


def tables():
    """Those of tests/support/malformed: {name: [(row, octets)]}."""
    said = subprocess.run([pathlib.Path(harness.BIN, "malformed_tables")], capture_output=True,
                          check=True).stdout
    return {name: [(row, base64.b64decode(octets)) for row, octets in rows]
            for name, rows in json.loads(said).items()}


def changed(message, values=WRONG, keep=()):
    """With one member wrong, or gone; inside other members too."""
    for name in message:
        if name in keep:
            continue
        for value in values:
            yield {**message, name: copy.deepcopy(value)}
        yield {member: value for member, value in message.items() if member != name}
        if isinstance(message[name], dict):
            for each in changed(message[name], values, keep):
                yield {**message, name: each}


def of_a_call(call, side):
    """Of one that stands, whose other side is that one. They change nothing of it."""
    about = {"type": "signal", "call": call, "side": side}
    candidate = {"type": "candidate", "candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host",
                 "sdpMid": "0", "usernameFragment": "abcd", "call": call}
    for signal in ({"type": "offer", "sdp": "v=0\r\n", "call": call},
                   {"type": "answer", "sdp": "v=0\r\n", "call": call}, candidate,
                   {"candidate": candidate, "call": call},
                   {"type": "ack", "ack": 0, "call": call}):
        yield from changed({**about, "signal": signal})
        yield from ({**about, "signal": {**signal, "seq": value}} for value in NO_TEXT)
    bye = {"type": "bye", "call": call}
    for member in ("reason", "text"):
        yield from ({**about, "signal": {**bye, member: value}}
                    for value in (*NO_TEXT, "x" * 70_000))
    yield from ({**about, "signal": {**bye, "call": value}} for value in WRONG)
    yield from changed({"type": "incoming", "call": call, "to": "page", "service": "", "name": "",
                        "id": "", "signal": {"type": "ack", "ack": 0, "call": call}}, keep=["call"])
    failed = {"type": "failed", "call": call, "cause": "offline"}
    yield failed
    yield from changed(failed)
    yield from changed({"type": "presence", "call": call, "side": side, "there": True})
    yield from changed({"type": "routed", "call": call, "side": side,
                        "tunnel": {"url": "/tunnel", "token": "token"}})


def of_nothing():
    """Of no call and no name of a page's."""
    turn = {"uris": ["turn:127.0.0.1:9"], "username": "user", "password": "word", "lifetime": 600}
    for kind in ("registered", "replaced", "watched"):
        yield from changed({"type": kind, "name": "nobody"})
    yield from changed({"type": "notregistered", "name": "nobody", "cause": "owned"})
    yield from changed({"type": "ready", "resumed": True, "turn": turn})
    yield from changed({"type": "turn", "turn": turn})
    for uri in (*WRONG, "turn:", "turn:[", "turn:a b", "http://127.0.0.1/", "turn:127.0.0.1:99999"):
        yield {"type": "turn", "turn": {**turn, "uris": [uri]}}
    yield from changed(WELCOME)
    # The socket does not end with it here.
    yield from changed({"type": "error", "cause": "limit", "text": "So it is.", "version": "1.1"},
                       keep=["type"])


WELCOME = {"type": "welcome", "version": "1.1", "challenge": "A" * 43, "stun": [],
           "address": "127.0.0.1:9", "limits": {"message": 1, "calls": 0, "names": 0}}


def signed_like(sdp, row):
    """A row of the table of descriptions, with what proves who says it."""
    proof = "".join(line + "\r\n" for line in sdp.split("\r\n")
                    if line.startswith(("a=fingerprint:", "a=peer-identity:")))
    before, mark, media = row.partition("m=")
    return before + proof + mark + media
