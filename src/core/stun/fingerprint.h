// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_STUN_FINGERPRINT_H
#define PEER_STUN_FINGERPRINT_H

#include "core/base/bytes.h"

namespace peer::stun {

/// The value of a FINGERPRINT (RFC 8489 section 14.7) behind message: the CRC-32 of ITU V.42 of
/// all that precedes the attribute, xor 0x5354554e. The header's length must count the attribute.
std::uint32_t fingerprint(ByteView message);

} // namespace peer::stun

#endif // PEER_STUN_FINGERPRINT_H
