// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_MEDIA_BOTTLENECK_H
#define PEER_TESTS_MEDIA_BOTTLENECK_H

#include "media/congestion/arrivalrecorder.h"
#include "media/congestion/pacer.h"
#include "media/congestion/ratecontrol.h"
#include "media/congestion/stall.h"
#include "media/congestion/videoshape.h"

#include <cstdint>
#include <deque>
#include <map>
#include <utility>

namespace peer::test {

/// A sender of pictures and sound who obeys rate control, behind a link with a rate and a queue, on
/// a clock of its own. The way back has the same delay and no bounds; or it is as the way there, and
/// the peer does as we do.
class Bottleneck
{
public:
    struct Link
    {
        int capacity = 0; ///< bit/s
        Duration delay{};
        double loss = 0;
        Duration jitter{};
        Duration queue = std::chrono::milliseconds(500); ///< what is longer is dropped
    };

    explicit Bottleneck(const Link &link)
        : m_link(link)
    { }

    void run(Duration time);
    /// 0: nothing gets through.
    void setCapacity(int capacity) { m_link.capacity = capacity; }
    /// What the sender has to say at most.
    void setOffered(int offered) { m_offered = offered; }
    /// It sends no pictures, and sound by what is allotted to it.
    void setSoundAlone() { m_isSoundAlone = true; }
    /// The packets of pictures leave as the pacer says.
    void setPaced(bool isPaced) { m_isPaced = isPaced; }
    void setBothWays() { m_isBothWays = true; }
    /// What queues it may meet; sound that waits longer comes too late.
    void setPatience(Duration patience) { m_patience = patience; }
    const media::RateControl &control() const { return m_control; }
    TimePoint now() const { return m_now; }

    void forgetFigures();
    double throughput() const; ///< bit/s
    Duration meanQueueing() const;
    double loss() const;
    int brokenSounds() const { return m_brokenSounds; } ///< lost, or too late

private:
    void makePicture();
    void sendPictures();
    bool isQueueFull() const { return m_linkFreeAt > m_now + m_link.queue; }
    /// Of 20 ms, with 68 octets of headers.
    std::size_t soundSize() const
    {
        return std::size_t(media::allocate(m_control.target(), {true, false, false}).audio) / 400
            + 68;
    }
    /// False if it is lost, or late.
    bool send(std::size_t size, bool isPicture);
    double random(); ///< from 0 to below 1
    void deliver(TimePoint until);

    Link m_link;
    TimePoint m_now{std::chrono::hours(1)};
    int m_offered = 10'000'000;
    bool m_isSoundAlone = false;
    int m_tick = 0; ///< of 5 ms
    std::uint64_t m_random = 1;
    double m_unsent = 0;               ///< octets
    std::deque<std::size_t> m_waiting; ///< packets of pictures
    media::Pacer m_pacer;
    bool m_isPaced = false;
    media::Stall m_stall;
    unsigned m_losses = 0; ///< of the stall
    bool m_isBothWays = false;
    Duration m_patience = std::chrono::hours(1);
    TimePoint m_linkFreeAt{};
    TimePoint m_lastArrival{};
    media::SentHistory m_history;
    media::RateControl m_control;
    media::ArrivalRecorder m_recorder;
    std::multimap<TimePoint, std::uint16_t> m_underway;
    std::multimap<TimePoint, Bytes> m_feedback;

