# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The demo application and Chromium, with the page that the rendezvous serves, call each other: video
and audio both ways, first dialled by the one, then by the other.

    browsercall.py PEER-RENDEZVOUS DEMO-APP FOLDER [SECONDS]

The page is used as people without a mouse use it, by the keyboard. FOLDER then holds of each call a
screenshot and the figures of both sides: app-called.png, page-calls.png, … The exit status is 0 if
both were calls on both sides."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import chromium

# Of a second, what makes a call: as the demo application counts (demo-app/src/measurement.h).
PICTURES, SOUNDS = 15, 40
START_LIMIT = 60

FIGURES = """async () => {
    const {page} = await import("/call.js");
    const connection = page.call?.connection;
    if (!connection)
        return null;
    const stats = [...(await connection.rtc.getStats()).values()];
    const find = (type, kind) => stats.find((each) => each.type === type && each.kind === kind) ?? {};
    const videoIn = find("inbound-rtp", "video"), audioIn = find("inbound-rtp", "audio");
    const videoOut = find("outbound-rtp", "video"), audioOut = find("outbound-rtp", "audio");
    const codec = (rtp) => stats.find(({id}) => id === rtp.codecId)?.mimeType ?? "";
    return {
        time: performance.now(), state: connection.state, path: await connection.path(),
        peerId: connection.peerId, identityVerified: connection.identityVerified,
        framesDecoded: videoIn.framesDecoded ?? 0, videoCodec: codec(videoIn),
        frameWidth: videoIn.frameWidth ?? 0, frameHeight: videoIn.frameHeight ?? 0,
        freezes: videoIn.freezeCount ?? 0, nacks: videoIn.nackCount ?? 0,
        keyFramesAsked: videoIn.pliCount ?? 0,
        audioPackets: audioIn.packetsReceived ?? 0, audioCodec: codec(audioIn),
        audioEnergy: audioIn.totalAudioEnergy ?? 0,
        soundConcealed: audioIn.concealedSamples ?? 0,
        videoLost: videoIn.packetsLost ?? 0, audioLost: audioIn.packetsLost ?? 0,
        framesEncoded: videoOut.framesEncoded ?? 0, audioSent: audioOut.packetsSent ?? 0,
        bytesIn: (videoIn.bytesReceived ?? 0) + (audioIn.bytesReceived ?? 0),
        bytesOut: (videoOut.bytesSent ?? 0) + (audioOut.bytesSent ?? 0),
        shown: document.getElementById("remote").videoWidth,
        words: document.getElementById("path").textContent, peerMeasured: page.call.peerMeasured,
    };
}"""


class Failed(Exception):
    """That was no call."""


