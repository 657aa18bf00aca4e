# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Whatever a rendezvous says between the lines of another: messages of the protocol with anything in
them, from seeds. What concerns no call of theirs is harmless; what does may end it, and nothing falls
over."""

import random
import threading
import unittest

from secretcall import ANSWER, LOST, NOT_CONNECTED, REFUSED, SECRET, SecretCase

HARMLESS_SEEDS, HOSTILE_SEEDS = 8, 16
OTHER_CALL = "another-call-another-call"
ANYTHING = (None, True, -1, 0, 1e300, "", "alice", "x" * 70, "\0", "\ud800", [], {}, [{}], {"a": {}})


class Chatter:
    """Messages of a rendezvous by chance. Of a call: of that one, or of one of nobody's."""

    def __init__(self, seed):
        self._chance = random.Random(seed)

    def anything(self):
        return self._chance.choice(ANYTHING)

    def signal(self, call):
        kind = self._chance.choice(("offer", "answer", "candidate", "bye", "ack", "song", None))
        signal = {"type": kind, "call": self._chance.choice((call, OTHER_CALL, self.anything())),
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
            {"type": "minted", "request": OTHER_CALL, "tunnel": {"url": "/t", "token": "t"}},
            {"type": "notminted", "request": OTHER_CALL, "cause": "none"},
            {"type": "song", "of": self.anything()}))

    def about_all(self):
        """That it takes ill, perhaps."""
        return self._chance.choice((
            {"type": "registered", "name": "alice"}, {"type": "replaced", "name": "alice"},
            {"type": "notregistered", "name": "alice", "cause": "owned"},
            {"type": "ready", "resumed": True}, {"type": "turn", "turn": self.turn()},
            {"type": "routed", "call": OTHER_CALL, "side": "caller", "tunnel": self.anything()},
            {"type": "error", "cause": "rate", "text": "", "version": "1.1"},
            {"type": self.anything(), "name": self.anything()}, {}, [], 7))

    def some(self, call):
        """A few, of a harmless kind if there is no call."""
        for _ in range(self._chance.randrange(4)):
            if call and self._chance.randrange(3) == 0:
                yield self._chance.choice((self.about(call), self.about_all()))
            elif self._chance.randrange(2):
                yield self.about(OTHER_CALL)
            else:
                yield self.about_nothing()


class NonsenseTest(SecretCase):
    def call_amid(self, seed, is_hostile, *options):
        chatter = Chatter(seed)
        lock = threading.Lock()
        calls = []

        def change(message, from_client, tap):
            with lock:
                if message["type"] in ("call", "incoming"):
                    calls[:] = [message["call"]]
                said = list(chatter.some(calls[0] if is_hostile and calls else None))
            if not from_client and message["type"] != "welcome":
                for each in said:
                    tap.client.send(each)
            return message

        return self.call(change, *options)

    def test_what_concerns_nobody_is_harmless(self):
        for seed in range(HARMLESS_SEEDS):
            with self.subTest(seed=seed):
                self.assert_told(self.call_amid(seed, False))

    def test_nothing_makes_them_fall_over(self):
        for seed in range(100, 100 + HOSTILE_SEEDS):
            with self.subTest(seed=seed):
                caller, got = self.call_amid(seed, True, "--timeout", "5")
                self.assertIn(caller.code, (0, NOT_CONNECTED, LOST, REFUSED), caller.story())
                self.assertIn((got, caller.heard),
                              [(SECRET, ANSWER), (SECRET, b""), (b"", ANSWER), (b"", b"")])
                self.assertTrue(all(event["event"] != "text" for event in caller.events),
                                caller.story())


if __name__ == "__main__":
    unittest.main(verbosity=2)
