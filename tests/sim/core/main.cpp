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
#include "support/simulation/commandline.h"
#include "support/simulation/trace.h"

#include <cstdio>
#include <vector>

using namespace peer;

namespace {

constexpr std::uint64_t RepeatedSeeds = 20;

} // namespace

int main(int argc, char **argv)
{
    const auto line = sim::CommandLine::read(argc, argv, 2000);
    if (!line)
        return 2;
    std::vector<Duration> connected;
    std::uint64_t direct = 0, tcp = 0, withPath = 0, relayed = 0, tunnelled = 0, overTcp = 0,
                  faults = 0, failed = 0, restarts = 0;
    sim::Hash hash;
    for (std::uint64_t i = 0; i < line->count; ++i) {
        const std::uint64_t seed = line->seed + i;
        sim::ScenarioResult result = sim::runScenario(seed, line->trace());
        if (i < RepeatedSeeds && !line->isTracing && sim::runScenario(seed).hash != result.hash)
            result.fault += "the second run was another one than the first";
        hash.add(result.hash);
        direct += result.hasDirectPath ? 1 : 0;
        tcp += !result.hasDirectPath && result.hasTcpPath ? 1 : 0;
        overTcp += result.isOverTcp ? 1 : 0;
        withPath += result.hasPath ? 1 : 0;
        relayed += result.isRelayed ? 1 : 0;
        tunnelled += result.isTunnelled ? 1 : 0;
        faults += result.hasFaults ? 1 : 0;
        restarts += static_cast<std::uint64_t>(result.restarts);
        if (result.connected)
            connected.push_back(*result.connected);
        if (!result.fault.empty()) {
            ++failed;
            sim::reportFault("sim_core", seed, result.fault);
        }
    }
    std::printf(
        "%llu topologies from seed %llu: a path in %llu, a direct one in %llu, one over "
        "TCP alone in %llu; connected in %zu, by a relay in %llu, by the tunnel in %llu, "
        "over TCP in %llu; faults in %llu, %llu restarts, %llu failed\n"
        "offer to route at both: %.0f ms median, %.0f ms 95 %%, %.0f ms at most\n"
        "hash %016llx\n",
        static_cast<unsigned long long>(line->count), static_cast<unsigned long long>(line->seed),
        static_cast<unsigned long long>(withPath), static_cast<unsigned long long>(direct),
        static_cast<unsigned long long>(tcp), connected.size(),
        static_cast<unsigned long long>(relayed), static_cast<unsigned long long>(tunnelled),
        static_cast<unsigned long long>(overTcp), static_cast<unsigned long long>(faults),
        static_cast<unsigned long long>(restarts), static_cast<unsigned long long>(failed),
        sim::percentile(connected, 0.5), sim::percentile(connected, 0.95),
        sim::percentile(connected, 1), static_cast<unsigned long long>(hash.value()));
    return failed == 0 ? 0 : 1;
}
