// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/redundantsound.h"

#include <algorithm>
#include <array>

namespace peer::media {

namespace {

constexpr std::size_t FixedHeader = 12; // RFC 3550 section 5.1
// RFC 2198 section 3: 14 bits of time, 10 of length.
constexpr std::uint32_t MaxOffset = 0x3fff;
constexpr std::size_t MaxLength = 0x3ff;

} // namespace

bool RedundantSound::repeat(ByteView packet, int copies, Bytes &result)
{
    // Neither padding, nor extensions, nor contributing sources: our payloader makes none.
    if (packet.size() <= FixedHeader || packet[0] != 0x80)
        return false;
    const auto payloadType = static_cast<std::uint8_t>(packet[1] & 0x7f);
    const std::uint32_t timestamp = readUint32(packet.data() + 4);
    const ByteView octets = packet.subspan(FixedHeader);

    std::array<const Block *, MaxCopies> repeated{}; // the oldest first
    std::size_t count = 0;
    std::size_t size = packet.size() + 1;
    for (auto copy = std::size_t(std::clamp(copies, 0, MaxCopies)); copy > 0; --copy) {
        if (m_sent.size() < copy * Apart)
            continue;
        const Block &block = m_sent[copy * Apart - 1];
        const std::uint32_t offset = timestamp - block.timestamp;
        if (offset == 0 || offset > MaxOffset || block.octets.size() > MaxLength
            || size + 4 + block.octets.size() > MaxSize) {
            continue;
        }
        size += 4 + block.octets.size();
        repeated[count++] = &block;
    }
    if (count > 0) {
        result.assign(packet.begin(), packet.begin() + FixedHeader);
        result[1] = static_cast<std::uint8_t>((packet[1] & 0x80) | m_payloadType);
        for (std::size_t i = 0; i < count; ++i) {
            const auto length = static_cast<std::uint32_t>(repeated[i]->octets.size());
            std::array<std::uint8_t, 4> header{};
            writeUint32(header.data(),
                        (0x80U | repeated[i]->payloadType) << 24
                            | (timestamp - repeated[i]->timestamp) << 10 | length);
            result.insert(result.end(), header.begin(), header.end());
        }
        result.push_back(payloadType);
        for (std::size_t i = 0; i < count; ++i)
            result.insert(result.end(), repeated[i]->octets.begin(), repeated[i]->octets.end());
        result.insert(result.end(), octets.begin(), octets.end());
    }

    if (m_sent.size() == MaxCopies * Apart)
        m_sent.pop_back();
    m_sent.push_front({timestamp, payloadType, toBytes(octets)});
    return count > 0;
}

} // namespace peer::media
