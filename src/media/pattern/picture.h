// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_PATTERN_PICTURE_H
#define PEER_MEDIA_PATTERN_PICTURE_H

#include <cstddef>
#include <cstdint>

namespace peer::media {

/// One plane of a picture in somebody else's memory; Octet may be const.
template<typename Octet>
struct BasicPlane
{
    Octet *data = nullptr;
    int stride = 0; ///< octets from a line to the next

    Octet *line(int y) const { return data + std::ptrdiff_t{y} * stride; }
};

/// A picture in I420: luma, and two planes of chroma of half the size in both directions, rounded
/// up. Video range: black is 16, white 235, no colour 128 (ITU-R BT.601).
template<typename Octet>
struct BasicPicture
{
    int width = 0;
    int height = 0;
    BasicPlane<Octet> y;
    BasicPlane<Octet> u;
    BasicPlane<Octet> v;

    int chromaWidth() const { return (width + 1) / 2; }
    int chromaHeight() const { return (height + 1) / 2; }
};

using Picture = BasicPicture<std::uint8_t>;
using PictureView = BasicPicture<const std::uint8_t>;

inline PictureView asView(const Picture &picture)
{
    return {picture.width,
            picture.height,
            {picture.y.data, picture.y.stride},
            {picture.u.data, picture.u.stride},
            {picture.v.data, picture.v.stride}};
}

inline constexpr std::uint8_t Black = 16;
inline constexpr std::uint8_t White = 235;
inline constexpr std::uint8_t NoColour = 128;

/// A rectangle in pixels of the luma plane; what is outside the picture is left out.
struct Rectangle
{
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
};

struct Colour
{
    std::uint8_t y = Black;
    std::uint8_t u = NoColour;
    std::uint8_t v = NoColour;
};

} // namespace peer::media

#endif // PEER_MEDIA_PATTERN_PICTURE_H
