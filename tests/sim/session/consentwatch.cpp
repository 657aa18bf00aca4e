// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "consentwatch.h"

#include <stdexcept>

namespace peer::sim {

namespace {

/// RFC 7675 section 5.1.
constexpr Duration ConsentLifetime = std::chrono::seconds(30);

/// RFC 7983 section 7.
bool isStun(ByteView payload)
{
    return !payload.empty() && payload[0] <= 3;
}

} // namespace

void ConsentWatch::checkSent(TimePoint now, const Transmit &transmit)
{
    const Route &route = transmit.route;
    if (isStun(transmit.payload)) {
        const auto message = stun::Message::parse(transmit.payload);
        if (!message)
            throw std::runtime_error("sends STUN that cannot be parsed");
        if (message->messageClass() == stun::Class::Request)
            m_asked[message->transactionId()] = route;
        return;
    }
    ++m_secureDatagrams;
    const auto consent = m_consented.find(route);
    if (consent == m_consented.end())
        throw std::runtime_error("sends data to " + route.remote.toString()
                                 + ", which has not consented");
    if (now - consent->second > ConsentLifetime)
        throw std::runtime_error("sends data to " + route.remote.toString()
                                 + ", whose consent has expired");
}

void ConsentWatch::noteReceived(TimePoint now, const Datagram &datagram)
{
    if (!isStun(datagram.payload))
        return;
    const auto message = stun::Message::parse(datagram.payload);
    if (!message || message->messageClass() != stun::Class::SuccessResponse)
        return;
    const auto asked = m_asked.find(message->transactionId());
    if (asked != m_asked.end() && asked->second == datagram.route)
        m_consented[datagram.route] = now;
}

} // namespace peer::sim
