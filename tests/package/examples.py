# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Runs the programs of examples/ as their README says, with a rendezvous on loopback. Each function
gives what was printed, or raises an AssertionError."""

import contextlib
import os
import re
import subprocess

TIMEOUT = 60


@contextlib.contextmanager
def running(*command, **options):
    """A program that is killed in the end if it has not ended."""
    with subprocess.Popen([str(word) for word in command], text=True, **options) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@contextlib.contextmanager
def rendezvous(prefix):
    """Gives HOST:PORT."""
    with running(prefix / "bin/peer-rendezvous", "--listen", "127.0.0.1:0",
                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        line = server.stdout.readline()
        found = re.search(r"127\.0\.0\.1:\d+", line)
        if not found:
            raise AssertionError(f"peer-rendezvous said: {line}")
        yield found[0]


def output(*command, **options):
    result = subprocess.run([str(word) for word in command], text=True, check=False,
                            timeout=TIMEOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            **options)
    if result.returncode != 0:
        raise AssertionError(f"{command} exited with {result.returncode}:\n{result.stdout}")
    return result.stdout


def crossed(build, first, second):
    """Two programs, the output of each the input of the other; what they say beside that."""
    read_one, write_one = os.pipe()
    read_two, write_two = os.pipe()
    with running(build / first[0], *first[1:], stdin=read_one, stdout=write_two,
                 stderr=subprocess.PIPE) as one, \
            running(build / second[0], *second[1:], stdin=read_two, stdout=write_one,
                    stderr=subprocess.PIPE) as two:
        for end in (read_one, write_one, read_two, write_two):
            os.close(end)
        said = [each.communicate(timeout=TIMEOUT)[1] for each in (one, two)]
        if (one.returncode, two.returncode) != (0, 0):
            raise AssertionError(f"exited with {one.returncode}, {two.returncode}: {said}")
    return said


def connection(build, server, name, *qml):
    """Model A, and with the QML file in the caller's place. A name is its first owner's."""
    with running(build / "connection", "listen", f"peer://{name}@{server}?tls=off",
                 stdout=subprocess.PIPE) as listener:
        address = listener.stdout.readline().strip()
        if qml:
            return output(build / "qmlconnection", *qml, address,
                          env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
        return output(build / "connection", "call", address)


def pipes(build):
    """Model B."""
    return crossed(build, ("pipes", "call"), ("pipes", "answer"))


def presence(build, server):
    """Model C: what the one that calls has printed."""
    address = f"peer://{server}?tls=off"
    with running(build / "presence", address, "bob", "alice",
                 stdout=subprocess.PIPE) as bob:
        said = output(build / "presence", address, "alice", "bob")
        bob.communicate(timeout=TIMEOUT)
        if bob.returncode != 0:
            raise AssertionError(f"bob exited with {bob.returncode}")
    return said


def tunnel(build, server):
    """Model D."""
    with running(build / "tunnel", "mint", f"peer://{server}?tls=off",
                 stdout=subprocess.PIPE) as other:
        return output(build / "tunnel", "join", other.stdout.readline().strip())


def datagrams(build):
    """Model E: what both have printed after their own line."""
    with running(build / "datagrams", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as one, \
            running(build / "datagrams", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as two:
        lines = [each.stdout.readline() for each in (one, two)]
        for each, line in ((one, lines[1]), (two, lines[0])):
            each.stdin.write(line)
            each.stdin.flush()
        said = [each.communicate(timeout=TIMEOUT)[0] for each in (one, two)]
        if (one.returncode, two.returncode) != (0, 0):
            raise AssertionError(f"exited with {one.returncode}, {two.returncode}: {said}")
    return said


def filedrop(build, server, folder):
    """A file of a few megabytes; what has arrived."""
    folder.mkdir()
    sent = folder / "sent.bin"
    sent.write_bytes(os.urandom(10_000_000))
    (folder / "inbox").mkdir()
    with running(build / "filedrop", "receive", f"peer://erin@{server}?tls=off",
                 folder / "inbox", stdout=subprocess.PIPE) as receiver:
        output(build / "filedrop", "send", receiver.stdout.readline().strip(), sent)
    return sent.read_bytes() == (folder / "inbox/sent.bin").read_bytes()


def gamestate(build, server):
    """The numbers of the frames that came to the one who joined."""
    with running(build / "gamestate", "host", f"peer://frank@{server}?tls=off",
                 stdout=subprocess.PIPE) as host:
        said = output(build / "gamestate", "join", host.stdout.readline().strip())
    return [int(line.split(":")[0]) for line in said.splitlines()]
