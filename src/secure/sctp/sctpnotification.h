// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_SCTPNOTIFICATION_H
#define PEER_SCTP_SCTPNOTIFICATION_H

#include "core/base/bytes.h"
#include "secure/sctp/sctpassociation.h"

#include <string>
#include <variant>
#include <vector>

namespace peer::sctp {

// What usrsctp tells among the messages (RFC 6458 section 6), as far as it is asked to.

struct AssociationUp
{
    std::uint16_t outgoingStreams, incomingStreams;
};
struct AssociationDown
{
    Closed::Cause cause = Closed::Cause::ByPeer;
    std::string reason;
};
struct StreamsReset
{
    bool isIncoming = false;
    std::vector<StreamId> streams; ///< none: all; of the outgoing ones, refused ones too
};
struct PartialMessageAborted
{ };
/// std::monostate: nothing of interest.
using Notification = std::variant<std::monostate, AssociationUp, AssociationDown, StreamsReset,
                                  PartialMessageAborted>;

Notification parseNotification(ByteView octets);

} // namespace peer::sctp

#endif // PEER_SCTP_SCTPNOTIFICATION_H
