# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What runs JavaScript for a test: a tab of a browser, or Node.js."""

import json
import queue


class PageError(AssertionError):
    """The script threw, or what runs it is gone."""


class ScriptPage:
    """Its scripts speak to the test by tell(text); what they say is in `told`, a queue."""

    def __init__(self):
        self.told = queue.Queue()
        self.console = []

    def evaluate(self, script, timeout=60):
        """The value of an expression, or what its promise comes to."""
        raise NotImplementedError

    def call(self, function, *arguments, timeout=60):
        """evaluate() of a function's name or text with JSON arguments."""
        listed = ", ".join(json.dumps(argument) for argument in arguments)
        return self.evaluate(f"({function})({listed})", timeout)
