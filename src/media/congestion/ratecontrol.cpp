// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/ratecontrol.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace peer::media {

namespace {

using namespace std::chrono_literals;

/// What is received is reckoned over this time.
constexpr Duration ReceiveWindow = 500ms;
/// draft-ietf-rmcat-gcc-02 section 5.5: beta and eta.
constexpr double DelayFactor = 0.85;
constexpr double GrowthPerSecond = 1.08;
/// Near where it was too much: about a packet for each response, and half of that growth.
constexpr double CarefulGrowth = 50'000; // bit/s a second
constexpr double CarefulGrowthPerSecond = 1.04;
constexpr double Near = 0.15;
/// Above that the limit is not what it was.
constexpr double Beyond = 1.3;
/// No more than this above what is known to arrive, from RateControl::Initial on: a sender with
/// little to say learns nothing of the way. Below, what it began with is as good a guess as ever,
/// or one that sends sound alone could never come back from an outage.
constexpr double MaxAhead = 1.5;
constexpr double MaxAheadConstant = 10'000;
/// The effect of a step down must be seen before the next.
constexpr Duration DecreaseInterval = 250ms;
/// While packets wait for the way: its queue has to empty first.
constexpr Duration DrainInterval = 600ms;
/// What has waited longer than this has met a queue, and not only jitter; what arrives from it is
/// reckoned over the second, and known for the third.
constexpr Duration LeastQueue = 30ms;
constexpr Duration BusyWindow = 150ms;
constexpr Duration BottleneckMemory = 1s;
constexpr double HeldAhead = 1.1;
/// Section 6: bounds of little and much loss.
constexpr double LittleLoss = 0.02;
constexpr double MuchLoss = 0.10;
constexpr int PacketsForLoss = 20;
constexpr Duration LossInterval = 300ms;

double seconds(Duration duration)
{
    return std::chrono::duration<double>(duration).count();
}

} // namespace

void RateControl::noteSent(TimePoint now)
{
    if (!m_lastHeard || !m_lastSent || now - *m_lastSent > Silence)
        m_lastHeard = now; // from here on it can be missed
    m_lastSent = now;
}

void RateControl::take(TimePoint now, std::span<const PacketResult> results, bool isHeld)
{
    if (results.empty())
        return;
    for (const PacketResult &result : results) {
        watchQueue(now, result);
        if (m_counted++ == 0)
            m_countedSince = result.sentAt;
        if (result.arrivedAt)
            takeArrival(now, result);
        else
            ++m_lost;
    }
    m_lastHeard = now;
    takeLoss(now);
    followDelay(now, isHeld);
}

void RateControl::advance(TimePoint now)
{
    if (!m_lastHeard || !m_lastSent || now - *m_lastHeard < Silence || *m_lastSent <= *m_lastHeard)
        return;
    m_lastHeard = now;
    setTarget(m_target / 2);
}

void RateControl::noteStall(TimePoint now)
{
    const auto bears = bottleneck(now);
    if (!bears || DelayFactor * *bears >= m_target)
        return;
    m_lastIncrease.reset();
    m_lastDecrease = now;
    m_limit = *bears;
    setTarget(DelayFactor * *bears);
}

void RateControl::forgetWay()
{
    m_transit = {};
    m_busy.reset();
    m_bottleneck.reset();
}

std::optional<int> RateControl::received() const
{
    if (m_arrived.empty() || m_highestArrival - m_arrived.front().at < ReceiveWindow / 2)
        return {};
    const double time = seconds(m_highestArrival - m_arrived.front().at);
    // The first packet began the time that the others took.
    return static_cast<int>(8 * double(m_arrivedOctets - m_arrived.front().size) / time);
}

std::optional<int> RateControl::bottleneck(TimePoint now) const
{
    if (!m_bottleneck || now - m_bottleneck->seenAt > BottleneckMemory)
        return {};
    return m_bottleneck->rate;
}

void RateControl::takeArrival(TimePoint now, const PacketResult &result)
{
    m_trend.add(result.sentAt, *result.arrivedAt);
    m_roundTripTime = now - result.sentAt;
    if (m_arrived.empty() || std::chrono::abs(*result.arrivedAt - m_highestArrival) > 10s) {
        m_arrived.clear();
        m_arrivedOctets = 0;
        m_highestArrival = *result.arrivedAt;
    }
    m_highestArrival = std::max(m_highestArrival, *result.arrivedAt);
    m_arrived.push_back({*result.arrivedAt, result.size});
    m_arrivedOctets += result.size;
    while (m_highestArrival - m_arrived.front().at > ReceiveWindow) {
        m_arrivedOctets -= m_arrived.front().size;
        m_arrived.pop_front();
    }
}

