# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Who is the rendezvous and on the path too, so that every datagram goes through his hands, reads
nothing, alters nothing and takes nothing over."""

import os
import random
import re
import threading
import unittest

from detour import ALERT, APPLICATION_DATA, OTHER, Detour, is_application_data, is_dtls
from dtlsends import DtlsEnd, certificate
from middleman import change_lines, change_signals
from secretcall import ANSWER, NOT_CONNECTED, REFUSED, SECRET, SecretCase, is_stun


def flipped(datagram, seed):
    """One bit of it is another, behind the header of a DTLS record."""
    chance = random.Random(seed)
    octets = bytearray(datagram)
    octets[chance.randrange(13, len(octets))] ^= 1 << chance.randrange(8)
    return bytes(octets)


class Each:
    """Which number a datagram of this kind has, from 1; threads."""

    def __init__(self, test):
        self._test = test
        self.count = 0
        self._lock = threading.Lock()

    def number(self, datagram):
        if not self._test(datagram):
            return 0
        with self._lock:
            self.count += 1
            return self.count


class OnPathTest(SecretCase):
    def by(self, detour, *options):
        """The call by that detour; no other way is known to either."""
        self.addCleanup(detour.close)
        return self.call(change_signals(detour.change_signal), *options, paths="&paths=direct")

    def assert_unread(self, detour, least=len(SECRET) + len(ANSWER)):
        """Nothing but STUN and DTLS was to be seen, in it none of the secrets, and yet they went
        through."""
        self.assertTrue(all(is_stun(each) or is_dtls(each) for _, each in detour.datagrams))
        seen = b"".join(each for _, each in detour.datagrams)
        for secret in (SECRET, ANSWER):
            self.assertNotIn(secret[:15], seen)
        records = sum(map(len, detour.of(is_application_data)))
        self.assertGreater(records, least)

    def test_who_forwards_reads_nothing(self):
        detour = Detour()
        self.assert_told(self.by(detour))
        self.assert_unread(detour)

    def test_altered_data_is_never_taken_for_data(self):
        each = Each(is_application_data)

        def change(datagram, _):
            number = each.number(datagram)
            return [flipped(datagram, number) if number % 3 == 1 else datagram]

        detour = Detour(change)
        self.assert_told(self.by(detour))
        self.assert_unread(detour)
        self.assertGreater(each.count, 6)

    def test_data_that_is_altered_for_long_heals(self):
        each = Each(is_application_data)

        def change(datagram, _):
            number = each.number(datagram)
            return [flipped(datagram, number) if 3 < number < 20 else datagram]

        self.assert_told(self.by(Detour(change)))

    def test_data_that_is_altered_from_the_first_on_is_none(self):
        # In a call that stands they would wait for 100 s (tst_sctpassociation).
        def change(datagram, _):
            return [flipped(datagram, 1) if is_application_data(datagram) else datagram]

        detour = Detour(change)
        caller, got = self.by(detour, "--timeout", "5")
        self.assertEqual((caller.code, got, caller.heard), (NOT_CONNECTED, b"", b""))
        self.assert_unread(detour, 0)

    def test_an_altered_handshake_makes_no_other_connection(self):
        # Nothing protects it before its end, so it may fail; it never succeeds with something else.
        for which in range(1, 9):
            each = Each(lambda datagram: is_dtls(datagram) and not is_application_data(datagram))

            def change(datagram, _, each=each, which=which):
                number = each.number(datagram)
                return [flipped(datagram, number) if number == which else datagram]

            with self.subTest(which=which):
                caller, got = self.by(Detour(change), "--timeout", "10")
                if caller.code == 0:
                    self.assertEqual((got, caller.heard), (SECRET, ANSWER))
                else:
                    self.assertIn(caller.code, (NOT_CONNECTED, REFUSED), caller.story())
                    self.assertEqual((got, caller.heard), (b"", b""))

    def test_what_is_sent_again_and_in_disorder_arrives_once(self):
        held = {"caller": [], "callee": []}

        def change(datagram, to):
            if not is_dtls(datagram):
                return [datagram, datagram]
            before = held[to][-8:]
            held[to].append(datagram)
            return [*reversed(before), datagram, datagram]

        detour = Detour(change)
        self.assert_told(self.by(detour))

    def test_what_is_forged_ends_nothing(self):
        each = Each(is_application_data)

        def change(datagram, to):
            if not each.number(datagram):
                return [datagram]
            header = datagram[:11]  # type, version, epoch and number as they are due
            return [*forged(header), datagram, *forged(header)]

        detour = Detour(change)
        self.assert_told(self.by(detour))
        self.assert_unread(detour)

    def test_who_swallows_a_kind_of_datagram_hears_nothing(self):
        for name, test in (("stun", is_stun), ("dtls", is_dtls)):
            detour = Detour(lambda datagram, _, test=test: [] if test(datagram) else [datagram])
            with self.subTest(name):
                caller, got = self.by(detour, "--timeout", "4")
                self.assertEqual((caller.code, got, caller.heard), (NOT_CONNECTED, b"", b""))
                self.assertEqual(detour.of(is_application_data), [])


class DtlsEndsTest(SecretCase):
    """He ends DTLS himself, towards both, with a certificate of his own."""

    def between(self, change_signal, *options, **how):
        """Gives the call, and what his ends towards caller and callee heard."""
        files, fingerprint = certificate(self.folder)
        ends = {}

        def change(datagram, to):
            if not is_dtls(datagram):
                return [datagram]
            ends[OTHER[to]].take(datagram)
            return []

        detour = Detour(change)
        self.addCleanup(detour.close)

        def change_both(signal, whose):
            signal = detour.change_signal(signal, whose)
            return signal and change_signal(signal, fingerprint)

        # The callee is DTLS's client, as answerers are (RFC 8842 section 5.3).
        ends["callee"] = DtlsEnd(True, files, lambda datagram: detour.send(datagram, "callee"))
        ends["caller"] = DtlsEnd(False, files, lambda datagram: detour.send(datagram, "caller"))
        for end in ends.values():
            self.addCleanup(end.close)
        call = self.call(change_signals(change_both), *options, "--timeout", "10",
                         paths="&paths=direct", **how)
        for end in ends.values():
            end.close()
        heard = [ends["caller"].heard, ends["callee"].heard]
        for secret in (SECRET, ANSWER):
            self.assertNotIn(secret[:15], heard[0] + heard[1])
        return call, heard

    def test_his_certificate_is_not_the_announced_one(self):
        call, heard = self.between(lambda signal, _: signal)
        self.assert_refused(call, "IdentityMismatch", "PeerRejected")
        self.assertNotIn(SCTP, heard[0] + heard[1])

    def test_his_certificate_is_announced_to_both(self):
        call, heard = self.between(announce, *self.named, allowed=[self.id_of("bob")])
        self.assert_refused(call, "IdentityMismatch", "PeerRejected")
        self.assertNotIn(SCTP, heard[0] + heard[1])

    def test_his_certificate_is_announced_to_who_takes_calls_of_everybody(self):
        # He may well call alice as somebody else; as for bob, he is not her.
        call, heard = self.between(announce)
        self.assert_refused(call, "IdentityMismatch")
        self.assertNotIn(SCTP, heard[0])

    def test_without_an_id_in_the_address_he_would_be_between_them(self):
        # So what he does above is enough for that, and the id is what prevents it.
        _, heard = self.between(announce_alone,
                                address_of=lambda address: re.sub("id=[a-z2-7]*&?", "", address))
        self.assertIn(SCTP, heard[0])
        self.assertIn(SCTP, heard[1])


# What is said first within DTLS: SCTP's common header, ports 5000 and 5000 (RFC 8841 section 5).
SCTP = b"\x13\x88\x13\x88"


def announce(signal, fingerprint):
    if "sdp" in signal:
        signal["sdp"] = re.sub("a=fingerprint:sha-256 [0-9A-F:]*",
                               "a=fingerprint:sha-256 " + fingerprint, signal["sdp"])
    return signal


def announce_alone(signal, fingerprint):
    """And nobody's identity."""
    signal = announce(signal, fingerprint)
    if "sdp" in signal:
        signal["sdp"] = change_lines(signal["sdp"], lambda line: None if line.startswith(
            "a=peer-identity:") else line)
    return signal


