// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/messagewriter.h"

#include "core/stun/fingerprint.h"

#include <algorithm>
#include <cassert>

namespace peer::stun {

namespace {

constexpr std::size_t AttributeHeaderSize = 4;

} // namespace

void MessageWriter::begin(Class messageClass, Method method, const TransactionId &transactionId)
{
    m_size = 0;
    m_hasFailed = m_out.size() < HeaderSize;
    if (m_hasFailed)
        return;
    const auto classBits = static_cast<unsigned>(messageClass);
    const auto methodBits = static_cast<unsigned>(method);
    assert(methodBits <= 0xFFF);
    // RFC 8489 section 5, figure 3
    const unsigned type = ((methodBits & 0xF80) << 2) | ((methodBits & 0x070) << 1)
        | (methodBits & 0x00F) | ((classBits & 2) << 7) | ((classBits & 1) << 4);
    writeUint16(&m_out[0], static_cast<std::uint16_t>(type));
    writeUint16(&m_out[2], 0);
    writeUint32(&m_out[4], MagicCookie);
    std::copy(transactionId.begin(), transactionId.end(), m_out.begin() + 8);
    m_size = HeaderSize;
}

MutableByteView MessageWriter::append(Attribute type, std::size_t length)
{
    assert(m_size >= HeaderSize || m_hasFailed);
    const std::size_t padded = (length + 3) & ~std::size_t{3};
    const std::size_t newSize = m_size + AttributeHeaderSize + padded;
    if (m_hasFailed || length > 0xFFFF || newSize > m_out.size() || newSize - HeaderSize > 0xFFFF) {
        m_hasFailed = true;
        return {};
    }
    const MutableByteView value = m_out.subspan(m_size + AttributeHeaderSize, padded);
    writeUint16(&m_out[m_size], static_cast<std::uint16_t>(type));
    writeUint16(&m_out[m_size + 2], static_cast<std::uint16_t>(length));
    std::fill(value.begin() + static_cast<std::ptrdiff_t>(length), value.end(), std::uint8_t{0});
    m_size = newSize;
    writeUint16(&m_out[2], static_cast<std::uint16_t>(m_size - HeaderSize));
    return value.first(length);
}

void MessageWriter::addUint32(Attribute type, std::uint32_t value)
{
    if (const MutableByteView room = append(type, 4); !room.empty())
        writeUint32(room.data(), value);
}

void MessageWriter::addUint64(Attribute type, std::uint64_t value)
{
    if (const MutableByteView room = append(type, 8); !room.empty())
        writeUint64(room.data(), value);
}

void MessageWriter::addFlag(Attribute type)
{
    append(type, 0);
}

void MessageWriter::addText(Attribute type, std::string_view value)
{
    addBytes(type, asBytes(value));
}

void MessageWriter::addBytes(Attribute type, ByteView value)
{
    if (const MutableByteView room = append(type, value.size()); !room.empty())
        std::copy(value.begin(), value.end(), room.begin());
}

void MessageWriter::addAddress(Attribute type, const TransportAddress &address)
{
    assert(!address.isNull());
    const ByteView octets = address.ip.octets();
    const MutableByteView room = append(type, 4 + octets.size());
    if (room.empty())
        return;
    const bool isXor = isXorAddress(type);
    room[0] = 0;
    room[1] = address.ip.isV4() ? 0x01 : 0x02;
    const auto portMask = static_cast<std::uint16_t>(isXor ? MagicCookie >> 16 : 0);
    writeUint16(&room[2], static_cast<std::uint16_t>(address.port ^ portMask));
    // The cookie and the transaction id stand next to each other in the header.
    for (std::size_t i = 0; i < octets.size(); ++i)
        room[4 + i] = static_cast<std::uint8_t>(octets[i] ^ (isXor ? m_out[4 + i] : 0));
}

void MessageWriter::addErrorCode(int code, std::string_view reason)
{
    assert(code >= 300 && code <= 699);
    const MutableByteView room = append(Attribute::ErrorCode, 4 + reason.size());
    if (room.empty())
        return;
    writeUint16(&room[0], 0);
    room[2] = static_cast<std::uint8_t>(code / 100);
    room[3] = static_cast<std::uint8_t>(code % 100);
    std::copy(reason.begin(), reason.end(), room.begin() + 4);
}

void MessageWriter::addUnknownAttributes(std::span<const Attribute> types)
{
    const MutableByteView room = append(Attribute::UnknownAttributes, 2 * types.size());
    if (room.empty())
        return;
    for (std::size_t i = 0; i < types.size(); ++i)
        writeUint16(&room[2 * i], static_cast<std::uint16_t>(types[i]));
}

void MessageWriter::addIntegrity(const IntegrityKey &key, Integrity kind)
{
    if (kind == Integrity::Absent)
        return;
    const ByteView signedOctets = m_out.first(m_size);
    const MutableByteView room = append(
        kind == Integrity::Sha256 ? Attribute::MessageIntegritySha256 : Attribute::MessageIntegrity,
        integritySize(kind));
    if (room.empty())
        return;
    if (!key.sign(kind, signedOctets, static_cast<std::uint16_t>(m_size - HeaderSize), room))
        m_hasFailed = true;
}

void MessageWriter::addFingerprint()
{
    const std::size_t covered = m_size;
    if (const MutableByteView room = append(Attribute::Fingerprint, 4); !room.empty())
        writeUint32(room.data(), fingerprint(m_out.first(covered)));
}

ByteView MessageWriter::finish() const
{
    return m_hasFailed ? ByteView() : ByteView(m_out.first(m_size));
}

} // namespace peer::stun