void RateControl::watchQueue(TimePoint now, const PacketResult &result)
{
    if (result.number <= m_reported)
        return; // it has come late
    // A report is missing, and perhaps more has arrived.
    if (result.number != std::exchange(m_reported, result.number) + 1)
        m_busy.reset();
    if (result.arrivedAt)
        watchArrival(now, result);
}

void RateControl::watchArrival(TimePoint now, const PacketResult &result)
{
    const Duration queueing = m_transit.queueing(now, result.sentAt, *result.arrivedAt);
    const Duration arrivedAt = *result.arrivedAt;
    if (queueing < LeastQueue) {
        m_busy.reset();
        return;
    }
    // It has waited behind the one before, or the way was idle between them.
    const bool isBehind = m_busy && arrivedAt >= m_busy->until
        && arrivedAt - m_busy->until < queueing;
    if (!isBehind) {
        m_busy = Busy{arrivedAt, arrivedAt, 0};
        return;
    }
    m_busy->until = arrivedAt;
    m_busy->octets += result.size;
    if (arrivedAt - m_busy->since < BusyWindow)
        return;
    m_bottleneck = Bottleneck{
        now, static_cast<int>(8 * double(m_busy->octets) / seconds(arrivedAt - m_busy->since))};
    m_busy = Busy{arrivedAt, arrivedAt, 0};
}

void RateControl::takeLoss(TimePoint now)
{
    if (m_counted < PacketsForLoss)
        return;
    m_loss = double(m_lost) / m_counted;
    m_lost = 0;
    m_counted = 0;
    // What was sent before the rate went down says nothing of the rate now.
    const bool isOld = m_lastDecrease && m_countedSince < *m_lastDecrease;
    if (m_loss < MuchLoss || isOld
        || (m_lastLossDecrease && now - *m_lastLossDecrease < LossInterval)) {
        return;
    }
    m_lastLossDecrease = now;
    m_lastIncrease.reset();
    setTarget(m_target * (1 - m_loss / 2));
}

void RateControl::followDelay(TimePoint now, bool isHeld)
{
    switch (m_trend.usage()) {
    case DelayTrend::Usage::Normal:
        increase(now, isHeld);
        return;
    case DelayTrend::Usage::Under: // what has queued up is on its way out
        m_lastIncrease.reset();
        return;
    case DelayTrend::Usage::Over:
        break;
    }
    m_lastIncrease.reset();
    if (m_lastDecrease && now - *m_lastDecrease < (isHeld ? DrainInterval : DecreaseInterval))
        return;
    m_lastDecrease = now;
    const auto bears = isHeld ? bottleneck(now) : std::nullopt;
    const double arrives = bears.value_or(received().value_or(static_cast<int>(m_target)));
    m_limit = arrives;
    setTarget(std::min(m_target, DelayFactor * arrives));
}

void RateControl::increase(TimePoint now, bool isHeld)
{
    const Duration passed = m_lastIncrease ? now - *m_lastIncrease : Duration(0);
    m_lastIncrease = now;
    if (m_loss > LittleLoss)
        return;
    if (m_limit && m_target > Beyond * *m_limit)
        m_limit.reset();
    const double time = std::clamp(seconds(passed), 0.0, 1.0);
    const bool isNearLimit = m_limit && std::abs(m_target - *m_limit) < Near * *m_limit;
    double target = isNearLimit ? std::min(m_target + CarefulGrowth * time,
                                           m_target * std::pow(CarefulGrowthPerSecond, time))
                                : m_target * std::pow(GrowthPerSecond, time);
    if (const auto arrives = received())
        target = std::min(
            target, std::max({m_target, MaxAhead * *arrives + MaxAheadConstant, double{Initial}}));
    // There would be a queue if they had not waited.
    if (isHeld)
        target = std::min(target, std::max(m_target, HeldAhead * received().value_or(0)));
    setTarget(target);
}

void RateControl::setTarget(double target)
{
    m_target = std::clamp(target, double{Min}, double{Max});
}

} // namespace peer::media
