// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_MEDIA_TRACKNUMBERS_H
#define PEER_SESSION_MEDIA_TRACKNUMBERS_H

#include "core/sdp/sessiondescription.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace peer {

/// What payload types and ids of header extensions stand for in a bundle: one thing each, in all of
/// its sections (RFC 9143 sections 7.1.3 and 9.1). A peer that has offered first has chosen some,
/// and those that we would choose for a further section may mean something else by then.
class TrackNumbers
{
public:
    /// They are taken from now on.
    void note(const std::vector<sdp::PayloadFormat> &formats,
              const std::vector<sdp::HeaderExtension> &extensions);
    /// Gives other numbers to what has taken ones, and extensions the ids that they have already;
    /// an extension for which there is no id is left out.
    void fit(sdp::MediaDescription &section) const;

private:
    bool isTaken(const sdp::PayloadFormat &format) const;
    std::optional<std::uint8_t> typeFor(const sdp::PayloadFormat &format,
                                        const sdp::MediaDescription &section) const;
    std::optional<std::uint16_t> freeId(const sdp::MediaDescription &section) const;
    void fitFormats(sdp::MediaDescription &section) const;
    void fitExtensions(sdp::MediaDescription &section) const;

    std::map<std::uint8_t, sdp::PayloadFormat> m_formats;
    std::map<std::string, std::uint16_t> m_extensions;
};

} // namespace peer

#endif // PEER_SESSION_MEDIA_TRACKNUMBERS_H
