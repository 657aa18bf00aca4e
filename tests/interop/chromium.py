# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Chromium without a display, driven by the DevTools protocol over two pipes: JSON messages, each
ended by a zero octet. What it needs of files is a new folder, which goes when it ends."""

import base64
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import tempfile
import threading

from scriptpage import PageError, ScriptPage

# Where its messages come and go: fixed by --remote-debugging-pipe.
COMMANDS, ANSWERS = 3, 4

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-pipe",
    # A camera and a microphone of its own making, and nobody to ask for them.
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", "--mute-audio",
    # It gathers no loopback candidates otherwise.
    "--allow-loopback-in-peer-connection",
)


def executable():
    """None if it is not installed."""
    return shutil.which("chromium")


def version():
    """Such as "Chromium 120.0.6099.224"."""
    said = subprocess.run([executable(), "--version"], capture_output=True, text=True,
                          check=False).stdout
    return " ".join(said.split()[:2])


class Chromium:
    """One browser. Each page() is one of its tabs. A prefix of its command line says where it runs,
    such as nsenter(1)."""

    def __init__(self, *flags, prefix=()):
        self._folder = tempfile.mkdtemp(prefix="chromium-")
        theirs_in, self._commands = os.pipe()
        self._answers, theirs_out = os.pipe()

        self._log = open(pathlib.Path(self._folder, "log"), "wb+")
        # Of the shell, which puts the pipes where the browser looks for them.
        script = f'exec "$@" {COMMANDS}<&{theirs_in} {ANSWERS}>&{theirs_out}'
        self.process = subprocess.Popen(
            [*prefix, "bash", "-c", script, "chromium", executable(), *FLAGS, *flags,
             f"--user-data-dir={self._folder}/profile", "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=self._log,
            stderr=self._log, start_new_session=True,
            env={**os.environ, "HOME": self._folder})
        os.close(theirs_in)
        os.close(theirs_out)
        self._lock = threading.Lock()
        self._last = 0
        self._waiting = {}
        self._pages = {}
        self._is_gone = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        rest = b""
        while block := os.read(self._answers, 1 << 20):
            *messages, rest = (rest + block).split(b"\0")
            for message in messages:
                self._take(json.loads(message))
        with self._lock:
            self._is_gone = True
            waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            answer.put({"error": {"message": "Chromium has ended"}})

    def _take(self, message):
        if "id" in message:
            with self._lock:
                answer = self._waiting.pop(message["id"], None)
            if answer:
                answer.put(message)
            return
        page = self._pages.get(message.get("sessionId"))
        if page:
            page.take(message["method"], message["params"])

    def command(self, method, session=None, timeout=60, **parameters):
        """What it answers. Raises PageError if that is an error, or does not come in time."""
        answer = queue.Queue()
        with self._lock:
            if self._is_gone:
                raise PageError("Chromium has ended: " + self.log())
            self._last += 1
            self._waiting[self._last] = answer
            message = {"id": self._last, "method": method, "params": parameters}
            if session:
                message["sessionId"] = session
            octets = json.dumps(message).encode() + b"\0"
            while octets:
                octets = octets[os.write(self._commands, octets):]
        try:
            said = answer.get(timeout=timeout)
        except queue.Empty:
            raise PageError(f"no answer to {method} came") from None
        if "error" in said:
            raise PageError(f"{method}: {said['error']['message']}")
        return said["result"]

    def page(self, url="about:blank"):
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, session)
        self._pages[session] = page
        page.begin()
        page.open(url)
        return page

    def log(self):
        """The end of what it has written."""
        return pathlib.Path(self._folder, "log").read_text(errors="replace")[-2000:]

    def vanish(self):
        """Without a word to anybody."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self):
        try:
            self.command("Browser.close", timeout=10)
            self.process.wait(10)
        except (PageError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self._commands)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Page(ScriptPage):
    """A tab."""

    def __init__(self, browser, target, session):
        self._browser = browser
        self._target = target
        self._session = session
        super().__init__()
        self._loaded = threading.Event()

    def command(self, method, **parameters):
        return self._browser.command(method, session=self._session, **parameters)

    def begin(self):
        for domain in ("Page", "Runtime", "Log"):
            self.command(domain + ".enable")
        self.command("Runtime.addBinding", name="tell")

    def open(self, url):
        self._loaded.clear()
        said = self.command("Page.navigate", url=url)
        if said.get("errorText"):
            raise PageError(f"{url}: {said['errorText']}")
        if not self._loaded.wait(30):
            raise PageError(f"{url} was not loaded")

    def take(self, method, parameters):
        if method == "Runtime.bindingCalled":
            self.told.put(parameters["payload"])
        elif method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded":
            self.console.append(parameters["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.console.append(" ".join(str(argument.get("value", argument.get("description")))
                                         for argument in parameters["args"]))

    def evaluate(self, script, timeout=60):
        said = self._browser.command("Runtime.evaluate", session=self._session, timeout=timeout,
                                     expression=script, awaitPromise=True, returnByValue=True,
                                     userGesture=True)
        if "exceptionDetails" in said:
            details = said["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description", details["text"]))
        return said["result"].get("value")

    def screenshot(self, path):
        octets = base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"])
        pathlib.Path(path).write_bytes(octets)

    def close(self):
        self._browser.command("Target.closeTarget", targetId=self._target)
