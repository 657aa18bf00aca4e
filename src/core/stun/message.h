// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_STUN_MESSAGE_H
#define PEER_STUN_MESSAGE_H

#include "core/base/address.h"
#include "core/base/bytes.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/stun/attribute.h"
#include "core/stun/integrity.h"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace peer::stun {

/// RFC 8489 section 5: 96 random bits that tie a response to its request.
using TransactionId = std::array<std::uint8_t, 12>;
TransactionId makeTransactionId(RandomSource &random);

inline constexpr std::uint32_t MagicCookie = 0x2112A442;
inline constexpr std::size_t HeaderSize = 20;

enum class Class : std::uint8_t {
    Request = 0,
    Indication = 1,
    SuccessResponse = 2,
    ErrorResponse = 3
};

enum class ParseError : std::uint8_t {
    TooShort,         ///< fewer than 20 octets
    NotStun,          ///< the first two bits are not 0
    BadCookie,        ///< not 0x2112A442
    BadLength,        ///< not a multiple of 4, or not what the datagram holds
    AttributeOverrun, ///< an attribute reaches beyond the message
    TooManyAttributes,
    BadFingerprint, ///< FINGERPRINT present but wrong or not last
};

/// A STUN message over borrowed octets (RFC 8489 section 5). Parsing copies nothing but the
/// transaction id and allocates nothing; the octets must outlive the message.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |0 0|     STUN Message Type     |         Message Length        |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                         Magic Cookie                          |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                     Transaction ID (96 bits)                  |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// Then attributes (section 14), each a type and a length of 16 bits and a value that is padded to
/// a multiple of 4 octets; the length does not count the padding, whose octets may be anything.
///
/// An accessor gives nothing when the attribute is absent or its value has not the shape asked
/// for. A text is whatever octets came: neither UTF-8 nor free of control characters.
class Message
{
public:
    using Integrity = stun::Integrity;

    /// A datagram with more attributes is refused; the longest that any RFC describes has about
    /// fifteen. It bounds what one find() costs.
    static constexpr std::size_t MaxAttributes = 64;

    static Result<Message, ParseError> parse(ByteView octets);

    Class messageClass() const;
    Method method() const;
    const TransactionId &transactionId() const { return m_transactionId; }
    ByteView octets() const { return m_octets; }

    /// The first attribute of that type before any MESSAGE-INTEGRITY (RFC 8489 section 14.5: what
    /// follows integrity is ignored, but integrity-sha256 and fingerprint).
    bool has(Attribute type) const { return find(type).has_value(); }
    std::optional<ByteView> find(Attribute type) const;

    std::optional<std::uint32_t> uint32(Attribute type) const;
    std::optional<std::uint64_t> uint64(Attribute type) const;
    std::optional<std::string_view> text(Attribute type) const;
    /// MAPPED-ADDRESS and ALTERNATE-SERVER are plain, XOR-… are undone.
    std::optional<TransportAddress> address(Attribute type) const;
    /// The first of that type and family: an Allocate response may tell one of each (RFC 8656
    /// section 7.3).
    std::optional<TransportAddress> address(Attribute type, IpAddress::Family family) const;
    struct ErrorCode
    {
        int code; ///< 300 to 699
        std::string_view reason;
    };
    std::optional<ErrorCode> errorCode() const;
    /// What UNKNOWN-ATTRIBUTES lists; the first 16 of them.
    AttributeTypes unknownAttributes() const;

    bool hasFingerprint() const { return m_fingerprintAt != 0; }
    /// The strongest one present.
    Integrity integrity() const;
    /// Compares in constant time. False when that kind is absent or not of its full size.
    bool checkIntegrity(const IntegrityKey &key, Integrity kind) const;
    /// The same for a key that is used once: short-term = the password as it is (RFC 8489
    /// section 9.1.1).
    bool checkIntegrity(ByteView key, Integrity kind) const;

    /// Comprehension-required types (below 0x8000) that are unknown to us, in order, at most 16.
    /// notSupported: known ones that the caller refuses all the same.
    AttributeTypes unknownRequired(std::span<const Attribute> notSupported = {}) const;

private:
    struct Entry
    {
        Attribute type;
        ByteView value;
        std::size_t next; ///< where the following one begins
    };

    Message() = default;
    std::optional<ParseError> readAttributes();
    bool noteSpecial(const Entry &entry, std::size_t at);
    Entry entry(std::size_t at) const;
    std::optional<TransportAddress> addressIn(const Entry &entry) const;
    std::size_t integrityAt(Integrity kind) const;

    ByteView m_octets;
    TransactionId m_transactionId{};
    /// Where the attributes end that find() looks at: at integrity, fingerprint or the end.
    std::size_t m_contentEnd = HeaderSize;
    /// Where the attribute begins; 0 if absent.
    std::size_t m_sha1At = 0;
    std::size_t m_sha256At = 0;
    std::size_t m_fingerprintAt = 0;
};

} // namespace peer::stun

#endif // PEER_STUN_MESSAGE_H
