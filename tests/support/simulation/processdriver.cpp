// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/processdriver.h"

#include <stdexcept>

namespace peer::sim {

namespace {

/// No machine of ours needs more than a few; many more mean that it never ends.
constexpr int MaxAdvancesAtOnce = 1000;
constexpr int MaxTransmitsAtOnce = 100000;

} // namespace

ProcessDriver::ProcessDriver(Process &process, Schedule &schedule, Send send)
    : m_process(process)
    , m_schedule(schedule)
    , m_send(std::move(send))
{ }

ProcessDriver::~ProcessDriver()
{
    m_schedule.cancel(m_planned);
}

void ProcessDriver::receive(const Datagram &datagram)
{
    m_process.receive(m_schedule.now(), datagram);
    drain();
}

void ProcessDriver::command(const std::function<void(TimePoint)> &call)
{
    call(m_schedule.now());
    drain();
}

void ProcessDriver::advance()
{
    const TimePoint now = m_schedule.now();
    m_advancesAtOnce = now == m_lastAdvance ? m_advancesAtOnce + 1 : 0;
    m_lastAdvance = now;
    if (m_advancesAtOnce > MaxAdvancesAtOnce)
        throw std::runtime_error("a process has a deadline that it does not meet");
    m_process.advance(now);
    drain();
}

void ProcessDriver::drain()
{
    int count = 0;
    while (const std::optional<Transmit> transmit = m_process.nextTransmit()) {
        const Route route = transmit->route;
        if (!m_send(*transmit))
            m_process.sendFailed(m_schedule.now(), route);
        if (++count > MaxTransmitsAtOnce)
            throw std::runtime_error("a process sends without end");
    }
    planNext();
}

void ProcessDriver::planNext()
{
    m_schedule.cancel(m_planned);
    m_planned = {Never, 0};
    const TimePoint deadline = m_process.nextDeadline();
    if (deadline != Never)
        m_planned = m_schedule.at(deadline, [this] { advance(); });
}

} // namespace peer::sim
