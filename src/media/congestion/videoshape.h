// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_VIDEOSHAPE_H
#define PEER_MEDIA_CONGESTION_VIDEOSHAPE_H

#include <cstddef>

namespace peer::media {

/// How much of the picture is sent.
struct VideoShape
{
    int width = 640;
    int height = 360;
    int framesPerSecond = 30;

    friend bool operator==(const VideoShape &, const VideoShape &) = default;
};

/// What the target of rate control is spent on.
struct Allocation
{
    int audio = 0; ///< bit/s for the encoder
    int video = 0;
    int copies = 0; ///< of sound, besides (RedundantSound)

    friend bool operator==(const Allocation &, const Allocation &) = default;
};

/// What is sent.
struct Senders
{
    bool hasAudio = false;
    bool hasVideo = false;
    bool hasRedundancy = false; ///< sound may be sent more than once
};

/// Sound first, more than once where that costs pictures little; what is left, less the headers, is
/// theirs.
Allocation allocate(int target, const Senders &senders);

/// Fewer and smaller pictures when there is little for them: few good ones are better than many bad
/// ones. Up only when there is a fifth more than the step wants, so that it does not go up and
/// down.
///
/// | from  | size      | a second |
/// |-------|-----------|----------|
/// | 400 k | 640 x 360 | 30       |
/// | 250 k | 640 x 360 | 20       |
/// | 150 k | 320 x 180 | 15       |
/// | 0     | 320 x 180 | 10       |
class ShapeLadder
{
public:
    /// target: of rate control, bit/s.
    VideoShape follow(int target);
    VideoShape shape() const;

private:
    std::size_t m_step = 0;
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_VIDEOSHAPE_H
