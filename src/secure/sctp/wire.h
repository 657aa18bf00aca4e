// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_WIRE_H
#define PEER_SCTP_WIRE_H

#include "core/base/time.h"
#include "core/base/transmitqueue.h"
#include "secure/sctp/forwardtsnrepeater.h"
#include "secure/sctp/resetgate.h"
#include "secure/sctp/sctppacket.h"
#include "secure/sctp/tailrepeater.h"

#include <optional>

namespace peer::sctp {

/// What lies between usrsctp and the peer: the packets of one association, in both directions. Some
/// are held back, repeated or changed here, for usrsctp 0.9.5 would do them wrong: ResetGate,
/// ForwardTsnRepeater, TailRepeater and UnorderedFragments say which.
class Wire
{
public:
    /// capacity: of the queue for nextTransmit(), in packets.
    explicit Wire(std::size_t capacity);

    /// A packet of usrsctp's goes out, or waits. False, and nothing done, if there is no room.
    bool send(TimePoint now, MutableByteView packet);
    /// A packet has come: what usrsctp is to get of it, empty if nothing; until the next call.
    MutableByteView receive(ByteView packet);
    /// What had to wait and usrsctp is to get now.
    std::optional<Bytes> nextReleased();
    /// Sends what had to wait and what must be repeated.
    void sendWaiting(TimePoint now);
    /// Sends the last packet that carried data once more.
    void repeatLastData(TimePoint now);
    /// The path's timeout (RFC 9260 section 6.3.1), by which sendWaiting() goes.
    void setRetransmissionTimeout(Duration timeout) { m_retransmissionTimeout = timeout; }
    /// Something is to be repeated if the peer does not answer.
    bool isWaiting() const { return m_forwardTsn.isWaiting(); }

    std::optional<ByteView> nextTransmit(); ///< valid until the next non-const call

    /// What went out, and what was in the last packet of send().
    const OutgoingChunks &outgoing() const { return m_outgoingChunks; }
    /// All up to this TSN have come, or never will.
    std::optional<Tsn> arrived() const { return m_incomingResets.arrived(); }
    std::optional<TimePoint> unansweredSince() const { return m_unansweredSince; }

private:
    void queue(TimePoint now, MutableByteView packet);

    TransmitQueue m_queue;
    OutgoingChunks m_outgoingChunks;
    ResetGate m_outgoingResets;
    ResetGate m_incomingResets;
    ForwardTsnRepeater m_forwardTsn;
    TailRepeater m_tail;
    Bytes m_arriving;
    Bytes m_lastData;
    std::optional<TimePoint> m_unansweredSince;
    Duration m_retransmissionTimeout = std::chrono::seconds(1); ///< RTO.Initial
};

} // namespace peer::sctp

#endif // PEER_SCTP_WIRE_H
