# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""What is measured of a pair of processes. Each function returns {name of a figure: samples}."""

import time


def connects(caller, callee, count):
    opened, first = [], []
    cpu = caller.cpu_seconds() + callee.cpu_seconds()
    for _ in range(count):
        answer = caller.ask("connect")
        first.append((callee.read()["first"] - answer["dialed"]) / 1e6)
        opened.append((answer["opened"] - answer["dialed"]) / 1e6)
    cpu = caller.cpu_seconds() + callee.cpu_seconds() - cpu
    return {"connect": opened, "first octet": first, "connect CPU": [cpu / count * 1e3]}


def round_trips(caller, count):
    caller.ask("roundtrips", count=count // 10 + 1, size=100)
    times = caller.ask("roundtrips", count=count, size=100)["times"]
    return {"round trip": [each / 1e3 for each in times]}


def _settle(callee):
    """What has arrived when nothing more arrives."""
    before = callee.ask("count")
    while True:
        time.sleep(0.2)
        after = callee.ask("count")
        if after["messages"] == before["messages"]:
            return after
        before = after


def _flow(caller, callee, channel, size, seconds):
    """(messages sent, what the callee counted, its seconds, CPU seconds of both)"""
    callee.ask("reset")
    before = caller.cpu_seconds() + callee.cpu_seconds()
    sent = caller.ask("send", channel=channel, size=size, seconds=seconds)["messages"]
    counted = _settle(callee)
    cpu = caller.cpu_seconds() + callee.cpu_seconds() - before
    if counted["messages"] < 2:
        raise RuntimeError(f"nothing arrived on the channel {channel}")
    return sent, counted, (counted["last"] - counted["first"]) / 1e9, cpu


def bulk(caller, callee, size, seconds):
    _, counted, duration, cpu = _flow(caller, callee, "bulk", size, seconds)
    return {"bulk": [counted["octets"] / duration / 1e6],
            "bulk CPU": [cpu / (counted["octets"] / 1e9)]}


def datagrams(caller, callee, seconds):
    sent, counted, duration, cpu = _flow(caller, callee, "datagrams", 1200, seconds)
    return {"datagrams": [counted["messages"] / duration],
            "datagrams CPU": [cpu / counted["messages"] * 1e6],
            "datagrams lost": [100 * (1 - counted["messages"] / sent)]}


# More at once than some contestants can open.
BATCH = 10


def memory(caller, callee, count):
    caller.ask("many", count=1)
    before = caller.resident_octets() + callee.resident_octets()
    for _ in range(0, count, BATCH):
        caller.ask("many", count=min(BATCH, count))
    after = caller.resident_octets() + callee.resident_octets()
    return {"memory": [(after - before) / count / 1024]}
