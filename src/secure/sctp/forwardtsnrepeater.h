// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_FORWARDTSNREPEATER_H
#define PEER_SCTP_FORWARDTSNREPEATER_H

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "secure/sctp/chunks.h"

#include <optional>

namespace peer::sctp {

/// Repeats the last FORWARD TSN until the peer has answered it, as RFC 3758 section 3.5 (F3) wants.
///
/// usrsctp 0.9.5 leaves that to the T3-rtx timer, and does not start it when what is to be skipped
/// ends with a TSN that it has never sent, the end of a message that was given up in the middle. If
/// this FORWARD TSN is lost and nothing is sent behind it, the peer waits for that TSN for good,
/// and so does every reset of a stream.
///
///     octet 0, 1  chunk type: 192; flags
///     octets 2-3  length of the chunk
///     octets 4-7  new cumulative TSN
///     octets 8-   stream and stream sequence number of each ordered message that is skipped
class ForwardTsnRepeater
{
public:
    /// A packet goes out.
    void noteSent(TimePoint now, ByteView packet);
    /// All up to this TSN have arrived.
    void noteArrived(Tsn arrived);

    /// Whether there is one that is not answered.
    bool isWaiting() const { return !m_chunk.empty(); }
    /// Whether it is to go out again. timeout: the path's retransmission timeout.
    bool isDue(TimePoint now, Duration timeout) const;
    /// It, as a packet of its own, without a checksum. Only when isDue().
    Bytes repeat();

private:
    Bytes m_header; ///< of the packet that it was in
    Bytes m_chunk;  ///< none when nothing waits
    TimePoint m_sentAt{};
    unsigned m_repetitions = 0;
};

} // namespace peer::sctp

#endif // PEER_SCTP_FORWARDTSNREPEATER_H
