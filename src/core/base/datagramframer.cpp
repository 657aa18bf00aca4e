// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/base/datagramframer.h"

namespace peer {

void DatagramFramer::push(ByteView octets)
{
    if (m_isBroken)
        return;
    m_buffer.erase(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(m_at));
    m_at = 0;
    m_buffer.insert(m_buffer.end(), octets.begin(), octets.end());
}

std::optional<ByteView> DatagramFramer::next()
{
    while (!m_isBroken && m_buffer.size() - m_at >= HeaderSize) {
        const ByteView rest = ByteView(m_buffer).subspan(m_at);
        const std::size_t size = readUint16(rest.data());
        if (size > MaxDatagram) {
            m_isBroken = true;
            m_buffer.clear();
            m_at = 0;
            return std::nullopt;
        }
        if (rest.size() < HeaderSize + size)
            return std::nullopt;
        m_at += HeaderSize + size;
        if (size > 0)
            return rest.subspan(HeaderSize, size);
    }
    return std::nullopt;
}

std::array<std::uint8_t, DatagramFramer::HeaderSize> DatagramFramer::header(std::size_t size)
{
    std::array<std::uint8_t, HeaderSize> octets{};
    writeUint16(octets.data(), static_cast<std::uint16_t>(size));
    return octets;
}

} // namespace peer
