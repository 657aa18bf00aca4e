// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/delaytrend.h"

#include <algorithm>
#include <cmath>

namespace peer::media {

namespace {

/// draft-ietf-rmcat-gcc-02 section 5.1: 5 ms.
constexpr Duration BurstTime = std::chrono::milliseconds(5);
/// A third of a second of a call's packets: fewer make noise into trends, more are slow.
constexpr std::size_t WindowSize = 20;
constexpr double Smoothing = 0.9;
constexpr double Gain = 4;
constexpr int MaxGroups = 60;
/// Section 5.4: the queue must grow for 10 ms; in two groups at least.
constexpr double OverTime = 10;
/// Section 5.4's K_u, K_d and bounds of del_var_th.
constexpr double ThresholdUp = 0.0087;
constexpr double ThresholdDown = 0.039;
constexpr double MinThreshold = 6;
constexpr double MaxThreshold = 600;
/// What is so far beyond the threshold is no reason to move it.
constexpr double MaxDistance = 15;
constexpr double MaxStep = 100;
/// A pause of the sender or a clock that jumped: what was learned is of no use.
constexpr Duration MaxGap = std::chrono::seconds(3);

double milliseconds(Duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

} // namespace

void DelayTrend::add(TimePoint sentAt, Duration arrivedAt)
{
    if (m_current
        && (sentAt - m_current->lastSent > MaxGap
            || std::chrono::abs(arrivedAt - m_current->lastArrived) > MaxGap)) {
        *this = DelayTrend();
    }
    if (m_current && belongsToGroup(sentAt, arrivedAt)) {
        m_current->lastSent = std::max(m_current->lastSent, sentAt);
        m_current->lastArrived = std::max(m_current->lastArrived, arrivedAt);
        return;
    }
    if (m_former && m_current)
        addGroups(*m_former, *m_current);
    m_former = m_current;
    m_current = Group{sentAt, sentAt, arrivedAt, arrivedAt};
}

bool DelayTrend::belongsToGroup(TimePoint sentAt, Duration arrivedAt) const
{
    if (sentAt - m_current->firstSent <= BurstTime)
        return true;
    // What was held up together arrives together, and says nothing of the queue.
    const Duration arrivedApart = arrivedAt - m_current->lastArrived;
    return arrivedApart <= BurstTime && arrivedApart < sentAt - m_current->lastSent
        && arrivedAt - m_current->firstArrived < std::chrono::milliseconds(100);
}

void DelayTrend::addGroups(const Group &before, const Group &after)
{
    const double sentApart = milliseconds(after.lastSent - before.lastSent);
    const double arrivedApart = milliseconds(after.lastArrived - before.lastArrived);
    m_groups = std::min(m_groups + 1, MaxGroups);
    m_delay += arrivedApart - sentApart;
    m_smoothed = Smoothing * m_smoothed + (1 - Smoothing) * m_delay;
    m_points.push_back({milliseconds(after.lastArrived), m_smoothed});
    if (m_points.size() > WindowSize)
        m_points.pop_front();
    if (const auto rise = slope())
        judge(*rise, sentApart);
}

/// Of the line through the points, by least squares; ms a ms.
std::optional<double> DelayTrend::slope() const
{
    if (m_points.size() < WindowSize)
        return {};
    double time = 0;
    double delay = 0;
    for (const Point &point : m_points) {
        time += point.time / double(m_points.size());
        delay += point.delay / double(m_points.size());
    }
    double numerator = 0;
    double denominator = 0;
    for (const Point &point : m_points) {
        numerator += (point.time - time) * (point.delay - delay);
        denominator += (point.time - time) * (point.time - time);
    }
    if (denominator <= 0)
        return {};
    return numerator / denominator;
}

void DelayTrend::judge(double slope, double sentApart)
{
    const double trend = slope * m_groups * Gain;
    if (trend > m_threshold) {
        m_overFor += sentApart;
        ++m_overTimes;
        if (m_overFor > OverTime && m_overTimes > 1 && trend >= m_lastTrend)
            m_usage = Usage::Over;
    } else {
        m_overFor = 0;
        m_overTimes = 0;
        m_usage = trend < -m_threshold ? Usage::Under : Usage::Normal;
    }
    m_lastTrend = trend;
    const double distance = std::abs(trend) - m_threshold;
    if (distance > MaxDistance)
        return;
    const double speed = distance < 0 ? ThresholdDown : ThresholdUp;
    m_threshold += speed * distance * std::clamp(sentApart, 0.0, MaxStep);
    m_threshold = std::clamp(m_threshold, MinThreshold, MaxThreshold);
}

} // namespace peer::media
