# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls between us and Chromium."""

import http.server
import threading
import unittest

import chromium
from mediatests import MediaTests
from stacktests import Case, StackTests
from theirpeer import ScriptPeer


class Empty(http.server.BaseHTTPRequestHandler):
    """A page of this machine: elsewhere browsers have no cryptography."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_):
        pass


@unittest.skipUnless(chromium.executable(), "Chromium is not installed (Debian: chromium)")
class ChromiumTest(MediaTests, StackTests, Case):
    takes_long = frozenset()

    @classmethod
    def setUpClass(cls):
        cls.browser = chromium.Chromium()
        cls.addClassCleanup(cls.browser.end)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.url = f"http://127.0.0.1:{server.server_port}/"
        cls.version = chromium.version()
        print(cls.version, flush=True)

    def page(self):
        page = self.browser.page(self.url)
        self.addCleanup(page.close)
        return page

    def new_peer(self):
        return ScriptPeer(self.page())

    def vanishing_peer(self):
        browser = chromium.Chromium()
        self.addCleanup(browser.end)
        return ScriptPeer(browser.page(self.url)), browser.vanish


if __name__ == "__main__":
    unittest.main(verbosity=2)
