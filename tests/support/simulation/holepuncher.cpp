// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/holepuncher.h"

#include "core/stun/messagewriter.h"

#include <algorithm>

namespace peer::sim {

namespace {

/// First octets that are not STUN's.
constexpr std::uint8_t Probe = 0xF0;
constexpr std::uint8_t Answer = 0xF1;

constexpr Duration RoundInterval = std::chrono::milliseconds(100);

} // namespace

HolePuncher::HolePuncher(Host &host, SeededRandom random)
    : m_host(host)
    , m_random(std::move(random))
{ }

void HolePuncher::open(const TransportAddress &serverV4, const TransportAddress &serverV6)
{
    for (const IpAddress &address : m_host.addresses()) {
        const TransportId transport = m_host.openSocket(*this, {address, 0});
        m_bases.push_back({transport,
                           m_host.localAddress(transport),
                           address.isV4() ? serverV4 : serverV6,
                           stun::makeTransactionId(m_random),
                           {},
                           {}});
    }
    m_host.command(*this, [this](TimePoint now) { advance(now); });
}

std::vector<TransportAddress> HolePuncher::candidates() const
{
    std::vector<TransportAddress> all;
    for (const Base &base : m_bases) {
        all.push_back(base.local);
        if (!base.reflexive.isNull() && base.reflexive != base.local)
            all.push_back(base.reflexive);
    }
    return all;
}

void HolePuncher::setRemote(const std::vector<TransportAddress> &candidates)
{
    for (Base &base : m_bases) {
        for (const TransportAddress &candidate : candidates) {
            if (candidate.ip.family() == base.local.ip.family())
                base.remotes.insert(candidate);
        }
    }
}

void HolePuncher::sendTo(const Base &base, const TransportAddress &remote, std::uint8_t kind)
{
    m_queue.push({base.transport, base.local, remote}, ByteView(&kind, 1));
}

void HolePuncher::advance(TimePoint now)
{
    for (const Base &base : m_bases) {
        if (base.reflexive.isNull() && !base.server.isNull()) {
            stun::MessageWriter writer(m_queue.reserve());
            writer.begin(stun::Class::Request, stun::Method::Binding, base.transaction);
            m_queue.commit({base.transport, base.local, base.server}, writer.finish().size());
        }
        for (const TransportAddress &remote : base.remotes)
            sendTo(base, remote, Probe);
    }
    m_nextRound = now + RoundInterval;
}

void HolePuncher::receiveStun(Base &base, const Datagram &datagram)
{
    const auto message = stun::Message::parse(datagram.payload);
    if (!message || message->transactionId() != base.transaction)
        return;
    const auto mapped = message->address(stun::Attribute::XorMappedAddress);
    if (mapped)
        base.reflexive = *mapped;
}

void HolePuncher::receive(TimePoint, const Datagram &datagram)
{
    const auto base = std::find_if(m_bases.begin(), m_bases.end(), [&](const Base &candidate) {
        return candidate.transport == datagram.route.transport;
    });
    if (base == m_bases.end() || datagram.payload.empty())
        return;
    const TransportAddress &remote = datagram.route.remote;
    if (datagram.payload[0] < 4) {
        receiveStun(*base, datagram);
    } else if (datagram.payload[0] == Probe) {
        sendTo(*base, remote, Answer);
        base->remotes.insert(remote);
    } else if (datagram.payload[0] == Answer && base->remotes.count(remote) > 0) {
        m_isConnected = true;
        m_route = datagram.route;
    }
}

std::optional<Transmit> HolePuncher::nextTransmit()
{
    if (m_queue.isEmpty())
        return std::nullopt;
    return m_queue.pop();
}

} // namespace peer::sim
