// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/stunserver.h"

#include "support/simulation/host.h"

namespace peer::sim {

StunServer::StunServer(Host &host)
    : m_host(host)
    , m_responder("simulated")
    , m_queue(16)
{
    for (const IpAddress &address : host.addresses()) {
        host.openSocket(*this, {address, Port});
        host.listen(*this, {address, Port});
    }
}

TransportAddress StunServer::address(IpAddress::Family family) const
{
    for (const IpAddress &address : m_host.addresses()) {
        if (address.family() == family)
            return {address, Port};
    }
    return {};
}

void StunServer::receive(TimePoint, const Datagram &datagram)
{
    const ByteView answer = m_responder.answer(datagram.payload, datagram.route.remote,
                                               m_queue.reserve());
    if (answer.empty())
        return;
    m_queue.commit(datagram.route, answer.size());
    ++m_answers;
}

void StunServer::advance(TimePoint) { }

std::optional<Transmit> StunServer::nextTransmit()
{
    if (m_queue.isEmpty())
        return std::nullopt;
    return m_queue.pop();
}

} // namespace peer::sim
