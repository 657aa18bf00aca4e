// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/turnservice.h"

#include "core/stun/integrity.h"

#include <algorithm>
#include <array>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;
using stun::Attribute;

constexpr Duration PermissionLifetime = 300s;
constexpr Duration ChannelLifetime = 600s;
constexpr std::uint32_t FamilyV4 = 1u << 24, FamilyV6 = 2u << 24;

/// SHA-256, then MD5 (RFC 8489 section 18.5).
constexpr std::array<std::uint8_t, 8> Algorithms{0, 2, 0, 0, 0, 1, 0, 0};

} // namespace

const Route *TurnService::Allocation::relay(IpAddress::Family family) const
{
    for (const Route &route : relays) {
        if (route.local.ip.family() == family)
            return &route;
    }
    return nullptr;
}

bool TurnService::Allocation::lets(TimePoint now, const IpAddress &peer) const
{
    const auto found = permissions.find(peer);
    return found != permissions.end() && found->second > now;
}

TurnService::TurnService(TurnBehavior givenBehavior, Sockets sockets)
    : behavior(std::move(givenBehavior))
    , m_sockets(std::move(sockets))
{ }

int TurnService::count(stun::Method method) const
{
    const auto found = m_counts.find(method);
    return found == m_counts.end() ? 0 : found->second;
}

void TurnService::forgetAllocations()
{
    while (!m_allocations.empty())
        remove(m_allocations.begin());
}

void TurnService::forgetClient(TransportId transport)
{
    const auto isIts = [&](const auto &client) { return client.first.transport == transport; };
    const auto found = std::find_if(m_allocations.begin(), m_allocations.end(), isIts);
    if (found != m_allocations.end())
        remove(found);
}

void TurnService::remove(Clients::iterator which)
{
    for (const Route &relay : which->second.relays)
        m_sockets.close(relay.transport);
    m_allocations.erase(which);
}

TurnService::Allocation *TurnService::find(TimePoint now, const Route &client)
{
    const auto found = m_allocations.find(client);
    if (found == m_allocations.end())
        return nullptr;
    if (found->second.expiresAt > now)
        return &found->second;
    remove(found);
    return nullptr;
}

std::string TurnService::nonce() const
{
    std::string text = "nonce-";
    if (behavior.offersSha256 || behavior.hidesUsername) {
        text = "obMatJos2";
        text += behavior.offersSha256 ? (behavior.hidesUsername ? "wAAA" : "gAAA") : "QAAA";
    }
    return text + std::to_string(m_nonceNumber);
}

void TurnService::addChallenge(stun::MessageWriter &writer) const
{
    writer.addText(Attribute::Realm, behavior.realm);
    writer.addText(Attribute::Nonce, nonce());
    if (behavior.offersSha256)
        writer.addBytes(Attribute::PasswordAlgorithms, Algorithms);
}

void TurnService::queue(const Route &route, ByteView octets)
{
    m_queue.emplace_back(route, toBytes(octets));
}

std::optional<Transmit> TurnService::nextTransmit()
{
    if (m_queue.empty())
        return std::nullopt;
    const Route route = m_queue.front().first;
    m_lent = std::move(m_queue.front().second);
    m_queue.pop_front();
    return Transmit{route, m_lent};
}

void TurnService::answer(const Route &route, const stun::Message &request, int code,
                         const Fill &fill)
{
    std::array<std::uint8_t, 1024> room;
    stun::MessageWriter writer(room);
    writer.begin(code == 0 ? stun::Class::SuccessResponse : stun::Class::ErrorResponse,
                 request.method(), request.transactionId());
    if (code != 0)
        writer.addErrorCode(code, "as the test wants it");
    if (code == stun::errorcode::Unauthenticated || code == stun::errorcode::StaleNonce)
        addChallenge(writer);
    if (fill)
        fill(writer);
    if (m_isSigned) {
        const auto algorithm = behavior.offersSha256 ? stun::IntegrityKey::PasswordAlgorithm::Sha256
                                                     : stun::IntegrityKey::PasswordAlgorithm::Md5;
        writer.addIntegrity(stun::IntegrityKey::longTerm(behavior.username, behavior.realm,
                                                         behavior.password, algorithm),
                            request.integrity());
    }
    queue(route, writer.finish());
}

