// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_DATACHANNELPROTOCOL_H
#define PEER_SESSION_DATACHANNELPROTOCOL_H

#include "core/base/bytes.h"
#include "session/channeltypes.h"

#include <optional>

namespace peer::dcep {

/// Message types of the Data Channel Establishment Protocol (RFC 8832 section 8.2.1).
enum class MessageType : std::uint8_t { Ack = 0x02, Open = 0x03 };

std::optional<MessageType> messageType(ByteView message);

/// Whether a DATA_CHANNEL_OPEN can say them, and a stream have their number (RFC 8832 section 5.1).
bool isValid(const ChannelOptions &options);

/// DATA_CHANNEL_OPEN (RFC 8832 section 5.1):
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |  Message Type |  Channel Type |            Priority           |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                    Reliability Parameter                      |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |         Label Length          |       Protocol Length         |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                    Label, then Protocol                       |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
Bytes writeOpen(const ChannelOptions &options);
/// Nothing if it is malformed. A reliability parameter beyond 65535 is taken as 65535.
std::optional<ChannelOptions> parseOpen(ByteView message);

/// DATA_CHANNEL_ACK (RFC 8832 section 5.2): one octet.
Bytes writeAck();

} // namespace peer::dcep

#endif // PEER_SESSION_DATACHANNELPROTOCOL_H
