// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/consentwatch.h"

#include <stdexcept>

namespace peer::sim {

namespace {

/// RFC 7675 section 5.1.
constexpr Duration ConsentLifetime = std::chrono::seconds(30);
/// RFC 8656 section 12: ChannelData.
constexpr std::size_t ChannelHeader = 4;

/// RFC 7983 section 7.
bool isStun(ByteView payload)
{
    return !payload.empty() && payload[0] <= 3;
}

} // namespace

ConsentWatch::Inner ConsentWatch::unwrap(const Route &route, ByteView outer, Relay &relay)
{
    using stun::Attribute;
    if (!isStun(outer)) {
        if (outer.size() < ChannelHeader || outer.size() < ChannelHeader + readUint16(&outer[2]))
            throw std::runtime_error("gives a relay what is neither STUN nor ChannelData");
        const auto peer = relay.channels.find(readUint16(&outer[0]));
        if (peer == relay.channels.end())
            throw std::runtime_error("uses a channel that was not bound");
        return {{route.transport, {}, peer->second},
                outer.subspan(ChannelHeader, readUint16(&outer[2]))};
    }
    const auto message = stun::Message::parse(outer);
    if (!message)
        throw std::runtime_error("STUN with a relay that cannot be parsed");
    const auto peer = message->address(Attribute::XorPeerAddress);
    if (message->method() == stun::Method::ChannelBind && peer) {
        if (const auto channel = message->uint32(Attribute::ChannelNumber))
            relay.channels[static_cast<std::uint16_t>(*channel >> 16)] = *peer;
    }
    const auto data = message->find(Attribute::Data);
    return peer && data ? Inner{{route.transport, {}, *peer}, *data} : Inner{};
}

void ConsentWatch::checkSent(TimePoint now, const Transmit &transmit)
{
    const auto relay = m_relays.find(transmit.route.transport);
    checkInner(now,
               relay == m_relays.end() ? Inner{transmit.route, transmit.payload}
                                       : unwrap(transmit.route, transmit.payload, relay->second));
}

void ConsentWatch::noteReceived(TimePoint now, const Datagram &datagram)
{
    const auto relay = m_relays.find(datagram.route.transport);
    noteInner(now,
              relay == m_relays.end() ? Inner{datagram.route, datagram.payload}
                                      : unwrap(datagram.route, datagram.payload, relay->second));
}

/// RFC 8839 section 5.1: address and port stand side by side.
void ConsentWatch::checkOpened(const TransportAddress &remote, const std::string &told)
{
    if (told.find(' ' + remote.ip.toString() + ' ' + std::to_string(remote.port) + " typ ")
        == std::string::npos)
        throw std::runtime_error("sends a SYN to " + remote.toString()
                                 + ", which the peer has not named");
}

void ConsentWatch::checkInner(TimePoint now, const Inner &inner)
{
    if (inner.payload.empty())
        return;
    if (isStun(inner.payload)) {
        const auto message = stun::Message::parse(inner.payload);
        if (!message)
            throw std::runtime_error("sends STUN that cannot be parsed");
        if (message->messageClass() == stun::Class::Request)
            m_asked[message->transactionId()] = inner.route;
        return;
    }
    ++m_secureDatagrams;
    const auto consent = m_consented.find(inner.route);
    if (consent == m_consented.end())
        throw std::runtime_error("sends data to " + inner.route.remote.toString()
                                 + ", which has not consented");
    if (now - consent->second > ConsentLifetime)
        throw std::runtime_error("sends data to " + inner.route.remote.toString()
                                 + ", whose consent has expired");
}

void ConsentWatch::noteInner(TimePoint now, const Inner &inner)
{
    if (!isStun(inner.payload))
        return;
    const auto message = stun::Message::parse(inner.payload);
    if (!message || message->messageClass() != stun::Class::SuccessResponse)
        return;
    const auto asked = m_asked.find(message->transactionId());
    if (asked != m_asked.end() && asked->second == inner.route)
        m_consented[inner.route] = now;
}

} // namespace peer::sim
