// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_ICE_TWOAGENTS_H
#define PEER_TESTS_ICE_TWOAGENTS_H

#include "core/ice/agent.h"
#include "seededrandom.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Two agents, a network between them and a signaling channel, on virtual time.
///
/// Datagrams arrive after delay(route) at whoever has the address they are sent to; carry may
/// change a route on its way, as a NAT does, or lose the datagram. Signals arrive at once when
/// isSignaling; the test can also carry them by hand.
class TwoAgents
{
public:
    struct Side
    {
        std::unique_ptr<SeededRandom> random;
        std::unique_ptr<peer::ice::Agent> agent;
        std::vector<peer::Candidate> candidates;
        std::vector<peer::ice::State> states;
        int routeChanges = 0;
        int gatheringCompletions = 0;
        /// What it has sent, by route.
        std::map<peer::Route, int> sent;
    };

    explicit TwoAgents(const peer::ice::Config &first = {},
                       const peer::ice::Config &second = controlled(), std::uint64_t seed = 1);
    static peer::ice::Config controlled();

    /// ip of side 0 or 1; the port is 5000 + side.
    void addAddress(int side, const char *ip, std::uint16_t localPreference = 65535,
                    std::uint32_t transport = 1);
    void removeAddress(int side, const char *ip, std::uint32_t transport = 1);
    /// One end each of a tunnel; side 0 is the caller.
    void addTunnel(int side, std::uint32_t transport = 9);
    void removeTunnel(int side, std::uint32_t transport = 9);
    /// Its passive TCP candidate, at port 6000 + side, and its active one.
    void addTcpAddress(int side, const char *ip, std::uint16_t localPreference = 65535);
    /// At the same port. The SYNs from there open a connection once both have left, and have had a
    /// way of delay().
    void addSimultaneousOpen(int side, const char *ip, std::uint16_t localPreference = 65535);
    /// Every connection ends, at both ends at once.
    void breakConnections();
    /// That are open at both ends.
    std::size_t connections() const { return m_connections.size(); }
    /// Tells each side the other's parameters, from now on candidates too.
    void exchangeParameters();
    void endCandidates();
    /// addAddress for both, exchangeParameters.
    void connect(const char *first = "192.0.2.1", const char *second = "198.51.100.1");

    void runFor(peer::Duration duration);
    /// Until the condition holds; false if it does not within limit.
    bool runUntil(const std::function<bool()> &condition,
                  peer::Duration limit = std::chrono::seconds(60));
    /// Hands out what the agents have to say, without time going on.
    void drain();

    peer::ice::Agent &operator[](int side) { return *sides[side].agent; }
    bool areConnected() const;
    /// Both send to each other over the same pair.
    bool agree() const;
    /// How the other side names the way that this route takes, without NATs between them.
    peer::Route atTheOtherEnd(const peer::Route &route) const;

    peer::TimePoint now{std::chrono::seconds(1000)};
    Side sides[2];
    /// Decides about a datagram on its way: the route as the receiver sees it, or nothing.
    std::function<std::optional<peer::Route>(int from, const peer::Route &route)> carry;
    std::function<peer::Duration(const peer::Route &route)> delay;
    /// What becomes of a SYN: by default it opens a connection if the other side listens there.
    enum class SynFate { Answered, Refused, Lost };
    std::function<SynFate(int from, const peer::ice::request::Connect &)> connectTcp;
    /// A SYN of a simultaneous open is refused when it arrives before the other has left; otherwise
    /// it is lost, and the connection opens when the other arrives.
    bool refusesEarlySyns = false;
    /// SYNs so far, of each side.
    int syns[2] = {0, 0};
    bool isSignaling = false;
    /// Sees every datagram that is sent.
    std::function<void(int from, const peer::Transmit &transmit)> tap;

private:
    /// A TCP connection, as each side sees it. The id is 0 until it is known.
    struct Connection
    {
        peer::Route routes[2];
        std::uint32_t ids[2] = {0, 0};
        bool isEnded[2] = {false, false};
    };

    void post(int from, const peer::Transmit &transmit);
    bool postByConnection(int from, const peer::Transmit &transmit);
    void takeRequest(int side, const peer::ice::Request &request);
    void open(int side, const peer::ice::request::Connect &wanted);
    void punch(int side, const peer::ice::request::Connect &wanted);
    void join(int side, const peer::Route &route, std::uint32_t id, std::uint32_t otherId);
    void arrive(int side, const peer::Route &route, peer::ByteView payload);
    void end(int side, std::uint32_t id);
    void deliverDue();

    std::multimap<peer::TimePoint, std::function<void()>> m_flights;
    std::vector<std::shared_ptr<Connection>> m_connections;
    /// SYNs of simultaneous opens that have left, by the side and the ends as it sees them.
    struct Punch
    {
        int side;
        peer::Route route;
        std::uint32_t id;
    };
    std::vector<Punch> m_punches;
    std::uint32_t m_nextTransport = 100;
    std::map<peer::TransportAddress, std::pair<int, peer::TransportId>> m_owners;
};

/// The route as the other end sees it.
peer::Route reversed(const peer::Route &route, peer::TransportId transport);
peer::TransportAddress address(const char *ip, std::uint16_t port);
peer::IpAddress ipAddress(const char *ip);

#endif // PEER_TESTS_ICE_TWOAGENTS_H
