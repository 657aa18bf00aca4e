# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""peerconnection.js in Chromium: a page that a real rendezvous serves calls programs, and they call
it, both by the address alone."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import chromium
from browsercall import wait_for
from coturn import Coturn, make_certificate
from link import LOOPBACK
from middleman import (MiddleMan, another_fingerprint, another_signature, change_lines, of,
                       without_identity)
from peers import MIB, Case, Rendezvous, Sink, Source
from ports import quiet_port
import harness

IDENTITY_REFUSED = 4
SOMEBODY_ELSE = "a" * 52


def change_answers(change):
    """change_signals() for one side of the middle alone: the caller's."""

    def change_message(message, from_client, _):
        if not from_client and "signal" in message:
            message["signal"] = change(message["signal"], message["side"])
        return message

    return change_message


@unittest.skipUnless(chromium.executable(), "Chromium is not installed (Debian: chromium)")
class PageTest(Case):
    @classmethod
    def setUpClass(cls):
        cls.browser = chromium.Chromium()
        cls.addClassCleanup(cls.browser.end)
        cls.server = Rendezvous()
        cls.addClassCleanup(harness.end, cls.server.process)
        print(chromium.version(), flush=True)

    def page(self):
        page = self.browser.page(f"http://{self.server.address}/healthz")
        self.addCleanup(page.close)
        page.evaluate((HERE / "page.js").read_text())
        page.evaluate('import("/peerconnection.js").then((m) => { globalThis.web = m; })')
        return page

    def test_the_page_calls(self):
        listener, address = self.listen(self.server, "--echo", "--once", name="echo")
        page = self.page()
        done = page.call("exchange", address.replace("?", "/files?"))
        self.assertEqual(done.get("whole"), True, (done, listener.story(), page.console))
        self.assertEqual(done["octets"], MIB)
        self.assertEqual(done["kind"], "direct")
        self.assertEqual(done["service"], "files")
        self.assertIn(f"id={done['peerId']}", address)
        self.assertTrue(done["identityVerified"])
        # Whoever answers at once need not ring.
        self.assertEqual([word for word in done["story"] if word != "ringing"],
                         ["dialing", "connecting", "connected", "closed", "closed"])
        self.assertEqual(listener.wait(30), 0, listener.story())
        self.assertEqual(page.console, [])

    def test_what_is_said_at_once_arrives(self):
        callee, caller = self.page(), self.page()
        address = callee.call("listen", self.server.specifier("prompt"), {"patient": True})
        callee.evaluate("""listener.addEventListener("incomingconnection", ({detail: call}) => {
            globalThis.heard = [];
            call.addEventListener("message", ({detail}) => heard.push(detail));
            call.addEventListener("connected", () => call.send("welcome"));
            call.accept();
        })""")
        self.assertEqual(caller.call("""async (address) => {
            const call = globalThis.call = new web.PeerConnection(address);
            const heard = new Promise((resolve) =>
                call.addEventListener("message", ({detail}) => resolve(detail), {once: true}));
            call.addEventListener("connected", () => call.send("second"));
            return [call.send("first"), await heard];
        }""", address), [True, "welcome"])
        self.assertEqual(callee.call("() => until(() => heard.length > 1 && heard)"),
                         ["first", "second"])
        caller.evaluate("call.close()")

    def test_the_page_is_called(self):
        page = self.page()
        address = page.call("listen", self.server.specifier("page"))
        self.assertIn("id=", address)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        caller = self.peercat("connect", address, "--identity", folder.name + "/bob.key",
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        sink = Sink(caller.process.stdout)
        source = Source(caller.process.stdin, MIB)
        self.assertEqual(caller.wait(60), 0, (caller.story(), page.console))
        self.assertEqual(sink.digest(), source.digest())
        self.assertEqual(caller.event("path")["kind"], "direct")
        call = page.evaluate("({id: listener.calls[0].peerId, story: listener.calls[0].story,"
                             "  verified: listener.calls[0].identityVerified})")
        self.assertRegex(call["id"], "^[a-z2-7]{52}$")
        self.assertTrue(call["verified"])
        self.assertEqual(call["story"], ["connecting", "connected", "closed", "closed"])

    def test_a_listener_refuses_the_page_that_asks_for_another(self):
        listener, _ = self.listen(self.server, "--echo", name="other")
        address = self.server.specifier("other", f"id={SOMEBODY_ELSE}&tls=off")
        end = self.page().call("exchange", address)["end"]
        self.assertEqual(end["code"], "PeerRejected", end)
        self.assertNotIn("path", [event.get("event") for event in listener.events])

    def test_the_page_refuses_whoever_is_not_asked_for(self):
        # Who asks for one of two does not say for whom, so that the listener answers.
        listener, _ = self.listen(self.server, "--echo", name="third")
        ids = f"id={SOMEBODY_ELSE}&id={'q' + SOMEBODY_ELSE[1:]}"
        page = self.page()
        end = page.call("exchange", self.server.specifier("third", ids + "&tls=off"))["end"]
        self.assertEqual(end["code"], "IdentityMismatch", end)
        self.assertIn("is not who was asked for", end["text"])
        self.assertNotIn("Connected", [event.get("state") for event in listener.events])

    def test_the_page_is_refused_by_who_asks_for_another(self):
        page = self.page()
        address = page.call("listen", self.server.specifier("stranger"))
        own = address.split("id=")[1][:52]
        caller = self.peercat("connect", address.replace(own, SOMEBODY_ELSE))
        self.assertEqual(caller.wait(30), IDENTITY_REFUSED, caller.story())
        self.assertIn("IdentityMismatch", caller.errors())

    def through(self, change):
        man = MiddleMan(self.server, change)
        self.addCleanup(man.close)
        return man

    def test_the_page_refuses_what_the_rendezvous_has_changed(self):
        page = self.page()
        for side, what in (("callee", another_fingerprint), ("callee", without_identity),
                           ("callee", another_signature), ("caller", without_identity)):
            with self.subTest(side=side, what=what.__name__):
                man = self.through(of(side, lambda sdp, what=what: change_lines(sdp, what)))
                # A name belongs to the key that had it first.
                name = f"{side}-{what.__name__.replace('_', '-')}"
                listener, address = self.listen(man, "--echo", name=name)
                end = page.call("exchange", address)["end"]
                self.assertEqual(end["code"], "IdentityMismatch", (end, listener.story()))
                self.assertNotIn("Connected", [event.get("state") for event in listener.events])

    def test_the_page_refuses_callers_whom_the_rendezvous_has_changed(self):
        page = self.page()
        address = page.call("listen", self.server.specifier("careful"))
        for what in (another_fingerprint, another_signature):
            with self.subTest(what=what.__name__):
                man = self.through(of("caller", lambda sdp, what=what: change_lines(sdp, what)))
                folder = tempfile.TemporaryDirectory()
                self.addCleanup(folder.cleanup)
                caller = self.peercat("connect", address.replace(self.server.address, man.address),
                                      "--identity", folder.name + "/bob.key")
                caller.wait(30)
                self.assertEqual(caller.errors(), ["PeerRejected"], caller.story())
        self.assertEqual(page.evaluate("listener.calls.length"), 0)

    def test_the_browser_gets_the_signed_fingerprint_alone(self):
        evil = ":".join(["AB"] * 32)
        passed_over = (f"a=fingerprint:sha-256  {evil}", f" a=fingerprint:sha-256 {evil}",
                       f"a= fingerprint:sha-256 {evil}", f"a=:fingerprint:sha-256 {evil}",
                       f"A =FINGERPRINT:sha-256\u00a0{evil}", f"a=fingerprint:sha-512 {evil}{evil}",
                       "a=fingerprint:sha-256 AB")
        refused = (f"a=fingerprint:sha-256 {evil}\r", f"a=x\ra=fingerprint:sha-256 {evil}",
                   f"a=x\u2028a=fingerprint:sha-256 {evil}", f"a=fingerprint:sha-256\t{evil}",
                   f"a=x\u2029a=fingerprint:sha-512 {evil}", f"a=x\0a=fingerprint:sha-1 {evil}")
        page = self.page()
        page.evaluate("watchDescriptions()")
        listener, _ = self.listen(self.server, "--echo", name="signed")

        def told(change):
            def change_answer(message, from_client, _):
                if not from_client and "sdp" in message.get("signal", {}):
                    message["signal"]["sdp"] = change(message["signal"]["sdp"])
                return message

            man = self.through(change_answer)
            address = listener.event("listening")["address"]
            return page.call("exchange", address.replace(self.server.address, man.address))

        for line, code in (*((line, None) for line in passed_over),
                           *((line, "BadDescription") for line in refused),
                           (f"a=fingerprint:sha-256 {evil}", "IdentityMismatch")):
            for where in ("first", "last"):
                with self.subTest(line=line, where=where):
                    done = told(lambda sdp: sdp + line if where == "last"
                                else sdp.replace("\r\nm=", f"\r\n{line}\r\nm=", 1))
                    if code:
                        self.assertEqual(done["end"]["code"], code, done)
                        continue
                    self.assertEqual(done.get("whole"), True, (done, page.console))
                    self.assertEqual(len(re.findall("(?i)fingerprint",
                                                    page.evaluate("descriptions.at(-1)"))), 1)

    def test_the_page_takes_calls_of_those_alone_who_may(self):
        page = self.page()
        address = page.call("listen", self.server.specifier("choosy"),
                            {"allowedIds": [SOMEBODY_ELSE]})
        caller = self.peercat("connect", address)
        self.assertNotEqual(caller.wait(30), 0)
        self.assertIn("PeerRejected", caller.errors())
        self.assertEqual(page.evaluate("listener.calls.length"), 0)

    def test_a_listener_refuses_the_page(self):
        _, address = self.listen(self.server, "--echo", "--allow", SOMEBODY_ELSE,
                                 name="choosy-program")
        end = self.page().call("exchange", address)["end"]
        self.assertEqual(end["code"], "PeerRejected", end)

    def test_nobody_is_there(self):
        end = self.page().call("exchange", self.server.specifier("nobody"))["end"]
        self.assertEqual(end["code"], "PeerOffline", end)

    def test_addresses_are_read_strictly(self):
        page = self.page()
        good = ["peer://alice@example.org", "PEER://a@example.org:4430/s?x-y=1",
                f"peer://example.org?id={SOMEBODY_ELSE}&rv=b.example:99&tls=off#token",
                "peer://a@[2001:db8::1]:1", "peer://a@192.0.2.1"]
        bad = ["alice@example.org", "peer://", "peer://a@", "peer://a b@example.org",
               "peer://a@example.org:0", "peer://a@example.org:70000", "peer://a:b@example.org",
               "peer://a@example.org?id=x", "peer://a@example.org?unknown=1",
               "peer://a@example.org?tls=off&tls=off", "peer://a@127.1", "peer://a@example.org?rv=",
               "peer://a@example.org?paths=any", "peer://a@example.org/a/b",
               "peer://a@example.org?x=%", "peer://" + "a" * 65 + "@example.org",
               "peer://a@" + "b" * 510, "peer://a@example.org#to ken", "peer://a@b\\c",
               "peer://a@example.org?rv=b\\c", "peer://a@example.org?constructor=1",
               "peer://a@example.org?__proto__=1"]
        parse = ("(texts) => texts.map((text) => {"
                 "  try { return web.PeerAddress.parse(text).toString(); }"
                 "  catch (error) { return [error.code]; } })")
        self.assertEqual(page.call(parse, good), [
            "peer://alice@example.org", "peer://a@example.org:4430/s",
            f"peer://example.org?id={SOMEBODY_ELSE}&rv=b.example:99&tls=off",
            "peer://a@[2001:db8::1]:1", "peer://a@192.0.2.1"])
        self.assertEqual(page.call(parse, bad), [["BadAddress"]] * len(bad))

    def test_ICE_restarts_and_the_rendezvous_may_come_and_go(self):
        port = quiet_port()
        server = self.rendezvous(port=port)
        _, address = self.listen(server, "--echo")
        page = self.page()
        page.call("dial", address)
        self.assertTrue(page.call("isEchoed", "before"))
        # Another one at the same place, that knows nothing of the call.
        harness.end(server.process)
        self.assertTrue(page.call("isEchoed", "without a rendezvous"))
        self.rendezvous(port=port)
        for word in ("restarted", "restarted again"):
            self.assertEqual(page.evaluate("restartIce()"), "connected")
            self.assertTrue(page.call("isEchoed", word))

    @unittest.skipUnless(Coturn.is_installed(), "coturn is not installed")
    def test_a_relay_that_the_rendezvous_names_is_used(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        coturn = Coturn(folder.name)
        self.addCleanup(harness.end, coturn.process)
        # The browser does not know the certificate of its TLS.
        for protocol in ("udp", "tcp"):
            with self.subTest(protocol=protocol):
                server = Rendezvous(LOOPBACK, *coturn.rendezvous_options(protocol))
                self.addCleanup(harness.end, server.process)
                _, address = self.listen(server, "--echo")
                page = self.page()
                path = page.call("dial", address + "&paths=relay")
                self.assertEqual((path["kind"], path["protocol"]), ("relay", protocol))
                self.assertTrue(page.call("isEchoed", "by a detour"))

    @unittest.skipUnless(Coturn.is_installed(), "coturn is not installed")
    def test_a_call_whose_path_has_died_finds_another(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        coturn = Coturn(folder.name)
        self.addCleanup(harness.end, coturn.process)
        server = Rendezvous(LOOPBACK, *coturn.rendezvous_options("udp"))
        self.addCleanup(harness.end, server.process)
        _, address = self.listen(server, "--echo", "--paths", "relay")
        page = self.page()
        page.call("dial", address)
        self.assertTrue(page.call("isEchoed", "before"))
        harness.end(coturn.process)
        page.evaluate('reached(call, "reconnecting")')
        coturn.process = LOOPBACK.start(["turnserver", "-c", folder.name + "/turnserver.conf"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.addCleanup(harness.end, coturn.process)
        story = page.evaluate('reached(call, "connected")')
        self.assertEqual(story[-2:], ["reconnecting", "connected"])
        self.assertTrue(page.call("isEchoed", "after"))

    def test_tracks_come_while_two_pages_talk(self):
        pages = [self.page(), self.page()]
        address = pages[0].call("listen", self.server.specifier("screen"))
        pages[1].evaluate("web.PeerIdentity.create().then((id) => { globalThis.own = id; })")
        pages[1].evaluate(f"""globalThis.call = follow(new web.PeerConnection({address!r},
                                                                          {{identity: own}}));
                              reached(call, "connected")""")
        pages[0].evaluate("globalThis.call = listener.calls[0]; reached(call, 'connected')")
        # Twice at the same time, so that two offers meet.
        for tracks in (1, 2):
            for page in pages:
                page.evaluate("addPicture(call)")
            for page in pages:
                self.assertEqual(page.evaluate(f"decoded(call, {tracks})"), tracks)
        for page in pages:
            self.assertEqual(page.evaluate("call.state"), "connected")
            self.assertEqual(page.evaluate("call.rtc.signalingState"), "stable")

    def test_a_call_outlives_the_listener_that_took_it(self):
        callee, caller = self.page(), self.page()
        address = callee.call("listen", self.server.specifier("brief"))
        caller.evaluate("web.PeerIdentity.create().then((id) => { globalThis.own = id; })")
        caller.evaluate(f"""globalThis.call = follow(new web.PeerConnection({address!r},
                                                                            {{identity: own}}));
                            reached(call, "connected")""")
        callee.evaluate("globalThis.call = listener.calls[0]; reached(call, 'connected')")
        # As when the name is taken by another tab.
        callee.evaluate("listener.close()")
        end = self.page().call("exchange", address)["end"]
        self.assertEqual(end["code"], "PeerOffline", end)
        # What goes through the rendezvous still does.
        self.assertEqual(callee.evaluate("restartIce()", 20), "connected")
        caller.evaluate("addPicture(call)")
        self.assertEqual(callee.evaluate("decoded(call, 1)", 20), 1)

    def test_a_page_that_may_keep_nothing_says_so(self):
        page = self.page()
        page.evaluate("""IDBFactory.prototype.open = () => { throw new DOMException("no",
                                                                                  "SecurityError"); }""")
        end = page.call("exchange", self.server.specifier("nobody"))["end"]
        self.assertEqual(end["code"], "Crypto", end)
        self.assertIn("lets this page keep no key", end["text"])

    def test_what_a_peer_says_at_the_end_is_bounded(self):
        def change(signal, side):
            if side == "callee" and "sdp" in signal:
                return {"type": "bye", "reason": "failed", "text": words, "call": signal["call"],
                        "seq": signal["seq"]}
            return signal

        _, address = self.listen(self.server, "--echo", name="talker")
        for words, told in (("So it is.", "So it is."), ("x" * 1000, "x" * 300 + "…"),
                            ("a\u202eb", "The peer could not go on.")):
            with self.subTest(words=str(words)[:20]):
                man = self.through(change_answers(change))
                end = self.page().call("exchange", address.replace(self.server.address, man.address))
                self.assertEqual(end["end"], {"code": "PeerFailed", "text": told})

    def test_tracks_that_come_while_connecting_are_offered(self):
        for side, state in ((side, state) for side in ("caller", "callee")
                            for state in ("ringing", "connecting")):
            with self.subTest(side=side, state=state):
                callee, caller = self.page(), self.page()
                address = callee.call("listen", self.server.specifier(f"{side}-{state}"),
                                      {"patient": True})
                caller.evaluate("web.PeerIdentity.create().then((id) => { globalThis.own = id; })")
                adds = f'addPictureIn("{state}")'
                caller.evaluate(f"""globalThis.call = follow(new web.PeerConnection({address!r},
                                                                            {{identity: own}}));
                                    {adds if side == "caller" else 0}""")
                callee.evaluate("until(() => listener.calls[0]).then((it) => {"
                                "  globalThis.call = it; })")
                callee.evaluate(f"{adds if side == 'callee' else 0}; call.accept()")
                for page in (caller, callee):
                    page.evaluate('reached(call, "connected")')
                hears = callee if side == "caller" else caller
                self.assertEqual(hears.evaluate("decoded(call, 1)", 20), 1)

    def test_a_call_that_brings_no_offer_ends(self):
        taps, calls, answers = [], [], []

        def without_offer(message, from_client, tap):
            if from_client and message["type"] == "call":
                taps.append(tap)
                message["signal"] = {"type": "candidate", "candidate": "", "seq": 1,
                                     "call": message["call"]}
                calls.append(message)
            elif not from_client and "signal" in message:
                answers.append(message["signal"])
            return message

        page = self.page()
        page.evaluate("watchCalls()")
        address = page.call("listen", self.server.specifier("awaited"))
        man = self.through(without_offer)
        caller = self.peercat("connect", address.replace(self.server.address, man.address))
        wait_for("the call", lambda: page.evaluate("browserCalls.length"))
        # More than may wait for an answer: the last is told so.
        for number in range(8):
            call = f"{number:022}"
            taps[0].server.send({**calls[0], "call": call,
                                 "signal": {**calls[0]["signal"], "call": call}})
        wait_for("the ninth call's end", lambda: [
            signal for signal in answers if signal["call"] == f"{7:022}"
            and (signal["type"], signal.get("reason")) == ("bye", "busy")])
        self.assertEqual(page.evaluate("browserCalls.length"), 8)
        page.evaluate("hurry()")
        self.assertNotEqual(caller.wait(30), 0)
        self.assertEqual(caller.errors(), ["PeerSilent"], caller.story())
        self.assertIn("no offer", str(caller.story()))
        self.assertEqual(set(page.evaluate("browserCalls.map((each) => each.signalingState)")),
                         {"closed"})
        self.assertEqual(page.evaluate("listener.calls.length"), 0)

    def test_a_call_that_is_not_answered_ends(self):
        page = self.page()
        page.evaluate("watchCalls()")
        address = page.call("listen", self.server.specifier("asleep"), {"patient": True})
        caller = self.peercat("connect", address)
        wait_for("the call", lambda: page.evaluate("listener.calls.length"))
        page.evaluate("hurry()")
        self.assertNotEqual(caller.wait(30), 0)
        self.assertEqual(caller.errors(), ["PeerSilent"], caller.story())
        self.assertEqual(page.evaluate("listener.calls[0].error.code"), "PeerSilent")

    def test_a_rendezvous_with_a_certificate(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        certificate, key = make_certificate(pathlib.Path(folder.name), "127.0.0.1")
        server = Rendezvous(LOOPBACK, "--tls-cert", certificate, "--tls-key", key)
        self.addCleanup(harness.end, server.process)
        browser = chromium.Chromium("--ignore-certificate-errors")
        self.addCleanup(browser.end)
        page = browser.page(f"https://{server.address}/healthz")
        page.evaluate((HERE / "page.js").read_text())
        page.evaluate('import("/peerconnection.js").then((m) => { globalThis.web = m; })')
        _, address = self.listen_at(f"peer://alice@{server.address}", "--echo", "--ca", certificate)
        done = page.call("exchange", address)
        self.assertEqual(done.get("whole"), True, done)
        # The page has proven its key for the host that it dialled: its name is its own.
        address = page.call("listen", f"peer://page@{server.address}")
        self.assertNotIn("tls=", address)
        caller = self.peercat("connect", address, "--ca", certificate)
        self.assertEqual(caller.wait(30), 0, caller.story())
        # A pin is of no use to a page; then it wants to know who is there.
        pinned = f"peer://alice@{server.address}?tls={SOMEBODY_ELSE}"
        self.assertEqual(page.call("exchange", pinned)["end"]["code"], "RendezvousCertificate")

    def listen_at(self, specifier, *options):
        listener = self.peercat("listen", specifier, *options)
        return listener, listener.event("listening")["address"]

    def test_a_path_that_no_page_has_is_refused(self):
        end = self.page().call("exchange", self.server.specifier("nobody", "paths=tunnel&tls=off"))
        self.assertEqual(end["end"]["code"], "PathPolicyUnavailable")

    def test_whoever_closes_the_page_ends_its_calls(self):
        listener, address = self.listen(self.server, "--echo", "--once", name="patient")
        page = self.browser.page(f"http://{self.server.address}/healthz")
        page.evaluate((HERE / "page.js").read_text())
        page.evaluate('import("/peerconnection.js").then((m) => { globalThis.web = m; })')
        page.call("dial", address)
        page.close()
        self.assertEqual(listener.wait(10), 0, listener.story())

    def test_an_identity_is_kept_and_its_key_is_not_to_be_had(self):
        first = self.page().evaluate("web.PeerIdentity.load().then(({id}) => id)")
        again = self.page().evaluate("web.PeerIdentity.load().then(({id}) => id)")
        other = self.page().evaluate("web.PeerIdentity.create().then(({id}) => id)")
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        keys = self.page().evaluate("""new Promise((resolve) => {
            indexedDB.open("peerconnection").onsuccess = ({target}) =>
                target.result.transaction("identities").objectStore("identities").get("default")
                    .onsuccess = (event) => resolve(event.target.result.privateKey.extractable);
        })""")
        self.assertIs(keys, False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
