// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/answerbudget.h"

#include <algorithm>

namespace peer::ice {

bool AnswerBudget::take(TimePoint now, const TransportAddress &to)
{
    m_latest = std::max(m_latest, now);
    while (!m_recent.empty() && m_latest - m_recent.front().at >= AddressGap)
        m_recent.pop_front();
    const bool isRepeated = std::any_of(m_recent.begin(), m_recent.end(),
                                        [&to](const Answer &answer) { return answer.to == to; });
    const TimePoint paidAt = std::max(m_paidAt, m_latest);
    if (isRepeated || paidAt - m_latest > (m_limits.burst - 1) * m_limits.gap)
        return false;
    m_paidAt = paidAt + m_limits.gap;
    m_recent.push_back({m_latest, to});
    return true;
}

} // namespace peer::ice
