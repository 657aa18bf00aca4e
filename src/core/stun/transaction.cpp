// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/transaction.h"

#include <algorithm>

namespace peer::stun {

RetransmissionPolicy RetransmissionPolicy::forReliableTransport()
{
    return {std::chrono::milliseconds(39500), 1, 1, std::chrono::milliseconds(39500)};
}

/// How long to wait after the transmission of that number, the first being 1.
Duration Transaction::waitAfter(int transmission) const
{
    if (transmission >= m_policy.maxTransmissions)
        return m_policy.initialTimeout * m_policy.lastWaitFactor;
    Duration wait = m_policy.initialTimeout;
    for (int i = 1; i < transmission && wait < m_policy.maxTimeout; ++i)
        wait = wait > m_policy.maxTimeout / 2 ? m_policy.maxTimeout : wait * 2;
    return wait;
}

Transaction::Action Transaction::advance(TimePoint now)
{
    if (m_isFinished || now < m_deadline)
        return Action::Wait;
    if (m_transmissions >= m_policy.maxTransmissions) {
        m_isFinished = true;
        m_deadline = Never;
        return Action::TimeOut;
    }
    if (m_transmissions == 0)
        m_startedAt = now;
    ++m_transmissions;
    // From now and not from the deadline: after a stall there is no burst of repetitions.
    m_deadline = now + waitAfter(m_transmissions);
    return Action::Transmit;
}

bool Transaction::receive(TimePoint now, const Message &message)
{
    if (m_isFinished || m_transmissions == 0 || message.transactionId() != m_id)
        return false;
    const Class messageClass = message.messageClass();
    if (messageClass != Class::SuccessResponse && messageClass != Class::ErrorResponse)
        return false;
    m_isFinished = true;
    m_deadline = Never;
    if (m_transmissions == 1)
        m_roundTripTime = now - m_startedAt;
    return true;
}

void Transaction::stopTransmitting()
{
    if (m_isFinished || m_transmissions >= m_policy.maxTransmissions)
        return;
    if (m_transmissions == 0) {
        m_isFinished = true;
        m_deadline = Never;
        return;
    }
    for (int next = m_transmissions + 1; next <= m_policy.maxTransmissions; ++next)
        m_deadline += waitAfter(next);
    m_policy.maxTransmissions = m_transmissions;
}

} // namespace peer::stun
