// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/calltransport.h"

#include <glib.h>

#include <algorithm>

namespace peer::media {

namespace {

/// What a packet costs besides: IPv4 and UDP 28 octets, SRTP's tag 16.
constexpr std::size_t Overhead = 44;

TimePoint now()
{
    return TimePoint(std::chrono::microseconds(g_get_monotonic_time()));
}

} // namespace

std::uint16_t CallTransport::send(std::size_t size)
{
    const std::lock_guard lock(m_mutex);
    return m_history.send(now(), size + Overhead);
}

void CallTransport::noteSent()
{
    const std::lock_guard lock(m_mutex);
    const TimePoint at = now();
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
    m_control.take(now(), m_history.take(feedback));
    m_target = m_control.target();
}

void CallTransport::setSenders(bool hasAudio, bool hasVideo)
{
    m_hasAudio = hasAudio;
    m_hasVideo = hasVideo;
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