void TurnService::receive(TimePoint now, const Datagram &datagram)
{
    if (relayIn(now, datagram) || datagram.payload.empty())
        return;
    if (datagram.payload[0] >= 0x40) {
        handleChannelData(now, datagram.route, datagram.payload);
        return;
    }
    const auto message = stun::Message::parse(datagram.payload);
    if (!message)
        faults.push_back("neither STUN nor ChannelData");
    else if (message->messageClass() == stun::Class::Request)
        handleRequest(now, datagram.route, *message);
    else if (message->messageClass() == stun::Class::Indication)
        handleSend(now, datagram.route, *message);
}

/// RFC 8489 section 9.2.4.
int TurnService::authenticate(TimePoint now, const stun::Message &request)
{
    m_isSigned = false;
    if (m_nonceSince == TimePoint::min())
        m_nonceSince = now;
    if (now - m_nonceSince >= behavior.nonceLifetime) {
        m_nonceSince = now;
        ++m_nonceNumber;
    }
    if (request.integrity() == stun::Integrity::Absent)
        return stun::errorcode::Unauthenticated;
    const auto wanted = behavior.offersSha256 ? stun::Integrity::Sha256 : stun::Integrity::Sha1;
    const auto hash = stun::userHash(behavior.username, behavior.realm);
    const bool hasRightName = behavior.hidesUsername
        ? request.text(Attribute::UserHash) == asText(hash)
        : request.text(Attribute::Username) == behavior.username;
    const bool hasRightAlgorithm = !behavior.offersSha256
        || (request.text(Attribute::PasswordAlgorithms) == asText(Algorithms)
            && request.uint32(Attribute::PasswordAlgorithm) == 0x00020000u);
    if (!hasRightAlgorithm || request.integrity() != wanted || !request.has(Attribute::Realm)
        || !request.has(Attribute::Nonce))
        return stun::errorcode::BadRequest;
    const auto key = stun::IntegrityKey::longTerm(
        behavior.username, behavior.realm, behavior.password,
        behavior.offersSha256 ? stun::IntegrityKey::PasswordAlgorithm::Sha256
                              : stun::IntegrityKey::PasswordAlgorithm::Md5);
    if (!hasRightName || !request.checkIntegrity(key, wanted))
        return stun::errorcode::Unauthenticated;
    if (request.text(Attribute::Nonce) != std::string_view(nonce()))
        return stun::errorcode::StaleNonce;
    m_isSigned = true;
    return 0;
}

void TurnService::handleRequest(TimePoint now, const Route &route, const stun::Message &request)
{
    if (request.method() == stun::Method::Binding) {
        m_isSigned = false;
        ++m_counts[stun::Method::Binding];
        answer(route, request, 0, [&](stun::MessageWriter &writer) {
            writer.addAddress(Attribute::XorMappedAddress, route.remote);
        });
        return;
    }
    if (const int code = authenticate(now, request)) {
        answer(route, request, code);
        return;
    }
    ++m_counts[request.method()];
    if (!behavior.errors.empty() && behavior.errors.front().first == request.method()) {
        const int code = behavior.errors.front().second;
        behavior.errors.pop_front();
        answer(route, request, code);
        return;
    }
    switch (request.method()) {
    case stun::Method::Allocate:
        allocate(now, route, request);
        return;
    case stun::Method::Refresh:
        refresh(now, route, request);
        return;
    case stun::Method::CreatePermission:
        permit(now, route, request);
        return;
    case stun::Method::ChannelBind:
        bindChannel(now, route, request);
        return;
    case stun::Method::Binding:
    case stun::Method::Send:
    case stun::Method::Data:
        break;
    }
    faults.push_back("a request of an unknown method");
    answer(route, request, stun::errorcode::BadRequest);
}

