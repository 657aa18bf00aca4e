// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_PATTERN_TESTPICTURE_H
#define PEER_MEDIA_PATTERN_TESTPICTURE_H

#include "media/pattern/teststrip.h"

#include <string>

namespace peer::media {

/// The picture of somebody without a camera: a colour of the sender's, the sender's name, a clock,
/// a block that wanders, and the strip (TestStrip).
class TestPicture
{
public:
    /// Of the name as much is shown as the picture is wide.
    TestPicture(std::uint16_t sender, std::string name);

    /// The whole picture. clock: what the clock shows now, such as "12:34:56".
    void paint(const Picture &picture, std::uint32_t frame, std::uint32_t paintedAt,
               std::string_view clock) const;

private:
    std::uint16_t m_sender;
    std::string m_name;
    Colour m_background;
};

} // namespace peer::media

#endif // PEER_MEDIA_PATTERN_TESTPICTURE_H
