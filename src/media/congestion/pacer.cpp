// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/pacer.h"

#include <algorithm>

namespace peer::media {

namespace {

using namespace std::chrono_literals;

/// Reports are further apart only when little is sent, or when they do not come.
constexpr Duration LeastInterval = 20ms;
constexpr Duration MostInterval = 250ms;

} // namespace

void Pacer::noteSent(TimePoint now, std::size_t size, int target, bool isPaced)
{
    const double seconds = 8.0 * double(size) / (Factor * rate(target));
    m_freeAt = std::max(m_freeAt, now)
        + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    if (isPaced)
        m_lastPaced = now;
}

void Pacer::forgetWay()
{
    m_best = {};
    m_transit = {};
    m_isQueueLong = false;
    m_isFull = false;
}

void Pacer::noteReport(TimePoint now, TimePoint sentAt, Duration arrivedAt,
                       std::optional<int> received)
{
    if (m_lastReport) {
        const Duration passed = std::clamp<Duration>(now - *m_lastReport, 0ms, MostInterval);
        m_interval = std::clamp<Duration>((7 * m_interval + passed) / 8, LeastInterval,
                                          MostInterval);
    }
    m_lastReport = now;
    if (now - m_presentSince > Memory) {
        m_best = {m_best[1], {}};
        m_presentSince = now;
    }
    Best &best = m_best[1];
    best.roundTripTime = std::min(best.roundTripTime, now - sentAt);
    best.received = std::max(best.received, received.value_or(0));
    const Duration queueing = m_transit.queueing(now, sentAt, arrivedAt);
    m_isQueueLong = queueing >= (m_isQueueLong ? ShortQueue : LongQueue);
}

double Pacer::rate(int target) const
{
    const int received = std::max(m_best[0].received, m_best[1].received);
    return received == 0 ? target
                         : std::min<double>(target, std::max<double>(Ahead * received, MinRate));
}

void Pacer::noteUnderWay(std::size_t underWay, int target)
{
    const auto most = window(target);
    m_isFull = most && underWay >= (m_isFull ? *most / 3 : *most);
}

TimePoint Pacer::mayLeaveAt(TimePoint now, std::size_t underWay, int target)
{
    noteUnderWay(underWay, target);
    const TimePoint at = std::max(now, m_freeAt);
    return m_isQueueLong || m_isFull ? std::max(at, m_lastPaced + ProbeInterval) : at;
}

std::optional<std::size_t> Pacer::window(int target) const
{
    const Duration least = std::min(m_best[0].roundTripTime, m_best[1].roundTripTime);
    if (least == Duration::max())
        return {};
    const auto seconds = std::chrono::duration<double>(least + m_interval + Slack).count();
    return std::max(MinWindow, static_cast<std::size_t>(seconds * rate(target) / 8));
}

} // namespace peer::media
