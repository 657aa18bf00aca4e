# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A table that grows line by line and can be read while it does."""

import textwrap


class Table:
    def __init__(self, **columns):
        """Names of columns with their widths."""
        self._widths = list(columns.values())
        self._line(name.replace("_", " ") for name in columns)
        print("  ".join("-" * width for width in self._widths), flush=True)

    def _line(self, cells):
        print("  ".join(str(cell).ljust(width)
                        for cell, width in zip(cells, self._widths)).rstrip(), flush=True)

    def row(self, *cells):
        """A cell that is too long goes on in the lines below."""
        wrapped = [textwrap.wrap(str(cell), width) or [""]
                   for cell, width in zip(cells, self._widths)]
        for i in range(max(len(lines) for lines in wrapped)):
            self._line(lines[i] if i < len(lines) else "" for lines in wrapped)
