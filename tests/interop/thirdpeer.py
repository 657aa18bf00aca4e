# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Another implementation of WebRTC in our place, so that a test which fails with us is seen with it."""

import json
import pathlib
import threading

import nodepage
from interoppeer import TellingPeer
from scriptpage import PageError

HERE = pathlib.Path(__file__).parent

# In this order, where they are there and not the one in question.
PACKAGES = ("@roamhq/wrtc", "node-datachannel")


def name(package):
    return package.split("/")[-1]


def third_for(case):
    """What may take our place in the tests of that class."""
    return [package for package in PACKAGES
            if package != getattr(case, "package", None) and nodepage.version(package)]


class ThirdPeer(TellingPeer):
    """third_peer.js in Node.js; used as interoppeer.InteropPeer is."""

    def __init__(self, package):
        super().__init__()
        self._page = nodepage.NodePage(package)
        for script in ("stack_peer.js", "third_peer.js"):
            self._page.evaluate((HERE / script).read_text())
        self._page.evaluate("globalThis.peer = new ThirdPeer(); undefined")
        threading.Thread(target=self.take, args=(iter(self._page.told.get, None),),
                         daemon=True).start()

    def say(self, signal):
        try:
            self._page.call("(signal) => peer.take(signal)", signal)
        except PageError as error:
            # As interop_peer tells what is wrong with a signal.
            self._page.told.put(json.dumps({"event": "error", "text": str(error)}))

    def do(self, command, **members):
        self._page.call("(order) => peer.obey(order)", {"command": command, **members})

    def end(self):
        self._page.told.put(None)
        self._page.close()
