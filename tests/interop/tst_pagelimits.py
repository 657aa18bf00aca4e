# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The limits in web/README.md hold for a page whose rendezvous wants to break them, and so does what
the user has asked for."""

import unittest

from browsercall import wait_for
from secretpage import SecretPageCase

from secretcall import ANSWER

MANY = 1000


def hands_off(message, *_):
    return message


class Flood:
    """Passes everything on, and after the first that matches says more to that client."""

    def __init__(self, matches, more):
        self._matches = matches
        self._more = more

    def change(self, message, from_client, tap):
        if from_client or not self._more or not self._matches(message):
            return message
        tap.client.send(message)
        more, self._more = self._more, None
        for each in more(message):
            tap.client.send(each)
        tap.client.send({"type": "that is all"})
        return None


def is_answer(message):
    return message.get("signal", {}).get("type") == "answer"


class LimitsTest(SecretPageCase):
    """web/README.md has them."""

    def heard_all(self, tab):
        tab.page.evaluate('until(() => heardMessages.has("that is all"))')

    def watched(self):
        tab = self.tab()
        tab.page.evaluate("watchMessages(); watchBrowser(); watchCalls()")
        return tab

    def test_calls_that_come_and_go_are_bounded(self):
        tab = self.watched()
        names = {f"{number:022}" for number in range(MANY)}
        ended = set()

        def calls(_):
            for call in sorted(names):
                about = {"type": "incoming", "call": call, "to": "page", "service": "",
                         "name": "", "id": ""}
                yield {**about, "signal": {"type": "offer", "sdp": "v=0", "call": call, "seq": 1}}
                yield {**about, "signal": {"type": "bye", "call": call, "seq": 2}}

        flood = Flood(lambda message: message["type"] == "registered", calls)

        def change(message, from_client, tap):
            if not from_client or message.get("call") not in names:
                return flood.change(message, from_client, tap)
            if message["type"] == "end":
                ended.add(message["call"])
            return None  # the honest one knows nothing of them

        address = tab.listen(self.through(change).specifier("page"))
        self.heard_all(tab)
        self.assertLess(tab.page.evaluate("browserCalls.length"), 64)
        wait_for("the ends", lambda: ended == names)
        self.assertEqual(tab.calls(), [])
        caller = self.dial(address)
        self.assertEqual(caller.wait(30), 0, caller.story())
        self.assertEqual(caller.process.stdout.read(), ANSWER)

    def candidates(self, message, are_numbered=False):
        about = {name: value for name, value in message.items() if name != "signal"}
        for number in range(MANY):
            signal = {"type": "candidate", "call": message["call"], "sdpMid": "0",
                      "candidate": f"candidate:1 1 udp 1 127.0.0.1 {number + 1} typ host"}
            yield {**about, "signal": {**signal, "seq": number + 3} if are_numbered else signal}

    def test_candidates_before_their_description_are_bounded(self):
        tab = self.watched()

        def change(message, from_client, tap):
            if not from_client and is_answer(message):
                for each in self.candidates(message):
                    tap.client.send(each)
            return message

        self.assert_page_told(self.page_calls(change, tab=tab))
        self.assertLess(tab.page.evaluate("told.addIceCandidate"), 300)

    def test_signals_that_wait_for_the_browser_are_bounded(self):
        tab = self.watched()
        tab.page.evaluate("holdBrowser()")
        man = self.through(Flood(is_answer, self.candidates).change)
        _, address = self.listen(man, "--echo", "--identity", self.folder / "alice")
        tab.page.evaluate(f"void (globalThis.dialling = dial({address!r}))")
        self.heard_all(tab)
        tab.page.evaluate("release(); dialling")
        self.assertTrue(tab.page.call("isEchoed", "there"))
        # What comes now comes behind all that waited.
        self.assertEqual(tab.page.evaluate("restartIce()"), "connected")
        self.assertLess(tab.page.evaluate("told.addIceCandidate"), 300)

    def test_signals_that_wait_for_one_that_is_missing_are_bounded(self):
        tab = self.watched()
        man = self.through(Flood(is_answer, lambda message: self.candidates(message, True)).change)
        alice, address = self.alice(man)
        outcome = tab.outcome(tab.dial(address))
        self.heard_all(tab)
        self.assert_page_told((outcome, self.all_of(alice)))
        self.assertLess(tab.page.evaluate("told.addIceCandidate"), 300)

    def test_servers_are_bounded_and_those_that_are_none_no_hindrance(self):
        tab = self.watched()

        def change(message, from_client, _):
            if not from_client and message["type"] == "welcome":
                message["stun"] = [f"stun:127.0.0.1:{port}" for port in range(1, 100)]
                message["turn"] = {"uris": [f"turn:127.0.0.1:{port}" for port in range(1, 100)],
                                   "username": "user", "password": "word", "lifetime": 600}
            return message

        self.assert_page_told(self.page_alone_calls(change, tab))
        servers = tab.page.evaluate("told.configurations.at(-1).iceServers")
        self.assertEqual(len(servers), 9)
        self.assertEqual(len(servers[-1]["urls"]), 8)

    def test_a_server_that_is_none_keeps_neither_the_policy_from_a_page_nor_the_others(self):
        """Who wants relays alone is not to be seen by the peer, whatever the rendezvous says."""
        said = []

        def change(message, from_client, _):
            if from_client and "signal" in message:
                said.append(message["signal"])
            if not from_client and message["type"] == "welcome":
                message["stun"] = ["stun:[", f"stun:{self.honest.address}"]
            return message

        bob, alice = self.watched(), self.watched()
        man = self.through(change)
        address = alice.listen(man.specifier("page", "tls=off&paths=relay"))
        number = bob.dial(address)
        wait_for("the answer", lambda: [each for each in said if each["type"] == "answer"])
        wait_for("the call", lambda: bob.calls()[number]["state"] == "connecting")
        for tab in (bob, alice):
            used = tab.page.evaluate("told.configurations.at(-1)")
            self.assertEqual(used["iceTransportPolicy"], "relay")
            self.assertEqual(used["iceServers"], [{"urls": f"stun:{self.honest.address}"}])
        # A whole call that may use all paths takes place meanwhile.
        self.assert_page_told(self.page_alone_calls(hands_off, bob))
        self.assertNotIn("typ host", str([each for each in said if each["call"] == said[0]["call"]]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
