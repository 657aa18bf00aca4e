// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The whole session, real DTLS and SCTP included, in the simulated internet:
//
//     sim_session [--seed FIRST] [--count COUNT] [--trace]
//
// A seed that fails prints itself and all about it; --seed N --count 1 --trace shows every packet
// of it. The exit code is 1 if any failed.

#include "scenario.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

using namespace peer;

namespace {

struct Arguments
{
    std::uint64_t seed = 1;
    std::uint64_t count = 50;
    bool isTracing = false;
};

std::optional<Arguments> readArguments(int argc, char **argv)
{
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--trace") {
            arguments.isTracing = true;
            continue;
        }
        if ((argument != "--seed" && argument != "--count") || i + 1 >= argc)
            return std::nullopt;
        char *end = nullptr;
        const std::uint64_t value = std::strtoull(argv[++i], &end, 10);
        if (end == argv[i] || *end != '\0')
            return std::nullopt;
        (argument == "--seed" ? arguments.seed : arguments.count) = value;
    }
    return arguments;
}

/// Milliseconds; the values are in order.
double percentile(const std::vector<Duration> &values, double part)
{
    if (values.empty())
        return 0;
    const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
    return std::chrono::duration<double, std::milli>(values[at]).count();
}

} // namespace

int main(int argc, char **argv)
{
    const auto arguments = readArguments(argc, argv);
    if (!arguments) {
        std::fprintf(stderr, "usage: sim_session [--seed FIRST] [--count COUNT] [--trace]\n");
        return 2;
    }
    std::function<void(const std::string &)> trace;
    if (arguments->isTracing)
        trace = [](const std::string &line) { std::printf("%s\n", line.c_str()); };

    std::vector<Duration> connected;
    std::uint64_t withPath = 0, messages = 0, failed = 0;
    for (std::uint64_t i = 0; i < arguments->count; ++i) {
        const std::uint64_t seed = arguments->seed + i;
        const sim::ScenarioResult result = sim::runScenario(seed, trace);
        withPath += result.hasDirectPath ? 1 : 0;
        messages += result.messages;
        if (result.connected)
            connected.push_back(*result.connected);
        if (!result.fault.empty()) {
            ++failed;
            std::printf("FAILED: sim_session --seed %llu --count 1\n%s\n",
                        static_cast<unsigned long long>(seed), result.fault.c_str());
            std::fflush(stdout);
        }
    }
    std::sort(connected.begin(), connected.end());
    std::printf("%llu topologies from seed %llu: a path in %llu, connected in %zu, %llu messages, "
                "%llu failed\n"
                "accepted to connected at both: %.0f ms median, %.0f ms 95 %%, %.0f ms at most\n",
                static_cast<unsigned long long>(arguments->count),
                static_cast<unsigned long long>(arguments->seed),
                static_cast<unsigned long long>(withPath), connected.size(),
                static_cast<unsigned long long>(messages), static_cast<unsigned long long>(failed),
                percentile(connected, 0.5), percentile(connected, 0.95), percentile(connected, 1));
    return failed == 0 ? 0 : 1;
}
