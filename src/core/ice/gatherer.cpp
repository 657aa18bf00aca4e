// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/gatherer.h"

#include "core/ice/localcandidates.h"
#include "core/ice/timing.h"
#include "core/stun/messagewriter.h"

#include <algorithm>

namespace peer::ice {

Gatherer::Gatherer(RandomSource &random)
    : m_random(random)
{ }

void Gatherer::addBase(TransportId transport, const TransportAddress &base)
{
    // A link-local address reaches no server, and a NAT that translates it does not exist.
    if (base.ip.isLinkLocal())
        return;
    m_bases.push_back({transport, base});
    for (const TransportAddress &server : m_servers)
        addRequest(transport, base, server);
}

void Gatherer::removeBases(TransportId transport, const IpAddress &ip)
{
    std::erase_if(m_bases, [&](const Base &base) {
        return base.transport == transport && base.address.ip == ip;
    });
    std::erase_if(m_requests, [&](const Request &request) {
        return request.route.transport == transport && request.route.local.ip == ip;
    });
}

void Gatherer::addServer(const TransportAddress &server)
{
    if (!isUsableAddress(server) || m_servers.size() >= MaxServers
        || std::find(m_servers.begin(), m_servers.end(), server) != m_servers.end())
        return;
    m_servers.push_back(server);
    for (const Base &base : m_bases)
        addRequest(base.transport, base.address, server);
}

void Gatherer::addRequest(TransportId transport, const TransportAddress &base,
                          const TransportAddress &server)
{
    if (canReach(base.ip, server.ip))
        m_requests.push_back({{transport, base, server}, makeTransaction(), false, Never});
}

stun::Transaction Gatherer::makeTransaction()
{
    stun::RetransmissionPolicy policy;
    policy.initialTimeout = timing::GatherRto;
    policy.maxTransmissions = timing::GatherTransmissions;
    policy.lastWaitFactor = timing::GatherFinalWait;
    return stun::Transaction(stun::makeTransactionId(m_random), policy);
}

void Gatherer::restart()
{
    for (Request &request : m_requests) {
        request.transaction = makeTransaction();
        request.isSettled = false;
        request.refreshAt = Never;
    }
}

void Gatherer::setKeepalive(bool isWanted)
{
    m_keepsAlive = isWanted;
}

TimePoint Gatherer::dueAt(const Request &request) const
{
    if (!request.transaction.isFinished())
        return request.transaction.nextDeadline();
    return m_keepsAlive ? request.refreshAt : Never;
}

TimePoint Gatherer::nextDue() const
{
    TimePoint due = Never;
    for (const Request &request : m_requests)
        due = std::min(due, dueAt(request));
    return due;
}

bool Gatherer::wantsTransmission(Request &request, TimePoint now)
{
    if (request.transaction.isFinished())
        request.transaction = makeTransaction();
    switch (request.transaction.advance(now)) {
    case stun::Transaction::Action::Wait:
        return false;
    case stun::Transaction::Action::Transmit:
        return true;
    case stun::Transaction::Action::TimeOut:
        request.isSettled = true;
        // Only one that was answered before has a binding to keep.
        if (request.refreshAt != Never)
            request.refreshAt = now + timing::ServerKeepalive;
        return false;
    }
    return false;
}

bool Gatherer::transmitDue(TimePoint now, TransmitQueue &out)
{
    for (Request &request : m_requests) {
        if (dueAt(request) > now || !wantsTransmission(request, now))
            continue;
        const MutableByteView room = out.reserve();
        if (room.empty())
            return false;
        stun::MessageWriter writer(room);
        writer.begin(stun::Class::Request, stun::Method::Binding, request.transaction.id());
        writer.addFingerprint();
        out.commit(request.route, writer.finish().size());
        return true;
    }
    return false;
}

Gatherer::Outcome Gatherer::receive(TimePoint now, const Route &route,
                                    const stun::Message &response, std::optional<Mapped> &mapped)
{
    for (Request &request : m_requests) {
        if (request.transaction.id() != response.transactionId())
            continue;
        // Without a password the source address is the only proof, weak as it is.
        if (request.route != route || !request.transaction.receive(now, response))
            return Outcome::Consumed;
        request.isSettled = true;
        if (response.messageClass() != stun::Class::SuccessResponse)
            return Outcome::Consumed;
        request.refreshAt = now + timing::ServerKeepalive;
        auto address = response.address(stun::Attribute::XorMappedAddress);
        if (!address)
            address = response.address(stun::Attribute::MappedAddress);
        if (address)
            mapped = Mapped{route.transport, route.local, *address, route.remote.ip};
        return Outcome::Consumed;
    }
    return Outcome::NotOurs;
}

void Gatherer::noteSendFailed(const Route &route)
{
    for (Request &request : m_requests) {
        if (request.route != route || request.transaction.isFinished())
            continue;
        request.transaction.stopTransmitting();
        request.isSettled = true;
    }
}

bool Gatherer::isDone() const
{
    return std::all_of(m_requests.begin(), m_requests.end(),
                       [](const Request &request) { return request.isSettled; });
}

} // namespace peer::ice
