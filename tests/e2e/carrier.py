# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What a carrier can do with signals: they come again, or not, or in another order, or in another
call; and some are its own. Each of these is a change for a MiddleMan."""

import threading

from middleman import another_fingerprint, change_lines, without_identity

ANOTHER_CALL = "another-call-another-call"


def of_signals(change):
    """For a change that says for each signal of a client's which messages go on."""

    def change_message(message, from_client, tap):
        if not from_client or "signal" not in message:
            return message
        for each in change(message):
            tap.server.send(each)
        return None

    return change_message


def whose(message):
    return message.get("side", "caller")


def coming_again():
    said = {"caller": [], "callee": []}

    def change(message):
        earlier = said[whose(message)]
        earlier.append(message)
        return [message, *earlier[-4:], message]

    return of_signals(change)


def coming_the_second_time_only():
    seen = set()

    def change(message):
        signal = message["signal"]
        name = whose(message), signal.get("seq"), signal["type"]
        is_new = name not in seen
        seen.add(name)
        is_lost = is_new and signal["type"] != "ack" and message["type"] == "signal"
        return [] if is_lost else [message]

    return of_signals(change)


def in_another_order():
    held = {}

    def change(message):
        # The offer has to come first: without it there is no call yet.
        if message["type"] == "call":
            return [message]
        before = held.pop(whose(message), None)
        if before:
            return [message, before]
        held[whose(message)] = message
        return []

    return of_signals(change)


def invented(stranger):
    """Among the others, such as come without a number, and are taken as they come."""
    line = stranger.candidate("candidate:1 1 udp 2130706431 127.0.0.1 9 typ host")
    descriptions = {}

    def own(call, side):
        sdp = descriptions[side]
        other = change_lines(sdp, another_fingerprint)
        return [{"type": "answer", "sdp": sdp, "call": call},
                {"type": "offer", "sdp": other, "call": call},
                {"type": "offer", "sdp": change_lines(other, without_identity), "call": call},
                {"type": "candidate", "candidate": line, "sdpMid": "0", "call": call},
                {"type": "ack", "ack": 1 << 40, "call": call},
                {"type": "bye", "call": ANOTHER_CALL},
                {"type": "offer", "sdp": sdp, "call": ANOTHER_CALL}]

    def change(message):
        side = whose(message)
        if "sdp" in message["signal"]:
            descriptions[side] = message["signal"]["sdp"]
        if message["type"] == "call" or "caller" not in descriptions \
                or "callee" not in descriptions:
            return [message]
        call = message["signal"]["call"]
        return [message, *(dict(message, signal=each) for each in own(call, side))]

    return of_signals(change)


class TwoCalls:
    """What the callee says in each of two calls, it says in the other one."""

    def __init__(self, relabel):
        self._relabel = relabel
        self._calls = []
        self._held = []
        self._lock = threading.Lock()

    def change(self, message, from_client, tap):
        with self._lock:
            if message["type"] == "incoming" and message["call"] not in self._calls:
                self._calls.append(message["call"])
            if not from_client or message["type"] != "signal" or message["side"] != "callee":
                return message
            self._held.append(message)
            if len(self._calls) < 2:
                return None
            for each in self._held:
                tap.server.send(self._swapped(each))
            self._held = []
            return None

    def _swapped(self, message):
        other = self._calls[1 - self._calls.index(message["call"])]
        signal = dict(message["signal"], call=other) if self._relabel else message["signal"]
        return dict(message, call=other, signal=signal)
