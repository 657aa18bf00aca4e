# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The tables that the lab prints: how calls come about, what they live through, and what the doctor
says."""

import statistics

from table import Table


class Situations:
    def __init__(self, verbose):
        self._verbose = verbose
        print("\nFirst octet: ms from the start of connect to the first octet at the later end; "
              "median (least-most)\n")
        self._table = Table(row=28, situation=34, must_end_on=22, ended_on=22, first_octet=16,
                            bound=5, runs=4, verdict=8)

    def add(self, row, outcomes):
        """Prints a row; gives whether it failed and whether it was late."""
        problems = [outcome.problem for outcome in outcomes if outcome.problem]
        good = [outcome for outcome in outcomes if outcome.first_bytes]
        text, late = self._times(row, [outcome.first_byte for outcome in good])
        paths = dict.fromkeys(
            f"{outcome.path} after {outcome.first_path}"
            if outcome.first_path not in (outcome.path, "") else outcome.path
            for outcome in outcomes if outcome.path)
        self._table.row(row.key, row.title, " or ".join(row.ends_on) or row.fails_with or "any",
                        ", ".join(paths) or "none", text, row.bound or "", len(outcomes),
                        "FAIL" if problems else late or "pass")
        _explain(outcomes, self._verbose)
        for outcome in outcomes:
            if outcome.wire:
                print(outcome.wire, flush=True)
        return bool(problems), bool(late)

    @staticmethod
    def _times(row, first):
        """The times as text, and what is beyond the bound."""
        if not first or not row.bound:
            return "", ""
        late = []
        if (max(first) if row.of_all_runs else statistics.median(first)) > row.bound:
            late.append("late")
        if row.late and len(first) == row.runs:
            within = sum(value <= row.late[0] for value in first)
            if within < row.late[1]:
                late.append(f"{within} of {len(first)} within {row.late[0]} ms")
        text = f"{statistics.median(first):.0f} ({min(first):.0f}-{max(first):.0f})"
        return text, ", ".join(late)


class Events:
    def __init__(self, verbose):
        self._verbose = verbose
        print("\nSilence: the longest in ms that the datagrams saw at either end, after the event "
              "or after the network was back; median (least-most)\n")
        self._table = Table(row=20, event=40, from_path=22, to_path=22, lost=10, silence=16,
                            bound=5, runs=4, verdict=8)

    def add(self, event, outcomes):
        """Prints a row; gives whether it failed and whether it was late."""
        problems = [outcome.problem for outcome in outcomes if outcome.problem]
        silences = [outcome.silence for outcome in outcomes if outcome.silence is not None]
        late = bool(silences and event.bound and max(silences) > event.bound)
        text = f"{statistics.median(silences):.0f} ({min(silences):.0f}-{max(silences):.0f})" \
            if silences else ""
        lost = [outcome.lost for outcome in outcomes]
        self._table.row(event.key, event.title,
                        ", ".join(dict.fromkeys(one.started_on for one in outcomes)) or "none",
                        ", ".join(dict.fromkeys(one.ended_on for one in outcomes)) or "none",
                        f"{min(lost)}-{max(lost)}" if silences else "", text, event.bound,
                        len(outcomes), "FAIL" if problems else "late" if late else "pass")
        _explain(outcomes, self._verbose)
        return bool(problems), late


class Doctor:
    def __init__(self, verbose):
        self._verbose = verbose
        print("\nWhat peercat doctor says\n")
        self._table = Table(row=22, network=24, must_say=78, seconds=7, verdict=8)

    def add(self, patient, outcomes):
        """Prints a row; gives whether it failed and whether it was late."""
        problems = [outcome.problem for outcome in outcomes if outcome.problem]
        said = ", ".join(f"{path}={value}" for path, value in patient.expected.items())
        self._table.row(patient.key, patient.title, said,
                        f"{max(outcome.seconds for outcome in outcomes):.1f}",
                        "FAIL" if problems else "pass")
        _explain(outcomes, self._verbose)
        return bool(problems), False


class Quiet:
    def __init__(self, verbose):
        self._verbose = verbose
        print("\nA connected call on which nobody speaks: octets of IP in a minute at the caller\n")
        self._table = Table(row=16, situation=42, path=12, sent=8, received=8, both=8, packets=8,
                            bound=8, verdict=8)

    def add(self, row, outcomes):
        """Prints a row; gives whether it failed and whether it was late."""
        problems = [outcome.problem for outcome in outcomes if outcome.problem]
        for outcome in outcomes:
            self._table.row(row.key, row.title, outcome.path or "none", outcome.sent,
                            outcome.received, outcome.sent + outcome.received, outcome.packets,
                            row.bound, "FAIL" if outcome.problem else "pass")
        _explain(outcomes, self._verbose)
        return bool(problems), False


def _explain(outcomes, verbose):
    """What went wrong, each kind once with the story of one such call; or all stories."""
    told = []
    for outcome in outcomes:
        if outcome.problem not in told or verbose:
            told.append(outcome.problem)
            if outcome.problem:
                count = [one.problem for one in outcomes].count(outcome.problem)
                print(f"      {count} of {len(outcomes)}: {outcome.problem}", flush=True)
            if outcome.problem or verbose:
                print(f"      {outcome.timeline}", flush=True)
