// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_STUN_TRANSACTION_H
#define PEER_STUN_TRANSACTION_H

#include "core/base/time.h"
#include "core/stun/message.h"

#include <chrono>
#include <optional>

namespace peer::stun {

/// When a request over UDP is repeated and given up (RFC 8489 section 6.2.1). With the standard's
/// values it is sent at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s and fails at 39.5 s.
struct RetransmissionPolicy
{
    /// RTO, the wait after the first transmission; it doubles after each. RFC 8489: at least
    /// 500 ms unless the round-trip time is known; RFC 8445 section 14.3: also by the pacing.
    Duration initialTimeout = std::chrono::milliseconds(500);
    /// Rc: transmissions in all. 1 is for a reliable transport.
    int maxTransmissions = 7;
    /// Rm: after the last transmission it waits so many times initialTimeout.
    int lastWaitFactor = 16;
    /// The doubling stops here. The standard has no such bound; its longest wait is 16 s.
    Duration maxTimeout = std::chrono::minutes(1);

    /// RFC 8489 section 6.2.2: over TCP and TLS, one transmission and Ti = 39.5 s.
    static RetransmissionPolicy forReliableTransport();
};

/// The client's side of one request: when to send it, send it again, and give up. It holds no
/// octets; the owner keeps the request or can write it again.
///
/// How to drive it: call advance() at once and then no later than nextDeadline(), and do what it
/// says; give every response to receive(). Once isFinished() it does nothing more.
class Transaction
{
public:
    explicit Transaction(const TransactionId &id, const RetransmissionPolicy &policy = {})
        : m_id(id)
        , m_policy(policy)
    { }

    enum class Action : std::uint8_t {
        Wait,
        Transmit, ///< send the request, for the first time or again, the octets unchanged
        TimeOut,  ///< no response came; given once, isFinished() from now on
    };
    Action advance(TimePoint now);
    /// When advance() is due; TimePoint::min() before the first transmission, Never at the end.
    TimePoint nextDeadline() const { return m_deadline; }

    /// True when the message is the response to this request (a success or error response with our
    /// id): the transaction is finished. The caller has checked its integrity before, so that a
    /// forged one does not end it (RFC 8489 section 9.1.4).
    bool receive(TimePoint now, const Message &message);
    /// No more repetitions, but a response is still taken until the time at which the transaction
    /// would have failed (RFC 8445 section 7.3.1.4 cancels a check so).
    void stopTransmitting();

    const TransactionId &id() const { return m_id; }
    int transmissions() const { return m_transmissions; }
    bool isFinished() const { return m_isFinished; }
    /// When the request was sent first; meaningful after the first transmission.
    TimePoint startedAt() const { return m_startedAt; }
    /// From request to response; none if it was sent more than once, for then nobody knows which
    /// of them was answered (Karn, RFC 6298 section 3).
    std::optional<Duration> roundTripTime() const { return m_roundTripTime; }

private:
    Duration waitAfter(int transmission) const;

    TransactionId m_id;
    RetransmissionPolicy m_policy;
    int m_transmissions = 0;
    bool m_isFinished = false;
    TimePoint m_startedAt{};
    TimePoint m_deadline = TimePoint::min();
    std::optional<Duration> m_roundTripTime;
};

} // namespace peer::stun

#endif // PEER_STUN_TRANSACTION_H
