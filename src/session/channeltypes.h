// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_CHANNELTYPES_H
#define PEER_SESSION_CHANNELTYPES_H

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace peer {

/// Names one data channel of one session; never reused, 0 is none.
enum class ChannelId : std::uint32_t { None = 0 };

enum class MessageKind : std::uint8_t { Text, Binary };

/// RFC 8832 section 5.1 and the members of W3C's RTCDataChannelInit.
struct ChannelOptions
{
    std::string label = {};    ///< at most 65535 octets of UTF-8
    std::string protocol = {}; ///< likewise
    bool ordered = true;
    /// At most one of the two; none = reliable.
    std::optional<std::uint16_t> maxRetransmits = {};
    std::optional<std::chrono::milliseconds> maxLifetime = {};
    /// Both sides open the channel with the same stream number, nothing is sent in band.
    std::optional<std::uint16_t> negotiatedId = {};

    friend bool operator==(const ChannelOptions &, const ChannelOptions &) = default;
};

enum class ChannelSendResult : std::uint8_t {
    Queued,
    BufferFull, ///< wait for ChannelDrained
    TooLarge,   ///< beyond what the peer announced (RFC 8841 max-message-size)
    NotOpen,    ///< no such channel, or closing
};

} // namespace peer

#endif // PEER_SESSION_CHANNELTYPES_H
