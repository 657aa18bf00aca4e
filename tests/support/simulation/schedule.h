// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_SCHEDULE_H
#define PEER_SIMULATION_SCHEDULE_H

#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace peer::sim {

/// The one virtual clock of a simulation and all that is to happen. Time passes only between two
/// events, and events due at the same time happen in the order in which they were planned: a
/// simulation runs the same way each time.
class Schedule
{
public:
    /// Some hours after the clock's epoch, so that subtracting a while gives no odd time.
    static constexpr TimePoint Start{std::chrono::hours(24)};

    using Event = std::function<void()>;
    /// Names a planned event.
    using Ticket = std::pair<TimePoint, std::uint64_t>;

    TimePoint now() const { return m_now; }

    /// At once (after what is already planned for now) if when has passed.
    Ticket at(TimePoint when, Event event);
    Ticket after(Duration delay, Event event) { return at(m_now + delay, std::move(event)); }
    /// Nothing happens if the event is over.
    void cancel(const Ticket &ticket) { m_events.erase(ticket); }

    bool isIdle() const { return m_events.empty(); }
    /// Lets the next event happen; false if there is none.
    bool runNext();
    /// Lets all happen that is due until then, and sets the clock there.
    void runUntil(TimePoint end);
    void runFor(Duration duration) { runUntil(m_now + duration); }
    /// The same until isDone() holds; it is asked after each event. False if time ran out first.
    bool runUntil(TimePoint end, const std::function<bool()> &isDone);

private:
    TimePoint m_now = Start;
    std::uint64_t m_planned = 0;
    std::map<Ticket, Event> m_events;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_SCHEDULE_H
