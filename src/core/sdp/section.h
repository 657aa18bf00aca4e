// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SDP_SECTION_H
#define PEER_SDP_SECTION_H

#include "core/sdp/sessiondescription.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace peer::sdp {

/// Why a line was refused: what follows its name in the error, a literal. Null = taken.
using Fault = const char *;

/// What the parser gathers of one m= section; the lines before the first m= are a section too,
/// whose values the others inherit.
struct Section
{
    bool isSessionLevel = false;
    std::size_t line = 0;
    MediaDescription media;
    bool hasDirection = false;
    /// a=rtcp-fb:* lines, which hold for all payload types.
    std::vector<std::string> sharedFeedback;
    /// One bit an attribute that may stand once, by its place in the table it is in.
    std::uint64_t seenTransport = 0;
    std::uint64_t seenRtp = 0;
};

/// The value of an m= line.
Fault parseMediaLine(std::string_view value, Section &section);

enum class AttributeResult : std::uint8_t { Unknown, Taken, Refused };

/// One attribute of ICE, DTLS, SCTP or BUNDLE, without "a=".
AttributeResult applyTransportAttribute(std::string_view name, std::string_view value,
                                        Section &section, Fault &fault);
/// One attribute of RTP. Unknown in a section that is neither audio nor video.
AttributeResult applyRtpAttribute(std::string_view name, std::string_view value, Section &section,
                                  Fault &fault);

/// Folds the session level into a section at its end, and checks it as a whole.
Fault finishSection(const Section &session, Section &section);

/// An attribute that is known: where it may stand, and what takes its value.
struct AttributeRule
{
    enum Level : std::uint8_t { Session = 1, Media = 2, Both = 3 };

    std::string_view name;
    Level level;
    bool standsOnce; ///< twice at one level is a fault
    Fault (*apply)(std::string_view value, Section &section);
};

/// Looks the attribute up in a table of at most 64 rules. One that stands at a level where it
/// means nothing is unknown.
AttributeResult applyRule(const AttributeRule *rules, std::size_t count, std::uint64_t &seen,
                          std::string_view name, std::string_view value, Section &section,
                          Fault &fault);

} // namespace peer::sdp

#endif // PEER_SDP_SECTION_H
