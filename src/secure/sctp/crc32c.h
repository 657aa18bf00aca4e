// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_CRC32C_H
#define PEER_SCTP_CRC32C_H

#include "core/base/bytes.h"

#include <cstdint>

namespace peer::sctp {

/// CRC32c (Castagnoli) of RFC 9260 appendix A, by the processor's instruction where it has one.
std::uint32_t crc32c(ByteView octets);
/// The same by tables: for processors without it, and to check the other one.
std::uint32_t crc32cByTable(ByteView octets);

/// Fills in the checksum of a whole SCTP packet (at least 12 octets).
void sealPacket(MutableByteView packet);
/// Whether a packet has a common header, a chunk header and the right checksum.
bool isIntact(ByteView packet);

} // namespace peer::sctp

#endif // PEER_SCTP_CRC32C_H
