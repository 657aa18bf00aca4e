// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_STUN_ATTRIBUTE_H
#define PEER_STUN_ATTRIBUTE_H

#include <array>
#include <cstddef>
#include <cstdint>

namespace peer::stun {

/// A message's method (12 bits). Any number may arrive; these are the ones that have a name.
enum class Method : std::uint16_t {
    Binding = 0x001,  ///< RFC 8489
    Allocate = 0x003, ///< RFC 8656, this one and those below
    Refresh = 0x004,
    Send = 0x006,
    Data = 0x007,
    CreatePermission = 0x008,
    ChannelBind = 0x009,
};

/// An attribute's type. Below 0x8000 the receiver must understand it or refuse the message
/// (comprehension-required), from there on it may ignore it. Any number may arrive.
enum class Attribute : std::uint16_t {
    // RFC 8489 section 18.3
    MappedAddress = 0x0001,
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    UnknownAttributes = 0x000A,
    Realm = 0x0014,
    Nonce = 0x0015,
    MessageIntegritySha256 = 0x001C,
    PasswordAlgorithm = 0x001D,
    UserHash = 0x001E,
    XorMappedAddress = 0x0020,
    PasswordAlgorithms = 0x8002,
    AlternateDomain = 0x8003,
    Software = 0x8022,
    AlternateServer = 0x8023,
    Fingerprint = 0x8028,

    // RFC 8445 section 20.2
    Priority = 0x0024,
    UseCandidate = 0x0025,
    IceControlled = 0x8029,
    IceControlling = 0x802A,

    /// draft-thatcher-ice-renomination: a counter, the pair with the highest one is selected.
    /// The draft gives no number; libwebrtc sends it with this one.
    Nomination = 0xC001,
    /// Ours (session/WIRE-EXTENSIONS.md): the NOMINATION whose pair is not fit for data.
    NomineeUnfit = 0xCE01,

    // RFC 8656 section 18
    ChannelNumber = 0x000C,
    Lifetime = 0x000D,
    XorPeerAddress = 0x0012,
    Data = 0x0013,
    XorRelayedAddress = 0x0016,
    RequestedAddressFamily = 0x0017,
    EvenPort = 0x0018,
    RequestedTransport = 0x0019,
    DontFragment = 0x001A,
    ReservationToken = 0x0022,
    AdditionalAddressFamily = 0x8000,
    AddressErrorCode = 0x8001,
    Icmp = 0x8004,

    // RFC 5780 section 7
    ChangeRequest = 0x0003,
    Padding = 0x0026,
    ResponsePort = 0x0027,
    CacheTimeout = 0x8027,
    ResponseOrigin = 0x802B,
    OtherAddress = 0x802C,
};

/// Whether the number has one of the names above.
bool isKnown(Attribute type);

/// RFC 8489 section 14: whoever does not know it must refuse the message that carries it.
constexpr bool isComprehensionRequired(Attribute type)
{
    return static_cast<std::uint16_t>(type) < 0x8000;
}

/// Whether an address in it is obfuscated by the magic cookie (RFC 8489 section 14.2).
bool isXorAddress(Attribute type);

/// What CHANGE-REQUEST asks for (RFC 5780 section 7.2): flags.
namespace changerequest {
inline constexpr std::uint32_t Ip = 0x4;
inline constexpr std::uint32_t Port = 0x2;
} // namespace changerequest

/// The codes that ERROR-CODE carries (RFC 8489 section 14.8, RFC 8445 section 20.3, RFC 8656
/// section 19). They stay numbers, for any from 300 to 699 may arrive.
namespace errorcode {
inline constexpr int TryAlternate = 300;
inline constexpr int BadRequest = 400;
inline constexpr int Unauthenticated = 401;
inline constexpr int Forbidden = 403;
inline constexpr int UnknownAttribute = 420;
inline constexpr int AllocationMismatch = 437;
inline constexpr int StaleNonce = 438;
inline constexpr int AddressFamilyNotSupported = 440;
inline constexpr int WrongCredentials = 441;
inline constexpr int UnsupportedTransport = 442;
inline constexpr int PeerAddressFamilyMismatch = 443;
inline constexpr int AllocationQuotaReached = 486;
inline constexpr int RoleConflict = 487;
inline constexpr int ServerError = 500;
inline constexpr int InsufficientCapacity = 508;
} // namespace errorcode

/// A few attribute types, each once, in the order they came; what does not fit is left out.
/// Allocates nothing.
class AttributeTypes
{
public:
    /// So many UNKNOWN-ATTRIBUTES are answered; the standard sets no bound.
    static constexpr std::size_t Capacity = 16;

    void insert(Attribute type);
    bool isEmpty() const { return m_size == 0; }
    bool contains(Attribute type) const;

    std::size_t size() const { return m_size; }
    const Attribute *data() const { return m_types.data(); }
    const Attribute *begin() const { return m_types.data(); }
    const Attribute *end() const { return m_types.data() + m_size; }
    Attribute operator[](std::size_t at) const { return m_types[at]; }

private:
    std::array<Attribute, Capacity> m_types{};
    std::size_t m_size = 0;
};

} // namespace peer::stun

#endif // PEER_STUN_ATTRIBUTE_H
