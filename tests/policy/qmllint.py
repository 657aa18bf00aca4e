# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""qmllint has nothing to say about our QML: the modules, and what README.md shows. (demo-app stands
on the installed package, and its own build lints it.)

qmllint.py TREE QMLLINT MODULES: its program, and where the built modules are.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import policy


def snippets(tree):
    """{name: text} of the blocks of QML in README.md."""
    readme = pathlib.Path(tree) / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    blocks = re.findall(r"^```qml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return {f"Readme{number}.qml": block for number, block in enumerate(blocks, 1)}


def findings_by(qmllint, modules):
    def lint(folder, paths):
        found = []
        for path in paths:
            result = subprocess.run([qmllint, "-I", modules, path], cwd=folder, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            lines = re.findall(r"^(?:Warning|Error).*", result.stdout, re.MULTILINE)
            if result.returncode and not lines:
                lines = [f"{path}: qmllint ended with {result.returncode}: {result.stdout}"]
            found += lines
        return found

    def findings(tree):
        paths = [str(path) for path in policy.files(tree)
                 if path.suffix == ".qml" and path.parts[0] != "demo-app"]
        found = lint(tree, paths)
        with tempfile.TemporaryDirectory() as folder:
            texts = snippets(tree)
            for name, text in texts.items():
                (pathlib.Path(folder) / name).write_text(text, encoding="utf-8")
            return found + lint(folder, texts)

    return findings


SAMPLES = {
    "good": ({"A.qml": "import QtQml\nQtObject { objectName: 'a' }\n"}, 0),
    "no such property": ({"A.qml": "import QtQml\nQtObject { objektName: 'a' }\n"}, 1),
    "broken": ({"A.qml": "import QtQml\nQtObject {\n"}, 1),
    "ours": ({"A.qml": "import PeerConnection\nPeerConnection { patience: 5000 }\n"}, 0),
    "not as ours": ({"A.qml": "import PeerConnection\nPeerConnection { patienc: 5000 }\n"}, 1),
    "in the application": ({"demo-app/A.qml": "import Demo\nPage {}\n"}, 0),
    "in the README": ({"README.md": "```qml\nimport QtQml\nQtObject { a: 1 }\n```\n"}, 1),
}

if __name__ == "__main__":
    policy.main(findings_by(*sys.argv[2:4]), SAMPLES, tree=sys.argv[1])
