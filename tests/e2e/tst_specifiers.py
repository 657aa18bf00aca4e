# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What is wrong with a command line is told in a sentence, a wrong address by fault and column,
and the exit code is 1."""

import pathlib
import subprocess
import sys
import unittest

import harness

USAGE = 1
ID = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrsa"

# What is wrong, the address, the column of the fault, and a word of the message.
MALFORMED = [
    ("empty", "", 1, "peer://"),
    ("another scheme", "https://alice@example.org", 1, "peer://"),
    ("no scheme", "alice@example.org", 1, "peer://"),
    ("one slash", "peer:/alice@example.org", 1, "peer://"),
    ("513 bytes", "peer://alice@example.org?x-a=" + "b" * (513 - 29), 513, "512"),
    ("a space in front", " peer://example.org", 1, "percent-encoded"),
    ("a line feed behind", "peer://example.org\n", 19, "character"),
    ("a tab inside", "peer://exam\tple.org", 12, "character"),
    ("a DEL", "peer://example.org?x-a=\x7f", 24, "character"),
    ("quotes", '"peer://example.org"', 1, "percent-encoded"),
    ("a backslash", "peer:\\\\example.org", 6, "percent-encoded"),
    ("percent without digits", "peer://example.org?x-a=%zz", 24, "%"),
    ("no name before the at sign", "peer://@example.org", 8, "name"),
    ("a password", "peer://alice:secret@example.org", 13, "password"),
    ("a name of 65 characters", "peer://" + "a" * 65 + "@example.org", 72, "name"),
    ("a name with a plus", "peer://al+ice@example.org", 10, "name"),
    ("nothing behind the slashes", "peer://", 8, "host"),
    ("nothing behind the name", "peer://alice@", 14, "host"),
    ("a second at sign", "peer://a@b@example.org", 11, "host"),
    ("a host with an empty label", "peer://a..org", 8, "host"),
    ("an address of two numbers", "peer://127.1", 8, "address"),
    ("an address in hexadecimal", "peer://0x7f000001", 8, "address"),
    ("an address with an octet of 256", "peer://127.0.0.256", 8, "address"),
    ("IPv6 without brackets", "peer://alice@2001:db8::1", 14, "bracket"),
    ("IPv6 with a zone", "peer://[fe80::1%25eth0]", 9, "address"),
    ("letters behind the bracket", "peer://[::1]a", 13, "bracket"),
    ("a colon without a port", "peer://example.org:", 20, "port"),
    ("port 0", "peer://example.org:0", 20, "port"),
    ("port 65536", "peer://example.org:65536", 20, "port"),
    ("a port with a letter behind", "peer://example.org:443a", 23, "port"),
    ("a service of two segments", "peer://example.org/a/b", 21, "service"),
    ("a service of 65 characters", "peer://example.org/" + "s" * 65, 84, "service"),
    ("an unknown parameter", "peer://example.org?path=all", 20, "parameter"),
    ("a parameter in upper case", "peer://example.org?ID=a", 20, "parameter"),
    ("tls twice", "peer://example.org?tls=off&x-a&tls=off", 32, "tls"),
    ("an id without a value", "peer://example.org?id", 22, "id"),
    ("an id of 51 characters", "peer://example.org?id=" + ID[:-1], 23, "id"),
    ("an id in upper case", "peer://example.org?id=" + ID.upper(), 23, "id"),
    ("a second id that is none", f"peer://example.org?id={ID}&id=a", 79, "id"),
    ("unknown paths", "peer://example.org?paths=fast", 26, "Paths"),
    ("a tls that is neither off nor a pin", "peer://example.org?tls=on", 24, "TLS"),
    ("an rv with port 0", "peer://example.org?rv=b.org:0", 23, "port"),
    ("an rv with a scheme", "peer://example.org?rv=wss://b.org", 23, "port"),
    ("stun with a TURN server", "peer://example.org?stun=turn:b.org", 25, "stun"),
    ("turn with credentials", "peer://example.org?turn=turn:user:pass@b.org", 25, "turn"),
    ("an empty token", "peer://example.org#", 20, "token"),
    ("a token with a space", "peer://example.org#a%20b", 20, "token"),
]

GOOD = "peer://alice@127.0.0.1:9?tls=off"

# What is wrong, the arguments, and a word of the message.
MISUSED = [
    ("nothing at all", [], "listen"),
    ("a verb alone", ["listen"], "PEER-URI"),
    ("an unknown verb", ["dial", GOOD], "dial"),
    ("too many words", ["connect", GOOD, GOOD], "PEER-URI"),
    ("an unknown option", ["connect", GOOD, "--nonsense"], "nonsense"),
    ("an option without its value", ["connect", GOOD, "--timeout"], "timeout"),
    ("a caller that echoes", ["connect", GOOD, "--echo"], "echo"),
    ("a caller with a list of callers", ["connect", GOOD, "--allow", ID], "allow"),
    ("a listener with a timeout", ["listen", GOOD, "--timeout", "1"], "timeout"),
    ("a timeout of letters", ["connect", GOOD, "--timeout", "soon"], "soon"),
    ("a timeout of nothing", ["connect", GOOD, "--timeout", "0"], "0"),
    ("a patience too short", ["connect", GOOD, "--patience", "0.5"], "0.5"),
    ("a negative timeout", ["connect", GOOD, "--timeout=-1"], "-1"),
    ("an identity of 51 characters", ["listen", GOOD, "--allow", ID[:-1]], "52"),
    ("an identity of other characters", ["listen", GOOD, "--allow", "A" * 52], "A" * 52),
    ("an authority that is not there", ["connect", GOOD, "--ca", "/nowhere"], "/nowhere"),
    ("an identity that cannot be made", ["connect", GOOD, "--identity", "/nowhere/key"],
     "/nowhere/key"),
    ("an identity that is something else", ["connect", GOOD, "--identity", sys.executable],
     sys.executable),
    ("a TURN server without credentials", ["connect", GOOD, "--turn", "turn:example.org"],
     "USER:PASSWORD"),
    ("a TURN server without a password", ["connect", GOOD, "--turn", "turn:bob@example.org"],
     "USER:PASSWORD"),
    ("a TURN server by an unknown scheme",
     ["listen", GOOD, "--turn", "https:bob:secret@example.org"], "USER:PASSWORD"),
    ("a TURN server with a bad port", ["doctor", "--turn", "turn:bob:secret@example.org:0"],
     "USER:PASSWORD"),
    ("a STUN server with credentials", ["doctor", "--turn", "stun:bob:secret@example.org"],
     "USER:PASSWORD"),
    ("unknown paths", ["connect", GOOD, "--paths", "fast"], "fast"),
    ("plain text to another machine", ["connect", "peer://alice@192.0.2.1?tls=off"], "tls=off"),
    ("plain text to another machine, listening", ["listen", "peer://alice@192.0.2.1?tls=off"],
     "tls=off"),
]


class SpecifierTest(unittest.TestCase):
    def peercat(self, *arguments):
        run = subprocess.run([pathlib.Path(harness.BIN) / "peercat", *arguments], timeout=30,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, USAGE, run.stderr)
        self.assertEqual(run.stdout, "")
        return run.stderr

    def test_a_malformed_address_is_told_by_fault_and_column(self):
        self.assertGreaterEqual(len(MALFORMED), 40)
        for number, (fault, specifier, column, word) in enumerate(MALFORMED):
            with self.subTest(fault, specifier=specifier):
                told = self.peercat(("connect", "listen")[number % 2], specifier)
                self.assertIn(f"column {column}:", told)
                self.assertIn(word, told.split(":", 2)[-1])
                self.assertNotIn("secret", told)

    def test_a_misuse_is_told(self):
        for fault, arguments, word in MISUSED:
            with self.subTest(fault):
                told = self.peercat(*arguments)
                self.assertIn(word, told)
                self.assertNotIn("secret", told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
