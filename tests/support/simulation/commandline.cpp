// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/commandline.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace peer::sim {

namespace {

/// False if it is none of ours.
bool readArgument(CommandLine &line, int argc, char **argv, int &at)
{
    const std::string_view argument = argv[at];
    if (argument == "--trace") {
        line.isTracing = true;
        return true;
    }
    if ((argument != "--seed" && argument != "--count") || at + 1 >= argc)
        return false;
    char *end = nullptr;
    const char *text = argv[++at];
    const std::uint64_t value = std::strtoull(text, &end, 10);
    (argument == "--seed" ? line.seed : line.count) = value;
    return end != text && *end == '\0';
}

} // namespace

std::optional<CommandLine> CommandLine::read(int argc, char **argv, std::uint64_t defaultCount)
{
    CommandLine line;
    line.count = defaultCount;
    for (int at = 1; at < argc; ++at) {
        if (readArgument(line, argc, argv, at))
            continue;
        std::fprintf(stderr, "usage: %s [--seed FIRST] [--count COUNT] [--trace]\n", argv[0]);
        return std::nullopt;
    }
    return line;
}

std::function<void(const std::string &)> CommandLine::trace() const
{
    if (!isTracing)
        return {};
    return [](const std::string &line) { std::printf("%s\n", line.c_str()); };
}

void reportFault(const char *program, std::uint64_t seed, const std::string &fault)
{
    std::printf("FAILED: %s --seed %llu --count 1\n%s\n", program,
                static_cast<unsigned long long>(seed), fault.c_str());
    std::fflush(stdout);
}

double percentile(std::vector<Duration> values, double part)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
    return std::chrono::duration<double, std::milli>(values[at]).count();
}

} // namespace peer::sim
