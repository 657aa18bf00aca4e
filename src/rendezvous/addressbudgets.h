// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_ADDRESSBUDGETS_H
#define PEER_RENDEZVOUS_ADDRESSBUDGETS_H

#include "core/base/time.h"
#include "rendezvous/tokenbucket.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qhash.h>
#include <QtNetwork/qhostaddress.h>

#include <vector>

namespace peer::rendezvous {

/// Who is meant by a limit "for each address": the IPv4 address, or the /64 prefix of the IPv6
/// address, for whoever has one of a prefix has them all. IPv4-mapped addresses are IPv4.
QByteArray addressKey(const QHostAddress &address);

/// One rate for all addresses, in a fixed number of buckets chosen by a keyed hash.
class AddressRates
{
public:
    AddressRates(const PeerRendezvousRate &rate, int buckets, std::size_t seed);
    bool take(TimePoint now, const QByteArray &key);

private:
    PeerRendezvousRate m_rate;
    std::size_t m_seed;
    std::vector<TokenBucket> m_buckets;
};

/// All that is limited for each address, on TCP. Its memory is bounded by the limits on buckets
/// and connections.
class AddressBudgets
{
public:
    AddressBudgets(const PeerRendezvousLimits &limits, std::size_t seed);

    /// Counts a new connection, if address and server may have one more.
    bool openConnection(TimePoint now, const QByteArray &key);
    void closeConnection(const QByteArray &key);
    /// Of the connections that the address, or the server, may have, more than half are there: what
    /// is of less use than others gives way.
    bool isHalfFull(const QByteArray &key) const;
    int connectionCount() const { return m_connectionCount; }

    bool takeCall(TimePoint now, const QByteArray &key) { return m_calls.take(now, key); }
    bool takeClaim(TimePoint now, const QByteArray &key) { return m_claims.take(now, key); }
    bool takeWatch(TimePoint now, const QByteArray &key) { return m_watches.take(now, key); }

private:
    int m_maxConnections;
    int m_maxConnectionsPerAddress;
    int m_connectionCount = 0;
    QHash<QByteArray, int> m_connections; ///< only addresses that have some
    AddressRates m_newConnections;
    AddressRates m_calls;
    AddressRates m_claims;
    AddressRates m_watches;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_ADDRESSBUDGETS_H
