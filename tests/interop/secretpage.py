# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls of secretcall.py in which one side, or both, is a page: peerconnection.js in a tab of
Chromium, with a key of its own."""

import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import chromium
from secretcall import ANSWER, LOST, NOT_CONNECTED, REFUSED, SECRET, SecretCase

PLAIN = re.compile(r"[A-Za-z][\x20-\x7e…]{8,300}[.…]?")
NOT_PLAIN = re.compile(r"undefined|null|NaN|TypeError|\[object|Failed to execute|at http")


class Tab:
    """A page of the honest rendezvous, whoever it then speaks to."""

    def __init__(self, browser, rendezvous):
        self.page = browser.page(f"http://{rendezvous.address}/healthz")
        for script in ("page.js", "evilpage.js"):
            self.page.evaluate((HERE / script).read_text())
        self.id = self.page.evaluate("""import("/peerconnection.js").then(async (module) => {
            globalThis.web = module;
            globalThis.own = await web.PeerIdentity.create();
            return own.id;
        })""")

    def dial(self, address, words=SECRET):
        return self.page.call("dialWith", address, words.decode())

    def listen(self, specifier, words=ANSWER, **options):
        return self.page.call("listenWith", specifier, words.decode(), options)

    def outcome(self, number=0):
        return self.page.call("outcome", number)

    def calls(self):
        return self.page.evaluate("calls.map(soFar)")

    def hurry(self):
        """Whoever waits for long has waited enough. After watchCalls()."""
        self.page.evaluate("hurry()")

    def faults(self):
        """What came out of the script; and whether it has left something in every object."""
        found = self.page.evaluate("[...faults, ...Object.keys(Object.prototype), "
                                   " ...('polluted' in {} ? ['polluted'] : [])]")
        # An exception's description has its stack.
        return found + [text for text in self.page.console if "\n    at " in text]


@unittest.skipUnless(chromium.executable(), "Chromium is not installed (Debian: chromium)")
class SecretPageCase(SecretCase):
    @classmethod
    def setUpClass(cls):
        # Tabs behind another one have slow timers otherwise, and the tests wait by those.
        cls.browser = chromium.Chromium("--disable-background-timer-throttling",
                                        "--disable-renderer-backgrounding")
        cls.addClassCleanup(cls.browser.end)
        print(chromium.version(), flush=True)

    def setUp(self):
        super().setUp()
        self.tabs = []

    def tearDown(self):
        for tab in self.tabs:
            self.assertEqual(tab.faults(), [])
            tab.page.close()

    def tab(self):
        tab = Tab(self.browser, self.honest)
        self.tabs.append(tab)
        return tab

    def page_calls(self, change, *options, tab=None, allowed=(), address_of=lambda address: address):
        """A page tells alice, a program, the secret; what became of the call there, and what alice
        got."""
        man = self.through(change)
        alice, address = self.alice(man, *(f"--allow={each}" for each in allowed), *options)
        tab = tab or self.tab()
        outcome = tab.outcome(tab.dial(address_of(address)))
        if outcome["error"] is None:
            alice.wait(10)
        return outcome, self.all_of(alice)

    def page_alone_calls(self, change, tab):
        """Alice is not by way of the man."""
        man = self.through(change)
        alice, address = self.alice(self.honest)
        outcome = tab.outcome(tab.dial(address.replace(self.honest.address, man.address)))
        if outcome["error"] is None:
            alice.wait(10)
        return outcome, self.all_of(alice)

    def all_of(self, program):
        program.process.terminate()
        self.assertIn(program.wait(10), (0, NOT_CONNECTED, LOST, REFUSED), program.story())
        return program.process.stdout.read()

    def page_is_called(self, change, *options, tab=None, name="page", **how):
        """A program tells a page the secret; the program, which has ended, and what became of its
        calls in the page."""
        man = self.through(change)
        tab = tab or self.tab()
        address = tab.listen(man.specifier(name), **how)
        before = len(tab.calls())
        caller = self.dial(address, *options)
        caller.code = caller.wait(60)
        caller.heard = caller.process.stdout.read()
        if caller.code == 0:
            tab.page.evaluate("until(() => calls.at(-1)?.isWhole)")
        tab.page.evaluate("listener.close()")
        return caller, tab.calls()[before:]

    def assert_page_told(self, call):
        outcome, got = call
        self.assertIsNone(outcome["error"], outcome)
        self.assertEqual((got, outcome["heard"]), (SECRET, ANSWER.decode()))

    def assert_page_was_told(self, call):
        caller, calls = call
        self.assertEqual(caller.code, 0, (caller.story(), calls))
        self.assertEqual(caller.heard, ANSWER)
        self.assertEqual([each["heard"] for each in calls], [SECRET.decode()])

    def assert_page_refused(self, call, *codes):
        """With one of these errors, in plain words; nobody has heard anything."""
        outcome, got = call
        self.assert_nothing_came(outcome)
        self.assertEqual(got, b"")
        self.assertIn(outcome["error"]["code"], codes, outcome)

    def assert_page_has_refused(self, call, *errors):
        """Nothing of the call was told to the page's user."""
        caller, calls = call
        self.assertEqual((caller.heard, calls), (b"", []))
        self.assertIn(caller.errors(), [[error] for error in errors], caller.story())

    def assert_nothing_came(self, outcome):
        self.assertNotIn("connected", outcome["story"])
        self.assertEqual(outcome["heard"], "")
        self.assertIsNotNone(outcome["error"], outcome)
        self.assert_plain(outcome["error"]["text"])

    def assert_plain(self, text):
        self.assertRegex(text, PLAIN)
        self.assertNotRegex(text, NOT_PLAIN)
