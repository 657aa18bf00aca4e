// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_SCTPPACKET_H
#define PEER_SCTP_SCTPPACKET_H

#include "core/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace peer::sctp {

/// What an ABORT chunk says (RFC 9260 section 3.3.7).
struct Abort
{
    bool isForViolation = false; ///< of the protocol, as its sender sees it
    std::string causes;          ///< in words; printable, for it comes from the network
};
Abort parseAbort(ByteView chunk);

/// Reads what usrsctp's interface does not tell from the packets that it lets out.
///
/// RFC 9260 section 3: a common header of 12 octets, then chunks, each on a multiple of four:
///
///     octet 0     chunk type: 0 DATA, 6 ABORT …
///     octet 1     flags; in DATA 01 marks the last fragment of a message
///     octets 2-3  length of the chunk with this header, without its padding
///     octets 4-7  in DATA: the transmission sequence number (TSN)
///     octets 8-9  in DATA: the stream
class OutgoingChunks
{
public:
    void note(ByteView packet);

    /// DATA chunks that went out with a TSN that had been out before.
    std::uint64_t retransmitted() const { return m_retransmitted; }
    /// Packets with DATA chunks, and those with one that had been out before.
    std::uint64_t dataPackets() const { return m_dataPackets; }
    std::uint64_t repeatingPackets() const { return m_repeatingPackets; }
    /// Messages whose last fragment has gone out.
    std::uint64_t completedMessages() const { return m_completedMessages; }

    // Of the last packet:
    bool lastHadData() const { return m_lastHadData; }
    /// The streams of the messages that were completed in it.
    const std::vector<std::uint16_t> &lastCompleted() const { return m_lastCompleted; }

    /// What the ABORT says that went out, if one did.
    const std::optional<Abort> &abort() const { return m_abort; }

private:
    void noteData(ByteView chunk);

    std::uint64_t m_retransmitted = 0;
    std::uint64_t m_dataPackets = 0;
    std::uint64_t m_repeatingPackets = 0;
    std::uint64_t m_completedMessages = 0;
    std::uint32_t m_highestTsn = 0;
    bool m_hasTsn = false;
    bool m_lastHadData = false;
    std::vector<std::uint16_t> m_lastCompleted;
    std::optional<Abort> m_abort;
};

/// Whether the peer must answer a packet, with a SACK, an acknowledgement of its own, or by going
/// on with the handshake.
bool wantsAnswer(ByteView packet);

/// How many messages end in a packet, be they new or not.
std::size_t countMessageEnds(ByteView packet);

} // namespace peer::sctp

#endif // PEER_SCTP_SCTPPACKET_H