/// RFC 8656 section 7.2.
void TurnService::allocate(TimePoint now, const Route &route, const stun::Message &request)
{
    if (const Allocation *known = find(now, route)) {
        if (known->id == request.transactionId())
            queue(route, known->answer);
        else
            answer(route, request, stun::errorcode::AllocationMismatch);
        return;
    }
    if (request.uint32(Attribute::RequestedTransport) != 17u << 24) {
        answer(route, request, stun::errorcode::UnsupportedTransport);
        return;
    }
    if (!behavior.alternate.isNull()) {
        answer(route, request, stun::errorcode::TryAlternate, [&](stun::MessageWriter &writer) {
            writer.addAddress(Attribute::AlternateServer, behavior.alternate);
        });
        return;
    }
    if (m_allocations.size() >= behavior.quota) {
        answer(route, request, stun::errorcode::AllocationQuotaReached);
        return;
    }
    const auto requested = request.uint32(Attribute::RequestedAddressFamily);
    const bool wantsBoth = behavior.knowsAdditionalFamily
        && request.uint32(Attribute::AdditionalAddressFamily) == FamilyV6;
    if (requested && request.has(Attribute::AdditionalAddressFamily)) {
        faults.push_back("both address family attributes");
        answer(route, request, stun::errorcode::BadRequest);
        return;
    }
    const bool wantsV4 = !requested || *requested == FamilyV4;
    const bool wantsV6 = wantsBoth || requested == FamilyV6;
    Allocation allocation;
    for (const auto family : {IpAddress::Family::V4, IpAddress::Family::V6}) {
        const bool isV4 = family == IpAddress::Family::V4;
        if (!(isV4 ? wantsV4 && behavior.hasV4 : wantsV6 && behavior.hasV6))
            continue;
        const Route relay = m_sockets.open(family);
        if (!relay.isNull())
            allocation.relays.push_back(relay);
    }
    if (allocation.relays.empty()) {
        answer(route, request, stun::errorcode::AddressFamilyNotSupported);
        return;
    }
    allocation.expiresAt = now + behavior.lifetime;
    allocation.id = request.transactionId();
    answer(route, request, 0, [&](stun::MessageWriter &writer) {
        for (const Route &relay : allocation.relays)
            writer.addAddress(Attribute::XorRelayedAddress, relay.local);
        writer.addUint32(Attribute::Lifetime,
                         static_cast<std::uint32_t>(behavior.lifetime / Duration(1s)));
        writer.addAddress(Attribute::XorMappedAddress, route.remote);
    });
    allocation.answer = m_queue.back().second;
    m_allocations.emplace(route, std::move(allocation));
}

void TurnService::refresh(TimePoint now, const Route &route, const stun::Message &request)
{
    Allocation *allocation = find(now, route);
    const bool isRelease = request.uint32(Attribute::Lifetime) == 0u;
    if (!allocation && !isRelease) {
        answer(route, request, stun::errorcode::AllocationMismatch);
        return;
    }
    if (allocation && isRelease)
        remove(m_allocations.find(route));
    else if (allocation)
        allocation->expiresAt = now + behavior.lifetime;
    const Duration lifetime = isRelease ? Duration() : behavior.lifetime;
    answer(route, request, 0, [&](stun::MessageWriter &writer) {
        writer.addUint32(Attribute::Lifetime, static_cast<std::uint32_t>(lifetime / Duration(1s)));
    });
}

/// Section 10.2: all peers or none.
void TurnService::permit(TimePoint now, const Route &route, const stun::Message &request)
{
    Allocation *allocation = find(now, route);
    if (!allocation) {
        answer(route, request, stun::errorcode::AllocationMismatch);
        return;
    }
    std::vector<IpAddress> peers;
    const ByteView octets = request.octets();
    for (std::size_t at = stun::HeaderSize; at + 4 <= octets.size();) {
        const std::size_t length = readUint16(&octets[at + 2]);
        if (Attribute{readUint16(&octets[at])} == Attribute::XorPeerAddress) {
            // The accessor reads the first one, so each is put into a message of its own.
            Bytes one(octets.begin(), octets.begin() + stun::HeaderSize);
            one.insert(one.end(), octets.begin() + static_cast<std::ptrdiff_t>(at),
                       octets.begin() + static_cast<std::ptrdiff_t>(at + 4 + length));
            writeUint16(&one[2], static_cast<std::uint16_t>(4 + length));
            const auto message = stun::Message::parse(one);
            const auto address = message ? message->address(Attribute::XorPeerAddress)
                                         : std::nullopt;
            if (address)
                peers.push_back(address->ip);
        }
        at += 4 + ((length + 3) & ~std::size_t{3});
    }
    if (peers.empty())
        faults.push_back("CreatePermission without a peer");
    int code = peers.empty() ? stun::errorcode::BadRequest : 0;
    for (const IpAddress &peer : peers) {
        if (behavior.forbidden.contains(peer))
            code = stun::errorcode::Forbidden;
        else if (!allocation->relay(peer.family()))
            code = stun::errorcode::PeerAddressFamilyMismatch;
    }
    if (code == 0) {
        for (const IpAddress &peer : peers)
            allocation->permissions[peer] = now + PermissionLifetime;
    }
    answer(route, request, code);
}

