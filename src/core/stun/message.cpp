// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/message.h"

#include "core/stun/fingerprint.h"

#include <algorithm>

namespace peer::stun {

namespace {

constexpr std::size_t AttributeHeaderSize = 4;
constexpr std::size_t FingerprintSize = 4;

constexpr std::size_t padded(std::size_t length)
{
    return (length + 3) & ~std::size_t{3};
}

} // namespace

TransactionId makeTransactionId(RandomSource &random)
{
    TransactionId id{};
    random.fill(id);
    return id;
}

Result<Message, ParseError> Message::parse(ByteView octets)
{
    if (octets.size() < HeaderSize)
        return ParseError::TooShort;
    if (octets[0] & 0xC0)
        return ParseError::NotStun;
    if (readUint32(&octets[4]) != MagicCookie)
        return ParseError::BadCookie;
    const std::size_t length = readUint16(&octets[2]);
    if (length % 4 != 0 || HeaderSize + length != octets.size())
        return ParseError::BadLength;

    Message message;
    message.m_octets = octets;
    std::copy_n(octets.begin() + 8, message.m_transactionId.size(),
                message.m_transactionId.begin());
    if (const std::optional<ParseError> error = message.readAttributes())
        return *error;
    return message;
}

/// Walks over all attributes once, so that later walks need no checks.
std::optional<ParseError> Message::readAttributes()
{
    std::size_t count = 0;
    bool isContent = true;
    std::size_t at = HeaderSize;
    while (at < m_octets.size()) {
        if (++count > MaxAttributes)
            return ParseError::TooManyAttributes;
        // The length is a multiple of 4, so an attribute's header is always whole.
        const std::size_t length = readUint16(&m_octets[at + 2]);
        if (padded(length) > m_octets.size() - at - AttributeHeaderSize)
            return ParseError::AttributeOverrun;
        const Entry current = entry(at);
        if (m_fingerprintAt)
            return ParseError::BadFingerprint;
        if (noteSpecial(current, at))
            isContent = false;
        else if (isContent)
            m_contentEnd = current.next;
        at = current.next;
    }
    if (m_fingerprintAt) {
        const ByteView value = entry(m_fingerprintAt).value;
        if (value.size() != FingerprintSize
            || readUint32(value.data()) != fingerprint(m_octets.first(m_fingerprintAt)))
            return ParseError::BadFingerprint;
    }
    return std::nullopt;
}

/// Remembers where integrity and fingerprint are; true if the attribute ends the content. A second
/// one of a kind, and SHA-1 behind SHA-256, is ignored as RFC 8489 sections 14.5 and 14.6 want it.
bool Message::noteSpecial(const Entry &entry, std::size_t at)
{
    if (entry.type == Attribute::Fingerprint) {
        m_fingerprintAt = at;
        return true;
    }
    if (entry.type == Attribute::MessageIntegrity) {
        if (!m_sha1At && !m_sha256At)
            m_sha1At = at;
        return true;
    }
    if (entry.type == Attribute::MessageIntegritySha256) {
        if (!m_sha256At)
            m_sha256At = at;
        return true;
    }
    return false;
}

/// Of the attribute that begins at; readAttributes() has checked that it lies within the message.
Message::Entry Message::entry(std::size_t at) const
{
    const std::size_t length = readUint16(&m_octets[at + 2]);
    return {Attribute{readUint16(&m_octets[at])},
            m_octets.subspan(at + AttributeHeaderSize, length),
            at + AttributeHeaderSize + padded(length)};
}

Class Message::messageClass() const
{
    return static_cast<Class>(((m_octets[0] & 0x01) << 1) | ((m_octets[1] & 0x10) >> 4));
}

/// RFC 8489 section 5, figure 3: the class's two bits stand at 8 and 4 between the method's.
Method Message::method() const
{
    const unsigned type = readUint16(m_octets.data());
    return static_cast<Method>(((type & 0x3E00) >> 2) | ((type & 0x00E0) >> 1) | (type & 0x000F));
}

std::optional<ByteView> Message::find(Attribute type) const
{
    if (type == Attribute::Fingerprint)
        return hasFingerprint() ? std::optional(entry(m_fingerprintAt).value) : std::nullopt;
    if (type == Attribute::MessageIntegrity)
        return m_sha1At ? std::optional(entry(m_sha1At).value) : std::nullopt;
    if (type == Attribute::MessageIntegritySha256)
        return m_sha256At ? std::optional(entry(m_sha256At).value) : std::nullopt;
    for (std::size_t at = HeaderSize; at < m_contentEnd;) {
        const Entry current = entry(at);
        if (current.type == type)
            return current.value;
        at = current.next;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> Message::uint32(Attribute type) const
{
    const std::optional<ByteView> value = find(type);
    if (!value || value->size() != 4)
        return std::nullopt;
    return readUint32(value->data());
}

std::optional<std::uint64_t> Message::uint64(Attribute type) const
{
    const std::optional<ByteView> value = find(type);
    if (!value || value->size() != 8)
        return std::nullopt;
    return readUint64(value->data());
}

std::optional<std::string_view> Message::text(Attribute type) const
{
    const std::optional<ByteView> value = find(type);
    if (!value)
        return std::nullopt;
    return asText(*value);
}

std::optional<TransportAddress> Message::address(Attribute type) const
{
    const std::optional<ByteView> value = find(type);
    return value ? addressIn({type, *value, 0}) : std::nullopt;
}

std::optional<TransportAddress> Message::address(Attribute type, IpAddress::Family family) const
{
    for (std::size_t at = HeaderSize; at < m_contentEnd;) {
        const Entry current = entry(at);
        at = current.next;
        if (current.type != type)
            continue;
        const auto address = addressIn(current);
        if (address && address->ip.family() == family)
            return address;
    }
    return std::nullopt;
}

/// RFC 8489 sections 14.1 and 14.2: an octet to ignore, the family, port and address.
std::optional<TransportAddress> Message::addressIn(const Entry &entry) const
{
    const ByteView value = entry.value;
    if (value.size() < 8)
        return std::nullopt;
    const std::uint8_t family = value[1];
    const std::size_t size = family == 0x01 ? 4 : family == 0x02 ? 16 : 0;
    if (size == 0 || value.size() != 4 + size)
        return std::nullopt;

    std::uint16_t port = readUint16(&value[2]);
    std::array<std::uint8_t, 16> octets{};
    std::copy_n(value.begin() + 4, size, octets.begin());
    if (isXorAddress(entry.type)) {
        port ^= static_cast<std::uint16_t>(MagicCookie >> 16);
        // The cookie and the transaction id stand next to each other in the header.
        for (std::size_t i = 0; i < size; ++i)
            octets[i] ^= m_octets[4 + i];
    }
    return TransportAddress{IpAddress::fromOctets(ByteView(octets).first(size)), port};
}

/// RFC 8489 section 14.8: 21 bits to ignore, the hundreds in 3, the rest in 8.
std::optional<Message::ErrorCode> Message::errorCode() const
{
    const std::optional<ByteView> value = find(Attribute::ErrorCode);
    if (!value || value->size() < 4)
        return std::nullopt;
    const int hundreds = (*value)[2] & 0x07;
    const int number = (*value)[3];
    if (hundreds < 3 || hundreds > 6 || number > 99)
        return std::nullopt;
    return ErrorCode{hundreds * 100 + number, asText(value->subspan(4))};
}

AttributeTypes Message::unknownAttributes() const
{
    AttributeTypes types;
    const std::optional<ByteView> value = find(Attribute::UnknownAttributes);
    if (!value)
        return types;
    for (std::size_t at = 0; at + 2 <= value->size(); at += 2)
        types.insert(Attribute{readUint16(&(*value)[at])});
    return types;
}

Integrity Message::integrity() const
{
    return m_sha256At ? Integrity::Sha256 : m_sha1At ? Integrity::Sha1 : Integrity::Absent;
}

std::size_t Message::integrityAt(Integrity kind) const
{
    switch (kind) {
    case Integrity::Absent:
        return 0;
    case Integrity::Sha1:
        return m_sha1At;
    case Integrity::Sha256:
        return m_sha256At;
    }
    return 0;
}

bool Message::checkIntegrity(const IntegrityKey &key, Integrity kind) const
{
    const std::size_t at = integrityAt(kind);
    if (at == 0)
        return false;
    const Entry attribute = entry(at);
    if (attribute.value.size() != integritySize(kind))
        return false;
    return key.verify(kind, m_octets.first(at),
                      static_cast<std::uint16_t>(attribute.next - HeaderSize), attribute.value);
}

bool Message::checkIntegrity(ByteView key, Integrity kind) const
{
    return checkIntegrity(IntegrityKey(key), kind);
}

AttributeTypes Message::unknownRequired(std::span<const Attribute> notSupported) const
{
    AttributeTypes types;
    for (std::size_t at = HeaderSize; at < m_contentEnd;) {
        const Entry current = entry(at);
        const bool isRefused = std::find(notSupported.begin(), notSupported.end(), current.type)
            != notSupported.end();
        if (isComprehensionRequired(current.type) && (isRefused || !isKnown(current.type)))
            types.insert(current.type);
        at = current.next;
    }
    return types;
}

} // namespace peer::stun
