// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_ANSWERBUDGET_H
#define PEER_ICE_ANSWERBUDGET_H

#include "core/base/address.h"
#include "core/base/time.h"

#include <chrono>
#include <deque>

namespace peer::ice {

/// How many answers may go to a group of addresses: to all of them together one in each gap, a few
/// at once after a rest; and to one of them one in AddressGap. So whoever knows a password, or
/// repeats what he has seen on the way, cannot have us flood an address of his choice.
///
/// What arrives together has one time, and gets no more than that time allows; a time before the
/// latest one is taken for that.
class AnswerBudget
{
public:
    /// No peer repeats a check so soon: RFC 8445 section 14.3 has 500 ms, we 100 ms.
    static constexpr Duration AddressGap = std::chrono::milliseconds(20);

    struct Limits
    {
        Duration gap{};
        int burst = 1; ///< at least 1
    };

    explicit AnswerBudget(const Limits &limits)
        : m_limits(limits)
    { }

    /// False, and nothing is taken, if it may not be answered.
    bool take(TimePoint now, const TransportAddress &to);

private:
    struct Answer
    {
        TimePoint at;
        TransportAddress to;
    };

    const Limits m_limits;
    TimePoint m_latest{};
    /// When all that was answered is paid for.
    TimePoint m_paidAt{};
    /// Those of the last AddressGap: at most AddressGap / gap + burst.
    std::deque<Answer> m_recent;
};

} // namespace peer::ice

#endif // PEER_ICE_ANSWERBUDGET_H