void TurnService::bindChannel(TimePoint now, const Route &route, const stun::Message &request)
{
    Allocation *allocation = find(now, route);
    const auto peer = request.address(Attribute::XorPeerAddress);
    const auto number = request.uint32(Attribute::ChannelNumber);
    if (!allocation) {
        answer(route, request, stun::errorcode::AllocationMismatch);
        return;
    }
    int code = 0;
    const auto channel = static_cast<std::uint16_t>(number.value_or(0) >> 16);
    if (!peer || !number || channel < 0x4000 || channel > 0x4FFF) {
        code = stun::errorcode::BadRequest;
    } else if (behavior.forbidden.contains(peer->ip)) {
        code = stun::errorcode::Forbidden;
    } else {
        std::erase_if(allocation->channels,
                      [&](const auto &each) { return each.second.expiresAt <= now; });
        for (const auto &[other, bound] : allocation->channels) {
            if ((other == channel) != (bound.peer == *peer))
                code = stun::errorcode::BadRequest;
        }
    }
    if (code == stun::errorcode::BadRequest)
        faults.push_back("a channel that may not be bound");
    if (code == 0) {
        allocation->channels[channel] = {*peer, now + ChannelLifetime};
        allocation->permissions[peer->ip] = now + PermissionLifetime;
    }
    answer(route, request, code);
}

void TurnService::handleSend(TimePoint now, const Route &route, const stun::Message &indication)
{
    Allocation *allocation = find(now, route);
    const auto peer = indication.address(Attribute::XorPeerAddress);
    const auto payload = indication.find(Attribute::Data);
    if (indication.method() != stun::Method::Send || !peer || !payload)
        faults.push_back("a broken indication");
    else if (allocation)
        relayOut(now, *allocation, *peer, *payload);
}

void TurnService::handleChannelData(TimePoint now, const Route &route, ByteView octets)
{
    Allocation *allocation = find(now, route);
    if (!allocation)
        return;
    const std::size_t length = octets.size() < 4 ? 0 : readUint16(&octets[2]);
    const auto channel = octets.size() < 4 ? allocation->channels.end()
                                           : allocation->channels.find(readUint16(octets.data()));
    if (channel == allocation->channels.end() || octets.size() < 4 + length
        || channel->second.expiresAt <= now)
        faults.push_back("a channel that is not bound");
    else
        relayOut(now, *allocation, channel->second.peer, octets.subspan(4, length));
}

void TurnService::relayOut(TimePoint now, Allocation &allocation, const TransportAddress &peer,
                           ByteView payload)
{
    const Route *relay = allocation.relay(peer.ip.family());
    if (!relay || !allocation.lets(now, peer.ip))
        return;
    ++m_relayed;
    queue({relay->transport, relay->local, peer}, payload);
}

/// Whether it came to a relayed address.
bool TurnService::relayIn(TimePoint now, const Datagram &datagram)
{
    for (auto &[client, allocation] : m_allocations) {
        const Route *relay = allocation.relay(datagram.route.local.ip.family());
        if (!relay || relay->transport != datagram.route.transport)
            continue;
        const TransportAddress &peer = datagram.route.remote;
        if (allocation.expiresAt <= now || !allocation.lets(now, peer.ip))
            return true;
        ++m_relayed;
        for (const auto &[number, bound] : allocation.channels) {
            if (bound.peer != peer || bound.expiresAt <= now)
                continue;
            Bytes octets(4);
            writeUint16(&octets[0], number);
            writeUint16(&octets[2], static_cast<std::uint16_t>(datagram.payload.size()));
            octets.insert(octets.end(), datagram.payload.begin(), datagram.payload.end());
            queue(client, octets);
            return true;
        }
        std::array<std::uint8_t, 2048> room;
        stun::MessageWriter writer(room);
        writer.begin(stun::Class::Indication, stun::Method::Data, {});
        writer.addAddress(Attribute::XorPeerAddress, peer);
        writer.addBytes(Attribute::Data, datagram.payload);
        queue(client, writer.finish());
        return true;
    }
    return false;
}

} // namespace peer::sim
