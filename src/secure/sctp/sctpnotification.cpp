// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/sctpnotification.h"

#include "secure/sctp/sctppacket.h"

#include <usrsctp.h>

#include <cstddef>
#include <cstring>

namespace peer::sctp {

namespace {

/// Copies the fixed part of a notification out of octets that may lie anywhere. False if they are
/// too few.
template<typename Structure>
bool readFixedPart(ByteView octets, Structure &structure)
{
    if (octets.size() < sizeof structure)
        return false;
    std::memcpy(&structure, octets.data(), sizeof structure);
    return true;
}

/// With the peer's ABORT chunk, or with nothing when usrsctp has given up by itself.
AssociationDown parseLoss(ByteView abortChunk, const char *reasonWithoutAbort)
{
    if (abortChunk.empty())
        return {Closed::Cause::Lost, reasonWithoutAbort};
    const Abort abort = parseAbort(abortChunk);
    return {abort.isForViolation ? Closed::Cause::Violation : Closed::Cause::ByPeer,
            "the peer has aborted the association" + abort.causes};
}

Notification parseAssociationChange(ByteView octets)
{
    sctp_assoc_change change{};
    if (!readFixedPart(octets, change))
        return {};
    const ByteView info = octets.subspan(sizeof change);
    switch (change.sac_state) {
    case SCTP_COMM_UP:
        return AssociationUp{change.sac_outbound_streams, change.sac_inbound_streams};
    case SCTP_COMM_LOST:
        return parseLoss(info, "the peer does not answer");
    case SCTP_CANT_STR_ASSOC:
        return parseLoss(info, "the peer does not answer the SCTP handshake");
    case SCTP_SHUTDOWN_COMP:
        return AssociationDown{Closed::Cause::ByPeer, "the peer has shut the association down"};
    case SCTP_RESTART:
        // RFC 9260 section 5.2.4.1: the peer has lost its state and every stream starts anew. Over
        // one DTLS session that is a fault of the peer.
        return AssociationDown{Closed::Cause::Violation, "the peer has restarted the association"};
    default:
        return {};
    }
}

Notification parseStreamReset(ByteView octets)
{
    sctp_stream_reset_event event{};
    if (!readFixedPart(octets, event))
        return {};
    StreamsReset reset;
    reset.isIncoming = event.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN;
    for (std::size_t at = sizeof event; at + sizeof(StreamId) <= octets.size();
         at += sizeof(StreamId)) {
        StreamId stream;
        std::memcpy(&stream, octets.data() + at, sizeof stream);
        reset.streams.push_back(stream);
    }
    return reset;
}

} // namespace

Notification parseNotification(ByteView octets)
{
    sctp_notification::sctp_tlv header{};
    if (!readFixedPart(octets, header))
        return {};
    switch (header.sn_type) {
    case SCTP_ASSOC_CHANGE:
        return parseAssociationChange(octets);
    case SCTP_STREAM_RESET_EVENT:
        return parseStreamReset(octets);
    case SCTP_PARTIAL_DELIVERY_EVENT:
        return PartialMessageAborted{};
    default:
        return {};
    }
}

} // namespace peer::sctp
