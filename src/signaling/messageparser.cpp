// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/messagenames.h"
#include "signaling/messagereader.h"
#include "signaling/protocolmessages.h"

#include <QtCore/qjsondocument.h>

#include <algorithm>

namespace peer::rendezvous {

namespace {

constexpr int MaxAnnounced = 1'000'000'000;
constexpr qsizetype MaxUriSize = 300;
constexpr qsizetype MaxAddressSize = 64;
/// RFC 1035 section 3.1: a name has at most 255 octets; colon and port come after it.
constexpr qsizetype MaxHostSize = 255 + 6;

bool isPrintableAscii(QStringView text)
{
    return std::all_of(text.begin(), text.end(), [](QChar c) { return c > u' ' && c < u'\x7f'; });
}

bool isStunUri(QStringView text)
{
    return text.size() <= MaxUriSize && isPrintableAscii(text)
        && (text.startsWith("stun:"_L1) || text.startsWith("stuns:"_L1));
}

bool isTurnUri(QStringView text)
{
    return text.size() <= MaxUriSize && isPrintableAscii(text)
        && (text.startsWith("turn:"_L1) || text.startsWith("turns:"_L1));
}

bool isCredential(QStringView text)
{
    return !text.isEmpty() && text.size() <= MaxCredentialSize && isPrintableAscii(text);
}

bool isTunnelUrl(QStringView text)
{
    return !text.isEmpty() && text.size() <= MaxTunnelUrlSize && isPrintableAscii(text);
}

bool isShortAddress(QStringView text)
{
    return text.size() <= MaxAddressSize && isPrintableAscii(text);
}

bool isHostAndPort(QStringView text)
{
    return text.size() <= MaxHostSize && isPrintableAscii(text) && text.contains(u':');
}

bool isPin(QStringView text)
{
    return text == u'-' || isIdentityName(text);
}

bool isToken(QStringView text)
{
    return text.size() <= MaxTokenSize && isValidToken(text.toUtf8());
}

bool isErrorText(QStringView text)
{
    return text.size() <= MaxErrorTextSize;
}

message::TurnServers readTurnServers(MessageReader &reader)
{
    MessageReader turn(reader.object("turn"_L1));
    message::TurnServers servers{
        turn.texts("uris"_L1, MaxTurnUris, isTurnUri), turn.text("username"_L1, isCredential),
        turn.text("password"_L1, isCredential), turn.number("lifetime"_L1, 1, MaxAnnounced)};
    if (turn.fault() || servers.uris.isEmpty())
        reader.setFault("turn"_L1, "has a member that is not allowed");
    return servers;
}

std::optional<message::TurnServers> readOptionalTurnServers(MessageReader &reader)
{
    if (!reader.has("turn"_L1))
        return std::nullopt;
    return readTurnServers(reader);
}

message::Tunnel readTunnel(MessageReader &reader)
{
    MessageReader tunnel(reader.object("tunnel"_L1));
    message::Tunnel read{tunnel.text("url"_L1, isTunnelUrl), tunnel.text("token"_L1, isToken)};
    if (tunnel.fault())
        reader.setFault("tunnel"_L1, "has a member that is not allowed");
    return read;
}

message::Welcome readWelcome(MessageReader &reader)
{
    message::Welcome welcome;
    welcome.version = reader.version("version"_L1);
    if (!welcome.version.isCompatibleWith(ownProtocolVersion))
        return welcome;
    welcome.challenge = reader.octets("challenge"_L1, ChallengeSize, ChallengeSize);
    welcome.stun = reader.texts("stun"_L1, MaxStunUris, isStunUri);
    welcome.address = reader.optionalText("address"_L1, isShortAddress);
    MessageReader limits(reader.object("limits"_L1));
    welcome.limits.message = limits.number("message"_L1, 1, MaxAnnounced);
    welcome.limits.calls = limits.number("calls"_L1, 0, MaxAnnounced);
    welcome.limits.names = limits.number("names"_L1, 0, MaxAnnounced);
    if (limits.fault())
        reader.setFault("limits"_L1, "has a member that is not allowed");
    welcome.turn = readOptionalTurnServers(reader);
    if (reader.has("tunnels"_L1))
        welcome.hasTunnels = reader.boolean("tunnels"_L1);
    return welcome;
}

message::Hello readHello(MessageReader &reader)
{
    message::Hello hello;
    hello.version = reader.version("version"_L1);
    if (!hello.version.isCompatibleWith(ownProtocolVersion))
        return hello;
    hello.token = reader.optionalText("token"_L1, isToken).toUtf8();
    if (reader.has("identity"_L1)) {
        MessageReader proof(reader.object("identity"_L1));
        hello.identity = message::Identity{
            proof.octets("key"_L1, 1, MaxPublicKeySize),
            proof.octets("signature"_L1, SignatureSize, SignatureSize),
            proof.text("host"_L1, isHostAndPort), proof.text("pin"_L1, isPin)};
        if (proof.fault())
            reader.setFault("identity"_L1, "has a member that is not allowed");
    }
    if (reader.has("ticket"_L1))
        hello.ticket = reader.octets("ticket"_L1, TicketSize, TicketSize);
    return hello;
}

message::Call readCall(MessageReader &reader)
{
    message::Call call{reader.text("call"_L1, isValidCall), reader.text("to"_L1, isValidName),
                       reader.optionalText("service"_L1, isValidService), std::nullopt};
    if (reader.has("signal"_L1))
        call.signal = reader.object("signal"_L1);
    return call;
}

message::Signal readSignal(MessageReader &reader)
{
    return {reader.text("call"_L1, isValidCall), reader.oneOf<CallSide>("side"_L1, callSides),
            reader.object("signal"_L1)};
}

message::Incoming readIncoming(MessageReader &reader)
{
    return {reader.text("call"_L1, isValidCall),
            reader.text("to"_L1, isValidName),
            reader.optionalText("service"_L1, isValidService),
            reader.optionalText("name"_L1, isValidName),
            reader.optionalText("id"_L1, isIdentityName),
            reader.object("signal"_L1)};
}

message::Error readError(MessageReader &reader)
{
    // A server of another major may know other causes: its version says enough.
    const ProtocolVersion version = reader.version("version"_L1);
    if (!version.isCompatibleWith(ownProtocolVersion))
        return {FatalError::Version, {}, version};
    return {reader.oneOf<FatalError>("cause"_L1, fatalErrors),
            reader.optionalText("text"_L1, isErrorText), version};
}

std::optional<ServerMessage> readServerMessage(const QString &type, MessageReader &reader)
{
    if (type == "signal"_L1)
        return readSignal(reader);
    if (type == "incoming"_L1)
        return readIncoming(reader);
    if (type == "welcome"_L1)
        return readWelcome(reader);
    if (type == "ready"_L1)
        return message::Ready{reader.boolean("resumed"_L1), readOptionalTurnServers(reader)};
    if (type == "registered"_L1)
        return message::Registered{reader.text("name"_L1, isValidName)};
    if (type == "notregistered"_L1) {
        return message::NotRegistered{
            reader.optionalText("name"_L1, isValidName),
            reader.oneOf<RegistrationFailure>("cause"_L1, registrationFailures)};
    }
    if (type == "replaced"_L1)
        return message::Replaced{reader.text("name"_L1, isValidName)};
    if (type == "routed"_L1) {
        return message::Routed{reader.text("call"_L1, isValidCall),
                               reader.oneOf<CallSide>("side"_L1, callSides), readTunnel(reader)};
    }
    if (type == "turn"_L1)
        return message::Turn{readTurnServers(reader)};
    if (type == "failed"_L1) {
        return message::Failed{reader.text("call"_L1, isValidCall),
                               reader.oneOf<CallFailure>("cause"_L1, callFailures)};
    }
    if (type == "presence"_L1) {
        return message::Presence{reader.text("call"_L1, isValidCall),
                                 reader.oneOf<CallSide>("side"_L1, callSides),
                                 reader.boolean("there"_L1)};
    }
    if (type == "watched"_L1)
        return message::Watched{reader.text("name"_L1, isValidName), reader.boolean("online"_L1)};
    if (type == "notwatched"_L1) {
        return message::NotWatched{reader.text("name"_L1, isValidName),
                                   reader.oneOf<WatchFailure>("cause"_L1, watchFailures)};
    }
    if (type == "minted"_L1)
        return message::Minted{reader.text("request"_L1, isValidCall), readTunnel(reader)};
    if (type == "notminted"_L1) {
        return message::NotMinted{reader.text("request"_L1, isValidCall),
                                  reader.oneOf<MintFailure>("cause"_L1, mintFailures)};
    }
    if (type == "error"_L1)
        return readError(reader);
    return std::nullopt;
}

std::optional<ClientMessage> readClientMessage(const QString &type, MessageReader &reader)
{
    if (type == "signal"_L1)
        return readSignal(reader);
    if (type == "call"_L1)
        return readCall(reader);
    if (type == "end"_L1)
        return message::End{reader.text("call"_L1, isValidCall),
                            reader.oneOf<CallSide>("side"_L1, callSides)};
    if (type == "hello"_L1)
        return readHello(reader);
    if (type == "register"_L1)
        return message::Register{reader.optionalText("name"_L1, isValidName)};
    if (type == "unregister"_L1)
        return message::Unregister{reader.text("name"_L1, isValidName)};
    if (type == "watch"_L1)
        return message::Watch{reader.text("name"_L1, isValidName)};
    if (type == "unwatch"_L1)
        return message::Unwatch{reader.text("name"_L1, isValidName)};
    if (type == "mint"_L1)
        return message::Mint{reader.text("request"_L1, isValidCall)};
    if (type == "turn"_L1)
        return message::RenewTurn{};
    return std::nullopt;
}

template<typename Message>
Result<Message, MessageError> parse(const QByteArray &utf8,
                                    std::optional<Message> (*read)(const QString &,
                                                                   MessageReader &))
{
    QJsonParseError jsonError;
    const QJsonDocument document = QJsonDocument::fromJson(utf8, &jsonError);
    if (jsonError.error != QJsonParseError::NoError)
        return MessageError{MessageError::Kind::Malformed, "The message is not JSON."_L1};
    if (!document.isObject())
        return MessageError{MessageError::Kind::Malformed, "The message is not an object."_L1};

    const QJsonObject object = document.object();
    const QJsonValue type = object.value("type"_L1);
    if (!type.isString())
        return MessageError{MessageError::Kind::Malformed, "The message has no type."_L1};

    MessageReader reader(object);
    std::optional<Message> message = read(type.toString(), reader);
    if (reader.fault())
        return *reader.fault();
    if (!message)
        return MessageError{MessageError::Kind::UnknownType, "The message's type is unknown."_L1};
    return std::move(*message);
}

} // namespace

Result<ServerMessage, MessageError> parseServerMessage(const QByteArray &utf8)
{
    return parse<ServerMessage>(utf8, readServerMessage);
}

Result<ClientMessage, MessageError> parseClientMessage(const QByteArray &utf8)
{
    return parse<ClientMessage>(utf8, readClientMessage);
}

std::optional<message::Tunnel> tunnelOf(const QJsonObject &signal)
{
    if (!signal.contains("tunnel"_L1))
        return std::nullopt;
    MessageReader reader(signal);
    const message::Tunnel tunnel = readTunnel(reader);
    return reader.fault() ? std::nullopt : std::optional(tunnel);
}

} // namespace peer::rendezvous
