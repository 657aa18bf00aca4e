# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The two ends of a video call between Chromiums, beside which badcalls.py holds ours.

Both play our film as their camera and microphone. They have no server: what they have to tell each
other before there is a path is carried by the DevTools protocol. An end gives figures as
bench_media does, and in "more" what only a browser tells (tell_more):

    t                   ns
    octets              of RTP sent, with headers and all that is sent again
    target              bit/s that its congestion control believes the path bears
    frames, freezes     pictures decoded, and pauses of more than 200 ms between two that were shown
    testFrames          none: it does not play the test picture
    height              of the picture that was decoded last
    sounds, concealed   blocks of 20 ms that were played, and of these what was made up
    retransmissions     packets of pictures received again; some only probe what the path bears
    sentAgain           packets of pictures sent again because they were asked for
    path                such as "host/udp"
"""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

# pylint: disable=wrong-import-position
import chromium
import scriptpage

# What goes wrong in a browser, or with it.
Fault = scriptpage.PageError

RATE = 48000  # of all its sound
BLOCK = RATE // 50
FLAGS = (
    # Nobody looks at these pages, and they are not to be slowed down for that.
    "--disable-renderer-backgrounding", "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    # Candidates have addresses: there is nobody to resolve names of .local.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)


class Film:
    """What was made of a film for Chromium, which wants pictures and sound in files of their own:
    JPEGs one after the other, and PCM. It begins anew at their ends."""

    def __init__(self, film):
        self.pictures, self.sound = film.with_suffix(".mjpeg"), film.with_suffix(".wav")
        subprocess.run(f"""
            gst-launch-1.0 --quiet filesrc location={film} ! matroskademux name=demux
            demux. ! queue ! vp8dec ! jpegenc quality=95 ! filesink location={self.pictures}
            demux. ! queue ! opusdec ! audioconvert ! audio/x-raw,format=S16LE,rate=48000,channels=1
            ! wavenc ! filesink location={self.sound}
            """.split(), check=True)

    def flags(self):
        return (f"--use-file-for-fake-video-capture={self.pictures}",
                f"--use-file-for-fake-audio-capture={self.sound}")


def version():
    """None if it is not installed."""
    return chromium.version() if chromium.executable() else None


class ChromiumEnd:
    """A browser in that place, with a page that calls."""

    def __init__(self, place, film):
        self._browser = chromium.Chromium(*FLAGS, *film.flags(), prefix=place.prefix)
        try:
            self._page = self._browser.page((HERE / "peers/videocall.html").as_uri())
        except BaseException:
            self._browser.end()
            raise

    def dial(self, other, bound):
        """The encoders of both make pictures of no more than so many bit/s."""
        offer = self.do("offer", bound)
        self.do("take", other.do("answer", offer, bound))

    def do(self, function, *arguments):
        """What a function of the page comes to."""
        return self._page.call(function, *arguments)

    def ask(self, _figures):
        said = self.do("figures")
        pictures, sound, sent = said["pictures"], said["sound"], said["sent"]
        return {
            "t": said["now"] * 1e9,
            "octets": said["octets"],
            "target": said["path"].get("availableOutgoingBitrate", 0),
            "frames": pictures.get("framesDecoded", 0),
            "testFrames": 0,
            "freezes": said["freezes"],
            "height": pictures.get("frameHeight", 0),
            "sounds": sound.get("totalSamplesReceived", 0) // BLOCK,
            "concealed": round(sound.get("concealedSamples", 0) / BLOCK),
            "retransmissions": pictures.get("retransmittedPacketsReceived", 0),
            "sentAgain": sent.get("retransmittedPacketsSent", 0),
            "path": f"{said['candidate'].get('candidateType')}/{said['candidate'].get('protocol')}",
            "more": said,
        }

    def quit(self):
        self._browser.end()


def tell_more(before, after):
    """What came to be between two times, of what a browser tells besides."""
    def gained(kind, name):
        return after[kind].get(name, 0) - before[kind].get(name, 0)

    def time(name):
        return f"{1000 * gained('sound', name) / RATE:.0f} ms"

    def buffered(kind):
        emitted = max(gained(kind, "jitterBufferEmittedCount"), 1)
        return f"{1000 * gained(kind, 'jitterBufferDelay') / emitted:.0f} ms"

    print(f"             in its own words freezeCount {gained('pictures', 'freezeCount')},"
          f" {gained('pictures', 'totalFreezesDuration'):.1f} s of freezes; sound concealed"
          f" {gained('sound', 'concealmentEvents')} times, {time('concealedSamples')} in all,"
          f" {time('silentConcealedSamples')} of that silent; stretched by"
          f" {time('insertedSamplesForDeceleration')} and shortened by"
          f" {time('removedSamplesForAcceleration')}; jitter buffers of"
          f" {buffered('sound')} for sound and {buffered('pictures')} for pictures;"
          f" {gained('sent', 'framesEncoded')} pictures encoded, of"
          f" {after['sent'].get('frameHeight', 0)} lines at last, quality limited by"
          f" {after['sent'].get('qualityLimitationReason')}; {' and '.join(after['codecs'])}")
