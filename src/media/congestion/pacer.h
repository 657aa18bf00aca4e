// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_PACER_H
#define PEER_MEDIA_CONGESTION_PACER_H

#include "core/base/time.h"
#include "media/congestion/leasttransit.h"

#include <array>
#include <cstddef>
#include <optional>

namespace peer::media {

/// When the packets of pictures may leave, so that those of sound, which never wait, find the way
/// free. A picture leaves at a little more than the rate that rate control aims at, not at once
/// (draft-ietf-rmcat-gcc-02 section 4). And none leaves while more is on its way unreported than the
/// way held when its queues were empty: so a way that becomes narrow is noticed by the reports that
/// are missing, before its queues are full. Nor while what arrives has waited in a queue for long.
///
/// Drive it: a packet may leave when mayLeaveAt() is now or past; ask again after a report. Say
/// noteSent() of every packet that leaves, noteReport() of every report.
class Pacer
{
public:
    /// Times the rate.
    static constexpr double Factor = 2.5;
    /// The rate is the target of rate control, but no more than so many times what has arrived of
    /// late: that the way held more is not known.
    static constexpr double Ahead = 1.1;
    static constexpr int MinRate = 300'000; // bit/s, to begin again from
    /// The window is never less: six datagrams.
    static constexpr std::size_t MinWindow = 7200;
    /// When too much is on its way, so often a packet of a picture leaves all the same. Else nothing
    /// would be reported of them any more after all that was on its way is lost.
    static constexpr Duration ProbeInterval = std::chrono::milliseconds(200);
    /// What the window has above the round trip and the time between reports.
    static constexpr Duration Slack = std::chrono::milliseconds(10);
    /// Of waiting in queues: when it is as long as the first, pictures wait until it is as short as
    /// the second.
    static constexpr Duration LongQueue = std::chrono::milliseconds(100);
    static constexpr Duration ShortQueue = std::chrono::milliseconds(50);
    /// The least round trip and the highest rate of the last one or two of these count.
    static constexpr Duration Memory = LeastTransit::Memory;

    /// target: of rate control, bit/s. Sizes are in octets. isPaced: of a picture.
    void noteSent(TimePoint now, std::size_t size, int target, bool isPaced);
    /// What was known of the way, its delays and what it holds, is of another.
    void forgetWay();
    /// Of the packet that has arrived last: when it was sent, and arrived by the peer's clock.
    /// received: bit/s that have arrived of late, if it is known.
    void noteReport(TimePoint now, TimePoint sentAt, Duration arrivedAt,
                    std::optional<int> received);

    /// underWay: what has been sent of pictures, and nothing been reported of.
    TimePoint mayLeaveAt(TimePoint now, std::size_t underWay, int target);
    /// What mayLeaveAt() looks at first: whether that is too much.
    void noteUnderWay(std::size_t underWay, int target);
    /// Pictures wait for the way, and not for each other.
    bool isHolding() const { return m_isFull || m_isQueueLong; }
    /// So much may be under way; nothing before the first report.
    std::optional<std::size_t> window(int target) const;

private:
    struct Best
    {
        Duration roundTripTime = Duration::max();
        int received = 0;
    };

    double rate(int target) const;

    TimePoint m_freeAt{};
    bool m_isQueueLong = false;
    bool m_isFull = false;
    TimePoint m_lastPaced{};
    std::optional<TimePoint> m_lastReport;
    Duration m_interval = std::chrono::milliseconds(100); ///< of reports
    LeastTransit m_transit;
    std::array<Best, 2> m_best; ///< of the former Memory, and the present
    TimePoint m_presentSince{};
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_PACER_H
