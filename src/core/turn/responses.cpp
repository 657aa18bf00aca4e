// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// How an allocation takes its server's answers (RFC 8656 sections 7.3, 8.3, 10.3, 12.3; RFC 8489
// section 9.2.5).

#include "core/turn/allocationprivate.h"
#include "core/turn/timing.h"

#include <algorithm>
#include <utility>

namespace peer::turn {

namespace {

EndReason endReason(int code)
{
    switch (code) {
    case stun::errorcode::TryAlternate:
        return EndReason::Redirected;
    case stun::errorcode::Unauthenticated:
    case stun::errorcode::WrongCredentials:
        return EndReason::BadCredentials;
    case stun::errorcode::Forbidden:
        return EndReason::Forbidden;
    case stun::errorcode::AllocationMismatch:
        return EndReason::Mismatch;
    case stun::errorcode::BadRequest:
    case stun::errorcode::UnknownAttribute:
    case stun::errorcode::AddressFamilyNotSupported:
    case stun::errorcode::UnsupportedTransport:
        return EndReason::Unsupported;
    case stun::errorcode::AllocationQuotaReached:
        return EndReason::QuotaReached;
    case stun::errorcode::InsufficientCapacity:
        return EndReason::NoCapacity;
    default: // any other number may come
        return EndReason::ServerFailed;
    }
}

bool isUsable(const TransportAddress &address)
{
    return !address.isNull() && address.port != 0 && !address.ip.isUnspecified()
        && !address.ip.isMulticast() && !address.ip.isV4Mapped();
}

} // namespace

void Allocation::Private::handleResponse(TimePoint now, const stun::Message &response)
{
    const auto found = std::find_if(requests.begin(), requests.end(), [&](const Request &request) {
        return request.transaction.id() == response.transactionId();
    });
    if (found == requests.end())
        return;
    const bool isSuccess = response.messageClass() == stun::Class::SuccessResponse;
    const auto error = response.errorCode();
    if (!isSuccess && !error)
        return;
    const int code = isSuccess ? 0 : error->code;
    if (!isGenuine(*found, response, code) || !found->transaction.receive(now, response))
        return;

    noteHeard(now);
    Request request = std::move(*found);
    requests.erase(found);
    if (const auto sample = request.transaction.roundTripTime())
        roundTrip = *sample;
    if (isSuccess)
        handleSuccess(now, request, response);
    else if (request.kind != Request::Kind::Keepalive
             && (code == stun::errorcode::Unauthenticated || code == stun::errorcode::StaleNonce))
        handleChallenge(now, std::move(request), response);
    else
        handleError(now, request, response, code);
}

/// RFC 8489 section 9.2.5: what is not signed by the key is no answer to a signed request, but for
/// challenges, which have no key yet. Forged ones cost a repetition.
bool Allocation::Private::isGenuine(const Request &request, const stun::Message &response,
                                    int code) const
{
    if (request.kind == Request::Kind::Keepalive || !request.attempt.isSigned)
        return true;
    if (code == stun::errorcode::Unauthenticated || code == stun::errorcode::StaleNonce)
        return true;
    return authentication.accepts(response);
}

void Allocation::Private::handleChallenge(TimePoint now, Request request,
                                          const stun::Message &response)
{
    const auto verdict = ++request.challenges > MaxChallenges
        ? Authentication::Verdict::Invalid
        : authentication.challenge(response, request.attempt);
    switch (verdict) {
    case Authentication::Verdict::Retry:
        ask(now, std::move(request));
        return;
    case Authentication::Verdict::Refused:
        end(EndReason::BadCredentials, "the server refuses user name and password");
        return;
    case Authentication::Verdict::Invalid:
        end(EndReason::BadCredentials, "the server's way to authenticate cannot be followed");
        return;
    }
}

void Allocation::Private::handleSuccess(TimePoint now, const Request &request,
                                        const stun::Message &response)
{
    switch (request.kind) {
    case Request::Kind::Allocate:
        handleAllocated(now, response);
        return;
    case Request::Kind::Refresh:
        setLifetime(now, response);
        return;
    case Request::Kind::Release:
        end(EndReason::Released, "released");
        return;
    case Request::Kind::Permit:
        permissions.noteGranted(now, request.peers);
        return;
    case Request::Kind::Bind:
        channels.noteBound(now, request.channel.number);
        return;
    case Request::Kind::Keepalive: {
        // Another mapping than that of the allocation: the server will tell whether it knows us.
        const auto address = response.address(stun::Attribute::XorMappedAddress);
        if (address && !mapped.isNull() && *address != mapped
            && !isUnderWay(Request::Kind::Refresh))
            ask(now, Request(Request::Kind::Refresh));
        return;
    }
    }
}

void Allocation::Private::handleAllocated(TimePoint now, const stun::Message &response)
{
    for (const auto family : {IpAddress::Family::V4, IpAddress::Family::V6}) {
        const auto address = response.address(stun::Attribute::XorRelayedAddress, family);
        if (address && isUsable(*address))
            (family == IpAddress::Family::V4 ? relayedV4 : relayedV6) = *address;
    }
    if (relayedV4.isNull() && relayedV6.isNull()) {
        end(EndReason::Unsupported, "the server tells no relayed address");
        return;
    }
    mapped = response.address(stun::Attribute::XorMappedAddress).value_or(TransportAddress());
    state = State::Allocated;
    setLifetime(now, response);
    events.emplace_back(Allocated{relayedV4, relayedV6, mapped});
}

void Allocation::Private::setLifetime(TimePoint now, const stun::Message &response)
{
    const auto seconds = response.uint32(stun::Attribute::Lifetime);
    const Duration lifetime = std::clamp<Duration>(
        seconds ? Duration(std::chrono::seconds(*seconds)) : timing::DefaultLifetime,
        timing::ShortestLifetime, timing::LongestLifetime);
    timers.set(Timer::Refresh,
               now + std::max<Duration>(lifetime - timing::RefreshMargin, lifetime / 2));
    timers.set(Timer::Expiry, now + lifetime);
}

void Allocation::Private::handleError(TimePoint now, const Request &request,
                                      const stun::Message &response, int code)
{
    const std::string_view reason = response.errorCode()->reason;
    // The server has lost the allocation, whatever was asked.
    const bool isGone = code == stun::errorcode::AllocationMismatch
        || code == stun::errorcode::WrongCredentials;
    switch (request.kind) {
    case Request::Kind::Allocate:
        if (tryOtherFamilies(now, code))
            return;
        end(endReason(code), reason);
        if (code == stun::errorcode::TryAlternate) {
            auto &ended = std::get<Ended>(events.back());
            ended.alternate =
                response.address(stun::Attribute::AlternateServer).value_or(TransportAddress());
            // A host name (RFC 8489 section 14.16), at most 255 octets.
            const auto domain = response.text(stun::Attribute::AlternateDomain);
            if (domain && domain->size() <= 255)
                ended.alternateDomain = *domain;
        }
        return;
    case Request::Kind::Refresh:
        end(endReason(code), reason);
        return;
    case Request::Kind::Release:
        end(EndReason::Released, "released");
        return;
    case Request::Kind::Permit: {
        if (isGone) {
            end(endReason(code), reason);
            return;
        }
        const bool isForbidden = code == stun::errorcode::Forbidden
            || code == stun::errorcode::PeerAddressFamilyMismatch;
        const IpAddress refused = permissions.noteRefused(now, request.peers, isForbidden);
        if (!refused.isNull())
            events.emplace_back(PeerRefused{refused});
        return;
    }
    case Request::Kind::Bind:
        // Without a channel there are indications.
        if (isGone)
            end(endReason(code), reason);
        else
            channels.noteRefused(now, request.channel.number);
        return;
    case Request::Kind::Keepalive:
        return; // it has answered, whatever it said
    }
}

/// A server that is older than RFC 8656, or has only one family, is asked for less.
bool Allocation::Private::tryOtherFamilies(TimePoint now, int code)
{
    const bool isOfFamilies = code == stun::errorcode::UnknownAttribute
        || code == stun::errorcode::AddressFamilyNotSupported
        || (families == Families::Both
            && (code == stun::errorcode::BadRequest
                || code == stun::errorcode::InsufficientCapacity));
    if (!isOfFamilies)
        return false;
    families = static_cast<Families>(static_cast<int>(families) + 1);
    // Only for want of IPv4 there is a point in asking for IPv6 alone.
    if (families == Families::End
        || (families == Families::OnlyV6 && code != stun::errorcode::AddressFamilyNotSupported))
        return false;
    ask(now, Request(Request::Kind::Allocate));
    return true;
}

} // namespace peer::turn
