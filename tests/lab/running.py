# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A running call by lab_call, with a reliable transfer and datagrams both ways, to which something
happens."""

import dataclasses
import json
import pathlib
import subprocess
import threading
import time

import harness
from events import machine_time
from peers import Peercat
from servers import error_of

START = 20  # s, to be connected by a path that the row asks for
BEFORE = 2  # s of call before the event
BACK = 40  # s, to be heard again
GREETING = b"hello, other one"
NEXT = 50  # ms, in which a datagram must be due
AFTER = 3  # s of call after it
END = 30  # s, for what is under way when the transfer ends


@dataclasses.dataclass
class Outcome:
    problem: str = ""
    silence: float = None  # ms
    lost: int = 0  # datagrams
    started_on: str = ""
    ended_on: str = ""
    timeline: str = ""


class End:
    """One lab_call and what it tells."""

    def __init__(self, place, mode, uri, *options):
        self.process = place.start(
            [pathlib.Path(harness.BIN) / "lab_call", mode, uri, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.events = []
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "text", "text": line.decode(errors="replace").strip(),
                         "t": machine_time()}
            with self._news:
                self.events.append(event)
                self._news.notify_all()
        with self._news:
            self.events.append({"event": "exit", "t": machine_time()})
            self._news.notify_all()

    def wait_for(self, what, timeout, is_it):
        """Until is_it of one of its events; that event."""
        with self._news:
            self._news.wait_for(lambda: any(map(is_it, self.events)) or self.has_ended(), timeout)
            for event in self.events:
                if is_it(event):
                    return event
        raise AssertionError(f"no {what}: " + (error_of(self.events) or f"in {timeout} s"))

    def has_ended(self):
        return any(event["event"] == "exit" for event in self.events)

    def event(self, name, timeout):
        return self.wait_for(name, timeout, lambda event: event["event"] == name)

    def path(self):
        paths = [event for event in list(self.events) if event["event"] == "path"
                 and event["kind"] != "none"]
        return f"{paths[-1]['kind']}/{paths[-1]['protocol']}" if paths else "no path"


class RunningCall:
    def __init__(self, lab, event):
        self._event = event
        self._notes = []
        common = ["--ca", str(lab.authority.certificate)]
        self.ends, self.others = [], []
        self.listener = self._add(End(lab.callee, "listen",
                                      f"peer://alice@{event.name_of_rendezvous}", *common,
                                      "--identity", str(lab.identity)))
        address = self.listener.event("listening", START)["address"]
        self.caller = self._add(End(lab.caller, "connect", address, *common))

    def other_listener(self, lab):
        """Registers somebody else at the callee's; gives the address."""
        other = Peercat("listen", f"peer://bob@{self._event.name_of_rendezvous}", "--echo", "--ca",
                        str(lab.authority.certificate), place=lab.callee)
        self.others.append(other)
        return other.event("listening", START)["address"]

    def call_other(self, lab, address):
        """A call that is new, and must come about."""
        other = Peercat("connect", address, "--ca", str(lab.authority.certificate),
                        place=lab.caller, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.others.append(other)
        try:
            said = other.process.communicate(GREETING, START)[0]
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"no new call: {other.story()}") from late
        if other.process.returncode != 0 or said != GREETING:
            raise AssertionError(f"no new call: {other.story()}")

    def end(self):
        for one in [*self.ends, *self.others]:
            harness.end(one.process)

    def _add(self, end):
        self.ends.append(end)
        return end

    def note(self, text):
        self._notes.append((machine_time(), text))

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not any(one.has_ended() for one in self.ends):
            time.sleep(0.02)

    def wait_for_path(self, paths, timeout):
        end = time.monotonic() + timeout
        while True:
            now = [one.path() for one in self.ends]
            if all(path != "no path" and (not paths or path in paths) for path in now):
                return now[0]
            if time.monotonic() > end or any(one.has_ended() for one in self.ends):
                raise AssertionError(f"on {' and '.join(dict.fromkeys(now))} after {timeout} s")
            time.sleep(0.02)

    def is_heard(self):
        """Both ends hear the other's datagrams."""
        return all(([True] + [event["event"] == "heard" for event in list(one.events)
                              if event["event"] in ("heard", "silent")])[-1]
                   for one in self.ends)

    def wait_until_heard(self):
        """For what happens later than at once too: it has to last for a second."""
        end = time.monotonic() + BACK
        heard_since = None
        while heard_since is None or time.monotonic() - heard_since < 1:
            heard_since = (heard_since or time.monotonic()) if self.is_heard() else None
            if time.monotonic() > end:
                raise AssertionError(f"still silent after {BACK} s")
            if any(one.has_ended() for one in self.ends):
                raise AssertionError(f"the call ended: {error_of(self.events())}")
            time.sleep(0.02)

    def events(self):
        return [event for one in self.ends for event in list(one.events)]

    def wait_for_end(self, seconds):
        for one in self.ends:
            one.event("exit", seconds)

    def expect_no_silence(self):
        """Judged when the results are there: nothing may be silent until now."""
        self.quiet_until = machine_time()

    quiet_until = 0

    def finish(self):
        """Lets what is under way arrive; gives the results of both ends."""
        self.note("finish")
        for one in self.ends:
            one.process.stdin.write(b"finish\n")
            one.process.stdin.flush()
        results = [one.event("result", END) for one in self.ends]
        for one in self.ends:
            one.event("exit", END)
        return results

    def story(self):
        lines = [(at, f"** {text}") for at, text in self._notes]
        for name, one in (("caller", self.caller), ("listener", self.listener)):
            for event in list(one.events):
                what = event.get("state") or event.get("text") or event["event"]
                if event["event"] == "path":
                    what = (f"{event['kind']}/{event['protocol']} {event['local']}>"
                            f"{event['remote']}")
                if event["event"] == "error":
                    what = f"{event['code']} ({event['message']})"
                if event["event"] == "result":
                    gaps = [f"{first - self._notes[0][0]:.0f}-{last - self._notes[0][0]:.0f}"
                            for first, last in event["ticks"].get("silences", [])] \
                        if self._notes else []
                    what = f"result, silences {' '.join(gaps) or 'none'}"
                lines.append((event["t"], f"{name} {what}"))
        lines.sort()
        start = self._notes[0][0] if self._notes else lines[0][0]
        return "; ".join(f"{at - start:.0f} {text}" for at, text in lines)


