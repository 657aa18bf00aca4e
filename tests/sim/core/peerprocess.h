// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_CORE_PEERPROCESS_H
#define PEER_SIM_CORE_PEERPROCESS_H

#include "core/ice/agent.h"
#include "core/ice/tunnel.h"
#include "support/simulation/consentwatch.h"
#include "support/simulation/host.h"
#include "support/simulation/outlets.h"
#include "support/simulation/process.h"
#include "support/simulation/seededrandom.h"
#include "transfer.h"

#include <functional>
#include <optional>
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
/// The answerer misses the offerer, whose business it is to restart ICE.
struct RestartWantedSignal
{ };
using Signal =
    std::variant<DescriptionSignal, CandidateSignal, EndOfCandidatesSignal, RestartWantedSignal>;

/// One peer: an ICE agent with a Transfer above it and offers and answers beside it. When nothing
/// was heard for long it restarts ICE, or asks the offerer to, as a session would.
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
               const std::vector<ice::RelayServer> &relayServers = {},
               const TunnelServer *tunnelServer = nullptr);
    void receiveSignal(TimePoint now, const Signal &signal);
    /// Offerer only.
    void restart(TimePoint now);
    /// Sends a small datagram; whence the other end hears it is its heardFrom().
    void greet() { m_isGreeting = true; }
    /// Local addresses of an interface that has gone or come.
    void removeAddress(TimePoint now, const IpAddress &ip);
    /// An address of the host has been replaced by another.
    void renumber(TimePoint now, const IpAddress &gone, const IpAddress &come);

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
    void openSocket(TimePoint now, const IpAddress &address, std::uint16_t preference);
    void listen(TimePoint now, const IpAddress &address, std::uint16_t preference);
    ice::TunnelEnd tunnelEnd() const
    {
        return m_options.isOfferer ? ice::TunnelEnd::Caller : ice::TunnelEnd::Callee;
    }
    void sendDescription(bool isOffer);
    void takeEvents(TimePoint now);
    void takeRequests(TimePoint now);
    std::optional<Transmit> nextUnwatched();
    void watchRelayed(const Transmit &transmit);
    void watchCheck(const stun::Message &message, const TransportAddress &remote);
    void signalCandidate(const Candidate &candidate);
    void considerRestart(TimePoint now);
    void watch(const Transmit &transmit);

    Host &m_host;
    Options m_options;
    std::function<void(const Signal &)> m_sendSignal;
    std::vector<std::pair<TransportId, TransportAddress>> m_bases;
    /// UDP sockets for all addresses of a family, and TCP sockets that listen so; IPv4 first. None
    /// if there is none.
    TransportId m_wildcards[2] = {TransportId::None, TransportId::None};
    TransportId m_listeners[2] = {TransportId::None, TransportId::None};
    std::uint16_t m_nextPreference = 65535;
    Outlets m_outlets;
    ConsentWatch m_consent;
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
