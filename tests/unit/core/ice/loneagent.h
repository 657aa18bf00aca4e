// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_ICE_LONEAGENT_H
#define PEER_TESTS_ICE_LONEAGENT_H

#include "core/ice/agent.h"
#include "core/ice/checkmessage.h"
#include "core/stun/message.h"
#include "seededrandom.h"

#include <optional>
#include <string>
#include <vector>

/// One agent whose peer is the test: it writes the peer's messages by hand and reads the agent's.
class LoneAgent
{
public:
    explicit LoneAgent(const peer::ice::Config &config = {}, std::uint64_t seed = 7);

    struct Sent
    {
        peer::TimePoint at;
        peer::Route route;
        peer::Bytes octets;

        peer::stun::Message message() const { return *peer::stun::Message::parse(octets); }
        bool isRequest() const;
        bool isError(int code) const;
    };

    /// What the peer says of itself; renomination and pacing as ours unless a test changes it.
    peer::ice::Parameters peerParameters;
    peer::TimePoint now{std::chrono::seconds(1000)};
    SeededRandom random;
    peer::ice::Agent agent;
    /// Everything that the agent has sent, in order.
    std::vector<Sent> sent;
    std::vector<peer::ice::State> states;
    std::vector<peer::Candidate> candidates;
    /// Everything that the agent has asked for.
    std::vector<peer::ice::Request> requests;
    int routeChanges = 0;
    int gatheringCompletions = 0;

    /// 192.0.2.1:5000 on transport 1 here, 198.51.100.1:5001 there, the peer's parameters known.
    void setUp();
    void addLocal(const char *ip, std::uint16_t localPreference = 65535);
    /// TCP candidates there, the passive one at port 6000.
    void addTcp(const char *ip, std::uint16_t localPreference = 65535);
    /// The simultaneous-open one at the passive one's port.
    void addSimultaneousOpen(const char *ip, std::uint16_t localPreference = 65535);
    /// The questions to STUN servers over TCP, since the last call of this function.
    std::vector<peer::ice::request::OpenStun> newStuns();
    /// The connections that it wants to open, since the last call of this function.
    std::vector<peer::ice::request::Connect> newConnects();
    /// The ids that it wants closed, since the last call of this function.
    std::vector<std::uint32_t> newCloses();
    void setPeer();
    peer::Route route(const char *remote = "198.51.100.1", std::uint16_t port = 5001,
                      const char *local = "192.0.2.1") const;
    peer::Candidate candidate(const char *ip, std::uint16_t port = 5001,
                              peer::CandidateType type = peer::CandidateType::Host) const;

    void drain();
    /// Lets time pass, deadline by deadline.
    void runFor(peer::Duration duration);
    /// The requests sent since the last call of this function.
    std::vector<Sent> newRequests();
    std::vector<Sent> newSent();

    /// The peer's check. Credentials are right unless given otherwise.
    struct Check
    {
        std::optional<peer::ice::Role> role = peer::ice::Role::Controlled;
        std::uint64_t tieBreaker = 1;
        peer::ice::Nomination nomination = peer::ice::Nomination::None;
        std::uint32_t nominationValue = 0;
        std::optional<std::uint32_t> unfitNominee;
        std::uint32_t priority = 0x6e0001ff;
        std::string username; ///< empty: right
        std::string password; ///< empty: right
    };
    /// Gives what the agent answers, if anything.
    std::optional<Sent> check(const peer::Route &route, const Check &check);
    bool receive(const peer::Route &route, peer::ByteView octets);

    /// The peer's answers to a request of the agent.
    peer::Bytes successTo(const Sent &request, std::optional<peer::TransportAddress> mapped = {},
                          std::string password = {}) const;
    peer::Bytes errorTo(const Sent &request, int code, bool isSigned = true) const;
    bool answer(const Sent &request, std::optional<peer::TransportAddress> mapped = {});
    bool refuse(const Sent &request, int code);
    /// Runs until the pair of the one route is valid (answers every request on it).
    void makeValid(const peer::Route &route);

private:
    std::size_t m_seen = 0;
    std::size_t m_seenConnects = 0, m_seenCloses = 0, m_seenStuns = 0;
};

#endif // PEER_TESTS_ICE_LONEAGENT_H
