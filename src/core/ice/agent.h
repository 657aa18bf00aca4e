// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_AGENT_H
#define PEER_ICE_AGENT_H

#include "core/base/address.h"
#include "core/base/candidate.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/ice/priority.h"
#include "core/turn/allocation.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace peer::ice {

enum class Role : std::uint8_t { Controlling, Controlled };

/// What one side tells the other about itself in its description (RFC 8839 section 5).
struct Parameters
{
    std::string usernameFragment;
    std::string password;
    bool isLite = false;
    /// a=ice-options:renomination, the peer takes a NOMINATION attribute at any time.
    bool renomination = false;
    /// a=ice-pacing; 50 ms where absent (RFC 8445 section 14.2).
    std::chrono::milliseconds pacing{50};

    friend bool operator==(const Parameters &, const Parameters &) = default;
};

/// One address of one transport that we may send from, as the shell found it.
struct LocalAddress
{
    TransportId transport = TransportId::None;
    /// TcpActive: the port is 9 (RFC 6544 section 4.5), whatever connections are made from.
    TransportAddress address;
    /// RFC 8445 section 5.1.2.1: 0 to 65535, unique for each address of this host; the shell
    /// orders temporary before stable IPv6, real interfaces before VPN and bridges, and has the
    /// families take turns (RFC 8421 section 4).
    std::uint16_t localPreference = 65535;
    /// TcpPassive: a socket listens there. TcpActive: connections can be opened from there; the
    /// transport is the listening socket's, or one of its own. TcpSimultaneousOpen: connections can
    /// be opened from that very port, on which a socket listens too; a transport of its own.
    CandidateProtocol protocol = CandidateProtocol::Udp;
};

/// A TURN server (RFC 8656) by one of its transports. Give each server that has IPv4 and IPv6
/// addresses once with each.
struct RelayServer
{
    turn::Transport transport = turn::Transport::Udp;
    /// Udp: where it is.
    TransportAddress address;
    /// Tcp, Tls: the name or address to connect to. Tls: the name that its certificate must be of.
    std::string host;
    std::uint16_t port = 0;
    std::string username;
    std::string password;
};

/// What an agent needs from outside: the transports of its relays, and TCP connections to the peer
/// and to STUN servers.
/// Each request is answered by transportOpened() or transportFailed() with its id.
namespace request {
/// A UDP socket for that server alone (D5), to be used from that local address.
struct OpenPort
{
    std::uint32_t id = 0;
    IpAddress local;
    TransportAddress server;
};
/// A stream of whole TURN messages (turn::StreamFramer). Tls: the server shows a certificate of
/// that name.
struct OpenStream
{
    std::uint32_t id = 0;
    turn::Transport transport = turn::Transport::Tcp;
    std::string host;
    std::uint16_t port = 0;
    std::string tlsName;
};
/// A TCP connection to the peer from that address of ours, never by a proxy; then a stream of
/// datagrams (RFC 4571, DatagramFramer).
struct Connect
{
    std::uint32_t id = 0;
    IpAddress local;
    TransportAddress remote;
    /// 0: any. Else that of a TcpSimultaneousOpen address.
    std::uint16_t localPort = 0;
};
/// A TCP connection from a TcpSimultaneousOpen address of ours to a STUN server, never by a proxy;
/// then a stream of STUN messages (RFC 8489 section 6.2.2). Agents that share the address may share
/// the connection.
struct OpenStun
{
    std::uint32_t id = 0;
    TransportAddress local;
    TransportAddress server;
};
/// What was opened, or is being opened, for the request of that id, or was accepted and has that
/// id, is needed no more. No answer.
struct Close
{
    std::uint32_t id = 0;
    /// Nothing on its way is of use, and another connection between the same ends may follow: it
    /// should leave nothing behind that would be in its way, such as TIME_WAIT (RFC 9293 section
    /// 3.6). Otherwise what was sent last should arrive.
    bool isAbrupt = false;
};
} // namespace request
using Request = std::variant<request::OpenPort, request::OpenStream, request::Connect,
                             request::OpenStun, request::Close>;

