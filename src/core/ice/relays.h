// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_RELAYS_H
#define PEER_ICE_RELAYS_H

#include "core/ice/requestqueue.h"
#include "core/turn/allocation.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace peer::ice {

/// Keeps an allocation at each TURN server (RFC 8445 section 5.1.1.2): asks for a socket or stream
/// of its own for each, allocates, and when one is lost allocates anew. A relayed address is used
/// as if it were a socket's: a route of it names the transport to its server, the relayed address
/// as the local one, and the peer.
///
/// How to drive it: like every machine. wrap() and unwrap() stand between the agent and the
/// transports.
class Relays
{
public:
    /// URIs of one server for UDP, TCP and TLS, of two servers.
    static constexpr std::size_t MaxServers = 8;
    /// Peers that a new allocation is told of at once.
    static constexpr std::size_t MaxPeers = 64;
    /// Local addresses to allocate from; the best ones stay.
    static constexpr std::size_t MaxBases = 16;

    Relays(RandomSource &random, RequestQueue &requests);

    // In
    void addBase(TimePoint now, const IpAddress &ip, std::uint16_t localPreference);
    void removeBase(TimePoint now, const IpAddress &ip);
    /// One that is known gets new credentials, for the next allocation. Ignored beyond MaxServers.
    void addServer(TimePoint now, const RelayServer &server);
    void permit(TimePoint now, const IpAddress &peer);
    /// Of the pair that data goes on.
    void bindChannel(TimePoint now, const Route &route);
    /// That relay looks dead: is it?
    void probe(TimePoint now, TransportId transport);
    void transportOpened(TimePoint now, std::uint32_t id, const Route &route);
    void transportFailed(TimePoint now, std::uint32_t id);
    void noteSendFailed(TimePoint now, TransportId transport);
    void release(TimePoint now);
    void advance(TimePoint now);

    bool owns(TransportId transport) const;
    /// Whether it was one of those that were closed last: what is still to go by it is lost.
    bool owned(TransportId transport) const;
    /// What is in a datagram that came by a relay's transport: nothing, or a peer's datagram with
    /// a route of the relayed address.
    std::optional<Datagram> unwrap(TimePoint now, const Datagram &datagram);
    /// A datagram with such a route as the server wants it. Borrowed until the next call.
    std::optional<Transmit> wrap(TimePoint now, const Transmit &transmit);

    // Out
    struct Gathered
    {
        TransportId transport = TransportId::None;
        TransportAddress relayed;
        TransportAddress mapped;
        /// Null if the server's is not known.
        IpAddress server;
        turn::Transport protocol = turn::Transport::Udp;
        std::uint16_t localPreference = 0;
    };
    /// Everything of that transport is of no use any more.
    struct Lost
    {
        TransportId transport = TransportId::None;
    };
    /// The server does not relay to that peer.
    struct Refused
    {
        TransportId transport = TransportId::None;
        IpAddress peer;
    };
    using Event = std::variant<Gathered, Lost, Refused>;
    std::optional<Event> nextEvent();
    std::optional<Transmit> nextTransmit();
    TimePoint nextDeadline() const;
    /// Each server has given an allocation or failed once.
    bool isDone() const;

private:
    struct Relay
    {
        /// As the application gave it.
        RelayServer server;
        /// Where it has sent us (300); null if it has not.
        TransportAddress alternate;
        std::string alternateDomain;
        int redirections = 0;

        /// Of the open socket or stream, or of the request for one; 0 = none.
        std::uint32_t id = 0;
        std::optional<turn::Allocation> allocation;
        bool isAllocated = false;
        bool isSettled = false;
        /// UDP: the local address in use, and those that have failed since the last success.
        IpAddress base;
        std::vector<IpAddress> failedBases;
        /// When the next base has its turn if there is no answer.
        TimePoint impatientAt = Never;
        TimePoint retryAt = Never;
        Duration retryDelay{};

        TransportAddress target() const;
    };
    static constexpr std::size_t MaxFormer = 64;
    struct Base
    {
        IpAddress ip;
        std::uint16_t localPreference;
    };

    void begin(TimePoint now, Relay &relay);
    const Base *nextBase(const Relay &relay) const;
    void tryNextBase(TimePoint now, Relay &relay);
    void openPort(TimePoint now, Relay &relay);
    void openStream(Relay &relay);
    void close(Relay &relay);
    void fail(TimePoint now, Relay &relay, turn::EndReason reason);
    void scheduleRetry(TimePoint now, Relay &relay, turn::EndReason reason);
    void restart(TimePoint now, Relay &relay);
    void take(TimePoint now, Relay &relay);
    void handleAllocated(TimePoint now, Relay &relay, const turn::Allocated &allocated);
    void handleEnded(TimePoint now, Relay &relay, const turn::Ended &ended);
    Relay *find(TransportId transport);
    const Relay *find(TransportId transport) const;

    RandomSource &m_random;
    RequestQueue &m_requests;
    std::vector<Base> m_bases;
    std::vector<Relay> m_relays;
    std::vector<IpAddress> m_peers;
    std::deque<TransportId> m_former; ///< at most MaxFormer
    std::deque<Event> m_events;
    bool m_isReleased = false;
};

} // namespace peer::ice

#endif // PEER_ICE_RELAYS_H
