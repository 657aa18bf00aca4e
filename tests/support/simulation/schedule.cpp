// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/schedule.h"

#include <algorithm>

namespace peer::sim {

Schedule::Ticket Schedule::at(TimePoint when, Event event)
{
    const Ticket ticket{std::max(when, m_now), m_planned++};
    m_events.emplace(ticket, std::move(event));
    return ticket;
}

bool Schedule::runNext()
{
    if (m_events.empty())
        return false;
    auto next = m_events.extract(m_events.begin());
    m_now = next.key().first;
    next.mapped()();
    return true;
}

void Schedule::runUntil(TimePoint end)
{
    runUntil(end, [] { return false; });
}

bool Schedule::runUntil(TimePoint end, const std::function<bool()> &isDone)
{
    if (isDone())
        return true;
    while (!m_events.empty() && m_events.begin()->first.first <= end) {
        runNext();
        if (isDone())
            return true;
    }
    m_now = std::max(m_now, end);
    return false;
}

} // namespace peer::sim
