# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""A sandbox of the kernel's making for a whole run: processes, mounts and networks of its own. When
its first process ends, however that happens, the kernel kills all others in it, and with them go
their network namespaces: there is nothing to be cleaned up and nothing that a name could collide
with."""

import os
import pathlib
import signal
import subprocess
import sys

import link

_MARK = "PEER_LAB_SANDBOX"


def is_inside():
    return os.environ.get(_MARK) == str(os.getpid())


def run_inside():
    """Runs this very program again, inside; gives its exit code. Ended by a signal, it takes the
    sandbox along, and killed, the kernel does (--pdeathsig, --kill-child)."""
    reason = why_unavailable()
    if reason:
        raise link.Unavailable(reason)
    environment = dict(os.environ, **{_MARK: "1"})
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *_unshare(), sys.executable, "-B", *sys.argv],
        env=environment)

    # Not to be waited for here: the wait below, which this interrupts, holds the process's lock.
    def end(number, _frame):
        process.kill()
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    try:
        return process.wait()
    finally:
        process.wait()


def prepare(hosts):
    """Called inside, first: who is who. Gives a folder in memory that is gone with the sandbox."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(128 + number))
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    os.mkdir("/run/netns")
    scratch = pathlib.Path("/run/lab")
    scratch.mkdir()
    # Names that are not known here are asked for at a server that does not answer.
    for name, text in (("hosts", hosts), ("resolv.conf", "nameserver 192.0.2.53\n")):
        (scratch / name).write_text(text, encoding="ascii")
        if os.path.exists(f"/etc/{name}"):
            subprocess.run(["mount", "--bind", scratch / name, f"/etc/{name}"], check=True)
    return scratch


def why_unavailable():
    """Empty, or what this system lacks."""
    for program in ("unshare", "setpriv", "nsenter", "ip", "nft", "ss", "conntrack"):
        if subprocess.run(["sh", "-c", f"command -v {program}"], stdout=subprocess.DEVNULL,
                          check=False).returncode != 0:
            return f"there is no program {program}"
    probe = subprocess.run(
        [*_unshare(), "sh", "-c", "ip link set lo up && nft add table inet probe && "
         "mount -t tmpfs tmpfs /run && test -w /dev/net/tun && echo fine"],
        capture_output=True, text=True, check=False)
    if probe.stdout.strip() != "fine":
        return "no namespaces to be had: " + (probe.stderr.strip().splitlines() or ["?"])[-1]
    return ""


def _unshare():
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child",
            "--mount-proc"]
