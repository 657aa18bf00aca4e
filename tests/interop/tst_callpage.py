# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The call page in two tabs of Chromium: calls, chat and files between them by the keyboard alone,
and what assistive software gets to see."""

import functools
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import chromium
import harness
from browsercall import CallPage, Failed, wait_for
from peers import Rendezvous

PATIENCE = 30
TO_BE_NAMED = {"button", "textbox", "link", "dialog", "video", "log", "region", "form", "status",
               "group"}


@unittest.skipUnless(chromium.executable(), "Chromium is not installed (Debian: chromium)")
class CallPageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Rendezvous()
        cls.addClassCleanup(harness.end, cls.server.process)
        cls.browsers = [chromium.Chromium() for _ in range(2)]
        for browser in cls.browsers:
            cls.addClassCleanup(browser.end)
        print(chromium.version(), flush=True)

    def setUp(self):
        # Each in a browser of its own, and so with an identity of its own.
        self.alice, self.bob = (CallPage(browser, self.server.address)
                                for browser in self.browsers)
        for page in (self.alice, self.bob):
            self.addCleanup(page.page.close)

    def text(self, page, name):
        return page.page.call("(id) => document.getElementById(id).textContent", name)

    def until(self, page, name, part):
        try:
            wait_for(f"'{part}' in {name}", lambda: part in self.text(page, name), PATIENCE)
        except Failed as failure:
            raise AssertionError(f"{failure}, but: {self.text(page, name)}") from None

    def is_hidden(self, page, name):
        return page.page.call("(id) => !document.getElementById(id).checkVisibility()", name)

    def focus(self, page, name):
        """By the keyboard: Tab until it is there."""
        for _ in range(30):
            if page.page.evaluate("document.activeElement.id") == name:
                return
            page.press("Tab", 9)
        self.fail(f"{name} cannot be reached by Tab")

    def type(self, page, name, text):
        self.focus(page, name)
        page.page.command("Input.insertText", text=text)
        page.press("Enter", 13)

    def call(self):
        self.alice.page.evaluate('document.getElementById("destination").value = ""')
        self.type(self.alice, "destination", self.bob.address())
        self.bob.accept()
        for page in (self.alice, self.bob):
            self.until(page, "status", "In call")

    def test_two_talk_by_the_keyboard_alone(self):
        self.call()
        for page in (self.alice, self.bob):
            wait_for("a picture", lambda page=page: page.page.evaluate(
                'document.getElementById("remote").videoWidth > 0'), PATIENCE)
            self.until(page, "path", "Direct, UDP")
            self.until(page, "identity", "Identity proven")
        self.type(self.alice, "text", "Can you read <b>this</b>?")
        self.until(self.bob, "lines", "Peer: Can you read <b>this</b>?")
        self.type(self.bob, "text", "I can.")
        self.until(self.alice, "lines", "Peer: I can.")
        for name in ("microphone", "camera"):
            self.focus(self.alice, name)
            self.alice.press(" ", 32)
            wait_for("a pressed button", lambda name=name: self.alice.page.call(
                '(id) => document.getElementById(id).getAttribute("aria-pressed") === "true"',
                name), PATIENCE)
        self.focus(self.bob, "hangup")
        self.bob.press("Enter", 13)
        for page in (self.alice, self.bob):
            self.until(page, "status", "Call ended")
            self.assertTrue(self.is_hidden(page, "pictures"))
            self.assertEqual(page.page.console, [])

    def test_files_go_both_ways(self):
        self.call()
        for sender, receiver, size in ((self.alice, self.bob, 3_000_000), (self.bob, self.alice, 0)):
            sender.page.call("""(size) => {
                const octets = Uint8Array.from({length: size}, (_, i) => i % 251);
                const files = new DataTransfer();
                files.items.add(new File([octets], "../odd\\u202ename.bin"));
                document.body.dispatchEvent(new DragEvent("drop",
                    {dataTransfer: files, bubbles: true, cancelable: true}));
            }""", size)
            self.until(sender, "lines", "was delivered")
            with tempfile.TemporaryDirectory() as folder:
                receiver.page.command("Page.setDownloadBehavior", behavior="allow",
                                      downloadPath=folder)
                receiver.page.evaluate('document.querySelector("#lines a").click()')
                saved = pathlib.Path(folder, "odd_name.bin")
                wait_for("the saved file", saved.is_file, PATIENCE)
                self.assertEqual(saved.read_bytes(), bytes(i % 251 for i in range(size)))

    def script(self, page):
        page.page.evaluate((HERE / "callpage.js").read_text())
        page.page.evaluate('import("/call.js").then((m) => { globalThis.page = m.page; })')

    def is_open(self, page):
        return page.page.evaluate('document.getElementById("ringing").open')

    def devices(self, page):
        """What there is of each that was opened: "live" or "ended"."""
        return page.page.evaluate("opened.map((track) => track.readyState)")

    def hold_devices(self, page):
        self.script(page)
        page.page.evaluate("holdDevices()")

    def assert_devices_close(self, page):
        wait_for("the devices' end", lambda: set(self.devices(page)) == {"ended"}, PATIENCE)
        self.assertTrue(self.is_hidden(page, "pictures"))
        self.assertEqual(page.page.console, [])

    def test_who_hangs_up_while_the_camera_opens_is_not_seen(self):
        self.hold_devices(self.alice)
        self.type(self.alice, "destination", self.bob.address())
        self.focus(self.alice, "hangup")
        self.alice.press("Enter", 13)
        self.until(self.alice, "status", "Call ended")
        self.alice.page.evaluate("releaseDevices()")
        self.assert_devices_close(self.alice)
        self.assertFalse(self.is_open(self.bob))
        # Nothing of it is left in the way of the next.
        self.call()

    def test_a_caller_who_gives_up_while_the_camera_opens_does_not_see(self):
        self.hold_devices(self.bob)
        self.type(self.alice, "destination", self.bob.address())
        self.bob.accept()
        wait_for("the question for the camera", lambda: self.bob.page.evaluate("asked > 0"),
                 PATIENCE)
        self.focus(self.alice, "hangup")
        self.alice.press("Enter", 13)
        self.until(self.bob, "status", "cancelled")
        self.bob.page.evaluate("releaseDevices()")
        self.assert_devices_close(self.bob)

    def test_cameras_close_when_a_call_is_refused_or_fails(self):
        self.script(self.alice)
        self.alice.page.evaluate("watchDevices()")
        self.type(self.alice, "destination", self.bob.address())
        wait_for("the ringing", lambda: self.is_open(self.bob), PATIENCE)
        self.bob.press("Escape", 27)
        self.until(self.alice, "status", "declined")
        self.assert_devices_close(self.alice)
        self.alice.page.evaluate('document.getElementById("destination").value = ""')
        self.type(self.alice, "destination", self.server.specifier("nobody"))
        self.until(self.alice, "status", "not online")
        self.assert_devices_close(self.alice)
        self.assertEqual(len(self.devices(self.alice)), 4)

    def test_cameras_close_with_the_button(self):
        self.script(self.alice)
        self.alice.page.evaluate("watchDevices()")
        self.call()
        self.assertEqual(set(self.devices(self.alice)), {"live"})
        # What is still to be delivered is not waited for.
        states = self.alice.page.evaluate("""document.getElementById("hangup").click(),
                                             opened.map((track) => track.readyState)""")
        self.assertEqual(set(states), {"ended"})
        self.until(self.alice, "status", "Call ended")

    def test_there_is_one_call_at_a_time(self):
        self.hold_devices(self.alice)
        self.script(self.bob)
        self.type(self.alice, "destination", self.bob.address())
        # The camera is being opened: the page is taken.
        self.assertEqual(self.alice.page.evaluate("ringAgain().rejected"), "busy")
        self.assertFalse(self.is_open(self.alice))
        self.alice.page.evaluate("releaseDevices()")
        wait_for("the ringing", lambda: self.is_open(self.bob), PATIENCE)
        # Nobody dials while it rings.
        self.assertIs(self.bob.page.call("dialWhileRinging", self.alice.address()), True)
        self.assertEqual(self.bob.page.evaluate("ringAgain().rejected"), "busy")
        self.bob.accept()
        for page in (self.alice, self.bob):
            self.until(page, "status", "In call")
            self.assertEqual(page.page.evaluate("ringAgain().rejected"), "busy")
            self.assertFalse(self.is_open(page))

    def test_who_calls_after_one_who_gave_up_is_not_refused_with_them(self):
        self.bob.address()
        self.script(self.bob)
        self.bob.page.evaluate("ringTwice()")
        wait_for("the end of the first dialog", lambda: self.bob.page.evaluate("dialogsClosed"),
                 PATIENCE)
        self.assertTrue(self.is_open(self.bob))
        self.assertIsNone(self.bob.page.evaluate("second.rejected ?? null"))
        self.assertIn("Second", self.text(self.bob, "ringing-who"))
        self.bob.press("Escape", 27)
        wait_for("the second's refusal", lambda: self.bob.page.evaluate("second.rejected"), PATIENCE)

    def test_a_link_that_is_none_is_told(self):
        for link, part in (("peer://a@b%", "encodes nothing"), ("%E0%A4%A", "encodes nothing"),
                           ("peer://alice@example.org", "")):
            with self.subTest(link=link):
                page = CallPage(self.browsers[0], f"{self.server.address}/#{link}")
                self.addCleanup(page.page.close)
                self.assertTrue(page.address())
                self.assertIn(part, self.text(page, "destination-fault"))
                self.assertEqual(page.page.console, [])

    def test_what_is_no_address_however_malformed_is_told(self):
        self.alice.address()
        for text in ("peer://a@b?id=%", "peer://a@b#%zz", "peer://%@b", "peer://a@%", "\ud800",
                     "peer://a@b?id=%E0%A4%A"):
            with self.subTest(text=text):
                self.alice.page.evaluate('document.getElementById("destination").value = ""')
                self.type(self.alice, "destination", text)
                self.until(self.alice, "destination-fault", "no address of a peer")
        self.assertEqual(self.alice.page.console, [])

    def test_what_a_peer_sends_is_bounded(self):
        self.call()
        for page in (self.alice, self.bob):
            self.script(page)
        self.bob.page.evaluate("watchUrls()")
        send = functools.partial(self.alice.page.call, "sendRaw")
        long = "n" * 200 + ".jpeg"
        rows = [
            ({"name": long, "size": 3}, [3], "shortened"),
            ({"name": "greater", "size": 256 * 2**20 + 1}, [], "more than 256 MiB"),
            ({"name": "more", "size": 3}, [4], "more came than was offered"),
            ({"name": "later", "size": 3}, [2, 2], "more came than was offered"),
            ({"name": "text", "size": 3}, [2, "no file"], "what came is no file"),
            ({"name": "half", "size": 0.5}, [], "no offer"),
            ({"name": "below", "size": -1}, [], "no offer"),
            ({"name": 7, "size": 1}, [], "no offer"),
            ({"name": "o" * 4096, "size": 1}, [], "no offer"),
        ]
        for offer, parts, words in rows:
            with self.subTest(offer=str(offer)[:40]):
                send(offer, parts)
                self.until(self.bob, "lines", words)
        send({"name": "less", "size": 3}, [2])
        self.until(self.bob, "lines", "Receiving less")
        self.alice.page.evaluate("rawChannels.at(-1).close()")
        self.until(self.bob, "lines", "less did not come: the peer stopped")
        # The name keeps its suffix.
        self.until(self.bob, "lines", "Save " + "n" * 115 + ".jpeg")
        self.assertNotIn("n" * 116, self.text(self.bob, "lines"))
        # All together, by what they are offered as.
        for number in range(2):
            send({"name": f"big-{number}", "size": 255 * 2**20}, [1])
            self.until(self.bob, "lines", f"Receiving big-{number}")
        send({"name": "big-2", "size": 3 * 2**20}, [])
        self.until(self.bob, "lines", "big-2 did not come: with it this page would keep more than")
        # At once.
        for number in range(6):
            send({"name": f"slow-{number}", "size": 9}, [1])
            self.until(self.bob, "lines", f"Receiving slow-{number}")
        send({"name": "ninth", "size": 9}, [])
        self.until(self.bob, "lines", "8 are on their way already")
        # With their ends there is room again.
        self.alice.page.evaluate("rawChannels.forEach((channel) => channel.close())")
        self.until(self.bob, "lines", "slow-5 did not come")
        send({"name": "fits", "size": 4}, [1, 1, 1, 1])
        self.until(self.bob, "lines", "Save fits")
        # So many are kept, until some are discarded.
        for number in range(62):
            send({"name": f"small-{number}", "size": 0}, [])
            self.until(self.bob, "lines", f"Save small-{number}")
        send({"name": "last", "size": 0}, [])
        self.until(self.bob, "lines", "last did not come: this page keeps 64 files and no more")
        url = self.bob.page.evaluate('document.querySelector("#lines a").href')
        self.bob.page.evaluate('document.querySelector("#lines button").click()')
        self.until(self.bob, "lines", "jpeg was discarded")
        self.assertEqual(self.bob.page.evaluate("revoked"), [url])
        send({"name": "after all", "size": 0}, [])
        self.until(self.bob, "lines", "Save after all")
        # What was received outlives what is said after it, and the call.
        self.assertEqual(self.bob.page.evaluate("fillLog(2000)"), 1000)
        self.assertEqual(self.bob.page.evaluate('document.querySelectorAll("#lines a").length'), 64)
        self.bob.page.evaluate('document.getElementById("hangup").click()')
        self.until(self.bob, "status", "Call ended")
        self.assertFalse(self.is_hidden(self.bob, "lines"))
        self.assertTrue(self.is_hidden(self.bob, "sending"))

    def test_files_that_the_end_of_a_call_cuts_off_are_told(self):
        self.call()
        for page in (self.alice, self.bob):
            self.script(page)
        self.alice.page.call("sendRaw", {"name": "torn", "size": 9}, [1])
        self.until(self.bob, "lines", "Receiving torn")
        self.alice.page.evaluate("sendStuck('stuck')")
        self.until(self.alice, "lines", "Sending stuck")
        self.focus(self.bob, "hangup")
        self.bob.press("Enter", 13)
        self.until(self.bob, "lines", "torn did not come")
        self.until(self.alice, "lines", "stuck was not sent")
        self.assertEqual(self.alice.page.console + self.bob.page.console, [])

    def test_a_call_may_be_declined(self):
        self.type(self.alice, "destination", self.bob.address())
        wait_for("the ringing", lambda: self.bob.page.evaluate(
            'document.getElementById("ringing").open'), PATIENCE)
        self.bob.press("Escape", 27)
        self.until(self.alice, "status", "declined")
        self.assertTrue(self.is_hidden(self.bob, "pictures"))

    def test_what_is_no_address_is_told_where_it_was_typed(self):
        self.type(self.alice, "destination", "alice@example.org")
        self.until(self.alice, "destination-fault", "no address of a peer")
        self.assertEqual(self.alice.page.evaluate("document.activeElement.id"), "destination")

    def test_callers_are_told_the_name_that_was_taken(self):
        self.alice.address()
        self.type(self.alice, "name", "alice")
        wait_for("the name in the address", lambda: "alice@" in self.alice.page.evaluate(
            'document.getElementById("own").value'), PATIENCE)
        self.type(self.alice, "destination", self.bob.address())
        self.until(self.bob, "ringing-who", "alice with the identity")

    def use_another_rendezvous(self):
        """With pages that have other identities, and names that this test alone gives."""
        server = Rendezvous()
        self.addCleanup(harness.end, server.process)
        self.alice, self.bob = (CallPage(browser, server.address) for browser in self.browsers)
        for page in (self.alice, self.bob):
            self.addCleanup(page.page.close)
        return server

    def test_a_name_of_somebody_else_is_told_where_it_was_typed(self):
        self.use_another_rendezvous()
        for page in (self.alice, self.bob):
            page.address()
            self.type(page, "name", "popular")
            if page is self.alice:
                wait_for("the name in the address", lambda: "popular@" in self.alice.address(),
                         PATIENCE)
        self.until(self.bob, "name-fault", "belongs to somebody else")
        self.assertEqual(self.bob.page.evaluate(
            'document.getElementById("name").getAttribute("aria-invalid")'), "true")
        self.assertNotIn("popular", self.bob.address())

    def test_an_address_that_cannot_be_copied_is_selected(self):
        self.alice.address()
        self.alice.page.evaluate("Clipboard.prototype.writeText = () => Promise.reject(Error())")
        self.focus(self.alice, "copy")
        self.alice.press("Enter", 13)
        self.until(self.alice, "status", "copy it yourself")
        self.assertTrue(self.alice.page.evaluate(
            "getSelection().toString() === document.getElementById('own').value"))
        self.assertEqual(self.alice.page.console, [])

    def test_who_is_called_without_an_id_is_not_called_proven(self):
        server = self.use_another_rendezvous()
        self.bob.address()
        self.type(self.bob, "name", "bob")
        wait_for("the name in the address", lambda: "bob@" in self.bob.address(), PATIENCE)
        self.type(self.alice, "destination", server.specifier("bob"))
        self.bob.accept()
        self.until(self.alice, "identity", "was not proven")
        self.until(self.bob, "identity", "Identity proven")

    def test_everything_has_a_name_for_those_who_do_not_see_it(self):
        self.call()
        for page in (self.alice, self.bob):
            page.page.command("Accessibility.enable")
            nodes = page.page.command("Accessibility.getFullAXTree")["nodes"]
            seen = {}
            for node in nodes:
                role = node.get("role", {}).get("value", "").lower()
                if role in TO_BE_NAMED - {"status"} and not node.get("ignored"):
                    seen.setdefault(role, []).append(node.get("name", {}).get("value", ""))
            self.assertIn("Hang up", seen["button"])
            self.assertIn("Message", seen["textbox"])
            self.assertIn("What was said and sent", seen["log"])
            self.assertEqual([role for role, names in seen.items()
                              if role in ("button", "textbox", "log", "dialog") and "" in names], [])
            self.assertEqual(page.page.evaluate("document.documentElement.lang"), "en")

    def test_no_script_of_anybody_else_runs(self):
        page = self.alice.page
        page.evaluate("""{
            try {
                const script = document.createElement("script");
                script.textContent = "globalThis.injected = true";
                document.body.append(script);
            } catch { }
            const style = document.createElement("div");
            try { style.innerHTML = "<img src=x onerror='globalThis.injected = true'>"; } catch { }
            document.body.append(style);
            const link = document.createElement("script");
            link.type = "module";
            try { link.src = "data:text/javascript,globalThis.injected=true"; } catch { }
            document.body.append(link);
            fetch("http://127.0.0.1:1/").catch(() => {}).then(() => true)
        }""")
        self.assertIs(page.evaluate("globalThis.injected === undefined"), True)
        self.assertTrue(any("Content Security Policy" in text for text in page.console),
                        page.console)


if __name__ == "__main__":
    unittest.main(verbosity=2)
