// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_CONNECTIONS_H
#define PEER_ICE_CONNECTIONS_H

#include "core/ice/requestqueue.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace peer::ice {

/// A TCP connection between this agent and its peer, or one that is being opened.
struct Connection
{
    /// Of the request that opened it, or what the shell was given for one that it accepted.
    std::uint32_t id = 0;
    /// Null until it is open. Its transport is of this connection alone.
    Route route;
    /// We have opened it (RFC 6544: our candidate is the active one, or a simultaneous-open one).
    bool isActive = false;
    /// From our listening port, for a simultaneous open, whoever has opened it; other than null.
    /// Two such connections cannot be between the same ends.
    TransportAddress base;
    TransportAddress remote;
    /// The peer has opened it, and nothing has come by it yet.
    bool isFresh = false;
    /// Even without a pair. An authentic check that was answered with an error is repeated.
    TimePoint keptUntil = TimePoint::min();
};

/// The TCP connections of an agent (RFC 6544). Which pair they belong to, the pairs know.
///
/// Bounded: maximum of them, open or opening, from either side.
class Connections
{
public:
    Connections(RequestQueue &requests, std::size_t maximum);

    bool isFull() const { return m_connections.size() >= m_maximum; }
    /// Asks for one. 0 if there are too many.
    std::uint32_t open(const IpAddress &local, const TransportAddress &remote);
    /// From that very port. The one that is between these ends already, if there is one.
    std::uint32_t openFrom(const TransportAddress &base, const TransportAddress &remote);
    /// The peer has opened one. 0 if there are too many.
    std::uint32_t accept(const Route &route);
    /// It is that of a simultaneous open, for it is between such ends.
    void noteSimultaneousOpen(std::uint32_t id);
    /// False if it is not wanted any more.
    bool noteOpened(std::uint32_t id, const Route &route);
    /// It has ended, or could not be opened. False if it is none of these.
    bool noteEnded(std::uint32_t id);
    /// Something came by it.
    void noteHeard(TransportId transport);
    /// It was an authentic check.
    void keep(TransportId transport, TimePoint until);
    /// Asks to close all, once what was sent has arrived.
    void closeAll();
    /// Asks to close all that the predicate says are not in use.
    template<typename Predicate>
    void closeIf(Predicate predicate);

    /// An open one; null if there is none.
    const Connection *find(TransportId transport) const;
    const Connection *find(std::uint32_t id) const;
    /// An open one; null if there is none.
    const Connection *findBetween(const TransportAddress &local,
                                  const TransportAddress &remote) const;
    bool isOpen(TransportId transport) const { return find(transport) != nullptr; }
    bool isOpen(std::uint32_t id) const;
    /// When one is not kept any more; Never if none is kept.
    TimePoint nextExpiry(TimePoint now) const;
    std::size_t size() const { return m_connections.size(); }

private:
    RequestQueue &m_requests;
    std::size_t m_maximum;
    std::vector<Connection> m_connections;
};

template<typename Predicate>
void Connections::closeIf(Predicate predicate)
{
    std::erase_if(m_connections, [&](const Connection &connection) {
        if (!predicate(connection))
            return false;
        m_requests.push(request::Close{connection.id, !connection.base.isNull()});
        return true;
    });
}

} // namespace peer::ice

#endif // PEER_ICE_CONNECTIONS_H
