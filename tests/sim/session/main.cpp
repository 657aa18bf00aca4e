// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The whole session, real DTLS and SCTP included, in the simulated internet:
//
//     sim_session [--seed FIRST] [--count COUNT] [--trace]
//
// A seed that fails prints itself and all about it; --seed N --count 1 --trace shows every packet
// of it. The exit code is 1 if any failed.

#include "scenario.h"
#include "support/simulation/commandline.h"

#include <cstdio>
#include <vector>

using namespace peer;

int main(int argc, char **argv)
{
    const auto line = sim::CommandLine::read(argc, argv, 50);
    if (!line)
        return 2;
    std::vector<Duration> connected;
    std::uint64_t withPath = 0, direct = 0, relayed = 0, tunnelled = 0, overTcp = 0, messages = 0,
                  crossed = 0, failed = 0;
    for (std::uint64_t seed = line->seed; seed - line->seed < line->count; ++seed) {
        const sim::ScenarioResult result = sim::runScenario(seed, line->trace());
        withPath += result.hasPath ? 1 : 0;
        direct += result.hasDirectPath ? 1 : 0;
        relayed += result.kind == ice::PathKind::Relayed ? 1 : 0;
        tunnelled += result.kind == ice::PathKind::Tunnel ? 1 : 0;
        overTcp += result.isOverTcp ? 1 : 0;
        messages += result.messages;
        crossed += result.crossedOffers;
        if (result.connected)
            connected.push_back(*result.connected);
        if (!result.fault.empty()) {
            ++failed;
            sim::reportFault("sim_session", seed, result.fault);
        }
    }
    std::printf(
        "%llu topologies from seed %llu: a path in %llu, a direct one in %llu; connected "
        "in %zu, by a relay in %llu, by the tunnel in %llu, over TCP in %llu; %llu "
        "messages, %llu offers crossed, %llu failed\n"
        "accepted to connected at both: %.0f ms median, %.0f ms 95 %%, %.0f ms at most\n",
        static_cast<unsigned long long>(line->count), static_cast<unsigned long long>(line->seed),
        static_cast<unsigned long long>(withPath), static_cast<unsigned long long>(direct),
        connected.size(), static_cast<unsigned long long>(relayed),
        static_cast<unsigned long long>(tunnelled), static_cast<unsigned long long>(overTcp),
        static_cast<unsigned long long>(messages), static_cast<unsigned long long>(crossed),
        static_cast<unsigned long long>(failed), sim::percentile(connected, 0.5),
        sim::percentile(connected, 0.95), sim::percentile(connected, 1));
    return failed == 0 ? 0 : 1;
}
