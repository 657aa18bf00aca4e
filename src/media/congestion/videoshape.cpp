// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/videoshape.h"

#include <algorithm>
#include <iterator>

namespace peer::media {

namespace {

struct Step
{
    int from; ///< bit/s
    VideoShape shape;
};

constexpr Step Steps[] = {
    {400'000, {640, 360, 30}},
    {250'000, {640, 360, 20}},
    {150'000, {320, 180, 15}},
    {0, {320, 180, 10}},
};

/// Of a packet: IP and UDP 28, RTP with our extensions 24, SRTP's tag 16.
constexpr int HeaderBits = 8 * (28 + 24 + 16);
constexpr int AudioHeaders = 50 * HeaderBits; // packets of 20 ms
/// Video's packets are nearly full: 68 octets of 1200 are headers.
constexpr double VideoShare = 0.94;
constexpr int MinVideo = 30'000;

/// Opus speaks clearly from 16 kbit/s on (RFC 6716 section 2.1.1).
constexpr int audioFor(int target)
{
    return target >= 250'000 ? 48'000 : target >= 150'000 ? 32'000 : 16'000;
}

/// Pictures are as large and as many as they may be then.
constexpr int copiesFor(int target)
{
    return target >= 600'000 ? 2 : target >= 400'000 ? 1 : 0;
}
constexpr int CopyHeaders = 50 * 8 * 4; // RFC 2198 section 3

} // namespace

Allocation allocate(int target, const Senders &senders)
{
    Allocation allocation;
    if (senders.hasAudio) {
        allocation.audio = audioFor(target);
        if (senders.hasRedundancy)
            allocation.copies = copiesFor(target);
        target -= allocation.audio + AudioHeaders
            + allocation.copies * (allocation.audio + CopyHeaders);
    }
    if (senders.hasVideo)
        allocation.video = std::max(static_cast<int>(VideoShare * target), MinVideo);
    return allocation;
}

VideoShape ShapeLadder::follow(int target)
{
    while (m_step + 1 < std::size(Steps) && target < Steps[m_step].from)
        ++m_step;
    while (m_step > 0 && target >= Steps[m_step - 1].from + Steps[m_step - 1].from / 5)
        --m_step;
    return shape();
}

VideoShape ShapeLadder::shape() const
{
    return Steps[m_step].shape;
}

} // namespace peer::media
