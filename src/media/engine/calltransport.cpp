// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/calltransport.h"

#include <glib.h>

#include <algorithm>

namespace peer::media {

namespace {

/// What a packet costs besides: IPv4 and UDP 28 octets, SRTP's tag 16.
constexpr std::size_t Overhead = 44;
/// So long after a stall has become long the sound that was lost before has left with others, and
/// the queue empties sooner without copies.
constexpr Duration CopiesOfLost = std::chrono::milliseconds(100);

TimePoint now()
{
    return TimePoint(std::chrono::microseconds(g_get_monotonic_time()));
}

} // namespace

unsigned CallTransport::awaitTurn(const std::atomic<bool> &isOver)
{
    std::unique_lock lock(m_mutex);
    while (!isOver) {
        const TimePoint at = now();
        const TimePoint turn = turnAt(at);
        if (turn <= at)
            break;
        m_turn.wait_for(lock, turn - at);
    }
    return m_stall.losses();
}

bool CallTransport::awaitRepeat(TrackKind kind, const std::atomic<bool> &isOver)
{
    std::unique_lock lock(m_mutex);
    while (!isOver) {
        const TimePoint at = now();
        const TimePoint turn = turnAt(at);
        if (m_stall.isLong(at))
            return false;
        if (turn <= at || kind == TrackKind::Audio)
            return true;
        m_turn.wait_for(lock, std::min(turn - at, Stall::Long));
    }
    return false;
}

TimePoint CallTransport::turnAt(TimePoint now)
{
    const TimePoint turn = m_pacer.mayLeaveAt(now, m_history.underWay(), m_target);
    m_stall.note(now, m_pacer.isHolding());
    return turn;
}

void CallTransport::wake()
{
    const std::lock_guard lock(m_mutex);
    m_turn.notify_all();
}

std::uint16_t CallTransport::send(std::size_t size, TrackKind kind)
{
    const std::lock_guard lock(m_mutex);
    return m_history.send(now(), size + Overhead, kind == TrackKind::Video);
}

void CallTransport::noteSent(std::size_t size, TrackKind kind)
{
    const std::lock_guard lock(m_mutex);
    const TimePoint at = now();
    m_pacer.noteSent(at, size + Overhead, m_target, kind == TrackKind::Video);
    m_control.noteSent(at);
    m_control.advance(at);
    m_target = m_control.target();
}

void CallTransport::takeBack(std::uint16_t sequence)
{
    const std::lock_guard lock(m_mutex);
    m_history.takeBack(sequence);
}

std::vector<Bytes> CallTransport::receive(std::uint16_t sequence, std::uint32_t ssrc,
                                          std::uint32_t ours)
{
    const std::lock_guard lock(m_mutex);
    const TimePoint at = now();
    m_recorder.record(at, sequence, ssrc);
    std::vector<Bytes> reports;
    if (!m_recorder.isFeedbackDue(at))
        return reports;
    while (auto report = m_recorder.nextFeedback(at, ours))
        reports.push_back(std::move(*report));
    return reports;
}

void CallTransport::take(const TransportFeedback &feedback)
{
    const std::lock_guard lock(m_mutex);
    const TimePoint at = now();
    const auto results = m_history.take(feedback);
    m_control.take(at, results, m_pacer.isHolding());
    for (const PacketResult &result : results) {
        if (result.isPaced && !result.arrivedAt)
            m_stall.noteLoss();
    }
    if (m_stall.isLong(at))
        m_control.noteStall(at);
    if (const PacketResult *last = lastArrived(results))
        m_pacer.noteReport(at, last->sentAt, *last->arrivedAt, m_control.received());
    m_target = m_control.target();
    m_pacer.noteUnderWay(m_history.underWay(), m_target);
    m_stall.note(at, m_pacer.isHolding());
    m_turn.notify_all();
}

void CallTransport::noteSound(std::uint32_t timestamp)
{
    const std::lock_guard lock(m_mutex);
    m_sound.note(now(), timestamp);
}

Duration CallTransport::takeLateness()
{
    const std::lock_guard lock(m_mutex);
    return m_sound.takeLateness();
}

void CallTransport::forgetWay()
{
    const std::lock_guard lock(m_mutex);
    m_pacer.forgetWay();
    m_control.forgetWay();
    m_turn.notify_all();
}

void CallTransport::setSenders(const Senders &senders)
{
    const std::lock_guard lock(m_mutex);
    m_senders = senders;
}

Allocation CallTransport::allocation() const
{
    const std::lock_guard lock(m_mutex);
    Allocation allocation = allocate(target(), m_senders);
    if (m_stall.isLong(now() - CopiesOfLost))
        allocation.copies = 0;
    return allocation;
}

void CallTransport::setMaximum(int bitrate)
{
    m_maximum = std::clamp(bitrate, RateControl::Min, RateControl::Max);
}

std::optional<Duration> CallTransport::roundTripTime() const
{
    const std::lock_guard lock(m_mutex);
    return m_control.roundTripTime();
}

double CallTransport::loss() const
{
    const std::lock_guard lock(m_mutex);
    return m_control.loss();
}

} // namespace peer::media
