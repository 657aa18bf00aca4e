// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_PROCESSDRIVER_H
#define PEER_SIMULATION_PROCESSDRIVER_H

#include "support/simulation/process.h"
#include "support/simulation/schedule.h"

#include <functional>

namespace peer::sim {

/// Drives one process as the contract wants it: after each call drains what it wants to send, then
/// calls advance() at its deadline. It throws std::runtime_error when the process does not come to
/// rest: sends without end, or wants to be called again and again at the same time.
class ProcessDriver
{
public:
    /// Sends it, or says that it cannot be sent.
    using Send = std::function<bool(const Transmit &transmit)>;

    ProcessDriver(Process &process, Schedule &schedule, Send send);
    ~ProcessDriver();
    ProcessDriver(const ProcessDriver &) = delete;
    ProcessDriver &operator=(const ProcessDriver &) = delete;

    Process &process() const { return m_process; }
    void receive(const Datagram &datagram);
    void command(const std::function<void(TimePoint now)> &call);

private:
    void advance();
    void drain();
    void planNext();

    Process &m_process;
    Schedule &m_schedule;
    Send m_send;
    Schedule::Ticket m_planned{Never, 0};
    TimePoint m_lastAdvance{};
    int m_advancesAtOnce = 0;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_PROCESSDRIVER_H
