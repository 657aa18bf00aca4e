// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_STUNSTREAMS_H
#define PEER_ICE_STUNSTREAMS_H

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/base/transmitqueue.h"
#include "core/ice/gatherer.h"
#include "core/ice/requestqueue.h"
#include "core/stun/message.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace peer::ice {

/// Asks STUN servers by TCP for the server-reflexive address of each simultaneous-open base (RFC
/// 6544 section 5.2), by a connection from the base's own port, for to a NAT another port is
/// another mapping. The connection that had the answer stays open while the address is of use, and
/// with it the mapping (RFC 5382 section 5: a NAT may forget one that no connection uses).
///
/// How to drive it: after every call, and when nextDeadline() has come, advance(), which asks for
/// connections; give what becomes of them to opened() and ended(), and responses to receive().
///
/// Bounded: MaxServers are known, AtOnce connections of a base and MaxStreams in all are open or
/// opening at a time. From each base each server is asked once, and AtOnce of them a second time if
/// none was reached.
class StunStreams
{
public:
    static constexpr std::size_t MaxServers = 4;
    static constexpr std::size_t AtOnce = 2;
    static constexpr std::size_t MaxStreams = 8;

    StunStreams(RandomSource &random, RequestQueue &requests);

    void addBase(TransportId transport, const TransportAddress &base);
    void removeBases(TransportId transport, const IpAddress &ip);
    /// Ignored when known, unusable or one too many.
    void addServer(const TransportAddress &server);
    /// Asks for every address anew, and by new connections: it may be a new network.
    void restart();
    /// Whether the addresses are of use; if not, every connection is closed and none opened until
    /// the next restart, for candidates have come to their end.
    void setWanted(bool isWanted);

    void advance(TimePoint now);
    TimePoint nextDeadline() const;
    /// Sends the question. Ignored if the connection is none of these.
    void opened(std::uint32_t id, const Route &route, TransmitQueue &out);
    void ended(std::uint32_t id);
    Gatherer::Outcome receive(const Route &route, const stun::Message &response,
                              std::optional<Gatherer::Mapped> &mapped);

    /// A connection of these.
    bool owns(TransportId transport) const;
    /// Every question was answered or given up, or is not needed.
    bool isDone() const;

private:
    enum class Phase : std::uint8_t {
        Idle, ///< not asked yet
        Opening,
        Asked,
        Answered, ///< the connection stays
        Over,     ///< it failed, another server has answered, or nobody wants to know any more
    };
    struct Question
    {
        TransportId transport = TransportId::None;
        TransportAddress base;
        TransportAddress server;
        Phase phase = Phase::Idle;
        /// 0 = no connection.
        std::uint32_t id = 0;
        Route route;
        stun::TransactionId transaction{};
        TimePoint deadline = Never;
        int tries = 0;
        /// There was a connection.
        bool isReached = false;

        bool isPending() const { return phase == Phase::Opening || phase == Phase::Asked; }
    };
    struct Base
    {
        TransportId transport;
        TransportAddress address;
    };

    void addQuestion(const Base &base, const TransportAddress &server);
    void open(TimePoint now, Question &question);
    void ask(Question &question, TransmitQueue &out);
    void finish(Question &question);
    bool mayOpen(const Question &question) const;
    Question *find(std::uint32_t id);

    RandomSource &m_random;
    RequestQueue &m_requests;
    std::vector<Base> m_bases;
    std::vector<TransportAddress> m_servers;
    std::vector<Question> m_questions;
    bool m_isWanted = true;
};

} // namespace peer::ice

#endif // PEER_ICE_STUNSTREAMS_H
