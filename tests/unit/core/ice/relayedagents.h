// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_ICE_RELAYEDAGENTS_H
#define PEER_TESTS_ICE_RELAYEDAGENTS_H

#include "core/ice/agent.h"
#include "seededrandom.h"
#include "support/simulation/turnservice.h"

#include <map>
#include <set>
#include <string_view>
#include <vector>

/// An agent with a TURN server, and its peer, which has one address and no server. Datagrams
/// arrive at once, but those straight from one to the other: a firewall drops them.
class RelayedAgents
{
public:
    explicit RelayedAgents(const peer::sim::TurnBehavior &behavior = {},
                           const peer::ice::Config &config = {});

    peer::TimePoint now{std::chrono::seconds(1000)};
    SeededRandom random{5};
    peer::sim::TurnService server;
    peer::ice::Agent agent;
    peer::ice::Agent other;

    std::vector<peer::Candidate> candidates;
    int gatheringCompletions = 0;
    std::vector<peer::ice::Request> requests;
    /// Ports are opened as they are asked for, unless told not to.
    bool opensPorts = true;
    std::map<std::uint32_t, peer::Route> open;
    /// The first octets of what went to the server.
    std::vector<peer::Bytes> toServer;
    /// Local addresses from which nothing arrives.
    std::set<peer::IpAddress> deadBases;

    static constexpr char Local[] = "192.0.2.1";
    static constexpr char OtherAddress[] = "198.51.100.1";
    static const peer::TransportAddress ServerAddress;
    static peer::ice::RelayServer udpServer();

    /// A local address and the server.
    void gather();
    /// Both know each other.
    void connect();
    void addLocal(const char *ip, std::uint16_t preference = 65535);
    void tellCandidates();
    void runFor(peer::Duration duration);
    void drain();
    /// By agent's route, as data; gives what came out at the server's side.
    bool sendData(std::string_view text);
    /// Data that came to the other side from a relay.
    std::vector<peer::Bytes> dataAtOther;
    template<typename Wanted>
    std::vector<Wanted> requested() const
    {
        std::vector<Wanted> all;
        for (const auto &each : requests) {
            if (const auto *wanted = std::get_if<Wanted>(&each))
                all.push_back(*wanted);
        }
        return all;
    }
    peer::ice::PairInfo pairInUse() const;

private:
    peer::Route openRelay(peer::IpAddress::Family family);
    void takeRequests();
    void takeEvents();
    bool carry();
    void carryToServer(const peer::Transmit &transmit);

    std::uint32_t m_lastTransport = 100;
    std::vector<peer::Candidate> m_untold;
};

#endif // PEER_TESTS_ICE_RELAYEDAGENTS_H