struct Config
{
    Role role = Role::Controlling;
    /// Policy (D6). Without the first the peer learns no address of this host: there are neither
    /// host nor reflexive candidates, and relayed ones name no related address.
    bool usesDirect = true;
    bool usesRelays = true;
    /// Of direct paths: TCP candidates (RFC 6544) besides UDP.
    bool usesTcp = true;
    bool renomination = true;
    std::chrono::milliseconds pacing{5};
    std::size_t maxLocalAddresses = 8;
    std::size_t maxRemoteCandidates = 64;
    /// Of each kind, and of TCP.
    std::size_t maxPairs = 100;
    /// TCP connections with the peer, open or opening, from either side. Each is a socket.
    std::size_t maxConnections = 16;
};

/// What became of the data that went by route(), be it by this route or one before: packets whose
/// arrival the peer confirms.
struct Delivery
{
    std::uint64_t sent = 0; ///< repetitions included
    std::uint64_t repeated = 0;
    /// Some are not confirmed yet.
    bool isAwaited = false;
};

enum class State : std::uint8_t {
    New, ///< no remote description yet
    Checking,
    Connected,    ///< at least one valid pair with consent; data may flow
    Completed,    ///< nominated and the checklist is done; a better pair may still take over
    Disconnected, ///< there was a valid pair; now none has consent, or nothing is heard on any
    Failed,       ///< every pair failed, both sides ended their candidates, patience is over
};

struct CandidateGathered
{
    Candidate candidate;
};
struct GatheringComplete
{ };
struct StateChanged
{
    State state;
    std::string reason;
};
/// The pair that data is to be sent on has changed; route() tells it.
struct RouteChanged
{
    std::string reason;
};
using Event = std::variant<CandidateGathered, GatheringComplete, StateChanged, RouteChanged>;

/// A valid pair as statistics and reports want it.
struct PairInfo
{
    Route route;
    CandidateType localType = CandidateType::Host;
    CandidateType remoteType = CandidateType::Host;
    PathKind kind = PathKind::Direct;
    /// Of a relayed end of ours: how it reaches its relay. Of a direct pair: Udp, or Tcp.
    turn::Transport protocol = turn::Transport::Udp;
    std::uint64_t priority = 0;
    Duration smoothedRoundTrip{};
    bool isNominated = false;
    bool hasConsent = false;
    /// Of the youngest requests on it that are old enough to have an answer, the part that has
    /// none; 0 to 1.
    double loss = 0;
};

/// A pair of any state, for reports.
struct PairTrial
{
    enum class Outcome : std::uint8_t {
        Waiting, ///< not asked yet
        Asked,
        Answered, ///< valid
        Silent,   ///< asked without an answer; it may be asked again
        Lost,     ///< was valid, or refused; never again with these credentials
    };
    PairInfo info;
    Outcome outcome = Outcome::Waiting;
};

/// A full ICE agent (RFC 8445) for one stream of one component, with trickle (RFC 8838), TCP
/// candidates (RFC 6544), consent freshness (RFC 7675) and renomination. Departures: DEVIATIONS.md
/// in this folder.
///
/// How to drive it: call a command, receive() or advance(), each with the present time, which
/// must not go backwards; then drain nextTransmit() and nextEvent(); then call advance() no later
/// than nextDeadline(). It has no clock, no socket and no thread.
class Agent
{
public:
    Agent(const Config &config, RandomSource &random);
    ~Agent();
    Agent(Agent &&) noexcept;
    Agent &operator=(Agent &&) noexcept;

    // In: what the shell found
    void addLocalAddress(TimePoint now, const LocalAddress &address);
    void removeLocalAddress(TimePoint now, TransportId transport, const IpAddress &ip);
    /// Asks it for the server-reflexive address of every local address of its family, by UDP, and
    /// by TCP for the TcpSimultaneousOpen ones.
    void addStunServer(TimePoint now, const TransportAddress &server);
    /// Gathers a relayed candidate there, and keeps it over restarts. One that is known gets new
    /// credentials, for when it has to be allocated again. Ignored beyond eight.
    void addRelayServer(TimePoint now, const RelayServer &server);
    /// Answers to nextRequest(). route: of the socket or stream, our address on it, and the server;
    /// its transport is that of nothing else.
    void transportOpened(TimePoint now, std::uint32_t id, const Route &route);
    /// It cannot be opened, or has come to its end.
    void transportFailed(TimePoint now, std::uint32_t id);
    /// The peer, as far as the first message says (its USERNAME names us), has opened a TCP
    /// connection to a TcpPassive address of ours. Gives the id that transportFailed() and
    /// request::Close name it by, or 0 if it is not wanted. To be followed by that message; if it
    /// is not authentic, the connection is closed.
    std::uint32_t connectionAccepted(TimePoint now, const Route &route);
    /// No further address or server will come for now: GatheringComplete follows when the servers
    /// have answered or given up.
    void endOfLocalAddresses(TimePoint now);

