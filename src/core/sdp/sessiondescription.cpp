// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/sdp/sessiondescription.h"

#include <algorithm>

namespace peer::sdp {

std::string ParseError::toString() const
{
    return line == 0 ? message : "line " + std::to_string(line) + ": " + message;
}

bool IceDescription::hasOption(std::string_view option) const
{
    return std::find(options.begin(), options.end(), option) != options.end();
}

const MediaDescription *SessionDescription::find(std::string_view mid) const
{
    const auto found = std::find_if(media.begin(), media.end(),
                                    [&](const MediaDescription &m) { return m.mid == mid; });
    return found == media.end() ? nullptr : &*found;
}

const MediaDescription *SessionDescription::transportSection() const
{
    for (const std::string &mid : bundle) {
        const MediaDescription *section = find(mid);
        if (section && !section->isRejected())
            return section;
    }
    const auto found = std::find_if(media.begin(), media.end(),
                                    [](const MediaDescription &m) { return !m.isRejected(); });
    return found == media.end() ? nullptr : &*found;
}

} // namespace peer::sdp
