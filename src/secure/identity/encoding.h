// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_IDENTITY_ENCODING_H
#define PEER_IDENTITY_ENCODING_H

#include "core/base/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace peer {

/// RFC 4648 section 6 in lower case, without padding: how an identity is written.
std::string toBase32(ByteView octets);
/// Strict, so that octets have one spelling: lower case, no padding, no white space, no stray bits.
std::optional<Bytes> fromBase32(std::string_view text);

/// RFC 4648 section 5, without padding.
std::string toBase64Url(ByteView octets);
/// Strict: no padding, no white space, no stray bits, nothing of the other alphabet.
std::optional<Bytes> fromBase64Url(std::string_view text);

} // namespace peer

#endif // PEER_IDENTITY_ENCODING_H
