# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Whatever a rendezvous says between the lines of another: messages of the protocol with anything in
them, from seeds. What concerns no call of theirs is harmless; what does may end it, and nothing falls
over."""

import unittest

from chatter import Chatter
from secretcall import ANSWER, LOST, NOT_CONNECTED, REFUSED, SECRET, SecretCase

HARMLESS_SEEDS, HOSTILE_SEEDS = 8, 16

class NonsenseTest(SecretCase):
    def call_amid(self, seed, is_hostile, *options):
        return self.call(Chatter(seed).amid(is_hostile), *options)

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
