// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_PATTERN_GLYPHS_H
#define PEER_MEDIA_PATTERN_GLYPHS_H

#include "media/pattern/picture.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace peer::media {

/// Letters for test pictures, which are to look alike on machines without any font: what may stand
/// in a peer's name, a colon and a space. Small letters are drawn as capitals.
inline constexpr int GlyphWidth = 5;
inline constexpr int GlyphHeight = 7;
/// With the gap to the next.
inline constexpr int GlyphAdvance = GlyphWidth + 1;

/// Line by line from the top, the leftmost pixel in bit 4. An empty box for what there is no glyph
/// for.
const std::array<std::uint8_t, GlyphHeight> &glyph(char character);

/// Paints text from its upper left corner, each pixel of a glyph a square of so many pixels. What
/// is outside the picture is left out.
void paintText(const Picture &picture, int x, int y, int scale, std::string_view text,
               std::uint8_t luma);

} // namespace peer::media

#endif // PEER_MEDIA_PATTERN_GLYPHS_H