def forged(header):
    """What somebody without the keys might say to end a connection, or to speak in it."""
    number = header[3:]
    plain = b"\xfe\xfd" + bytes(8)
    return [
        bytes([ALERT]) + plain + b"\0\2" + b"\2\x28",  # handshake_failure, not encrypted
        bytes([ALERT]) + plain + b"\0\2" + b"\1\0",  # close_notify, likewise
        bytes([ALERT]) + b"\xfe\xfd" + number + b"\0\2" + b"\1\0",  # in the present epoch
        bytes([ALERT]) + b"\xfe\xfd" + number + b"\0\x1a" + os.urandom(26),
        bytes([APPLICATION_DATA]) + b"\xfe\xfd" + number + b"\0\x40" + os.urandom(64),
        bytes([APPLICATION_DATA]) + plain + b"\0\x07" + b"in hand",
        # An SCTP ABORT as it would be without DTLS, and a STUN response and request of nobody's.
        b"\x13\x88\x13\x88" + bytes(8) + b"\6\0\0\4",
        b"\1\1\0\0\x21\x12\xa4\x42" + os.urandom(12),
        b"\0\1\0\0\x21\x12\xa4\x42" + os.urandom(12),
        # RTP and RTCP (BYE) that nobody has agreed on.
        b"\x80\x60" + os.urandom(20),
        b"\x80\xcb\0\1" + os.urandom(4),
    ]


if __name__ == "__main__":
    unittest.main(verbosity=2)
