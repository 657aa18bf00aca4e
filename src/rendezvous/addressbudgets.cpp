// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/addressbudgets.h"

#include <QtCore/qendian.h>

namespace peer::rendezvous {

namespace {

constexpr qsizetype PrefixOctets = 8; // a /64

} // namespace

QByteArray addressKey(const QHostAddress &address)
{
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    if (isV4) {
        QByteArray key(4, Qt::Uninitialized);
        qToBigEndian(v4, key.data());
        return key;
    }
    const Q_IPV6ADDR v6 = address.toIPv6Address();
    return QByteArray(reinterpret_cast<const char *>(v6.c), PrefixOctets);
}

AddressRates::AddressRates(const PeerRendezvousRate &rate, int buckets, std::size_t seed)
    : m_rate(rate)
    , m_seed(seed)
    , m_buckets(std::size_t(std::max(1, buckets)))
{ }

bool AddressRates::take(TimePoint now, const QByteArray &key)
{
    return m_buckets[qHash(key, m_seed) % m_buckets.size()].take(now, m_rate);
}

AddressBudgets::AddressBudgets(const PeerRendezvousLimits &limits, std::size_t seed)
    : m_maxConnections(limits.connections)
    , m_maxConnectionsPerAddress(limits.connectionsPerAddress)
    , m_newConnections(limits.connectionRate, limits.rateBuckets, seed)
    , m_calls(limits.callRate, limits.rateBuckets, seed)
    , m_claims(limits.claimRate, limits.rateBuckets, seed)
    , m_watches(limits.watchRate, limits.rateBuckets, seed)
{ }

bool AddressBudgets::openConnection(TimePoint now, const QByteArray &key)
{
    if (m_connectionCount >= m_maxConnections
        || m_connections.value(key) >= m_maxConnectionsPerAddress
        || !m_newConnections.take(now, key)) {
        return false;
    }
    ++m_connections[key];
    ++m_connectionCount;
    return true;
}

bool AddressBudgets::isHalfFull(const QByteArray &key) const
{
    return 2 * m_connectionCount > m_maxConnections
        || 2 * m_connections.value(key) > m_maxConnectionsPerAddress;
}

void AddressBudgets::closeConnection(const QByteArray &key)
{
    const auto it = m_connections.find(key);
    if (it == m_connections.end())
        return;
    --m_connectionCount;
    if (--*it == 0)
        m_connections.erase(it);
}

} // namespace peer::rendezvous
