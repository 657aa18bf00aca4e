// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TURN_ALLOCATIONPRIVATE_H
#define PEER_TURN_ALLOCATIONPRIVATE_H

#include "core/base/timertable.h"
#include "core/base/transmitqueue.h"
#include "core/stun/transaction.h"
#include "core/turn/allocation.h"
#include "core/turn/authentication.h"
#include "core/turn/channels.h"
#include "core/turn/permissions.h"

#include <array>
#include <deque>
#include <string_view>
#include <vector>

namespace peer::turn {

enum class Timer : std::uint8_t {
    Refresh,   ///< the allocation's lifetime is to be renewed
    Keepalive, ///< the server was not heard, or nothing sent to it, for long: it is asked
    Expiry,    ///< the lifetime is over although a refresh was tried
    Count
};

/// A request under way. Its octets do not change when it is repeated (RFC 8489 section 6.2.1).
struct Request
{
    enum class Kind : std::uint8_t {
        Allocate,
        Refresh,
        Release,   ///< a Refresh with a lifetime of 0
        Permit,    ///< CreatePermission
        Bind,      ///< ChannelBind
        Keepalive, ///< Binding
    };

    explicit Request(Kind ofKind)
        : kind(ofKind)
    { }

    Kind kind;
    stun::Transaction transaction{stun::TransactionId{}};
    Authentication::Attempt attempt;
    /// How often it was written anew for a challenge.
    int challenges = 0;
    std::vector<IpAddress> peers; ///< Permit
    Channels::Binding channel;    ///< Bind
    Bytes octets;
};

/// Which relayed addresses an Allocate asks for. A server that cannot meet one is asked for the
/// next: RFC 5766 knows only IPv4, RFC 6156 one family at a time, RFC 8656 both.
enum class Families : std::uint8_t { Both, Default, OnlyV6, End };

class Allocation::Private
{
public:
    static constexpr std::size_t MaxRequests = 32;
    static constexpr std::size_t TransmitCapacity = 64;
    /// Of one request; a server that goes on asking will not stop.
    static constexpr int MaxChallenges = 4;

    Private(const AllocationConfig &config, RandomSource &random);

    // allocation.cpp: commands and time
    void update(TimePoint now);
    void end(EndReason reason, std::string_view text);
    void schedule();
    void noteHeard(TimePoint now);
    std::optional<Received> receivePeer(const TransportAddress &peer, ByteView payload) const;

    // requests.cpp: what goes out
    void ask(TimePoint now, Request request);
    void write(Request &request);
    void writeAllocate(stun::MessageWriter &writer) const;
    void transmitDue(TimePoint now);
    bool isUnderWay(Request::Kind kind) const;
    void askForPeers(TimePoint now);

    // responses.cpp: what comes back
    void handleResponse(TimePoint now, const stun::Message &response);
    bool isGenuine(const Request &request, const stun::Message &response, int code) const;
    void handleChallenge(TimePoint now, Request request, const stun::Message &response);
    void handleSuccess(TimePoint now, const Request &request, const stun::Message &response);
    void handleAllocated(TimePoint now, const stun::Message &response);
    void handleError(TimePoint now, const Request &request, const stun::Message &response,
                     int code);
    bool tryOtherFamilies(TimePoint now, int code);
    void setLifetime(TimePoint now, const stun::Message &response);

    AllocationConfig config;
    RandomSource &random;
    State state = State::New;
    Authentication authentication;
    Permissions permissions;
    Channels channels;
    Families families = Families::Both;
    std::vector<Request> requests;
    TimerTable<Timer> timers;
    TransmitQueue transmits;
    std::deque<Event> events;

    TransportAddress relayedV4, relayedV6;
    TransportAddress mapped;
    Duration roundTrip{};
    TimePoint heardAt = TimePoint::min();
    TimePoint sentAt = TimePoint::min();
    TimePoint probedAt = TimePoint::min();
    /// What send() lends out.
    std::array<std::uint8_t, TransmitQueue::SlotSize + Overhead> scratch{};
};

} // namespace peer::turn

#endif // PEER_TURN_ALLOCATIONPRIVATE_H