def run(lab, event):
    """Makes the call on the internet that is built, lets the event happen, and measures."""
    outcome = Outcome()
    call = None
    try:
        call = RunningCall(lab, event)
        outcome.started_on = call.wait_for_path(event.starts_on, START)
        call.wait(BEFORE)
        call.note("event")
        since = machine_time()
        back = event.happen(lab, call)
        call.note("done")
        if event.ends:
            _judge_end(outcome, call)
            return outcome
        if event.ends_on:
            call.wait_for_path(event.ends_on, event.within)
        call.wait_until_heard()
        call.wait(AFTER)
        call.wait_until_heard()
        outcome.ended_on = call.caller.path()
        _judge(outcome, event, call, call.finish(), since, back)
    except (AssertionError, OSError, RuntimeError) as failure:
        outcome.problem = str(failure)[:300]
    finally:
        if call:
            outcome.timeline = call.story()
            call.end()
    return outcome


def _judge_end(outcome, call):
    codes = [one.process.wait(5) for one in call.ends]
    if codes != [3, 3]:
        outcome.problem = f"exit codes {codes}, not 3"
    if not all(error_of(one.events) for one in call.ends):
        outcome.problem = "no error was told"


def _judge(outcome, event, call, results, since, back):
    streams = [result["stream"] for result in results]
    for mine, other in (streams, reversed(streams)):
        if mine["wrong"] or not mine["done"] or mine["received"] != other["sent"]:
            outcome.problem = f"reliable data: {mine['received']:.0f} of {other['sent']:.0f} " \
                              f"messages, {mine['wrong']:.0f} wrong"
    ticks = [result["ticks"] for result in results]
    outcome.lost = sum(int(mine["sent"] - other["received"])
                       for mine, other in (ticks, reversed(ticks)))
    silences = [silence for one in ticks for silence in one["silences"]]
    if call.quiet_until:
        loud = [until - first for first, until in silences
                if until > since and first < call.quiet_until - NEXT]
        if loud:
            outcome.problem = f"silent for {max(loud):.0f} ms without need"
        since = call.quiet_until
    outcome.silence = max([until - max(first, back or first) for first, until in silences
                           if until > max(since, back or 0)], default=0)
    if sum(one["doubled"] for one in ticks):
        outcome.problem = outcome.problem or "datagrams came twice"
    if event.bound == 0 and outcome.lost:
        outcome.problem = outcome.problem or f"{outcome.lost} datagrams lost"
