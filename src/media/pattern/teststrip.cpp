// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/pattern/teststrip.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace peer::media {

namespace {

using Words = std::array<std::uint32_t, TestStrip::Rows>;

/// Grey as near to the middle as this is no block.
constexpr int MinContrast = 24;
constexpr int Middle = (Black + White) / 2;

std::uint16_t crc16(std::uint16_t crc, std::uint32_t value, int bits)
{
    constexpr std::uint16_t Polynomial = 0x1021;
    for (int bit = bits - 1; bit >= 0; --bit) {
        const bool isSet = ((crc >> 15) & 1) != ((value >> bit) & 1);
        crc = static_cast<std::uint16_t>(crc << 1);
        if (isSet)
            crc ^= Polynomial;
    }
    return crc;
}

std::uint16_t checksum(const StripContent &content)
{
    std::uint16_t crc = 0xffff;
    crc = crc16(crc, content.sender, 16);
    crc = crc16(crc, content.frame, 32);
    return crc16(crc, content.paintedAt, 32);
}

std::uint32_t toGray(std::uint32_t number)
{
    return number ^ (number >> 1);
}

std::uint32_t fromGray(std::uint32_t gray)
{
    for (int shift = 1; shift < 32; shift *= 2)
        gray ^= gray >> shift;
    return gray;
}

Rectangle blockAt(const Rectangle &area, int row, int column)
{
    const int left = area.x + area.width * column / TestStrip::Columns;
    const int right = area.x + area.width * (column + 1) / TestStrip::Columns;
    const int top = area.y + area.height * row / TestStrip::Rows;
    const int bottom = area.y + area.height * (row + 1) / TestStrip::Rows;
    return {left, top, right - left, bottom - top};
}

void fill(const BasicPlane<std::uint8_t> &plane, const Rectangle &where, std::uint8_t value)
{
    for (int y = where.y; y < where.y + where.height; ++y)
        std::fill_n(plane.line(y) + where.x, where.width, value);
}

/// Of the half of the block that is around its middle.
int brightness(const PictureView &picture, const Rectangle &block)
{
    const int width = std::max(block.width / 2, 1);
    const int height = std::max(block.height / 2, 1);
    const int left = block.x + (block.width - width) / 2;
    const int top = block.y + (block.height - height) / 2;
    int sum = 0;
    for (int y = top; y < top + height; ++y) {
        const std::uint8_t *line = picture.y.line(y);
        for (int x = left; x < left + width; ++x)
            sum += line[x];
    }
    return sum / (width * height);
}

} // namespace

bool TestStrip::fits(const PictureView &picture)
{
    return picture.width >= MinWidth && picture.height >= MinHeight && picture.y.data;
}

Rectangle TestStrip::area(int width, int height)
{
    // An even line: chroma begins there too.
    const int top = (height - height * Rows / RowsOfPicture) & ~1;
    return {0, top, width, height - top};
}

bool TestStrip::write(const Picture &picture, const StripContent &content)
{
    if (!fits(asView(picture)))
        return false;
    const Words words = {std::uint32_t{content.sender} << 16 | checksum(content),
                         toGray(content.frame), content.paintedAt};
    const Rectangle whole = area(picture.width, picture.height);
    for (int row = 0; row < Rows; ++row) {
        for (int column = 0; column < Columns; ++column) {
            const bool isSet = (words[std::size_t(row)] >> (Columns - 1 - column)) & 1;
            fill(picture.y, blockAt(whole, row, column), isSet ? White : Black);
        }
    }
    const Rectangle chroma = {0, whole.y / 2, picture.chromaWidth(),
                              picture.chromaHeight() - whole.y / 2};
    fill(picture.u, chroma, NoColour);
    fill(picture.v, chroma, NoColour);
    return true;
}

std::optional<StripContent> TestStrip::read(const PictureView &picture)
{
    if (!fits(picture))
        return {};
    const Rectangle whole = area(picture.width, picture.height);
    Words words{};
    for (int row = 0; row < Rows; ++row) {
        for (int column = 0; column < Columns; ++column) {
            const int difference = brightness(picture, blockAt(whole, row, column)) - Middle;
            if (std::abs(difference) < MinContrast)
                return {};
            std::uint32_t &word = words[std::size_t(row)];
            word = word << 1 | (difference > 0 ? 1U : 0U);
        }
    }
    const StripContent content = {static_cast<std::uint16_t>(words[0] >> 16), fromGray(words[1]),
                                  words[2]};
    if (checksum(content) != (words[0] & 0xffff))
        return {};
    return content;
}

} // namespace peer::media
