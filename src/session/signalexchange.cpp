// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/signalexchange.h"

#include <algorithm>
#include <utility>

namespace peer {

namespace {

/// Long enough for an answer made at once to carry the ack, too short for a person to notice that
/// the other side rings.
constexpr Duration AcknowledgeAfter = std::chrono::milliseconds(10);
/// A signal crosses the rendezvous in two one-way trips; its ack takes as long. 500 ms is beyond
/// what intercontinental links need, so repetition mends loss without causing load.
constexpr Duration FirstRepeat = std::chrono::milliseconds(500);
constexpr Duration LongestRepeat = std::chrono::seconds(8);

} // namespace

SignalExchange::SignalExchange(std::string call, bool peerAcknowledges)
    : m_call(std::move(call))
    , m_peerAcknowledges(peerAcknowledges)
    , m_repeatAfter(FirstRepeat)
{ }

void SignalExchange::queue(TimePoint now, Signal signal)
{
    signal.call = m_call;
    signal.seq = ++m_lastQueued;
    if (m_unacknowledged.size() < MaxHeld)
        m_unacknowledged.push_back(signal);
    send(std::move(signal));
    if (m_peerAcknowledges && !m_timers.isRunning(Timer::Repeat))
        armRepeat(now);
}

std::vector<Signal> SignalExchange::receive(TimePoint now, const Signal &signal)
{
    if (signal.ack)
        takeAcknowledgement(now, *signal.ack);
    if (signal.type == Signal::Type::Ack)
        return {};
    if (signal.seq == 0)
        return {signal};

    m_timers.set(Timer::Acknowledge, now + AcknowledgeAfter);
    if (signal.seq <= m_delivered || signal.seq > m_delivered + MaxHeld)
        return {};
    m_early.emplace(signal.seq, signal);
    std::vector<Signal> due;
    for (auto next = m_early.begin(); next != m_early.end() && next->first == m_delivered + 1;
         next = m_early.erase(next)) {
        ++m_delivered;
        due.push_back(std::move(next->second));
    }
    return due;
}

void SignalExchange::repeatNow(TimePoint now)
{
    for (const Signal &signal : m_unacknowledged)
        send(signal);
    m_repeatAfter = FirstRepeat;
    armRepeat(now);
}

void SignalExchange::advance(TimePoint now)
{
    if (m_timers.takeExpired(Timer::Acknowledge, now)) {
        Signal acknowledgement;
        acknowledgement.type = Signal::Type::Ack;
        acknowledgement.call = m_call;
        send(std::move(acknowledgement));
    }
    if (m_timers.takeExpired(Timer::Repeat, now)) {
        for (const Signal &signal : m_unacknowledged)
            send(signal);
        m_repeatAfter = std::min(m_repeatAfter * 2, LongestRepeat);
        armRepeat(now);
    }
}

void SignalExchange::stop()
{
    m_unacknowledged.clear();
    m_early.clear();
    m_timers.stop(Timer::Acknowledge);
    m_timers.stop(Timer::Repeat);
}

std::optional<Signal> SignalExchange::nextSignal()
{
    if (m_outgoing.empty())
        return std::nullopt;
    Signal signal = std::move(m_outgoing.front());
    m_outgoing.pop_front();
    return signal;
}

void SignalExchange::takeAcknowledgement(TimePoint now, std::uint64_t upTo)
{
    m_peerAcknowledges = true;
    if (upTo > m_lastQueued)
        return; // it claims what we never sent
    if (upTo > m_acknowledged) {
        m_acknowledged = upTo;
        m_repeatAfter = FirstRepeat;
        m_timers.stop(Timer::Repeat);
        while (!m_unacknowledged.empty() && m_unacknowledged.front().seq <= upTo)
            m_unacknowledged.pop_front();
    }
    if (!m_timers.isRunning(Timer::Repeat))
        armRepeat(now);
}

void SignalExchange::send(Signal signal)
{
    if (m_delivered > 0) {
        signal.ack = m_delivered;
        m_timers.stop(Timer::Acknowledge);
    }
    // A carrier that takes nothing for long would let repetitions pile up; newer ones say the same.
    if (m_outgoing.size() >= 2 * MaxHeld)
        m_outgoing.pop_front();
    m_outgoing.push_back(std::move(signal));
}

void SignalExchange::armRepeat(TimePoint now)
{
    if (!m_unacknowledged.empty())
        m_timers.set(Timer::Repeat, now + m_repeatAfter);
}

} // namespace peer
