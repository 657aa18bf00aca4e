# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Calls between us and GStreamer's webrtcbin."""

import subprocess
import unittest

from mediatests import OUR_ID, THEIR_ID, MediaTests, TheirMedia
from stacktests import HERE, Case, StackTests
from theirpeer import ProcessPeer

PACKAGES = "python3-gst-1.0 gir1.2-gst-plugins-bad-1.0 gstreamer1.0-plugins-bad gstreamer1.0-nice"
# Debian's packages belong to Debian's interpreter.
PYTHON = ("/usr/bin/python3", "-B")
PEER = (*PYTHON, HERE / "webrtcbin_peer.py")


def version():
    """Such as "webrtcbin 1.22.0"; None if it is not installed."""
    said = subprocess.run([*PEER, "--version"], capture_output=True, text=True, check=False)
    return said.stdout.strip() if said.returncode == 0 else None


class WebrtcbinTest(MediaTests, StackTests, Case):
    largest = 65536  # its descriptions say nothing else (RFC 8841 section 6)
    # It gives an empty message to SCTP as it is, which has none such (RFC 8831 section 6.6 has one
    # octet instead), and then closes the channel.
    sends_empty = False
    lacks = {
        **dict.fromkeys(("test_we_offer", "test_they_offer"),
                        "webrtcbin cannot send the empty message that ends what peercat echoes"),
        **dict.fromkeys(("test_video_added_in_a_running_call",
                         "test_video_and_audio_added_to_a_call_of_channels"),
                        "webrtcbin 1.22: \"transceiver direction changes are not implemented\""),
        "test_they_restart_ice": "webrtcbin 1.22 has no ICE restart",
    }
    fails = {
        "test_a_channel_that_both_have_agreed_on": "while connected it refuses every id",
        "test_empty_messages": "it closes the channel on one",
        "test_they_end_the_connection": "it says nothing when it is stopped",
        "test_we_end_the_connection": "it does not tell of the end",
        "test_they_refuse_another_fingerprint": "it does not look at fingerprints",
    }

    @classmethod
    def setUpClass(cls):
        cls.version = version()
        if not cls.version:
            raise unittest.SkipTest(f"webrtcbin is not installed (Debian: {PACKAGES})")
        print(cls.version, flush=True)

    def new_peer(self):
        peer = ProcessPeer(PEER)
        self.addCleanup(peer.close)
        return peer

    def their_media(self):
        peer = ProcessPeer([*PYTHON, HERE / "webrtcbin_mediapeer.py", str(THEIR_ID), str(OUR_ID)])
        self.addCleanup(peer.close)
        return TheirMedia(peer)

    def vanishing_peer(self):
        peer = self.new_peer()
        return peer, peer.vanish


if __name__ == "__main__":
    unittest.main(verbosity=2)
