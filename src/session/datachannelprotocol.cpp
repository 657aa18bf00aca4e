// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/datachannelprotocol.h"

#include <algorithm>

namespace peer::dcep {

namespace {

constexpr std::size_t OpenHeaderSize = 12;

constexpr std::size_t MaxNameSize = 65535; ///< RFC 8832 section 5.1: 16-bit length fields

// Channel types (RFC 8832 section 8.2.2); the high bit says unordered.
constexpr std::uint8_t Reliable = 0x00;
constexpr std::uint8_t PartialReliableRetransmit = 0x01;
constexpr std::uint8_t PartialReliableTimed = 0x02;
constexpr std::uint8_t Unordered = 0x80;

} // namespace

std::optional<MessageType> messageType(ByteView message)
{
    if (message.empty())
        return std::nullopt;
    switch (message[0]) {
    case static_cast<std::uint8_t>(MessageType::Ack):
        return MessageType::Ack;
    case static_cast<std::uint8_t>(MessageType::Open):
        return MessageType::Open;
    }
    return std::nullopt;
}

bool isValid(const ChannelOptions &options)
{
    return options.label.size() <= MaxNameSize && options.protocol.size() <= MaxNameSize
        && !(options.maxRetransmits && options.maxLifetime)
        && (!options.maxLifetime
            || (options.maxLifetime->count() >= 0 && options.maxLifetime->count() <= 65535))
        && (!options.negotiatedId || *options.negotiatedId < 65535);
}

Bytes writeOpen(const ChannelOptions &options)
{
    Bytes message(OpenHeaderSize + options.label.size() + options.protocol.size());
    std::uint8_t type = Reliable;
    std::uint32_t parameter = 0;
    if (options.maxRetransmits) {
        type = PartialReliableRetransmit;
        parameter = *options.maxRetransmits;
    } else if (options.maxLifetime) {
        type = PartialReliableTimed;
        parameter = static_cast<std::uint32_t>(options.maxLifetime->count());
    }
    message[0] = static_cast<std::uint8_t>(MessageType::Open);
    message[1] = options.ordered ? type : type | Unordered;
    writeUint16(message.data() + 2, 256); // priority "normal" (RFC 8831 section 6.4)
    writeUint32(message.data() + 4, parameter);
    writeUint16(message.data() + 8, static_cast<std::uint16_t>(options.label.size()));
    writeUint16(message.data() + 10, static_cast<std::uint16_t>(options.protocol.size()));
    const auto afterLabel = std::copy(options.label.begin(), options.label.end(),
                                      message.begin() + OpenHeaderSize);
    std::copy(options.protocol.begin(), options.protocol.end(), afterLabel);
    return message;
}

std::optional<ChannelOptions> parseOpen(ByteView message)
{
    if (message.size() < OpenHeaderSize || messageType(message) != MessageType::Open)
        return std::nullopt;
    const std::size_t labelSize = readUint16(message.data() + 8);
    const std::size_t protocolSize = readUint16(message.data() + 10);
    if (message.size() != OpenHeaderSize + labelSize + protocolSize)
        return std::nullopt;

    ChannelOptions options;
    const auto parameter = static_cast<std::uint16_t>(
        std::min<std::uint32_t>(readUint32(message.data() + 4), 65535));
    options.ordered = (message[1] & Unordered) == 0;
    switch (message[1] & ~Unordered) {
    case Reliable:
        break;
    case PartialReliableRetransmit:
        options.maxRetransmits = parameter;
        break;
    case PartialReliableTimed:
        options.maxLifetime = std::chrono::milliseconds(parameter);
        break;
    default:
        return std::nullopt;
    }
    options.label = asText(message.subspan(OpenHeaderSize, labelSize));
    options.protocol = asText(message.subspan(OpenHeaderSize + labelSize));
    return options;
}

Bytes writeAck()
{
    return {static_cast<std::uint8_t>(MessageType::Ack)};
}

} // namespace peer::dcep
