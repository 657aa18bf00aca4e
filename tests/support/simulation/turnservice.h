// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_TURNSERVICE_H
#define PEER_SIMULATION_TURNSERVICE_H

#include "core/base/address.h"
#include "core/base/time.h"
#include "core/stun/message.h"
#include "core/stun/messagewriter.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace peer::sim {

/// What a TURN server is like; the defaults are one of RFC 8656 with both families.
struct TurnBehavior
{
    std::string realm = "example.org";
    std::string username = "alice";
    std::string password = "secret";
    /// Security features of RFC 8489 section 9.2.
    bool offersSha256 = false;
    bool hidesUsername = false;
    /// RFC 8656; without it ADDITIONAL-ADDRESS-FAMILY is an attribute like any unknown one.
    bool knowsAdditionalFamily = true;
    bool hasV4 = true;
    bool hasV6 = true;
    Duration nonceLifetime = std::chrono::hours(1);
    Duration lifetime = std::chrono::seconds(600);
    std::size_t quota = 1000;
    /// Peers that it does not relay to.
    std::set<IpAddress> forbidden;
    /// Allocate is answered with 300 and this.
    TransportAddress alternate;
    /// Answered to the next signed requests of that method, instead of what would be right.
    std::deque<std::pair<stun::Method, int>> errors;
};

/// A TURN server for tests (RFC 8656 over UDP) as a machine: it checks what a client sends as
/// strictly as the RFC allows. Sockets are its owner's, who gives it the datagrams of all of them.
class TurnService
{
public:
    struct Sockets
    {
        /// A new one with an address of that family; a null route if there is none.
        std::function<Route(IpAddress::Family family)> open;
        std::function<void(TransportId transport)> close;
    };

    TurnService(TurnBehavior behavior, Sockets sockets);

    TurnBehavior behavior;
    /// Requests and indications that were not as they should be.
    std::vector<std::string> faults;

    void receive(TimePoint now, const Datagram &datagram);
    std::optional<Transmit> nextTransmit();

    std::size_t allocationCount() const { return m_allocations.size(); }
    /// Of all requests of that method that authenticated.
    int count(stun::Method method) const;
    std::uint64_t relayedDatagrams() const { return m_relayed; }
    /// As after a restart, or when the NAT has changed the client's address.
    void forgetAllocations();
    /// The allocation made by way of that socket or connection.
    void forgetClient(TransportId transport);

private:
    struct Allocation
    {
        TimePoint expiresAt{};
        std::vector<Route> relays;
        std::map<IpAddress, TimePoint> permissions;
        struct Channel
        {
            TransportAddress peer;
            TimePoint expiresAt{};
        };
        std::map<std::uint16_t, Channel> channels;
        /// For repetitions of the request that made it.
        stun::TransactionId id{};
        Bytes answer;

        const Route *relay(IpAddress::Family family) const;
        bool lets(TimePoint now, const IpAddress &peer) const;
    };
    using Clients = std::map<Route, Allocation>;

    void handleRequest(TimePoint now, const Route &route, const stun::Message &request);
    /// 0 if it is in order.
    int authenticate(TimePoint now, const stun::Message &request);
    void allocate(TimePoint now, const Route &route, const stun::Message &request);
    void refresh(TimePoint now, const Route &route, const stun::Message &request);
    void permit(TimePoint now, const Route &route, const stun::Message &request);
    void bindChannel(TimePoint now, const Route &route, const stun::Message &request);
    void handleSend(TimePoint now, const Route &route, const stun::Message &indication);
    void handleChannelData(TimePoint now, const Route &route, ByteView octets);
    void relayOut(TimePoint now, Allocation &allocation, const TransportAddress &peer,
                  ByteView payload);
    bool relayIn(TimePoint now, const Datagram &datagram);
    Allocation *find(TimePoint now, const Route &client);
    void remove(Clients::iterator which);

    using Fill = std::function<void(stun::MessageWriter &)>;
    void answer(const Route &route, const stun::Message &request, int code, const Fill &fill = {});
    void addChallenge(stun::MessageWriter &writer) const;
    std::string nonce() const;
    void queue(const Route &route, ByteView octets);

    Sockets m_sockets;
    Clients m_allocations;
    std::map<stun::Method, int> m_counts;
    TimePoint m_nonceSince = TimePoint::min();
    int m_nonceNumber = 1;
    bool m_isSigned = false;
    std::uint64_t m_relayed = 0;
    std::deque<std::pair<Route, Bytes>> m_queue;
    Bytes m_lent;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_TURNSERVICE_H
