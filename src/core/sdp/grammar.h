// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SDP_GRAMMAR_H
#define PEER_SDP_GRAMMAR_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace peer::sdp {

/// Takes the words of a line one after the other; any number of spaces separates them.
class Words
{
public:
    explicit Words(std::string_view line)
        : m_rest(line)
    { }

    /// Empty at the end.
    std::string_view next();
    /// All that next() has not taken, without spaces at either end.
    std::string_view rest() const;

private:
    std::string_view m_rest;
};

/// What stands before the first separator, and what behind it; the second is empty without one.
struct Split
{
    std::string_view head;
    std::string_view tail;
    bool isSplit = false;
};
Split splitAt(std::string_view text, char separator);

/// Decimal digits alone, at most the given value.
std::optional<std::uint64_t> parseNumber(std::string_view text, std::uint64_t largest);

/// RFC 8866 section 9: token.
bool isToken(std::string_view text, std::size_t longest);
/// RFC 8839 section 5.1: ice-char.
bool isIceText(std::string_view text, std::size_t shortest, std::size_t longest);
/// base64url without padding (RFC 4648 section 5), not empty.
bool isBase64Url(std::string_view text, std::size_t longest);
/// 1 to longest octets without control characters; UTF-8 is not checked.
bool isPlainText(std::string_view text, std::size_t longest);
/// A host name: labels of 1 to 63 letters, digits, "-" and "_", 253 octets at most, the last label
/// not all digits, so that no misspelt IPv4 address is one.
bool isHostName(std::string_view text);

/// ASCII letters alone are folded.
bool equalsIgnoringCase(std::string_view left, std::string_view right);
bool isControl(char octet);
bool isDigit(char octet);

} // namespace peer::sdp

#endif // PEER_SDP_GRAMMAR_H
