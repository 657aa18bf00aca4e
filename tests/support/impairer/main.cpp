// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A link that is as bad as asked for, between two network namespaces. It prints one line,
// "ready LEFT RIGHT" with the ids of two processes to enter by nsenter(1), or "unavailable REASON",
// and ends with its standard input. What it did goes to standard error at the end.
//
//     impairer [--loss P] [--delay MS] [--reorder P] [--hold-back MS] [--duplicate P]
//              [--rate MBIT] [--queue PACKETS] [--queue-time MS] [--seed N]
//              [--left FILE:DEVICE --right FILE:DEVICE]
//
// The conditions hold for both directions. Addresses: 10.77.0.1 and fd77::1 left, .2 and ::2 right.
// With --left and --right it joins two namespaces that are there already, each named by its file,
// by devices that it makes there, without addresses, and prints "ready" alone.

#include "impairer/impairment.h"
#include "impairer/networknamespace.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <poll.h>
#include <unistd.h>

using namespace peer::impairer;

namespace {

struct Options
{
    Conditions conditions;
    std::uint64_t seed = 1;
    std::string left, right; ///< FILE:DEVICE; empty for namespaces of our own
};

std::chrono::microseconds milliseconds(double value)
{
    return std::chrono::microseconds(static_cast<std::int64_t>(value * 1000));
}

bool parse(int argc, char **argv, Options &options)
{
    Conditions &conditions = options.conditions;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const double value = std::strtod(argv[i + 1], nullptr);
        if (name == "--loss")
            conditions.loss = value;
        else if (name == "--delay")
            conditions.delay = milliseconds(value);
        else if (name == "--reorder")
            conditions.reordering = value;
        else if (name == "--hold-back")
            conditions.holdBack = milliseconds(value);
        else if (name == "--duplicate")
            conditions.duplication = value;
        else if (name == "--rate")
            conditions.megabitsPerSecond = value;
        else if (name == "--queue")
            conditions.queueLimit = static_cast<std::size_t>(value);
        else if (name == "--queue-time")
            conditions.queueTime = milliseconds(value);
        else if (name == "--blocks-udp")
            conditions.blocksUdp = value != 0;
        else if (name == "--seed")
            options.seed = std::strtoull(argv[i + 1], nullptr, 10);
        else if (name == "--left")
            options.left = argv[i + 1];
        else if (name == "--right")
            options.right = argv[i + 1];
        else
            return false;
    }
    return argc % 2 == 1 && options.left.empty() == options.right.empty();
}

/// Reads what is there, at most one batch, so that neither side starves the other.
void readBatch(int tunnel, Direction &direction)
{
    std::array<std::uint8_t, 65536> buffer;
    for (int i = 0; i < 64; ++i) {
        const ssize_t size = ::read(tunnel, buffer.data(), buffer.size());
        if (size <= 0)
            return;
        direction.push(Clock::now(), Packet(buffer.data(), buffer.data() + size));
    }
}

void writeDue(int tunnel, Direction &direction)
{
    while (const auto packet = direction.pop(Clock::now())) {
        // A device that takes no more drops packets, as any link does.
        [[maybe_unused]] const ssize_t written = ::write(tunnel, packet->data(), packet->size());
    }
}

timespec until(Clock::time_point due)
{
    const auto now = Clock::now();
    const auto left = due <= now ? Clock::duration::zero()
                                 : std::min<Clock::duration>(due - now, std::chrono::seconds(60));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {static_cast<time_t>(seconds.count()),
            static_cast<long>(std::chrono::nanoseconds(left - seconds).count())};
}

void forward(int left, int right, Direction &toRight, Direction &toLeft)
{
    std::array<pollfd, 3> descriptors{{
        {left, POLLIN, 0},
        {right, POLLIN, 0},
        {STDIN_FILENO, POLLIN, 0},
    }};
    for (;;) {
        const timespec timeout = until(std::min(toRight.nextDue(), toLeft.nextDue()));
        ::ppoll(descriptors.data(), descriptors.size(), &timeout, nullptr);
        readBatch(left, toRight);
        readBatch(right, toLeft);
        writeDue(right, toRight);
        writeDue(left, toLeft);
        char ignored[64];
        if (descriptors[2].revents != 0 && ::read(STDIN_FILENO, ignored, sizeof ignored) <= 0)
            return;
    }
}

void print(const char *name, const Counters &counters)
{
    std::fprintf(stderr,
                 "%s: %llu forwarded, %llu lost, %llu held back, %llu doubled, %llu too many\n",
                 name, static_cast<unsigned long long>(counters.forwarded),
                 static_cast<unsigned long long>(counters.lost),
                 static_cast<unsigned long long>(counters.heldBack),
                 static_cast<unsigned long long>(counters.duplicated),
                 static_cast<unsigned long long>(counters.overflowed));
}

void run(const Options &options, int left, int right)
{
    Direction toRight(options.conditions, options.seed);
    Direction toLeft(options.conditions, options.seed + 1);
    forward(left, right, toRight, toLeft);
    print("left to right", toRight.counters());
    print("right to left", toLeft.counters());
}

int giveUp(const std::string &reason)
{
    std::printf("unavailable %s\n", reason.c_str());
    return 2;
}

int joinGiven(const Options &options)
{
    std::string error;
    const int left = openTunnelIn(options.left, error);
    const int right = error.empty() ? openTunnelIn(options.right, error) : -1;
    if (!error.empty())
        return giveUp(error);
    std::puts("ready");
    std::fflush(stdout);
    run(options, left, right);
    return 0;
}

int joinOwn(const Options &options)
{
    const NetworkNamespace left("10.77.0.1", "fd77::1");
    const NetworkNamespace right("10.77.0.2", "fd77::2");
    for (const auto *side : {&left, &right}) {
        if (!side->error().empty())
            return giveUp(side->error());
    }
    std::printf("ready %d %d\n", left.holder(), right.holder());
    std::fflush(stdout);
    run(options, left.tunnel(), right.tunnel());
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    Options options;
    if (!parse(argc, argv, options)) {
        std::fprintf(stderr, "impairer: wrong arguments\n");
        return 1;
    }
    return options.left.empty() ? joinOwn(options) : joinGiven(options);
}