    TimePoint m_figuresSince = m_now;
    std::size_t m_arrivedOctets = 0;
    int m_sentPackets = 0;
    int m_lostPackets = 0;
    int m_brokenSounds = 0;
    Duration m_queueing{};
};

inline void Bottleneck::run(Duration time)
{
    for (const TimePoint end = m_now + time; m_now < end; m_now += std::chrono::milliseconds(5)) {
        deliver(m_now);
        // Sound: 48 kbit/s with its headers.
        if (m_tick % 4 == 0 && !send(m_isSoundAlone ? soundSize() : 190, false))
            ++m_brokenSounds;
        if (m_tick % 7 == 0 && !m_isSoundAlone)
            makePicture();
        sendPictures();
        ++m_tick;
        m_control.advance(m_now);
    }
}

/// None while one waits: the encoder does.
inline void Bottleneck::makePicture()
{
    if (!m_waiting.empty())
        return;
    const int rate = std::max(std::min(m_control.target(), m_offered) - 76'000, 24'000);
    // No two pictures are alike; in the mean they are as large as they are to be.
    m_unsent += rate / 8.0 * 0.035 * (0.6 + 0.8 * random());
    while (m_unsent >= 300) {
        const auto size = static_cast<std::size_t>(std::min(m_unsent, 1200.0));
        m_waiting.push_back(size);
        m_unsent -= double(size);
    }
}

inline void Bottleneck::sendPictures()
{
    while (!m_waiting.empty()) {
        const TimePoint turn = m_pacer.mayLeaveAt(m_now, m_history.underWay(), m_control.target());
        m_stall.note(m_now, m_isPaced && m_pacer.isHolding());
        if (std::exchange(m_losses, m_stall.losses()) != m_stall.losses()) {
            m_waiting.clear();
            m_unsent = 0;
            return;
        }
        if (m_isPaced && turn > m_now)
            return;
        send(m_waiting.front(), true);
        m_waiting.pop_front();
    }
}

inline bool Bottleneck::send(std::size_t size, bool isPicture)
{
    const std::uint16_t sequence = m_history.send(m_now, size, isPicture);
    m_control.noteSent(m_now);
    m_pacer.noteSent(m_now, size, m_control.target(), isPicture);
    ++m_sentPackets;
    if (m_link.capacity == 0 || random() < m_link.loss || isQueueFull()) {
        ++m_lostPackets;
        return false;
    }
    m_linkFreeAt = std::max(m_linkFreeAt, m_now);
    const Duration queueing = m_linkFreeAt - m_now;
    m_queueing += queueing;
    m_linkFreeAt += std::chrono::nanoseconds(std::int64_t(8e9 * double(size) / m_link.capacity));
    m_arrivedOctets += size;
    const auto jitter = std::chrono::duration_cast<Duration>(m_link.jitter * random());
    m_lastArrival = std::max(m_lastArrival, m_linkFreeAt + m_link.delay + jitter);
    m_underway.emplace(m_lastArrival, sequence);
    return queueing <= m_patience;
}

inline void Bottleneck::deliver(TimePoint until)
{
    while (!m_underway.empty() && m_underway.begin()->first <= until) {
        const auto [now, sequence] = *m_underway.begin();
        m_underway.erase(m_underway.begin());
        m_recorder.record(now, sequence, 2);
        if (!m_recorder.isFeedbackDue(now))
            continue;
        const Duration queueing = m_isBothWays ? std::max(m_linkFreeAt - now, Duration{})
                                               : Duration{};
        while (auto feedback = m_recorder.nextFeedback(now, 1)) {
            if (queueing <= m_link.queue)
                m_feedback.emplace(now + queueing + m_link.delay, std::move(*feedback));
        }
    }
    while (!m_feedback.empty() && m_feedback.begin()->first <= until) {
        if (const auto feedback = media::parseTransportFeedback(m_feedback.begin()->second)) {
            const TimePoint now = m_feedback.begin()->first;
            const auto results = m_history.take(*feedback);
            m_control.take(now, results, m_isPaced && m_pacer.isHolding());
            for (const media::PacketResult &result : results) {
                if (result.isPaced && !result.arrivedAt)
                    m_stall.noteLoss();
            }
            if (m_stall.isLong(now))
                m_control.noteStall(now);
            if (const auto *last = media::lastArrived(results))
                m_pacer.noteReport(now, last->sentAt, *last->arrivedAt, m_control.received());
            m_pacer.noteUnderWay(m_history.underWay(), m_control.target());
            m_stall.note(now, m_isPaced && m_pacer.isHolding());
        }
        m_feedback.erase(m_feedback.begin());
    }
}

inline double Bottleneck::random()
{
    m_random = m_random * 6364136223846793005U + 1442695040888963407U;
    return double(m_random >> 40) / double(1U << 24);
}

inline void Bottleneck::forgetFigures()
{
    m_figuresSince = m_now;
    m_arrivedOctets = 0;
    m_sentPackets = 0;
    m_lostPackets = 0;
    m_brokenSounds = 0;
    m_queueing = {};
}

inline double Bottleneck::throughput() const
{
    return 8 * double(m_arrivedOctets)
        / std::chrono::duration<double>(m_now - m_figuresSince).count();
}

inline Duration Bottleneck::meanQueueing() const
{
    return m_queueing / std::max(m_sentPackets - m_lostPackets, 1);
}

inline double Bottleneck::loss() const
{
    return double(m_lostPackets) / std::max(m_sentPackets, 1);
}

} // namespace peer::test

#endif // PEER_TESTS_MEDIA_BOTTLENECK_H
