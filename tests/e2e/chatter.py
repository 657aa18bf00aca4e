# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What a rendezvous may say between the lines of another: messages of the protocol with anything in
them, from a seed."""

import random
import threading

from carrier import ANOTHER_CALL

ANYTHING = (None, True, -1, 0, 1e300, "", "alice", "x" * 70, "\0", "\ud800", [], {}, [{}], {"a": {}})


class Chatter:
    """Messages of a rendezvous by chance. Of a call: of that one, or of one of nobody's."""

    def __init__(self, seed):
        self._chance = random.Random(seed)

    def anything(self):
        return self._chance.choice(ANYTHING)

    def signal(self, call):
        kind = self._chance.choice(("offer", "answer", "candidate", "bye", "ack", "song", None))
        signal = {"type": kind, "call": self._chance.choice((call, ANOTHER_CALL, self.anything())),
                  "seq": self._chance.choice((None, 1, 2, 3, 1 << 40, -1)),
                  "ack": self._chance.choice((None, 0, 1, 1 << 40)),
                  "sdp": self._chance.choice(("v=0\r\n", "", self.anything())),
                  "candidate": self._chance.choice(("", "candidate:1 1 udp 1 127.0.0.1 9 typ host",
                                                    self.anything()))}
        return {name: value for name, value in signal.items() if value is not None}

    def tunnel(self):
        return {"url": self._chance.choice(("/tunnel", "ws://127.0.0.1:9/t", "http://[", "?")),
                "token": "token"}

    def turn(self):
        return {"uris": self._chance.choice((["turn:127.0.0.1:9"], ["turn:"], [], ["stun:x"])),
                "username": "user", "password": "word",
                "lifetime": self._chance.choice((1, 600, 0, 1e300))}

    def about(self, call):
        side = self._chance.choice(("caller", "callee"))
        return self._chance.choice((
            {"type": "signal", "call": call, "side": side, "signal": self.signal(call)},
            {"type": "incoming", "call": call, "to": self._chance.choice(("alice", "nobody")),
             "signal": {"type": "song", "call": call}},
            {"type": "routed", "call": call, "side": side, "tunnel": self.tunnel()},
            {"type": "failed", "call": call,
             "cause": self._chance.choice(("offline", "limit", "rate", "unknown"))},
            {"type": "presence", "call": call, "side": side,
             "there": self._chance.choice((True, False))}))

    def about_nothing(self):
        return self._chance.choice((
            {"type": "welcome", "version": "1.1", "challenge": "A" * 43, "stun": [],
             "limits": {"message": 1, "calls": 0, "names": 0}},
            {"type": "registered", "name": "nobody"},
            {"type": "notregistered", "name": "nobody", "cause": "owned"},
            {"type": "replaced", "name": "nobody"},
            {"type": "watched", "name": "alice", "online": False},
            {"type": "notwatched", "name": "alice", "cause": "limit"},
            {"type": "minted", "request": ANOTHER_CALL, "tunnel": {"url": "/t", "token": "t"}},
            {"type": "notminted", "request": ANOTHER_CALL, "cause": "none"},
            {"type": "song", "of": self.anything()}))

    def about_all(self):
        """That it takes ill, perhaps."""
        return self._chance.choice((
            {"type": "registered", "name": "alice"}, {"type": "replaced", "name": "alice"},
            {"type": "notregistered", "name": "alice", "cause": "owned"},
            {"type": "ready", "resumed": True}, {"type": "turn", "turn": self.turn()},
            {"type": "routed", "call": ANOTHER_CALL, "side": "caller", "tunnel": self.anything()},
            {"type": "error", "cause": "rate", "text": "", "version": "1.1"},
            {"type": self.anything(), "name": self.anything()}, {}, [], 7))

    def some(self, call):
        """A few, of a harmless kind if there is no call."""
        for _ in range(self._chance.randrange(4)):
            if call and self._chance.randrange(3) == 0:
                yield self._chance.choice((self.about(call), self.about_all()))
            elif self._chance.randrange(2):
                yield self.about(ANOTHER_CALL)
            else:
                yield self.about_nothing()

    def amid(self, is_hostile):
        """A change for a MiddleMan: what it says to clients with each message but the first. If it
        is not hostile, what concerns nobody."""
        lock = threading.Lock()
        calls = []

        def change(message, from_client, tap):
            with lock:
                if message["type"] in ("call", "incoming"):
                    calls[:] = [message["call"]]
                said = list(self.some(calls[0] if is_hostile and calls else None))
            if not from_client and message["type"] != "welcome":
                for each in said:
                    tap.client.send(each)
            return message

        return change
