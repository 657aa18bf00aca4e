// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_GATHERER_H
#define PEER_ICE_GATHERER_H

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/base/transmitqueue.h"
#include "core/stun/message.h"
#include "core/stun/transaction.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace peer::ice {

/// Asks STUN servers for the server-reflexive address of each base (RFC 8445 section 5.1.1.2), and
/// keeps the NAT bindings alive until told to stop (section 5.1.1.4).
///
/// How to drive it: when nextDue() has come and the pacing allows a datagram, call transmitDue();
/// give responses to receive().
class Gatherer
{
public:
    /// Bounds the requests together with the number of bases. More servers than a few tell
    /// nothing new.
    static constexpr std::size_t MaxServers = 8;

    explicit Gatherer(RandomSource &random);

    void addBase(TransportId transport, const TransportAddress &base);
    void removeBases(TransportId transport, const IpAddress &ip);
    /// Ignored when known, unusable or one too many.
    void addServer(const TransportAddress &server);
    /// Asks everybody anew.
    void restart();
    /// Whether answered requests are repeated every 15 s.
    void setKeepalive(bool isWanted);

    /// When a request is to be sent, for the first time or again, or given up; TimePoint::min()
    /// for at once.
    TimePoint nextDue() const;
    /// Gives up what has no answer, and writes one request that is due. False if none is.
    bool transmitDue(TimePoint now, TransmitQueue &out);

    struct Mapped
    {
        TransportId transport;
        TransportAddress base;
        TransportAddress mapped;
        IpAddress server;
    };
    enum class Outcome : std::uint8_t { NotOurs, Consumed };
    /// A response; mapped is set when it tells an address.
    Outcome receive(TimePoint now, const Route &route, const stun::Message &response,
                    std::optional<Mapped> &mapped);
    /// The socket refused to send there: that request is given up.
    void noteSendFailed(const Route &route);
    /// Every request has been answered or given up once.
    bool isDone() const;

private:
    struct Request
    {
        Route route;
        stun::Transaction transaction;
        bool isSettled = false; ///< answered or given up at least once
        TimePoint refreshAt = Never;
    };

    TimePoint dueAt(const Request &request) const;
    bool wantsTransmission(Request &request, TimePoint now);
    stun::Transaction makeTransaction();
    void addRequest(TransportId transport, const TransportAddress &base,
                    const TransportAddress &server);

    struct Base
    {
        TransportId transport;
        TransportAddress address;
    };

    RandomSource &m_random;
    std::vector<Base> m_bases;
    std::vector<TransportAddress> m_servers;
    std::vector<Request> m_requests;
    bool m_keepsAlive = true;
};

} // namespace peer::ice

#endif // PEER_ICE_GATHERER_H
