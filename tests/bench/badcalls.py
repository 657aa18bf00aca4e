# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Video calls over bad lines: what comes of the picture and the sound.

    badcalls.py BENCH BIN [--quick] [--runs N]

BENCH has bench_media, BIN the impairer. Two processes call each other through a rendezvous, in
namespaces of their own (tests/lab):

    alice -- edge ==wide or narrow line== edge -- bob, and the rendezvous

Loss: the test picture and the test tone; both directions lose packets all the time. Cut: the edges
change to the narrow line in mid-call, both directions at once, and nobody is told. Both sides play
a film there that is in motion everywhere: the test picture needs less than the narrow line bears.

Figures of both sides are taken ten times a second, so times are right to a tenth of a second. A
freeze is a pause between two pictures of more than 200 ms; a block of sound has 20 ms, and is
concealed when its packet was lost, and did not come with another in time.

Beside each call, two Chromiums call each other over the same lines (chromiumcall.py), if that is
installed. They play the film on both, bounded so that they send about what ours do.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lab"), str(HERE.parent / "e2e")]

# pylint: disable=wrong-import-position
import chromiumcall
import link
import network
import sandbox
from endpoint import Endpoint

# One way, in ms, of all lines; as the test cases of RFC 8867 have it.
DELAY = 50
LOSS = 0.05
NARROW = 300_000  # bit/s
QUEUE = 300  # ms before the narrow line, likewise
INTERVAL = 0.1  # s
# What the rate of sending is reckoned over; an encoder keeps to a rate no more closely than that.
WINDOW = 0.5  # s
AIM = 3  # s, to follow
STEADY = 1  # s, for which it must keep to the line to have followed
FILM = 60  # s
# Chromium's encoder makes no more than that: about what ours makes of test picture and film.
LIKE_TEST_PICTURE, LIKE_FILM = 200_000, 1_200_000  # bit/s


def make_film(file):
    """Coarse noise, five other pictures a second, and a tone. The call's encoder makes up to
    900 kbit/s of it, and can do with 40."""
    subprocess.run(f"""
        gst-launch-1.0 --quiet webmmux name=mux ! filesink location={file}
        videotestsrc pattern=snow num-buffers={5 * FILM}
        ! video/x-raw,format=I420,width=16,height=9,framerate=5/1 ! videoscale
        ! video/x-raw,width=640,height=360 ! videorate ! video/x-raw,framerate=30/1
        ! vp8enc deadline=1 cpu-used=16 target-bitrate=4000000 ! mux.
        audiotestsrc num-buffers={50 * FILM} samplesperbuffer=960
        ! audio/x-raw,rate=48000,channels=1 ! opusenc ! mux.
        """.split(), check=True)


