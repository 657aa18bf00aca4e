# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

"""The protocol machines take time and randomness as arguments, and know no Qt, no sockets and no
threads: nothing in core/, secure/, session/ and the pure parts of media/ names such a thing."""

import re

import policy

FOLDERS = ("src/core", "src/secure", "src/session", "src/media/pattern", "src/media/congestion")

FORBIDDEN = {
    "a clock": r"\b(?:system_clock|steady_clock|high_resolution_clock|gettimeofday|clock_gettime"
               r"|timespec_get|time\s*\(\s*(?:nullptr|NULL|0|&))",
    "randomness": r"\b(?:random_device|mt19937\w*|default_random_engine|getrandom|getentropy"
                  r"|arc4random\w*|s?rand\s*\(|RAND_\w+|/dev/u?random)",
    "Qt": r"\b(?:Q[A-Z][a-z]\w+|Q_[A-Z]\w+|q(?:Debug|Warning|Info|Critical)|emit)\b",
    "sockets": r"(?:\b(?:recvfrom|sendto|recvmsg|sendmsg|recvmmsg|sendmmsg|getaddrinfo|ioctl)\s*\("
               r"|(?<![\w>])::(?:socket|bind|connect|send|recv|poll|select)\s*\()",
    "threads": r"\b(?:std::(?:jthread|thread|mutex|recursive_mutex|shared_mutex|atomic\w*"
               r"|condition_variable\w*|async|future|promise|call_once|lock_guard|scoped_lock"
               r"|unique_lock)|pthread_\w+|thread_local|sleep_for|sleep_until|usleep)\b",
}

# (file prefix, what) -> why it is allowed there.
ALLOWED = {
    ("src/secure/identity/", "randomness"): "keys are made by OpenSSL's generator",
    ("src/secure/dtls/certificate", "randomness"): "so are certificates and their serial numbers",
}


def findings(tree):
    found = []
    for folder in FOLDERS:
        for path in policy.code_files(tree, folder):
            code = policy.without_comments(policy.read(tree, path))
            for what, pattern in FORBIDDEN.items():
                if any(path.as_posix().startswith(prefix) and what == allowed
                       for prefix, allowed in ALLOWED):
                    continue
                for match in re.finditer(pattern, code):
                    line = code.count("\n", 0, match.start()) + 1
                    found.append(f"{path}:{line}: {what}: {match.group(0)}")
    return found


SAMPLES = {
    "clean": ({"src/core/a.cpp": "// time(nullptr), QString, std::mutex\n"
                                 "TimePoint now; auto s = \"rand(\"; runtime(nullptr);\n"}, 0),
    "clock": ({"src/core/a.cpp": "auto t = std::chrono::steady_clock::now();\n"}, 1),
    "time": ({"src/session/a.cpp": "auto t = time(nullptr);\n"}, 1),
    "random": ({"src/core/a.cpp": "std::random_device device;\n"}, 1),
    "rand": ({"src/core/a.cpp": "int i = rand();\n"}, 1),
    "Qt": ({"src/session/a.h": "QString name;\n"}, 1),
    "socket": ({"src/core/a.cpp": "int s = ::socket(2, 2, 0);\n"}, 1),
    "thread": ({"src/secure/a.cpp": "std::mutex lock;\n"}, 1),
    "own send": ({"src/session/a.cpp": "void Channels::send(int)\n{ }\n"}, 0),
    "elsewhere": ({"src/shell/a.cpp": "std::mutex lock; QString s;\n"}, 0),
}

if __name__ == "__main__":
    policy.main(findings, SAMPLES)
