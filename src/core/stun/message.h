// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_STUN_MESSAGE_H
#define PEER_STUN_MESSAGE_H

#include "core/base/address.h"
#include "core/base/bytes.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/stun/attribute.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace peer::stun {

/// RFC 8489 section 5: 96 random bits that tie a response to its request.
using TransactionId = std::array<std::uint8_t, 12>;
TransactionId makeTransactionId(RandomSource &random);

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

/// A STUN message over borrowed octets (RFC 8489 section 5). Parsing copies nothing; the octets
/// must outlive the message.
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
class Message
{
public:
    static Result<Message, ParseError> parse(ByteView octets);

    Class messageClass() const;
    Method method() const;
    const TransactionId &transactionId() const;
    ByteView octets() const;

    /// The first attribute of that type before any MESSAGE-INTEGRITY (RFC 8489 section 14.5: what
    /// follows integrity is ignored, but integrity-sha256 and fingerprint).
    bool has(Attribute type) const;
    std::optional<ByteView> find(Attribute type) const;

    std::optional<std::uint32_t> uint32(Attribute type) const;
    std::optional<std::uint64_t> uint64(Attribute type) const;
    std::optional<std::string_view> text(Attribute type) const;
    /// MAPPED-ADDRESS and ALTERNATE-SERVER are plain, XOR-… are undone.
    std::optional<TransportAddress> address(Attribute type) const;
    struct ErrorCode
    {
        int code;
        std::string_view reason;
    };
    std::optional<ErrorCode> errorCode() const;

    bool hasFingerprint() const;
    enum class Integrity : std::uint8_t { Absent, Sha1, Sha256 };
    /// The strongest one present.
    Integrity integrity() const;
    /// Compares in constant time. key: short-term = the password as it is (RFC 8489 section 9.1.1).
    bool checkIntegrity(ByteView key, Integrity kind) const;

    /// Comprehension-required types (below 0x8000) that are unknown to us, in order, at most 16.
    std::vector<std::uint16_t> unknownRequired() const;
};

} // namespace peer::stun

#endif // PEER_STUN_MESSAGE_H
