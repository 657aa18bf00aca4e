// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The core alone in the simulated internet, thousands of topologies:
//
//     sim_core [--seed FIRST] [--count COUNT] [--trace]
//
// A seed that fails prints itself and all about it; --seed N --count 1 --trace shows every packet
// of it. The exit code is 1 if any failed. The first seeds run twice, and must run the same way
// both times; the hash stands for all packets of all runs.

#include "scenario.h"
#include "support/simulation/trace.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

using namespace peer;

namespace {

constexpr std::uint64_t RepeatedSeeds = 20;

struct Arguments
{
    std::uint64_t seed = 1;
    std::uint64_t count = 2000;
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

/// Milliseconds; the values need not be in order.
double percentile(std::vector<Duration> values, double part)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
    return std::chrono::duration<double, std::milli>(values[at]).count();
}

} // namespace

int main(int argc, char **argv)
{
    const auto arguments = readArguments(argc, argv);
    if (!arguments) {
        std::fprintf(stderr, "usage: sim_core [--seed FIRST] [--count COUNT] [--trace]\n");
        return 2;
    }
    std::function<void(const std::string &)> trace;
    if (arguments->isTracing)
        trace = [](const std::string &line) { std::printf("%s\n", line.c_str()); };

    std::vector<Duration> connected;
    std::uint64_t withPath = 0, failed = 0, restarts = 0;
    sim::Hash hash;
    for (std::uint64_t i = 0; i < arguments->count; ++i) {
        const std::uint64_t seed = arguments->seed + i;
        sim::ScenarioResult result = sim::runScenario(seed, trace);
        if (i < RepeatedSeeds && !trace && sim::runScenario(seed).hash != result.hash)
            result.fault += "the second run was another one than the first";
        hash.add(result.hash);
        withPath += result.hasDirectPath ? 1 : 0;
        restarts += static_cast<std::uint64_t>(result.restarts);
        if (result.connected)
            connected.push_back(*result.connected);
        if (!result.fault.empty()) {
            ++failed;
            std::printf("FAILED: sim_core --seed %llu --count 1\n%s\n",
                        static_cast<unsigned long long>(seed), result.fault.c_str());
        }
    }
    std::printf("%llu topologies from seed %llu: a path in %llu, connected in %zu, %llu restarts, "
                "%llu failed\n"
                "offer to route at both: %.0f ms median, %.0f ms 95 %%, %.0f ms at most\n"
                "hash %016llx\n",
                static_cast<unsigned long long>(arguments->count),
                static_cast<unsigned long long>(arguments->seed),
                static_cast<unsigned long long>(withPath), connected.size(),
                static_cast<unsigned long long>(restarts), static_cast<unsigned long long>(failed),
                percentile(connected, 0.5), percentile(connected, 0.95), percentile(connected, 1),
                static_cast<unsigned long long>(hash.value()));
    return failed == 0 ? 0 : 1;
}
