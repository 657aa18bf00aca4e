// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_PROTOCOLMESSAGES_H
#define PEER_SIGNALING_PROTOCOLMESSAGES_H

#include "core/base/result.h"
#include "signaling/protocolversion.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qlist.h>
#include <QtCore/qstring.h>

#include <optional>
#include <variant>

/// The messages of PROTOCOL.md as values. Whatever a parser returns has passed its checks; a
/// writer takes only what would pass them.
namespace peer::rendezvous {

/// The path of the WebSocket on the server.
inline constexpr QStringView SocketPath = u"/rendezvous";
/// And that of a tunnel's end.
inline constexpr QStringView TunnelPath = u"/tunnel";

inline constexpr qsizetype ChallengeSize = 32;
inline constexpr qsizetype TicketSize = 32;
inline constexpr qsizetype SignatureSize = 64;
/// A P-256 SubjectPublicKeyInfo has 91 octets.
inline constexpr qsizetype MaxPublicKeySize = 128;
inline constexpr qsizetype MaxTokenSize = 256;
inline constexpr qsizetype MaxNameSize = 64;
inline constexpr qsizetype MaxServiceSize = 255;
inline constexpr qsizetype MinCallSize = 16;
inline constexpr qsizetype MaxCallSize = 64;
inline constexpr qsizetype MaxStunUris = 8;
inline constexpr qsizetype MaxTurnUris = 8;
/// Of a TURN user name and of its password.
inline constexpr qsizetype MaxCredentialSize = 256;
inline constexpr qsizetype MaxTunnelUrlSize = 512;
inline constexpr qsizetype MaxErrorTextSize = 512;

/// 1 to 64 unreserved characters (RFC 3986 section 2.3).
bool isValidName(QStringView name);
/// 52 characters of lower-case base32: such a name is a key's id and belongs to that key alone.
bool isIdentityName(QStringView name);
bool isValidCall(QStringView call);
/// At most 255 octets of UTF-8, no control characters; empty is valid.
bool isValidService(QStringView service);
/// 1 to 256 visible ASCII characters.
bool isValidToken(const QByteArray &token);

/// What a server tells of its limits; the client keeps to them.
struct AnnouncedLimits
{
    int message = 80 * 1024; ///< octets of one message
    int calls = 0;           ///< at a time on one socket
    int names = 0;           ///< likewise

    friend bool operator==(const AnnouncedLimits &, const AnnouncedLimits &) = default;
};

enum class RegistrationFailure : quint8 { Owned, Unproven, Limit, Rate };
/// Of the sender; a peer may call itself, over one socket.
enum class CallSide : quint8 { Caller, Callee };
enum class MintFailure : quint8 { None, Rate };
enum class WatchFailure : quint8 { Limit, Rate };
enum class CallFailure : quint8 { Offline, Limit, Rate, Unknown };
enum class FatalError : quint8 { Version, Token, Proof, Malformed, Rate, Limit };

namespace message {

/// TURN servers and short-lived credentials for all of them.
struct TurnServers
{
    QStringList uris; ///< RFC 7065, 1 to MaxTurnUris
    QString username;
    QString password;
    int lifetime = 0; ///< seconds from now on

    friend bool operator==(const TurnServers &, const TurnServers &) = default;
};
/// The tunnel of one call, for both sides of it.
struct Tunnel
{
    QString url;   ///< or a reference, relative to the rendezvous's own URL (RFC 3986 section 4.2)
    QString token; ///< a secret of the two sides

    friend bool operator==(const Tunnel &, const Tunnel &) = default;
};

// Server to client

struct Welcome
{
    ProtocolVersion version = ownProtocolVersion;
    QByteArray challenge; ///< octets
    QStringList stun;     ///< URIs (RFC 7064), at most MaxStunUris
    QString address;
    AnnouncedLimits limits;
    std::optional<TurnServers> turn{};
    bool hasTunnels = true; ///< member "tunnels"; calls have tunnels

    friend bool operator==(const Welcome &, const Welcome &) = default;
};
struct Ready
{
    bool resumed = false;
    std::optional<TurnServers> turn{};

    friend bool operator==(const Ready &, const Ready &) = default;
};
struct Registered
{
    QString name;

    friend bool operator==(const Registered &, const Registered &) = default;
};
struct NotRegistered
{
    QString name;
    RegistrationFailure cause = RegistrationFailure::Owned;

    friend bool operator==(const NotRegistered &, const NotRegistered &) = default;
};
struct Replaced
{
    QString name;

    friend bool operator==(const Replaced &, const Replaced &) = default;
};
struct Incoming
{
    QString call;
    QString to;
    QString service;
    QString callerName; ///< member "name"; empty if there is none that the caller has proven
    QString callerId;   ///< member "id"; likewise
    QJsonObject signal;

    friend bool operator==(const Incoming &, const Incoming &) = default;
};
struct Routed
{
    QString call;
    CallSide side = CallSide::Caller; ///< of the receiver
    Tunnel tunnel;

    friend bool operator==(const Routed &, const Routed &) = default;
};
struct Turn
{
    TurnServers turn;

