# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Pictures and sound with each other implementation of WebRTC that has any. Each side sends the
test picture and the test tone of an id, and counts what it has decoded of the other's."""

import json
import os
import pathlib
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import harness
from interoppeer import LinesPeer
from scriptpage import PageError
from stacktests import both_roles
from theirpeer import ScriptPeer

OUR_ID, THEIR_ID = 7, 21
# Of the other's, until a test is content: different pictures, and blocks of sound of 10 or 20 ms.
PICTURES, SOUNDS = 30, 50
LIMIT = 60
NOTHING = {"sender": None, "pictures": 0, "decoded": 0, "size": [0, 0], "sounds": 0, "tones": 0}
# Sound that has come since tells that what was on its way has come.
SETTLED = 50


class MediaScriptPeer(ScriptPeer):
    """With media_peer.js."""

    def make(self, configuration):
        self.page.evaluate((HERE / "media_peer.js").read_text())
        self.page.call("(...of) => { globalThis.peer = new MediaPeer(...of); }", configuration,
                       THEIR_ID, OUR_ID)


class EchoScriptPeer(ScriptPeer):
    """With echo_peer.js."""

    def make(self, configuration):
        self.page.evaluate((HERE / "echo_peer.js").read_text())
        self.page.call("(of) => { globalThis.peer = new EchoPeer(of); }", configuration)


class TheirMedia:
    """One of theirpeer.py that has pictures and sound, as LinesPeer is used here."""

    COMMANDS = {"media": "send", "dial": "offer", "drop": "drop"}

    def __init__(self, peer):
        self._peer = peer
        peer.make({"iceServers": []})

    def offered(self):
        """Its signals."""
        while (line := self._peer.told.get()) is not None:
            yield json.loads(line)

    def say(self, signal):
        try:
            self._peer.do("take", signal)
        except PageError as error:
            self._peer.console.append(str(error))

    def do(self, command, kinds=None):
        self._peer.do(self.COMMANDS[command], *([kinds] if kinds else []))

    @property
    def figures(self):
        return self._peer.do("figures")

    def complaints(self):
        return self._peer.console

    def end(self):
        self._peer.told.put(None)


class ProcessMedia(LinesPeer):
    """A program of its own."""

    def __init__(self, *command):
        super().__init__(*command)
        self.figures = NOTHING

    def offered(self):
        return iter(self.signals.get, None)

    def complaints(self):
        return self.events[-8:]

    def end(self):
        harness.end(self.process)


class TheirProcess(ProcessMedia):
    """One of theirs. It tells when its offers are answered, which is waited for."""

    def do(self, command, **members):
        super().do(command, **members)
        if command in ("dial", "drop"):
            self.event("answered")


def described(now, before):
    count = {name: now[name] - before[name] for name in ("pictures", "decoded", "sounds", "tones")}
    width, height = now["size"]
    return (f"{count['pictures']} pictures of {now['sender']} in {count['decoded']} of {width}x"
            f"{height}, {count['tones']} tones in {count['sounds']} sounds")


def carry(signals, say):
    def run():
        for signal in signals:
            try:
                say(signal)
            except (OSError, ValueError):
                return  # it has ended

    threading.Thread(target=run, daemon=True).start()


