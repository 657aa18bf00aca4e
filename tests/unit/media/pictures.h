// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_MEDIA_PICTURES_H
#define PEER_TESTS_MEDIA_PICTURES_H

#include "media/pattern/picture.h"

#include <vector>

namespace peer::test {

/// A picture with memory of its own, mid-grey at first, its lines longer than the picture is wide.
class OwnedPicture
{
public:
    static constexpr int Slack = 3;

    OwnedPicture(int width, int height)
        : m_picture{width, height, {}, {}, {}}
    {
        const int chroma = m_picture.chromaWidth() + Slack;
        const auto lumaSize = std::size_t(width + Slack) * std::size_t(height);
        const auto chromaSize = std::size_t(chroma) * std::size_t(m_picture.chromaHeight());
        m_octets.assign(lumaSize + 2 * chromaSize, media::NoColour);
        m_picture.y = {m_octets.data(), width + Slack};
        m_picture.u = {m_octets.data() + lumaSize, chroma};
        m_picture.v = {m_octets.data() + lumaSize + chromaSize, chroma};
    }

    const media::Picture &picture() const { return m_picture; }
    media::PictureView view() const { return media::asView(m_picture); }
    const std::vector<std::uint8_t> &octets() const { return m_octets; }

private:
    std::vector<std::uint8_t> m_octets;
    media::Picture m_picture;
};

} // namespace peer::test

#endif // PEER_TESTS_MEDIA_PICTURES_H
