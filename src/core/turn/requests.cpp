// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What an allocation asks its server for, and how that is written (RFC 8656 sections 7 to 12).

#include "core/stun/messagewriter.h"
#include "core/turn/allocationprivate.h"
#include "core/turn/timing.h"

#include <algorithm>

namespace peer::turn {

namespace {

/// RFC 8656 section 18.8: the protocol number of UDP in the first octet.
constexpr std::uint32_t RequestedTransportUdp = 17u << 24;
/// Section 18.6: the family in the first octet.
constexpr std::uint32_t FamilyV6 = 2u << 24;

stun::RetransmissionPolicy policy(Transport transport)
{
    stun::RetransmissionPolicy policy;
    switch (transport) {
    case Transport::Udp:
        policy.initialTimeout = timing::Rto;
        policy.maxTransmissions = timing::Transmissions;
        policy.lastWaitFactor = timing::FinalWait;
        break;
    case Transport::Tcp:
    case Transport::Tls:
        policy.initialTimeout = timing::StreamTimeout;
        policy.maxTransmissions = 1;
        policy.lastWaitFactor = 1;
        break;
    }
    return policy;
}

stun::Method method(Request::Kind kind)
{
    switch (kind) {
    case Request::Kind::Allocate:
        return stun::Method::Allocate;
    case Request::Kind::Refresh:
    case Request::Kind::Release:
        return stun::Method::Refresh;
    case Request::Kind::Permit:
        return stun::Method::CreatePermission;
    case Request::Kind::Bind:
        return stun::Method::ChannelBind;
    case Request::Kind::Keepalive:
        return stun::Method::Binding;
    }
    return stun::Method::Binding;
}

} // namespace

bool Allocation::Private::isUnderWay(Request::Kind kind) const
{
    return std::any_of(requests.begin(), requests.end(),
                       [&](const Request &request) { return request.kind == kind; });
}

/// Permissions, many in one request, and channels. Each waits its turn when too much is under way.
void Allocation::Private::askForPeers(TimePoint now)
{
    while (requests.size() < MaxRequests && permissions.nextDue() <= now) {
        Request request(Request::Kind::Permit);
        request.peers = permissions.takeBatch(now);
        ask(now, std::move(request));
    }
    while (requests.size() < MaxRequests && channels.nextDue() <= now) {
        const auto channel = channels.takeDue(now);
        if (!channel)
            continue; // something has expired
        Request request(Request::Kind::Bind);
        request.channel = *channel;
        ask(now, std::move(request));
    }
}

void Allocation::Private::ask(TimePoint now, Request request)
{
    // What was asked for just before may have found out that it is over.
    if (state == State::Over)
        return;
    request.transaction = stun::Transaction(stun::makeTransactionId(random),
                                            policy(config.transport));
    request.attempt = authentication.attempt();
    write(request);
    if (request.octets.empty()) {
        end(EndReason::BadCredentials, "user name, realm and nonce do not fit a request");
        return;
    }
    requests.push_back(std::move(request));
    transmitDue(now);
}

void Allocation::Private::write(Request &request)
{
    std::array<std::uint8_t, TransmitQueue::SlotSize> room;
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::Request, method(request.kind), request.transaction.id());
    switch (request.kind) {
    case Request::Kind::Allocate:
        writeAllocate(writer);
        break;
    case Request::Kind::Refresh:
        break;
    case Request::Kind::Release:
        writer.addUint32(stun::Attribute::Lifetime, 0);
        break;
    case Request::Kind::Permit:
        // Section 10.1: the port is ignored.
        for (const IpAddress &peer : request.peers)
            writer.addAddress(stun::Attribute::XorPeerAddress, {peer, 0});
        break;
    case Request::Kind::Bind:
        writer.addUint32(stun::Attribute::ChannelNumber,
                         std::uint32_t{request.channel.number} << 16);
        writer.addAddress(stun::Attribute::XorPeerAddress, request.channel.peer);
        break;
    case Request::Kind::Keepalive:
        break;
    }
    // Whoever asks for its address needs no credentials (RFC 8489 section 12).
    if (request.kind != Request::Kind::Keepalive)
        authentication.sign(writer);
    else
        writer.addFingerprint();
    request.octets = toBytes(writer.finish());
}

void Allocation::Private::writeAllocate(stun::MessageWriter &writer) const
{
    writer.addUint32(stun::Attribute::RequestedTransport, RequestedTransportUdp);
    switch (families) {
    case Families::Both:
        // Section 7.1: it stands for IPv6 beside the IPv4 that goes without saying.
        writer.addUint32(stun::Attribute::AdditionalAddressFamily, FamilyV6);
        break;
    case Families::OnlyV6:
        writer.addUint32(stun::Attribute::RequestedAddressFamily, FamilyV6);
        break;
    case Families::Default:
    case Families::End:
        break;
    }
}

void Allocation::Private::transmitDue(TimePoint now)
{
    for (Request &request : requests) {
        switch (request.transaction.advance(now)) {
        case stun::Transaction::Action::Wait:
            break;
        case stun::Transaction::Action::Transmit: {
            // What finds the queue full is as good as lost.
            transmits.push(config.route, request.octets);
            sentAt = now;
            break;
        }
        case stun::Transaction::Action::TimeOut:
            end(state == State::Releasing ? EndReason::Released : EndReason::NoAnswer,
                "the server does not answer");
            return;
        }
    }
}

} // namespace peer::turn
