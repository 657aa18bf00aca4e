# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""Two hosts and a server between them, which forwards: whatever one host sends to the other's
addresses arrives. The server sees each host by another address than its own."""

import subprocess

import link

SERVER = "10.88.9.1"
OWN = {"left": ("10.88.1.2", "fd00:88:1::2"), "right": ("10.88.2.2", "fd00:88:2::2")}
SEEN = {"left": "10.88.3.2", "right": "10.88.4.2"}

TRANSLATIONS = f"""
table ip test {{
    chain input {{
        type nat hook input priority 100;
        ip saddr {OWN["left"][0]} snat to {SEEN["left"]}
        ip saddr {OWN["right"][0]} snat to {SEEN["right"]}
    }}
}}
"""

SETUP = """set -e
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 2>/dev/null ||
    { echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; }
ip address add SERVER/32 dev lo
"""
SETUP_HOST = """set -e
ip link add to-NAME type veth peer name eth netns PID
echo 0 >/proc/sys/net/ipv6/conf/to-NAME/accept_dad
ip address add PREFIX4.1/24 dev to-NAME
ip address add PREFIX6::1/64 dev to-NAME nodad
ip link set to-NAME up
ip route add SEEN dev to-NAME
nsenter --target PID --net sh -ec '
    ip link set lo up
    ip link set eth up
    ip address add ADDRESS4/24 dev eth
    ip address add ADDRESS6/64 dev eth nodad
    ip route add default via PREFIX4.1
    ip -6 route add default via PREFIX6::1'
"""


class Triangle:
    def __init__(self):
        self.server = link.Alone(TRANSLATIONS)
        self.server.address = SERVER
        self._processes = []
        try:
            self._run(SETUP.replace("SERVER", SERVER))
            self.left, self.right = map(self._host, ("left", "right"))
        except BaseException:
            self.end()
            raise

    def _host(self, name):
        process = self.server.start(["unshare", "--net", "sh", "-c", "echo ready && exec sleep 600"],
                                    stdout=subprocess.PIPE, text=True)
        self._processes.append(process)
        if process.stdout.readline().strip() != "ready":
            raise link.Unavailable("there is no second network namespace")
        own4, own6 = OWN[name]
        setup = SETUP_HOST
        for word, value in (("PID", str(process.pid)), ("NAME", name), ("SEEN", SEEN[name]),
                            ("ADDRESS4", own4), ("ADDRESS6", own6),
                            ("PREFIX4", own4.rsplit(".", 1)[0]),
                            ("PREFIX6", own6.rsplit("::", 1)[0])):
            setup = setup.replace(word, value)
        self._run(setup)
        return link.Place(own4, ["nsenter", "--target", str(process.pid), "--user", "--net",
                                 "--preserve-credentials"])

    def _run(self, script):
        process = self.server.start(["sh", "-c", script], stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True)
        said = process.communicate()[0].strip()
        if process.returncode:
            raise link.Unavailable(said)

    def end(self):
        for process in self._processes:
            process.kill()
            process.wait()
            process.stdout.close()
        self.server.end()