    friend bool operator==(const Turn &, const Turn &) = default;
};
struct Failed
{
    QString call;
    CallFailure cause = CallFailure::Offline;

    friend bool operator==(const Failed &, const Failed &) = default;
};
/// Of the client on the other side of a call.
struct Presence
{
    QString call;
    CallSide side = CallSide::Caller; ///< whose presence it is
    bool isThere = false;

    friend bool operator==(const Presence &, const Presence &) = default;
};
/// Whether a name that the receiver watches leads to somebody.
struct Watched
{
    QString name;
    bool isOnline = false; ///< member "online"

    friend bool operator==(const Watched &, const Watched &) = default;
};
struct NotWatched
{
    QString name;
    WatchFailure cause = WatchFailure::Limit;

    friend bool operator==(const NotWatched &, const NotWatched &) = default;
};
/// A tunnel of its own, beside all calls.
struct Minted
{
    QString request; ///< which one it answers
    Tunnel tunnel;

    friend bool operator==(const Minted &, const Minted &) = default;
};
struct NotMinted
{
    QString request;
    MintFailure cause = MintFailure::None;

    friend bool operator==(const NotMinted &, const NotMinted &) = default;
};
struct Error
{
    FatalError cause = FatalError::Malformed;
    QString text;
    ProtocolVersion version = ownProtocolVersion;

    friend bool operator==(const Error &, const Error &) = default;
};

// Client to server

struct Identity
{
    QByteArray key;       ///< DER SubjectPublicKeyInfo
    QByteArray signature; ///< r||s
    QString host;         ///< "HOST:PORT" as the client dialled it
    QString pin;          ///< base32 of 32 octets, or "-"

    friend bool operator==(const Identity &, const Identity &) = default;
};
struct Hello
{
    ProtocolVersion version = ownProtocolVersion;
    QByteArray token;
    std::optional<Identity> identity;
    QByteArray ticket; ///< octets; empty: nothing to resume, now or later

    friend bool operator==(const Hello &, const Hello &) = default;
};
struct Register
{
    QString name; ///< empty = the id

    friend bool operator==(const Register &, const Register &) = default;
};
struct Unregister
{
    QString name;

    friend bool operator==(const Unregister &, const Unregister &) = default;
};
struct Call
{
    QString call;
    QString to;
    QString service;
    std::optional<QJsonObject> signal;

    friend bool operator==(const Call &, const Call &) = default;
};
/// Wants to hear of a name, whoever has it.
struct Watch
{
    QString name;

    friend bool operator==(const Watch &, const Watch &) = default;
};
struct Unwatch
{
    QString name;

    friend bool operator==(const Unwatch &, const Unwatch &) = default;
};
/// Wants a tunnel that belongs to no call.
struct Mint
{
    QString request; ///< chosen by the sender, as a call's id is

    friend bool operator==(const Mint &, const Mint &) = default;
};
struct RenewTurn
{
    friend bool operator==(const RenewTurn &, const RenewTurn &) = default;
};
struct End
{
    QString call;
    CallSide side = CallSide::Caller;

    friend bool operator==(const End &, const End &) = default;
};

// Both ways

struct Signal
{
    QString call;
    CallSide side = CallSide::Caller;
    QJsonObject signal;

    friend bool operator==(const Signal &, const Signal &) = default;
};

} // namespace message

using ServerMessage =
    std::variant<message::Welcome, message::Ready, message::Registered, message::NotRegistered,
                 message::Replaced, message::Incoming, message::Signal, message::Routed,
                 message::Turn, message::Failed, message::Presence, message::Watched,
                 message::NotWatched, message::Minted, message::NotMinted, message::Error>;
using ClientMessage = std::variant<message::Hello, message::Register, message::Unregister,
                                   message::Call, message::Signal, message::End, message::Watch,
                                   message::Unwatch, message::Mint, message::RenewTurn>;

/// Why a text is no message.
struct MessageError
{
    enum class Kind : quint8 {
        Malformed,   ///< not JSON, a member is missing or is not what it must be
        UnknownType, ///< of a later minor version perhaps: to be ignored
    };
    Kind kind = Kind::Malformed;
    QString text; ///< one sentence, without the message's contents

    friend bool operator==(const MessageError &, const MessageError &) = default;
};

/// Of Welcome and Hello with another major version only the version is set.
Result<ServerMessage, MessageError> parseServerMessage(const QByteArray &utf8);
Result<ClientMessage, MessageError> parseClientMessage(const QByteArray &utf8);

/// Sets the member "tunnel" of an offer, which is the server's to say; without a tunnel, removes
/// what the sender has put there.
void setTunnel(QJsonObject &signal, const std::optional<message::Tunnel> &tunnel);
/// Null if there is none, or none that can be read.
std::optional<message::Tunnel> tunnelOf(const QJsonObject &signal);

/// Compact JSON in UTF-8.
QByteArray toJson(const ServerMessage &message);
QByteArray toJson(const ClientMessage &message);

} // namespace peer::rendezvous

#endif // PEER_SIGNALING_PROTOCOLMESSAGES_H
