# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls between us and packages for Node.js: libwebrtc (@roamhq/wrtc), libdatachannel
(node-datachannel) and werift. ./run interop brings them."""

import unittest

import nodepage
from mediatests import EchoTests, MediaTests
from stacktests import Case, StackTests
from theirpeer import ScriptPeer


class NodeTests(StackTests):
    package = None

    @classmethod
    def setUpClass(cls):
        cls.version = nodepage.version(cls.package)
        if not cls.version:
            raise unittest.SkipTest(f"{cls.package} is not installed: ./run interop brings it")
        print(cls.version, flush=True)

    def page(self):
        page = nodepage.NodePage(self.package)
        self.addCleanup(page.close)
        return page

    def new_peer(self):
        return ScriptPeer(self.page())

    def vanishing_peer(self):
        peer = self.new_peer()
        return peer, peer.page.vanish


class LibwebrtcTest(MediaTests, NodeTests, Case):
    package = "@roamhq/wrtc"
    # RTCDataChannel begins to listen and only then takes what had come before (its constructor), so
    # that this may come behind what comes meanwhile.
    keeps_order_at_first = False


class LibdatachannelTest(EchoTests, NodeTests, Case):
    package = "node-datachannel"
    lacks = {
        "test_they_restart_ice": "restartIce() of node-datachannel is not implemented",
        "test_video_added_in_a_running_call":
            "with node-datachannel a track that the peer has offered as inactive stays so",
    }
    # Every channel of the peer's is told to be ordered and without limits.
    untold = frozenset({"ordered", "maxRetransmits", "maxLifetime", "failed"})


class WeriftTest(EchoTests, NodeTests, Case):
    package = "werift"
    largest = 65536  # as its descriptions say
    # It makes a DATA chunk without data of it (RFC 8831 section 6.6 has one octet instead), which
    # ends the association (RFC 9260 section 3.3.10.9).
    sends_empty = False
    lacks = dict.fromkeys(("test_we_offer", "test_they_offer"),
                          "werift cannot send the empty message that ends what peercat echoes")
    untold = frozenset({"failed"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
