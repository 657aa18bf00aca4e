// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_TAILREPEATER_H
#define PEER_SCTP_TAILREPEATER_H

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "secure/sctp/chunks.h"

#include <deque>
#include <optional>
#include <vector>

namespace peer::sctp {

/// Repeats the last packets of data when usrsctp has forgotten them.
///
/// usrsctp 0.9.5 counts the chunks that are to be retransmitted. After timeouts on a path that then
/// changes, the count may be zero with a chunk left: no timer runs for it, and it goes out again
/// only after the next message has been sent, which may be never. (RFC 9260 section 6.3.2, R1: the
/// T3-rtx timer runs while data is outstanding.) So the packets with the highest TSNs are kept
/// here, at most MaxPackets of them, and go out again when they are not acknowledged and no data
/// was sent for longer than usrsctp's timer could have taken.
class TailRepeater
{
public:
    static constexpr std::size_t MaxPackets = 8;
    /// Above usrsctp's longest timeout, MaxRetransmission of SctpSocket.
    static constexpr Duration Patience = std::chrono::seconds(4);

    /// A packet goes out.
    void noteSent(TimePoint now, ByteView packet);
    /// All up to this TSN have arrived.
    void noteArrived(Tsn arrived);

    bool isDue(TimePoint now) const { return !m_tail.empty() && now - m_sentAt >= Patience; }
    /// What is to go out again, in order. Only when isDue().
    std::vector<Bytes> repeat(TimePoint now);

private:
    struct Packet
    {
        Tsn last;
        Bytes octets;
    };

    std::deque<Packet> m_tail;
    std::optional<Tsn> m_highest;
    TimePoint m_sentAt{}; ///< data, last
};

} // namespace peer::sctp

#endif // PEER_SCTP_TAILREPEATER_H
