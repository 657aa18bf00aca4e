// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_CORE_PEERPROCESS_H
#define PEER_SIM_CORE_PEERPROCESS_H

#include "core/ice/agent.h"
#include "support/simulation/host.h"
#include "support/simulation/process.h"
#include "support/simulation/seededrandom.h"
#include "transfer.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace peer::sim {

/// What the two peers tell each other beside the simulated internet. The offer's number ties an
/// answer to it; everything else is told apart by the username fragment.
struct DescriptionSignal
{
    bool isOffer = true;
    int number = 0;
    ice::Parameters parameters;
};
struct CandidateSignal
{
    Candidate candidate;
};
struct EndOfCandidatesSignal
{
    std::string usernameFragment;
};
using Signal = std::variant<DescriptionSignal, CandidateSignal, EndOfCandidatesSignal>;

/// One peer: an ICE agent with a Transfer above it and offers and answers beside it. It restarts
/// ICE, if it is the offerer, when nothing was heard for long, as a session would.
///
/// It throws std::runtime_error when the agent does what no agent may.
class PeerProcess : public Process
{
public:
    struct Options
    {
        ice::Config config;
        bool isOfferer = false;
        /// One socket for all addresses of a family, instead of one for each.
        bool hasWildcardSockets = false;
        /// Candidates are told one by one, and not all when the last is known.
        bool trickles = true;
        /// It opens and takes TCP connections as well.
        bool hasTcp = false;
        std::size_t transferSize = 30000;
    };

    PeerProcess(Host &host, SeededRandom random, const Options &options,
                std::function<void(const Signal &signal)> sendSignal);

    /// Opens the sockets and, as offerer, calls. By Host::command().
    void start(TimePoint now, const std::vector<TransportAddress> &stunServers,
               const std::vector<ice::RelayServer> &relayServers = {});
    void receiveSignal(TimePoint now, const Signal &signal);
    /// Offerer only.
    void restart(TimePoint now);
    /// Sends a small datagram; whence the other end hears it is its heardFrom().
    void greet() { m_isGreeting = true; }
    /// Local addresses of an interface that has gone or come.
    void removeAddress(TimePoint now, const IpAddress &ip);

    void receive(TimePoint now, const Datagram &datagram) override;
    void advance(TimePoint now) override;
    std::optional<Transmit> nextTransmit() override;
    TimePoint nextDeadline() const override;
    void sendFailed(TimePoint now, const Route &route) override;
    void connectionOpened(TimePoint now, std::uint32_t id, const Route &route) override;
    std::uint32_t connectionAccepted(TimePoint now, const Route &route) override;
    void connectionEnded(TimePoint now, std::uint32_t id) override;

private:
    /// The agent borrows it.
    SeededRandom m_random;

public:
    ice::Agent agent;
    Transfer transfer;
    std::vector<std::string> history;
    /// The route by which the last greeting came; null if none did.
    Route heardFrom;
    int restarts = 0;
    /// Datagrams from where none was expected; they are dropped.
    int strangers = 0;
    /// Own candidates that were told.
    std::vector<Candidate> told;

private:
    void openSockets(TimePoint now);
    void listen(TimePoint now);
    void sendDescription(bool isOffer);
    void takeEvents(TimePoint now);
    void takeRequests(TimePoint now);
    void watchRelayed(const Transmit &transmit) const;
    bool isRelay(const Route &route) const;
    bool isConnection(const Route &route) const;
    void signalCandidate(const Candidate &candidate);
    void considerRestart(TimePoint now);
    void watch(const Transmit &transmit) const;

    Host &m_host;
    Options m_options;
    std::function<void(const Signal &)> m_sendSignal;
    std::vector<std::pair<TransportId, TransportAddress>> m_bases;
    /// The relays' sockets by the id of their request.
    std::map<std::uint32_t, Route> m_relays;
    /// Open TCP connections by their ids.
    std::map<std::uint32_t, Route> m_connections;
    std::vector<Candidate> m_heldBack;
    int m_offerNumber = 0;
    TimePoint m_now{};
    TimePoint m_restartNotBefore = Never;
    bool m_isGreeting = false;
    Bytes m_greeting;
    /// Where checks may go.
    std::set<TransportAddress> m_permitted;
};

} // namespace peer::sim

#endif // PEER_SIM_CORE_PEERPROCESS_H