def wait_for(what, look, seconds=START_LIMIT):
    """What look() gives as soon as it is something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise Failed(f"{what} did not come about within {seconds} s")


class App:
    """The demo application without a display; it measures, then leaves picture and figures."""

    def __init__(self, program, folder, name, rendezvous, seconds, *options):
        self.folder, self.name = folder, name
        self.scratch = tempfile.TemporaryDirectory(prefix="browsercall-")
        runtime = pathlib.Path(self.scratch.name, "run")
        runtime.mkdir(mode=0o700)
        self.log = open(folder / f"{name}.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [program, "--name", name, "--rendezvous", f"{rendezvous}?tls=off", "--source", "test",
             "--data", self.scratch.name, "--downloads", self.scratch.name, "--other-peer",
             "--seconds", str(seconds), "--size", "960x640", "--figures", folder / f"{name}.json",
             "--screenshot", folder / f"{name}.png", *options],
            stdout=self.log, stderr=self.log,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software",
                 "XDG_RUNTIME_DIR": str(runtime)})

    def said(self):
        return pathlib.Path(self.log.name).read_text(encoding="utf-8", errors="replace")

    def address(self):
        def look():
            if self.process.poll() is not None:
                raise Failed(f"the application ended:\n{self.said()}")
            lines = [line for line in self.said().splitlines() if line.startswith("listening: ")]
            return lines and lines[0].removeprefix("listening: ")

        return wait_for("the application's address", look)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()
        self.scratch.cleanup()


class CallPage:
    """The call page in a browser."""

    def __init__(self, browser, rendezvous):
        self.page = browser.page(f"http://{rendezvous}/")

    def press(self, key, code):
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind, typed in (("keyDown", text), ("keyUp", "")):
            self.page.command("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                              windowsVirtualKeyCode=code, text=typed)

    def address(self):
        return wait_for("the page's address", lambda: self.page.evaluate(
            'document.getElementById("own").value'))

    def dial(self, address):
        self.page.evaluate('document.getElementById("destination").focus()')
        self.page.command("Input.insertText", text=address)
        self.press("Enter", 13)

    def accept(self):
        wait_for("the ringing", lambda: self.page.evaluate(
            'document.getElementById("ringing").open'
            ' && document.activeElement === document.getElementById("accept")'))
        self.press("Enter", 13)

    def figures(self):
        return self.page.call(FIGURES)

    def measure(self, seconds):
        """From the first picture on."""
        def first():
            figures = self.figures()
            return figures and figures["framesDecoded"] > 0 and figures

        try:
            before = wait_for("the first picture in the page", first)
        except Failed as failure:
            status = self.page.evaluate('document.getElementById("status").textContent')
            raise Failed(f"{failure}; the page says: {status} {self.figures()} "
                         f"{self.page.console}") from None
        time.sleep(seconds)
        after = self.figures()
        if not after:
            raise Failed("the call ended too early; the page says: " + self.page.evaluate(
                'document.getElementById("status").textContent'))
        passed = (after["time"] - before["time"]) / 1000
        for name in ("framesDecoded", "audioPackets", "framesEncoded", "audioSent", "audioEnergy",
                     "bytesIn", "bytesOut", "soundConcealed"):
            after[name] -= before[name]
        after["seconds"] = round(passed, 2)
        after["faults"] = faults(after, passed) + self.page.console
        return after

    def say_measured(self):
        self.page.evaluate('import("/call.js").then(({page}) => page.call?.sayMeasured())')

    def wait_for_end(self):
        wait_for("the end of the call", lambda: self.page.evaluate(
            'import("/call.js").then(({page}) => page.call === null)'))


def faults(figures, seconds):
    found = []
    for name, least in (("framesDecoded", PICTURES), ("framesEncoded", PICTURES),
                        ("audioPackets", SOUNDS), ("audioSent", SOUNDS)):
        if figures[name] < least * seconds:
            found.append(f"{name}: {figures[name]}, not {least * seconds:.0f}")
    if figures["audioEnergy"] <= 0:
        found.append("no sound was heard")
    if figures["shown"] == 0:
        found.append("no picture is shown")
    if not figures["identityVerified"]:
        found.append("the application's identity was not proven")
    return found


def tell(name, lines):
    print(f"{name}:")
    for line in lines:
        print(f"    {line}")


def tell_page(name, figures):
    tell(name, [
        f"path            {figures['words']}",
        f"pictures        {figures['framesDecoded']} decoded ({figures['videoCodec']}, "
        f"{figures['frameWidth']}x{figures['frameHeight']}) in {figures['seconds']} s, "
        f"{figures['framesEncoded']} encoded, {figures['freezes']} freezes",
        f"sound           {figures['audioPackets']} packets ({figures['audioCodec']}), "
        f"energy {figures['audioEnergy']:.3f}, {figures['audioSent']} sent",
        f"loss            {figures['videoLost']} of video, {figures['audioLost']} of sound",
        f"bitrate         {figures['bytesIn'] * 8 / figures['seconds'] / 1000:.0f} kbit/s in, "
        f"{figures['bytesOut'] * 8 / figures['seconds'] / 1000:.0f} kbit/s out",
        *(f"FAULT           {fault}" for fault in figures["faults"])])


def finish(app, page, name, folder, seconds):
    """Both measure; true if that was a call on both sides."""
    figures = page.measure(seconds)
    page.page.screenshot(folder / f"{name}.png")
    (folder / f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    page.say_measured()
    # Whoever has called hangs up; the page does when the application has measured, too.
    if name == "page-calls":
        wait_for("the application's figures", lambda: page.figures()["peerMeasured"])
        page.page.evaluate('document.getElementById("hangup").click()')
    page.wait_for_end()
    code = app.process.wait(START_LIMIT)
    tell(name, [])
    tell_page("  Chromium", figures)
    tell("  application", [line for line in app.said().splitlines()
                           if not line.startswith(("listening: ", "QRhi"))])
    left = all((folder / f"{each}{kind}").is_file() for each in (app.name, name)
               for kind in (".png", ".json"))
    return code == 0 and not figures["faults"] and left


def call(browser, program, folder, rendezvous, seconds, page_calls):
    options = ["--answer"] if page_calls else []
    page = CallPage(browser, rendezvous)
    own = page.address()
    if not page_calls:
        options = ["--dial", own]
    name = "app-called" if page_calls else "app-calls"
    app = App(program, folder, name, rendezvous, seconds, *options)
    try:
        if page_calls:
            page.dial(app.address())
        else:
            page.accept()
        return finish(app, page, "page-calls" if page_calls else "page-called", folder, seconds)
    except Exception:
        page.page.screenshot(folder / "page-failed.png")
        print(app.said(), file=sys.stderr)
        raise
    finally:
        app.end()
        page.page.close()


def main():
    rendezvous_program, app_program = map(os.path.abspath, sys.argv[1:3])
    folder = pathlib.Path(sys.argv[3])
    seconds = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    if not chromium.executable():
        raise Failed("Chromium is not installed (Debian: chromium)")
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("app-*"), *folder.glob("page-*")]:
        old.unlink()
    print(chromium.version(), flush=True)
    with subprocess.Popen([rendezvous_program, "--listen", "127.0.0.1:0"], text=True,
                          stdout=subprocess.PIPE) as rendezvous:
        browser = chromium.Chromium("--window-size=1000,900")
        try:
            address = rendezvous.stdout.readline().split("listening on ")[1].strip()
            are_good = [call(browser, app_program, folder, address, seconds, page_calls)
                        for page_calls in (True, False)]
        finally:
            browser.end()
            rendezvous.terminate()
    return 0 if all(are_good) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"browsercall: {failure}")