class MediaTests:
    """For a Case of one stack, before StackTests."""

    # With PEER_INTEROP_SHORT these are left to table.py.
    takes_long = frozenset({"test_video_and_audio_added_to_a_call_of_channels",
                            "test_video_added_in_a_running_call",
                            "test_video_dropped_in_a_running_call"})
    # Whose picture and tone come to us.
    they_send = THEIR_ID
    they_decode = True

    def setUp(self):
        super().setUp()
        if os.environ.get("PEER_INTEROP_SHORT") and self._testMethodName in self.takes_long:
            self.skipTest("./run interop tries it")

    def their_media(self):
        """Their side: a TheirMedia or a TheirProcess."""
        return TheirMedia(MediaScriptPeer(self.page()))

    def joined(self, offerer, kinds):
        """Both sides with media of these kinds, if any."""
        program = os.environ.get("PEER_INTEROP_MEDIA")
        if not program:
            self.skipTest("PeerConnection::Media is not built")
        if self.third:
            self.skipTest("pictures and sound are not tried without us")
        ours, theirs = ProcessMedia(program, str(OUR_ID)), self.their_media()
        for side in (ours, theirs):
            self.addCleanup(side.end)
            if kinds:
                side.do("media", kinds=kinds)
        carry(ours.offered(), theirs.say)
        carry(theirs.offered(), ours.say)
        (ours if offerer == "we" else theirs).do("dial")
        ours.event("state", state="Connected")
        return ours, theirs

    def in_call(self, offerer, kinds):
        """Both sides, once each has heard (and seen) the other."""
        ours, theirs = self.joined(offerer, kinds)
        self.wait_for_media(ours, theirs, PICTURES if "video" in kinds else 0)
        return ours, theirs

    def wait_for_media(self, ours, theirs, pictures):
        """So many new pictures, and SOUNDS, at both ends."""
        sides = {"ours": ours, "theirs": theirs}
        before = {name: side.figures for name, side in sides.items()}
        senders = {"ours": self.they_send, "theirs": OUR_ID}

        def has_come(name, now, was):
            if now["sounds"] < was["sounds"] + SOUNDS:
                return False
            if not pictures:
                return True
            is_theirs = now["sender"] == senders[name] and now["tones"] >= was["tones"] + SOUNDS
            decodes = self.they_decode or name == "ours"
            return now["pictures"] >= was["pictures"] + pictures and (is_theirs or not decodes)

        def missing():
            for name, side in sides.items():
                if not has_come(name, now := side.figures, before[name]):
                    yield f"{name}: {now}"

        until = time.monotonic() + LIMIT
        while (lacks := list(missing())) and time.monotonic() < until:
            time.sleep(0.1)
        self.assertFalse(lacks, (ours.complaints(), theirs.complaints()))
        print("\n    " + ", ".join(f"at {name} {described(side.figures, before[name])}"
                                  for name, side in sides.items()), end=" ", flush=True)

    def wait_for_sound(self, side, blocks):
        """The figures after so many more."""
        enough = side.figures["sounds"] + blocks
        until = time.monotonic() + LIMIT
        while (now := side.figures)["sounds"] < enough:
            self.assertLess(time.monotonic(), until, f"no sound: {now}")
            time.sleep(0.1)
        return now

    @both_roles
    def test_video_and_audio_both_ways(self, offerer):
        self.in_call(offerer, ["audio", "video"])

    @both_roles
    def test_video_and_audio_added_to_a_call_of_channels(self, offerer):
        ours, theirs = self.joined(offerer, [])
        theirs.do("media", kinds=["audio", "video"])
        if offerer == "we":
            ours.do("media", kinds=["audio", "video"])
        else:
            theirs.do("dial")
            ours.do("media", kinds=["audio", "video"])
        self.wait_for_media(ours, theirs, PICTURES)

    @both_roles
    def test_video_added_in_a_running_call(self, offerer):
        ours, theirs = self.in_call(offerer, ["audio"])
        self.assertEqual((ours.figures["decoded"], theirs.figures["decoded"]), (0, 0))
        theirs.do("media", kinds=["audio", "video"])
        if offerer == "they":
            theirs.do("dial")
        ours.do("media", kinds=["audio", "video"])
        self.wait_for_media(ours, theirs, PICTURES)

    @both_roles
    def test_video_dropped_in_a_running_call(self, offerer):
        ours, theirs = self.in_call(offerer, ["audio", "video"])
        (ours if offerer == "we" else theirs).do("drop")
        for side in (ours, theirs):
            settled = self.wait_for_sound(side, SETTLED)
            later = self.wait_for_sound(side, SOUNDS)
            self.assertEqual(later["decoded"], settled["decoded"])


class EchoTests(MediaTests):
    """For a stack without codecs, that sends back what comes."""

    words = {name: ("echoed", "it has no codecs: it sends our packets back, and we decode them")
             for name in vars(MediaTests) if name.startswith("test_")}
    they_send = OUR_ID
    they_decode = False

    def their_media(self):
        return TheirMedia(EchoScriptPeer(self.page()))
