// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/turn/channeldata.h"

#include <algorithm>

namespace peer::turn {

std::optional<ChannelData> ChannelData::parse(ByteView octets)
{
    if (octets.size() < ChannelDataHeaderSize || !isChannelData(octets[0]))
        return std::nullopt;
    const std::size_t length = readUint16(&octets[2]);
    if (length > octets.size() - ChannelDataHeaderSize)
        return std::nullopt;
    return ChannelData{readUint16(octets.data()), octets.subspan(ChannelDataHeaderSize, length)};
}

ByteView writeChannelData(MutableByteView out, ChannelNumber channel, ByteView payload)
{
    const std::size_t size = ChannelDataHeaderSize + payload.size();
    if (payload.size() > 0xFFFF || size > out.size())
        return {};
    writeUint16(&out[0], channel);
    writeUint16(&out[2], static_cast<std::uint16_t>(payload.size()));
    std::copy(payload.begin(), payload.end(), out.begin() + ChannelDataHeaderSize);
    return out.first(size);
}

} // namespace peer::turn