    /// A tunnel is open, whose other end the peer has or will have: one pair of the lowest
    /// priority, in this session and in those after a restart. route: as of tunnelRoute(). Ignored
    /// when there are four.
    void addTunnel(TimePoint now, const Route &route);
    /// Its connection has ended.
    void removeTunnel(TimePoint now, TransportId transport);

    // In: what the peer told
    void setRemoteParameters(TimePoint now, const Parameters &parameters);
    /// Ignored beyond the cap, when a duplicate, of another component, or where no pair can come
    /// of it.
    void addRemoteCandidate(TimePoint now, const Candidate &candidate);
    void endOfRemoteCandidates(TimePoint now);
    /// New local credentials (RFC 8445 section 9). The selected pair goes on carrying data until
    /// a pair of the new checklist takes over. Addresses and servers are kept.
    Parameters restart(TimePoint now);
    void setRole(Role role);

    // In: the network and the clock
    /// First for every datagram: what comes from a relay holds the peer's datagram, with the route
    /// of a relayed address, or is for the agent alone, and then there is nothing more to do. What
    /// comes otherwise is given back as it is.
    std::optional<Datagram> unwrap(TimePoint now, const Datagram &datagram);
    /// Only for datagrams whose first octet is 0..3 (RFC 7983). False if it was not ours.
    bool receive(TimePoint now, const Datagram &datagram);
    /// The secure session has authenticated something that came by route: the path lives.
    /// It never renews consent.
    void noteAuthenticated(TimePoint now, const Route &route);
    /// Data that demands an answer leaves by route(). When none comes the agent asks for itself.
    void noteDataSent(TimePoint now);
    /// How that data fares, all in all. Cheap; at least as often as it changes.
    void noteDelivery(const Delivery &delivery);
    /// The socket refused to send there (unreachable …): the pair is not to be waited for.
    void noteSendFailed(TimePoint now, const Route &route);
    void advance(TimePoint now);
    /// Nothing more is to be sent or received: frees what there is at relays, and goes on doing so
    /// as long as there is a deadline.
    void close(TimePoint now);

    // Out
    std::optional<Transmit> nextTransmit();
    /// For data to the peer by route(): the same, or what a relay wants in its place; nothing if
    /// the relay has gone. Borrowed until the next call.
    std::optional<Transmit> wrap(TimePoint now, const Transmit &transmit);
    std::optional<Request> nextRequest();
    std::optional<Event> nextEvent();
    TimePoint nextDeadline() const;

    // Facts
    const Parameters &localParameters() const;
    Role role() const;
    State state() const;
    /// Where to send data now: the selected pair, or before nomination the best valid pair.
    /// Always a pair with consent; none if there is no such pair.
    std::optional<Route> route() const;
    /// While the pair in route() owes an answer for suspiciously long: the pair that would take
    /// over, best of another kind, for data to be sent there as well. It has consent.
    std::optional<Route> standby() const;
    /// The best valid pair of each kind and protocol other than that of route(), best first, for
    /// what is worth sending more than once. They have consent.
    std::vector<Route> alternatives() const;
    /// Whether data from there is to be looked at: an authenticated check came by that route, or
    /// it is a valid pair.
    bool isKnown(const Route &route) const;
    /// Of the pair in route(); zero while unknown.
    Duration roundTripTime() const;
    /// How long nothing authentic has come from the peer, on any pair: neither STUN nor, by
    /// noteAuthenticated(), data. Zero before the first. An agent in use asks at least every 6 s,
    /// and every 500 ms once an answer is overdue, so that a silence of more than 8 s means that
    /// several requests went unanswered.
    Duration silence(TimePoint now) const;
    std::vector<PairInfo> validPairs() const;
    /// Every pair of the present ICE session, the best first, and the one in use.
    std::vector<PairTrial> trials() const;
    std::vector<Candidate> localCandidates() const;
    std::vector<Candidate> remoteCandidates() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer::ice

#endif // PEER_ICE_AGENT_H
