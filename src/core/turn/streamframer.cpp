// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/turn/streamframer.h"

#include "core/stun/message.h"
#include "core/turn/channeldata.h"

namespace peer::turn {

namespace {

/// Both kinds tell their length in the third and fourth octet.
constexpr std::size_t LengthEnd = 4;

} // namespace

std::size_t StreamFramer::padding(std::uint8_t firstOctet, std::size_t size)
{
    return isChannelData(firstOctet) ? (4 - size % 4) % 4 : 0;
}

void StreamFramer::push(ByteView octets)
{
    if (m_isBroken)
        return;
    m_buffer.erase(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(m_at));
    m_at = 0;
    m_buffer.insert(m_buffer.end(), octets.begin(), octets.end());
}

std::optional<ByteView> StreamFramer::next()
{
    const ByteView rest = ByteView(m_buffer).subspan(m_at);
    if (m_isBroken || rest.size() < LengthEnd)
        return std::nullopt;
    const bool isStun = rest[0] < 4; // RFC 7983
    const std::size_t header = isStun ? stun::HeaderSize : ChannelDataHeaderSize;
    const std::size_t size = header + readUint16(&rest[2]);
    if ((!isStun && !isChannelData(rest[0])) || size > MaxMessage) {
        m_isBroken = true;
        m_buffer.clear();
        m_at = 0;
        return std::nullopt;
    }
    const std::size_t padded = size + padding(rest[0], size);
    if (rest.size() < padded)
        return std::nullopt;
    m_at += padded;
    return rest.first(size);
}

} // namespace peer::turn
