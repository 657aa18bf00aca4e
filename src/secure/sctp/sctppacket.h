// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_SCTPPACKET_H
#define PEER_SCTP_SCTPPACKET_H

#include "core/base/bytes.h"

#include <cstdint>
#include <string>

namespace peer::sctp {

/// Reads what usrsctp's interface does not tell from the packets that it lets out.
///
/// RFC 9260 section 3: a common header of 12 octets, then chunks, each on a multiple of four:
///
///     octet 0     chunk type: 0 DATA, 6 ABORT …
///     octet 1     flags
///     octets 2-3  length of the chunk with this header, without its padding
///     octets 4-7  in DATA: the transmission sequence number (TSN)
class OutgoingChunks
{
public:
    void note(ByteView packet);
    /// DATA chunks that went out with a TSN that had been out before.
    std::uint64_t retransmitted() const { return m_retransmitted; }
    /// Whether the last packet had a DATA chunk.
    bool lastHadData() const { return m_lastHadData; }

private:
    std::uint64_t m_retransmitted = 0;
    std::uint32_t m_highestTsn = 0;
    bool m_hasTsn = false;
    bool m_lastHadData = false;
};

/// The causes in an ABORT chunk (RFC 9260 section 3.3.10) in words. Network input.
std::string abortReason(ByteView abortChunk);

} // namespace peer::sctp

#endif // PEER_SCTP_SCTPPACKET_H
