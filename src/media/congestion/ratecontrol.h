// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_RATECONTROL_H
#define PEER_MEDIA_CONGESTION_RATECONTROL_H

#include "core/base/time.h"
#include "media/congestion/delaytrend.h"
#include "media/congestion/leasttransit.h"
#include "media/congestion/senthistory.h"

#include <deque>
#include <optional>
#include <span>

namespace peer::media {

/// How much the way to the peer bears, from what its feedback says of delay and loss
/// (draft-ietf-rmcat-gcc-02 sections 5.5 and 6). Down at once, to a little less than what arrives;
/// up by 8 % a second, and more slowly where it was too much before.
///
/// Drive it: take() with the results of each feedback; advance() now and then, at least every
/// 100 ms while packets are sent; then look at target().
class RateControl
{
public:
    static constexpr int Min = 100'000; // bit/s, as all rates here: all tracks with their headers
    static constexpr int Max = 2'500'000;
    static constexpr int Initial = 500'000;

    /// Without any for so long while packets are sent, nothing is known to arrive.
    static constexpr Duration Silence = std::chrono::milliseconds(700);

    void noteSent(TimePoint now);
    /// isHeld: since the feedback before, packets had to wait since the way held no more.
    void take(TimePoint now, std::span<const PacketResult> results, bool isHeld = false);
    void advance(TimePoint now);
    /// Pictures have waited for the way for long (Stall): it does not bear the target.
    void noteStall(TimePoint now);
    /// What was known of queues is of another way.
    void forgetWay();

    int target() const { return static_cast<int>(m_target); }
    /// What has arrived of late; nothing before half a second of it.
    std::optional<int> received() const;
    /// What has arrived, as long as all of it had waited in a queue: what the way bears, whatever is
    /// sent. Nothing if no queue has been seen of late.
    std::optional<int> bottleneck(TimePoint now) const;
    /// Of the latest feedback.
    std::optional<Duration> roundTripTime() const { return m_roundTripTime; }
    /// Of the latest packets that there was feedback for, from 0 to 1.
    double loss() const { return m_loss; }

private:
    struct Arrived
    {
        Duration at{};
        std::size_t size = 0;
    };
    /// Packets that arrive from a queue that does not empty between them.
    struct Busy
    {
        Duration since{}; ///< by the peer's clock, as all arrivals
        Duration until{};
        std::size_t octets = 0; ///< behind the first packet
    };
    struct Bottleneck
    {
        TimePoint seenAt{};
        int rate = 0;
    };

    void takeArrival(TimePoint now, const PacketResult &result);
    void watchQueue(TimePoint now, const PacketResult &result);
    void watchArrival(TimePoint now, const PacketResult &result);
    void takeLoss(TimePoint now);
    void followDelay(TimePoint now, bool isHeld);
    void increase(TimePoint now, bool isHeld);
    void setTarget(double target);

    DelayTrend m_trend;
    double m_target = Initial;
    std::deque<Arrived> m_arrived;
    Duration m_highestArrival{};
    std::size_t m_arrivedOctets = 0;
    LeastTransit m_transit;
    std::optional<Busy> m_busy;
    std::int64_t m_reported = 0; ///< the number of the last packet that anything was said of
    std::optional<Bottleneck> m_bottleneck;
    int m_lost = 0; ///< since m_loss was reckoned
    int m_counted = 0;
    double m_loss = 0;
    std::optional<double> m_limit; ///< where it was too much the last time
    std::optional<TimePoint> m_lastIncrease;
    std::optional<TimePoint> m_lastDecrease;
    TimePoint m_countedSince{}; ///< when the first of m_counted was sent
    std::optional<TimePoint> m_lastLossDecrease;
    std::optional<TimePoint> m_lastSent;
    std::optional<TimePoint> m_lastHeard; ///< feedback, or that it went down for want of it
    std::optional<Duration> m_roundTripTime;
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_RATECONTROL_H
