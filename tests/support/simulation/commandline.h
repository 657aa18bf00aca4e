// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_COMMANDLINE_H
#define PEER_SIMULATION_COMMANDLINE_H

#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace peer::sim {

/// What the programs take that run one scenario for each of many seeds:
///
///     [--seed FIRST] [--count COUNT] [--trace]
struct CommandLine
{
    std::uint64_t seed = 1;
    std::uint64_t count = 1;
    bool isTracing = false;

    /// Says how it is to be used on standard error, and is empty, if it is none.
    static std::optional<CommandLine> read(int argc, char **argv, std::uint64_t defaultCount);
    /// Prints lines if they are wanted.
    std::function<void(const std::string &line)> trace() const;
};

/// Prints a seed that failed, how to repeat it, and what is known about it.
void reportFault(const char *program, std::uint64_t seed, const std::string &fault);

/// Milliseconds; the values need not be in order.
double percentile(std::vector<Duration> values, double part);

} // namespace peer::sim

#endif // PEER_SIMULATION_COMMANDLINE_H
