# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The strip of a test picture and the test tone (src/media/pattern), written and read back."""

import numpy

WIDTH, HEIGHT = 320, 240
RATE = 48000
COLUMNS, ROWS, ROWS_OF_PICTURE = 32, 3, 18
BLACK, WHITE, NO_COLOUR = 16, 235, 128


def checksum(sender, frame, time):
    """CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for octet in sender.to_bytes(2, "big") + frame.to_bytes(4, "big") + time.to_bytes(4, "big"):
        crc ^= octet << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


def blocks(width, height):
    top = (height - height * ROWS // ROWS_OF_PICTURE) & ~1
    for row in range(ROWS):
        for column in range(COLUMNS):
            yield (row, COLUMNS - 1 - column,
                   slice(top + (height - top) * row // ROWS,
                         top + (height - top) * (row + 1) // ROWS),
                   slice(width * column // COLUMNS, width * (column + 1) // COLUMNS))


def picture(sender, frame):
    """I420: the planes one below the other."""
    planes = numpy.full((HEIGHT * 3 // 2, WIDTH), NO_COLOUR, numpy.uint8)
    planes[:HEIGHT] = 64 + (numpy.arange(HEIGHT)[:, None] + frame) % 128
    words = (sender << 16 | checksum(sender, frame, 0), frame ^ frame >> 1, 0)
    for row, bit, lines, columns in blocks(WIDTH, HEIGHT):
        planes[lines, columns] = WHITE if words[row] >> bit & 1 else BLACK
    return planes


def read_picture(luma):
    """(sender, frame), or None. The middle of a block alone: edges do not survive encoding."""
    words = [0] * ROWS
    height, width = luma.shape
    for row, bit, lines, columns in blocks(width, height):
        value = luma[(lines.start + lines.stop) // 2, (columns.start + columns.stop) // 2]
        words[row] |= int(value > (BLACK + WHITE) // 2) << bit
    frame = words[1]
    for shift in (1, 2, 4, 8, 16):
        frame ^= frame >> shift
    sender = words[0] >> 16
    return (sender, frame) if words[0] & 0xFFFF == checksum(sender, frame, words[2]) else None


def frequency(sender):
    return 400 + 100 * (sender % 32)


def tone(sender, block, samples):
    """The samples of a block of that many."""
    times = (block * samples + numpy.arange(samples)) / RATE
    return (4096 * numpy.sin(2 * numpy.pi * frequency(sender) * times)).astype(numpy.int16)


def has_tone(samples, rate, sender):
    """Whether most of these samples' power is in that frequency."""
    samples = samples.astype(float)
    times = numpy.arange(len(samples)) / rate
    there = abs(numpy.dot(samples, numpy.exp(-2j * numpy.pi * frequency(sender) * times))) ** 2
    power = numpy.dot(samples, samples)
    return bool(power > 0 and 2 * there / len(samples) > 0.6 * power)


class Figures:
    """What has come of the other, as mediapeer.cpp tells it."""

    def __init__(self, other):
        self._other = other
        self._frames = set()
        self.sender = None
        self.decoded = self.sounds = self.tones = 0
        self.size = [0, 0]

    def see(self, luma):
        content = read_picture(luma)
        self.decoded += 1
        self.size = [luma.shape[1], luma.shape[0]]
        if content:
            self.sender = content[0]
            if self.sender == self._other:
                self._frames.add(content[1])

    def hear(self, samples, rate):
        self.sounds += 1
        self.tones += has_tone(samples, rate, self._other)

    def told(self):
        return {"sender": self.sender, "pictures": len(self._frames), "decoded": self.decoded,
                "size": self.size, "sounds": self.sounds, "tones": self.tones}
