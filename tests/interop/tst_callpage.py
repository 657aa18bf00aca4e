# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The call page in two tabs of Chromium: calls, chat and files between them by the keyboard alone,
and what assistive software gets to see."""

import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import chromium
import harness
from browsercall import CallPage, wait_for
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
        wait_for(f"'{part}' in {name}", lambda: part in self.text(page, name), PATIENCE)

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
