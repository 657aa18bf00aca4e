// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_PATTERN_TESTSTRIP_H
#define PEER_MEDIA_PATTERN_TESTSTRIP_H

#include "media/pattern/picture.h"

#include <cstdint>
#include <optional>

namespace peer::media {

/// What a test picture tells of itself.
struct StripContent
{
    std::uint16_t sender = 0;
    std::uint32_t frame = 0; ///< counts the sender's pictures
    /// When it was painted, by a clock of the sender's choice, in milliseconds.
    std::uint32_t paintedAt = 0;

    friend bool operator==(const StripContent &, const StripContent &) = default;
};

/// A strip of black and white blocks along the lower edge that can be read back from the decoded
/// picture, at whatever size it was encoded:
///
///     32 blocks in a row, the highest bit at the left; a row is 1/18 of the height
///     +----------------+----------------+
///     | sender         | CRC            |   CRC-16/CCITT-FALSE of the other ten octets,
///     +----------------+----------------+   in the order sender, frame, paintedAt
///     | frame, in Gray code             |   one block a frame changes: cheap to encode
///     +---------------------------------+
///     | paintedAt                       |
///     +---------------------------------+
///
/// Only the middle of a block is looked at, for its edges do not survive encoding. A picture
/// without a strip is taken for one once in 65536 times at most.
class TestStrip
{
public:
    static constexpr int Columns = 32;
    static constexpr int Rows = 3;
    static constexpr int RowsOfPicture = 18;
    /// Below this a block is smaller than 2 by 2 pixels.
    static constexpr int MinWidth = 2 * Columns;
    static constexpr int MinHeight = 2 * RowsOfPicture;

    static bool fits(const PictureView &picture);
    /// Where it is in a picture that it fits.
    static Rectangle area(int width, int height);

    /// False, and nothing written, if the picture is too small.
    static bool write(const Picture &picture, const StripContent &content);
    static std::optional<StripContent> read(const PictureView &picture);
};

} // namespace peer::media

#endif // PEER_MEDIA_PATTERN_TESTSTRIP_H