class Roads:
    """with Roads(…) as roads: … ; two lines from edge to edge, one of which is taken"""

    def __init__(self, impairer, wide, narrow):
        self.alice, self.bob = network.Namespace("alice"), network.Namespace("bob")
        self._edges = [network.Namespace("edge-a"), network.Namespace("edge-b")]
        self._networks = ["10.77.1", "10.77.2"]
        for host, edge, prefix in zip((self.alice, self.bob), self._edges, self._networks):
            edge.route_for_others()
            # For a moment packets still come by the other line.
            edge.sysctl("net.ipv4.conf.all.rp_filter", 0)
            edge.sysctl("net.ipv4.conf.default.rp_filter", 0)
            network.cable(edge, "lan", host, "eth")
            edge.add_address("lan", f"{prefix}.1/24")
            host.add_address("eth", f"{prefix}.2/24")
            host.route("default", "via", f"{prefix}.1")
            host.address = f"{prefix}.2"
        left, right = self._edges
        self._lines = [network.Line(impairer, left, name, right, name, **conditions)
                       for name, conditions in (("wide", wide), ("narrow", narrow))]
        self.take("wide")

    def take(self, name):
        for edge, prefix in zip(self._edges, reversed(self._networks)):
            edge.route(f"{prefix}.0/24", "dev", name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for line in self._lines:
            line.close()
        network.remove_all()


class Call:
    """with Call(bench, roads) as call: … ; samples of both sides"""

    def __init__(self, bench, roads, film=None):
        self._program = pathlib.Path(bench) / "bench_media"
        self._film = [film] if film else []
        self._roads = roads
        self._ends = []
        # Of alice and bob: the figures that they gave, in their order.
        self.samples = ([], [])

    def _start(self, place, *words):
        self._ends.insert(0, Endpoint([*place.prefix, self._program, *words]))
        return self._ends[0]

    def _connect(self):
        """Alice's end and bob's."""
        roads = self._roads
        name = self._start(roads.bob, "rendezvous", roads.bob.address).address
        bob = self._start(roads.bob, "listen", name, *self._film)
        return self._start(roads.alice, "dial", bob.address, *self._film), bob

    def __enter__(self):
        try:
            self._sides = self._connect()
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for end in self._ends:
            end.quit()

    def now(self):
        """What both sides say now; kept too."""
        for side, samples in zip(self._sides, self.samples):
            figures = side.ask("figures")
            figures["t"] /= 1e9
            samples.append(figures)
        return [samples[-1] for samples in self.samples]

    def go_on(self, seconds):
        """Samples of so long a time, from the first to the last."""
        end = time.monotonic() + seconds
        first = self.now()
        while time.monotonic() < end:
            time.sleep(INTERVAL)
            self.now()
        return first, [samples[-1] for samples in self.samples]

    def begin(self, seconds):
        """Until both are seen and heard, and some time of that."""
        end = time.monotonic() + 20
        while not all(each["frames"] and each["sounds"] for each in self.now()):
            if time.monotonic() > end:
                raise RuntimeError("the two do not see and hear each other")
            time.sleep(INTERVAL)
        self.go_on(seconds)


class ChromiumCall(Call):
    """The same between two Chromiums, whose pictures are bounded to so many bit/s."""

    def __init__(self, roads, film, bound):
        super().__init__("", roads, film)
        self._bound = bound

    def _connect(self):
        for place in (self._roads.bob, self._roads.alice):
            self._ends.insert(0, chromiumcall.ChromiumEnd(place, *self._film))
        alice, bob = self._ends
        alice.dial(bob, self._bound)
        return alice, bob


def rates(samples):
    """[(time, bit/s sent in the WINDOW before it)]"""
    result = []
    for last, sample in enumerate(samples):
        first = last
        while first > 0 and sample["t"] - samples[first]["t"] < WINDOW:
            first -= 1
        before = samples[first]
        if sample["t"] - before["t"] >= WINDOW:
            octets = sample["octets"] - before["octets"]
            result.append((sample["t"], 8 * octets / (sample["t"] - before["t"])))
    return result


def gained(first, last, name):
    return last[name] - first[name]


def aim(is_met, text):
    print(f"    {'met  ' if is_met else 'SHORT'}  {text}")


def tell_paths(samples, since):
    """Whether the call took another path, and when."""
    for former, sample in zip(samples, samples[1:]):
        if sample["t"] > since and former["path"] != sample["path"]:
            print(f"           {sample['t'] - since:.1f} s after the beginning of that the path"
                  f" changed from {former['path']} to {sample['path']}")


def tell_sides(before, after, when):
    for name, first, last in zip(("alice", "bob"), before, after):
        seconds = gained(first, last, "t")
        readable = gained(first, last, "testFrames")
        print(f"           at {name}{when}: in {seconds:.1f} s"
              f" {gained(first, last, 'frames')} frames decoded"
              f"{f', {readable} different ones read' if readable else ''},"
              f" {gained(first, last, 'freezes')} freezes,"
              f" {gained(first, last, 'retransmissions')} retransmissions received;"
              f" {gained(first, last, 'concealed')} of {gained(first, last, 'sounds')} blocks of"
              f" sound concealed; {last['height']} lines, by {last['path']},"
              f" {8 * gained(first, last, 'octets') / seconds / 1000:.0f} kbit/s sent,"
              f" {gained(first, last, 'sentAgain')} packets of that again")
        if "more" in last:
            chromiumcall.tell_more(first["more"], last["more"])


def over_loss(call, effort):
    call.begin(effort.warm_up)
    before, after = call.go_on(effort.loss)
    # No second without a picture.
    pauses = [pause(samples, first["t"]) for samples, first in zip(call.samples, before)]
    aim(max(pauses) < 1, f"the picture goes on: {max(pauses):.1f} s without one at most"
        " (aim: less than 1 s)")
    tell_sides(before, after, "")
    tell_paths(call.samples[0], before[0]["t"])


def pause(samples, since):
    """The longest time without a new picture, in seconds."""
    longest, begun, frames = 0, since, None
    for sample in samples:
        if sample["t"] < since:
            continue
        if sample["frames"] != frames:
            begun, frames = sample["t"], sample["frames"]
        longest = max(longest, sample["t"] - begun)
    return longest


def followed(sent, cut):
    """Seconds until the rate keeps to the line; None if it never does."""
    begun = None
    for when, rate in sent:
        if when <= cut or rate > NARROW:
            begun = None
            continue
        begun = begun or when
        if when - begun >= STEADY:
            return begun - cut
    return None


def tell_rate(name, samples, cut):
    sent = rates(samples)
    before = [rate for when, rate in sent if when <= cut][-1]
    after = followed(sent, cut)
    reached = f"after {after:.1f} s" if after is not None else "never"
    aim(before > NARROW and after is not None and after <= AIM,
        f"the rate follows: from {name} {before / 1000:.0f} kbit/s, and {reached} no more than the"
        f" line bears (aim: within {AIM} s)")
    halves = [next((rate for when, rate in sent if when >= cut + WINDOW * (half + 1)), 0)
              for half in range(2 * AIM)]
    targets = [next((each["target"] for each in samples if each["t"] >= cut + WINDOW * half), 0)
               for half in range(2 * AIM + 1)]
    later = [rate for when, rate in sent if when > cut + AIM + WINDOW]
    print(f"           kbit/s in each {WINDOW:g} s since the cut:"
          f" {' '.join(f'{rate / 1000:.0f}' for rate in halves)};"
          f" then {min(later) / 1000:.0f}-{max(later) / 1000:.0f},"
          f" {sum(later) / len(later) / 1000:.0f} on average; what rate control aimed at, from the"
          f" cut on: {' '.join(f'{target / 1000:.0f}' for target in targets)}")


def concealed_in_halves(samples, cut):
    """Blocks of sound made up in each WINDOW since the cut."""
    counts = [max(each["concealed"] for each in samples if each["t"] <= cut + WINDOW * half)
              for half in range(2 * AIM + 1)]
    return [after - before for before, after in zip(counts, counts[1:])]


def over_cut(call, roads, effort):
    call.begin(effort.warm_up)
    roads.take("narrow")
    at, soon = call.go_on(AIM)
    _, after = call.go_on(effort.cut - AIM)
    cut = [first["t"] for first in at]
    for name, samples, since in zip(("alice", "bob"), call.samples, cut):
        tell_rate(name, samples, since)
    pauses = [pause(samples, since) for samples, since in zip(call.samples, cut)]
    aim(max(pauses) < 1, f"the picture goes on: {max(pauses):.1f} s without one at most"
        " (aim: less than 1 s)")
    concealed = sum(gained(first, last, "concealed") for first, last in zip(at, after))
    halves = "; at ".join(f"{name} {' '.join(map(str, concealed_in_halves(samples, since)))}"
                          for name, samples, since in zip(("alice", "bob"), call.samples, cut))
    aim(concealed == 0, f"the sound is unbroken: {concealed} blocks concealed (aim: none), in each"
        f" {WINDOW:g} s since the cut at {halves}")
    tell_sides(at, soon, f" in the first {AIM} s")
    tell_sides(soon, after, " then")
    tell_paths(call.samples[0], cut[0])


class Effort:
    """Seconds of what is measured."""

    def __init__(self, quick):
        self.warm_up = 5 if quick else 12
        self.loss = 10 if quick else 30
        self.cut = 8 if quick else 20


def measure(arguments):
    scratch = sandbox.prepare("127.0.0.1 localhost\n")
    effort = Effort(arguments.quick)
    film = scratch / "film.webm"
    make_film(film)
    impairer = pathlib.Path(arguments.binaries) / "impairer"
    wide, narrow = {"delay": DELAY}, {"delay": DELAY, "rate": NARROW / 1e6, "queue_time": QUEUE}
    rows = [
        (f"a video call that loses {LOSS:.0%} both ways, {DELAY} ms each way",
         {**wide, "loss": LOSS}, None, LIKE_TEST_PICTURE,
         lambda call, _: over_loss(call, effort)),
        (f"a video call whose line is cut to {NARROW // 1000} kbit/s both ways in mid-call,"
         f" {DELAY} ms each way, a queue of {QUEUE} ms", wide, film, LIKE_FILM,
         lambda call, roads: over_cut(call, roads, effort)),
    ]
    browser = chromiumcall.version()
    browsers_film = chromiumcall.Film(film) if browser else None
    if not browser:
        print("skipped: calls of Chromium beside ours: it is not installed (Debian: chromium)")
    for run in range(arguments.runs):
        for name, conditions, played, bound, row in rows:
            print(f"{name}, run {run + 1} of {arguments.runs}", flush=True)
            with Roads(impairer, {**conditions, "seed": run + 1}, narrow) as roads, \
                    Call(arguments.bench, roads, played) as call:
                row(call, roads)
            if not browser:
                continue
            print(f"  beside it, {browser}, by the same aims; its pictures are bounded to"
                  f" {bound // 1000} kbit/s", flush=True)
            try:
                with Roads(impairer, {**conditions, "seed": run + 1}, narrow) as roads, \
                        ChromiumCall(roads, browsers_film, bound) as call:
                    row(call, roads)
            except (chromiumcall.Fault, RuntimeError) as fault:
                print(f"    that was no call: {fault}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("binaries")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=2)
    arguments = parser.parse_args()
    try:
        if not shutil.which("gst-launch-1.0"):
            raise link.Unavailable("there is no program gst-launch-1.0")
        if not sandbox.is_inside():
            sys.exit(sandbox.run_inside())
        measure(arguments)
    except link.Unavailable as reason:
        print(f"skipped: video calls over bad lines: {reason}")


if __name__ == "__main__":
    main()
