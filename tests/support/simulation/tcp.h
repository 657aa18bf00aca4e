// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_TCP_H
#define PEER_SIMULATION_TCP_H

#include "support/simulation/packet.h"
#include "support/simulation/processdriver.h"
#include "support/simulation/schedule.h"
#include "support/simulation/seededrandom.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace peer::sim {

/// A host's TCP, as far as a machine above it can tell: connections that carry datagrams in order
/// and without loss, late where a packet was lost, until one end closes them, a Reset comes, or
/// nothing is acknowledged for about half a minute. A datagram is one segment; framing (RFC 4571)
/// is the business of real sockets.
///
/// A SYN is repeated after 1, 2, 4 … s, five times; to a port where nobody listens it is answered
/// by a Reset, unless it meets one that went the other way between the same ends (RFC 9293 section
/// 3.5, figure 8). The other end's process hears of a connection when the first datagram comes by
/// it.
class Tcp
{
public:
    /// Sends it from the interface that has its source; nothing happens if there is none.
    using Send = std::function<void(Packet packet)>;

    Tcp(Schedule &schedule, const SeededRandom &random, std::uint32_t &nextTransport, Send send);
    ~Tcp();
    Tcp(const Tcp &) = delete;
    Tcp &operator=(const Tcp &) = delete;

    /// At one address or at all of a family. Port 0: a free one is found.
    TransportId listen(ProcessDriver &owner, const TransportAddress &local);
    TransportAddress listeningAddress(TransportId listener) const;
    /// Answered by Process::connectionOpened() or connectionEnded() with that id.
    /// Local port 0: a free one. It fails if there is a connection between these ends.
    void connect(ProcessDriver &owner, std::uint32_t id, const TransportAddress &local,
                 const TransportAddress &remote);
    /// Of that process, by what it knows it by.
    void close(const ProcessDriver &owner, std::uint32_t id);
    void removeOwner(const ProcessDriver &owner);

    bool owns(TransportId transport) const;
    /// When too much waits, the oldest that is not on its way is dropped, as our ports do it.
    void send(const Transmit &transmit);
    void receive(const Packet &packet);

private:
    struct Listener
    {
        TransportId transport;
        TransportAddress local;
        ProcessDriver *owner;
    };
    struct Connection
    {
        ProcessDriver *owner = nullptr;
        /// For its owner; 0 until an accepted one is known to it.
        std::uint32_t id = 0;
        Route route;
        bool isOpen = false;
        std::uint32_t serial = 0;
        /// Of the other end; 0 = unknown.
        std::uint32_t peerSerial = 0;
        /// It has been removed; whoever holds it still does nothing more.
        bool isGone = false;
        /// The first of them has number firstUnacknowledged.
        std::deque<Bytes> unacknowledged;
        std::uint32_t firstUnacknowledged = 1;
        /// How many of them are on their way.
        std::size_t inFlight = 0;
        /// Octets of the others.
        std::size_t waiting = 0;
        std::uint32_t expected = 1;
        std::map<std::uint32_t, Bytes> early;
        TimePoint openingSince;
        Duration timeout{};
        int tries = 0;
        int duplicates = 0;
        /// A loss was noticed; what was on its way then ends before this number.
        std::uint32_t recoveryEnd = 0;
        /// The number whose acknowledgement tells the round trip, and when it went out; 0 = none.
        std::uint32_t timed = 0;
        TimePoint timedAt;
        Schedule::Ticket timer{Never, 0};
    };
    using Shared = std::shared_ptr<Connection>;

    Shared find(const TransportAddress &local, const TransportAddress &remote) const;
    const Listener *listenerAt(const TransportAddress &local) const;
    std::uint16_t freePort();
    void sendSegment(const TransportAddress &from, const TransportAddress &to,
                     const Segment &segment, Bytes payload = {});
    void sendSegment(const Connection &connection, Segment::Kind kind, std::uint32_t number);
    void receiveUnknown(const Packet &packet);
    bool isOfConnection(const Shared &connection, const Segment &segment);
    void accept(const Listener &listener, const Packet &packet);
    void handleOpened(const Shared &connection);
    void handleData(const Shared &connection, const Packet &packet);
    void handleAcknowledged(const Shared &connection, std::uint32_t next);
    void deliver(const Shared &connection, const Bytes &payload);
    void fill(Connection &connection);
    void retransmit(Connection &connection);
    void recover(Connection &connection);
    void startTimer(const Shared &connection);
    void handleTimeout(const Shared &connection);
    void end(const Shared &connection);
    void remove(const Shared &connection);

    Schedule &m_schedule;
    SeededRandom m_random;
    std::uint32_t &m_nextTransport;
    Send m_send;
    std::vector<Listener> m_listeners;
    std::vector<Shared> m_connections;
    std::uint32_t m_lastSerial = 0;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_TCP_H
