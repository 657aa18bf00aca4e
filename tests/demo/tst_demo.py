# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The demo application, built on the installed package as ./run call builds it: its own tests, and
calls between two of it. The build tells by environment variables: PEER_BUILD, PEER_SOURCE,
PEER_CXX."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["PEER_BUILD"])
SOURCE = pathlib.Path(os.environ["PEER_SOURCE"])
SECONDS = 4


def run(*command, timeout=900):
    with subprocess.Popen([str(word) for word in command], text=True, start_new_session=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            output, _ = process.communicate(timeout=timeout)
        except BaseException:
            # And all that it has started, which holds the pipe too.
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode != 0:
        raise AssertionError(f"{command} exited with {process.returncode}:\n{output}")
    return output


class DemoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Its build is kept from one time to the next, for it takes a while.
        cls.build = BUILD / "demo-app"
        shutil.rmtree(BUILD / "stage", ignore_errors=True)
        run("cmake", "--install", BUILD, "--prefix", BUILD / "stage")
        run("cmake", "-G", "Ninja", "-S", SOURCE / "demo-app", "-B", cls.build,
            "-DCMAKE_BUILD_TYPE=Debug", "-DDEMO_BUILD_TESTS=ON",
            f"-DCMAKE_PREFIX_PATH={BUILD / 'stage'}",
            f"-DCMAKE_CXX_COMPILER={os.environ['PEER_CXX']}")
        run("cmake", "--build", cls.build)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def call(self, *options):
        """The figures of both sides of a call that must succeed."""
        output = run(SOURCE / "demo-app/call.sh", BUILD / "bin/peer-rendezvous",
                     self.build / "demo-app", self.folder, "--seconds", SECONDS, *options)
        figures = {}
        for name in ("alice", "bob"):
            text = (self.folder / f"{name}.json").read_text(encoding="utf-8")
            figures[name] = json.loads(text)
            png = (self.folder / f"{name}.png").read_bytes()
            self.assertEqual(png[:8], b"\x89PNG\r\n\x1a\n", output)
            self.assertEqual(figures[name]["faults"], [], output)
            self.assertTrue(figures[name]["pictureShown"], output)
            self.assertEqual(figures[name]["path"], "Direct", output)
            self.assertGreater(figures[name]["firstPictureMs"], 0, output)
            self.assertGreater(figures[name]["bitrateIn"], 0, output)
        self.assertEqual({figures[name]["role"] for name in figures}, {"caller", "callee"})
        return figures

    def test_its_own_tests_pass(self):
        run("ctest", "--test-dir", self.build, "--output-on-failure", "--no-tests=error")

    @unittest.skipUnless(shutil.which("chromium"), "Chromium is not installed (Debian: chromium)")
    def test_it_and_a_browser_see_and_hear_each_other(self):
        output = run("python3", "-B", SOURCE / "tests/interop/browsercall.py",
                     BUILD / "bin/peer-rendezvous", self.build / "demo-app", self.folder, SECONDS)
        self.assertEqual(output.count("video/VP8"), 2, output)
        for name in ("app-called", "app-calls", "page-called", "page-calls"):
            figures = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
            self.assertEqual(figures["faults"], [], output)
            png = (self.folder / f"{name}.png").read_bytes()
            self.assertEqual(png[:8], b"\x89PNG\r\n\x1a\n", output)

    def test_two_of_it_see_and_hear_each_other(self):
        figures = self.call()
        for side in figures.values():
            self.assertEqual(side["sender"], side["expectedSender"])
            self.assertEqual((side["pictureWidth"], side["pictureHeight"]), (640, 360))
            self.assertGreaterEqual(side["pictures"], 15 * SECONDS)
            self.assertGreaterEqual(side["sounds"], 40 * SECONDS)
            self.assertGreaterEqual(side["delayMs"], 0)
        self.assertNotEqual(figures["alice"]["sender"], figures["bob"]["sender"])

    @unittest.skipUnless(shutil.which("gst-launch-1.0"), "gstreamer1.0-tools are not installed")
    def test_a_film_is_seen_and_heard(self):
        film = self.folder / "film.webm"
        run("gst-launch-1.0", "--quiet", "webmmux", "name=mux", "!", "filesink",
            f"location={film}",
            "videotestsrc", "num-buffers=60", "!", "video/x-raw,width=320,height=180,framerate=30/1",
            "!", "vp8enc", "deadline=1", "!", "queue", "!", "mux.",
            "audiotestsrc", "num-buffers=100", "samplesperbuffer=960", "!",
            "audio/x-raw,rate=48000,channels=2", "!", "opusenc", "!", "queue", "!", "mux.")
        for side in self.call("--source", film).values():
            self.assertEqual(side["sender"], -1)
            self.assertGreaterEqual(side["pictures"], 15 * SECONDS)
            self.assertGreaterEqual(side["sounds"], 40 * SECONDS)

    def test_a_broken_film_is_told_in_words_and_is_no_success(self):
        film = self.folder / "broken.webm"
        film.write_bytes(b"not a film")
        with self.assertRaises(AssertionError) as told:
            self.call("--source", film)
        output = str(told.exception)
        self.assertIn("broken.webm cannot be played", output)
        self.assertIn("the test picture came, not a film", output)
        # And the call went on.
        self.assertTrue((self.folder / "alice.png").is_file())


if __name__ == "__main__":
    unittest.main(verbosity=2)
