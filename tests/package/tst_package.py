# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Installs the build, moves the installation elsewhere, and uses it as a stranger would: a project
that finds the package, and the examples of README.md. The build tells by environment variables:
PEER_BUILD, PEER_SOURCE, PEER_CXX, PEER_CXX_FLAGS."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import examples

BUILD = pathlib.Path(os.environ["PEER_BUILD"])
SOURCE = pathlib.Path(os.environ["PEER_SOURCE"])
# The component Media is built where GStreamer is.
HAS_MEDIA = (BUILD / "include/PeerConnection/peerconnection_media_export.h").is_file()
# The QML modules are built where Qt Quick is.
HAS_QML = (BUILD / "qml/PeerConnection/qmldir").is_file()


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], text=True, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command} exited with {result.returncode}:\n{result.stdout}")
    return result.stdout


def snippets(language):
    text = (SOURCE / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls._folder.name)
        run("cmake", "--install", BUILD, "--prefix", cls.folder / "installed")
        shutil.move(cls.folder / "installed", cls.folder / "moved")
        cls.prefix = cls.folder / "moved"

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def build(self, source, *options):
        build = self.folder / f"build-{source.name}"
        run("cmake", "-G", "Ninja", "-S", source, "-B", build,
            f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_CXX_COMPILER={os.environ['PEER_CXX']}",
            f"-DCMAKE_CXX_FLAGS={os.environ['PEER_CXX_FLAGS']}", *options)
        run("cmake", "--build", build)
        return build

    def test_a_program_finds_builds_and_runs(self):
        examples = self.folder / "snippets"
        examples.mkdir()
        texts = snippets("cpp")
        self.assertGreater(len(texts), 1, "README.md has no examples")
        for number, text in enumerate(texts, 1):
            (examples / f"readme{number}.cpp").write_text(text, encoding="utf-8")
        build = self.build(SOURCE / "tests/package/consumer", f"-DSNIPPETS={examples}")
        self.assertIn("received 'hello'", run(build / "consumer", timeout=60))

    @unittest.skipUnless(HAS_MEDIA, "the component Media was not built")
    def test_media_can_be_asked_for_alone(self):
        build = self.build(SOURCE / "tests/package/mediaconsumer")
        self.assertIn("not active", run(build / "mediaconsumer", timeout=60))

    @unittest.skipUnless(HAS_QML, "the QML modules were not built")
    def test_an_engine_finds_the_modules(self):
        build = self.build(SOURCE / "tests/package/qmlconsumer")
        calls = self.folder / "calls"
        calls.mkdir()
        (calls / "call.qml").write_text("import PeerConnection\nPeerConnection {}\n",
                                        encoding="utf-8")
        if HAS_MEDIA:
            for number, text in enumerate(snippets("qml"), 1):
                text = text.replace("rendezvous.example.org", "127.0.0.1:9?tls=off") # is not asked
                (calls / f"readme{number}.qml").write_text(text, encoding="utf-8")
        files = sorted(calls.iterdir())
        output = run(build / "qmlconsumer", *files, timeout=60, cwd=calls,
                     env={**os.environ, "QT_QPA_PLATFORM": "offscreen",
                          "XDG_RUNTIME_DIR": str(calls)})
        self.assertIn("PeerConnection\n", output)
        self.assertEqual(sum("QQuick" in line for line in output.splitlines()), len(files) - 1,
                         output)
        self.assertNotIn("qrc:", output)
        self.assertNotIn(".qml:", output)

    def test_the_examples_run(self):
        build = self.build(SOURCE / "examples")
        with examples.rendezvous(self.prefix) as server:
            self.assertEqual(examples.connection(build, server, "carol"), "hello\n")
            said = examples.presence(build, server)
            self.assertIn("bob is online\nhello\n", said)
            self.assertEqual(examples.tunnel(build, server), "hello\n")
            self.assertTrue(examples.filedrop(build, server, self.folder / "drop"))
            frames = examples.gamestate(build, server)
            self.assertGreater(len(frames), 0)
            self.assertEqual(frames, sorted(frames))
            if HAS_QML:
                said = examples.connection(build, server, "dave",
                                           SOURCE / "examples/qml/call.qml")
                self.assertIn("hello\n", said)
        for said in examples.pipes(build):
            self.assertIn("hello\n", said)
        for said in examples.datagrams(build):
            self.assertIn("hello\n", said)

    def test_examples_are_short(self):
        for path in (SOURCE / "examples").glob("*/*"):
            self.assertLess(len(path.read_text(encoding="utf-8").splitlines()), 100, path)

    def test_the_readme_project_configures(self):
        for text in snippets("cmake"):
            project = self.folder / "project"
            project.mkdir()
            (project / "CMakeLists.txt").write_text(text, encoding="utf-8")
            (project / "main.cpp").write_text("#include <PeerConnection/PeerAddress>\n"
                                              "int main() { return PeerAddress().isValid(); }\n",
                                              encoding="utf-8")
            run(self.build(project) / "example", timeout=60)

    def test_installed_tools_find_their_libraries(self):
        for tool in ("peercat", "peer-rendezvous"):
            run(self.prefix / "bin" / tool, "--help", timeout=60)

    def test_nothing_but_the_public_is_installed(self):
        headers = {path.name for path in (self.prefix / "include").rglob("*") if path.is_file()}
        public = {path.name for path in (SOURCE / "include/PeerConnection").iterdir()
                  if HAS_MEDIA or not path.name.lower().startswith("peermedia")}
        generated = {"peerconnection_export.h", "peerconnection_rendezvous_export.h"}
        if HAS_MEDIA:
            generated.add("peerconnection_media_export.h")
        self.assertEqual(headers, public | generated)

    def test_the_installation_does_not_know_where_it_was_built(self):
        for path in self.prefix.rglob("*.cmake"):
            text = path.read_text(encoding="utf-8")
            for place in (BUILD, SOURCE, self.folder):
                self.assertNotIn(str(place), text, path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
