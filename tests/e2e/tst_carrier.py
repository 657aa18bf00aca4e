# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The rendezvous does with what it carries whatever a carrier can: signals come again, or not, or in
another order, or in another call; some are its own; and of a tunnel it sees every octet."""

import subprocess
import threading
import unittest

from detour import is_application_data, is_dtls
from middleman import change_lines, change_signals
from secretcall import ANSWER, NOT_CONNECTED, REFUSED, SECRET, SecretCase, Stranger, is_stun


def of_signals(change):
    """For a change that says for each signal of a client's which messages go on."""

    def change_message(message, from_client, tap):
        if not from_client or "signal" not in message:
            return message
        for each in change(message):
            tap.server.send(each)
        return None

    return change_message


class SignalsTest(SecretCase):
    def test_signals_that_come_again_are_harmless(self):
        said = {"caller": [], "callee": []}

        def change(message):
            earlier = said[message.get("side", "caller")]
            earlier.append(message)
            return [message, *earlier[-4:], message]

        self.assert_told(self.call(of_signals(change)))

    def test_signals_that_come_the_second_time_only_are_harmless(self):
        seen = set()

        def change(message):
            signal = message["signal"]
            name = message.get("side", "caller"), signal.get("seq"), signal["type"]
            is_new = name not in seen
            seen.add(name)
            is_lost = is_new and signal["type"] != "ack" and message["type"] == "signal"
            return [] if is_lost else [message]

        self.assert_told(self.call(of_signals(change)))

    def test_signals_in_another_order_are_harmless(self):
        held = {}

        def change(message):
            # The offer has to come first: without it there is no call yet.
            side = message.get("side", "caller")
            if message["type"] == "call":
                return [message]
            before = held.pop(side, None)
            if before:
                return [message, before]
            held[side] = message
            return []

        self.assert_told(self.call(of_signals(change)))

    def test_signals_of_its_own_take_nothing_over(self):
        stranger = Stranger()
        self.addCleanup(stranger.close)
        line = stranger.candidate("candidate:1 1 udp 2130706431 127.0.0.1 9 typ host")
        descriptions = {}

        def own(call, side):
            """Such as come without a number, and are taken as they come."""
            sdp = descriptions[side]
            other = change_lines(sdp, another_certificate)
            return [{"type": "answer", "sdp": sdp, "call": call},
                    {"type": "offer", "sdp": other, "call": call},
                    {"type": "offer", "sdp": change_lines(other, without_identity), "call": call},
                    {"type": "candidate", "candidate": line, "sdpMid": "0", "call": call},
                    {"type": "ack", "ack": 1 << 40, "call": call},
                    {"type": "bye", "call": "another-call-another-call"},
                    {"type": "offer", "sdp": sdp, "call": "another-call-another-call"}]

        def change(message):
            side = message.get("side", "caller")
            if "sdp" in message["signal"]:
                descriptions[side] = message["signal"]["sdp"]
            if message["type"] == "call" or "caller" not in descriptions \
                    or "callee" not in descriptions:
                return [message]
            call = message["signal"]["call"]
            return [message, *(dict(message, signal=each) for each in own(call, side))]

        self.assert_told(self.call(of_signals(change)))
        self.assertTrue(all(map(is_stun, stranger.datagrams)))


def another_certificate(line):
    if line.startswith("a=fingerprint:"):
        return line[:-1] + ("0" if line[-1] != "0" else "1")
    return line


def without_identity(line):
    return None if line.startswith("a=peer-identity:") else line


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


class TwoCallsTest(SecretCase):
    def swapped(self, relabel):
        man = self.through(TwoCalls(relabel).change)
        _, address = self.listen(man, "--echo", "--identity", self.folder / "alice")
        callers = [self.dial(address, "--timeout", "5") for _ in range(2)]
        for caller in callers:
            caller.code = caller.wait(30)
            self.assertEqual(caller.process.stdout.read(), b"")
        return callers

    def test_answers_of_another_call_that_runs_are_not_taken(self):
        for caller in self.swapped(relabel=True):
            self.assertEqual(caller.code, REFUSED, caller.story())
            self.assertEqual(caller.errors(), ["IdentityMismatch"])

    def test_signals_that_name_another_call_are_not_heard(self):
        for caller in self.swapped(relabel=False):
            self.assertEqual(caller.code, NOT_CONNECTED, caller.story())


class TunnelTest(SecretCase):
    """paths=tunnel: all that there is goes through the rendezvous."""

    def by(self, change, *options):
        self.seen = []

        def change_datagram(datagram, from_client, _):
            self.seen.append(datagram)
            # Each passes twice, and is changed on its way in.
            return change(datagram) if from_client else [datagram]

        man = self.through(lambda message, *_: message, change_datagram)
        call = self.call(man, *options, paths="&paths=tunnel")
        self.assertTrue(all(is_stun(each) or is_dtls(each) for each in self.seen))
        for secret in (SECRET, ANSWER):
            self.assertNotIn(secret[:15], b"".join(self.seen))
        return call

    def test_it_reads_nothing(self):
        self.assert_told(self.by(lambda datagram: [datagram]))
        records = sum(len(each) for each in self.seen if is_application_data(each))
        self.assertGreater(records, len(SECRET) + len(ANSWER))

    def test_it_alters_nothing(self):
        altered = []

        def change(datagram):
            if is_application_data(datagram) and len(self.seen) % 3 == 0:
                altered.append(datagram)
                return [datagram[:-1] + bytes([datagram[-1] ^ 1])]
            return [datagram]

        self.assert_told(self.by(change))
        self.assertTrue(altered)

    def test_it_repeats_nothing(self):
        records = []

        def change(datagram):
            if not is_application_data(datagram):
                return [datagram, datagram]
            # To both: what one has said comes back to him as well.
            records.append(datagram)
            return [*reversed(records[-6:]), datagram]

        self.assert_told(self.by(change))

    def test_it_is_no_end_of_it(self):
        caller, got = self.by(lambda datagram: [], "--timeout", "4")
        self.assertEqual((caller.code, got, caller.heard), (NOT_CONNECTED, b"", b""))
        self.assertTrue(all(map(is_stun, self.seen)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
