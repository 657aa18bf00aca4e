// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_DELAYTREND_H
#define PEER_MEDIA_CONGESTION_DELAYTREND_H

#include "core/base/time.h"

#include <deque>
#include <optional>

namespace peer::media {

/// Whether a queue grows on the way to the peer, from how the time between packets changes
/// underway (draft-ietf-rmcat-gcc-02 section 5; the filter is a line through the latest delays
/// instead of a Kalman filter, as the implementations have it).
///
/// Drive it: add() with each packet that has arrived, in the order of sending.
class DelayTrend
{
public:
    enum class Usage {
        Normal,
        Over,  ///< the queue grows
        Under, ///< it shrinks
    };

    void add(TimePoint sentAt, Duration arrivedAt);
    Usage usage() const { return m_usage; }

private:
    /// Packets that were sent together: a picture, mostly.
    struct Group
    {
        TimePoint firstSent{};
        TimePoint lastSent{};
        Duration firstArrived{};
        Duration lastArrived{};
    };
    struct Point
    {
        double time = 0;  ///< ms
        double delay = 0; ///< ms, smoothed
    };

    bool belongsToGroup(TimePoint sentAt, Duration arrivedAt) const;
    void addGroups(const Group &before, const Group &after);
    std::optional<double> slope() const;
    void judge(double slope, double sentApart);

    std::optional<Group> m_former;
    std::optional<Group> m_current;
    std::deque<Point> m_points;
    int m_groups = 0; ///< counted up to where it makes no difference
    double m_delay = 0;
    double m_smoothed = 0;
    double m_threshold = 12.5; ///< ms; follows the trend, slowly
    double m_overFor = 0;      ///< ms
    int m_overTimes = 0;
    double m_lastTrend = 0;
    Usage m_usage = Usage::Normal;
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_DELAYTREND_H
