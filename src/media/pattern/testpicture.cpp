// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/pattern/testpicture.h"

#include "media/pattern/glyphs.h"

#include <algorithm>
#include <utility>

namespace peer::media {

namespace {

/// The wanderer goes once across and back in this many frames: four seconds at 30 a second.
constexpr int FramesOfAWay = 120;
constexpr int WanderersOfWidth = 16;

/// Dull colours, apart for senders whose numbers are neighbours.
Colour backgroundOf(std::uint16_t sender)
{
    const auto chroma = [](int step) { return static_cast<std::uint8_t>(96 + step * 16); };
    return {80, chroma(sender % 5), chroma(sender * 3 / 5 % 5)};
}

void fillPlane(const BasicPlane<std::uint8_t> &plane, int width, int height, std::uint8_t value)
{
    for (int y = 0; y < height; ++y)
        std::fill_n(plane.line(y), width, value);
}

/// From 0 to range and back.
int wander(std::uint32_t frame, int range)
{
    const int step = static_cast<int>(frame % FramesOfAWay);
    const int half = FramesOfAWay / 2;
    return range * (step < half ? step : FramesOfAWay - step) / half;
}

} // namespace

TestPicture::TestPicture(std::uint16_t sender, std::string name)
    : m_sender(sender)
    , m_name(std::move(name))
    , m_background(backgroundOf(sender))
{ }

void TestPicture::paint(const Picture &picture, std::uint32_t frame, std::uint32_t paintedAt,
                        std::string_view clock) const
{
    fillPlane(picture.y, picture.width, picture.height, m_background.y);
    fillPlane(picture.u, picture.chromaWidth(), picture.chromaHeight(), m_background.u);
    fillPlane(picture.v, picture.chromaWidth(), picture.chromaHeight(), m_background.v);

    const int scale = std::max(picture.height / 60, 1);
    const int line = (GlyphHeight + 2) * scale;
    paintText(picture, 2 * scale, 2 * scale, scale, m_name, White);
    paintText(picture, 2 * scale, 2 * scale + line, scale, clock, White);

    const int size = std::max(picture.width / WanderersOfWidth, 1);
    const int left = wander(frame, picture.width - size);
    const int top = picture.height / 2;
    for (int y = top; y < std::min(top + size, picture.height); ++y)
        std::fill_n(picture.y.line(y) + left, size, White);

    TestStrip::write(picture, {m_sender, frame, paintedAt});
}

} // namespace peer::media
