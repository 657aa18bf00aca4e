// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/identity/encoding.h"
#include "signaling/messagenames.h"
#include "signaling/protocolmessages.h"

#include <QtCore/qjsonarray.h>
#include <QtCore/qjsondocument.h>

namespace peer::rendezvous {

namespace {

QString encoded(const QByteArray &octets)
{
    return QString::fromStdString(toBase64Url(
        {reinterpret_cast<const std::uint8_t *>(octets.constData()), std::size_t(octets.size())}));
}

template<std::size_t Size, typename Enum>
QString nameIn(const std::array<QLatin1StringView, Size> &names, Enum value)
{
    return names[std::size_t(value)];
}

void putUnlessEmpty(QJsonObject &object, QLatin1StringView member, const QString &text)
{
    if (!text.isEmpty())
        object.insert(member, text);
}

QJsonObject written(const message::TurnServers &turn)
{
    return {{"uris"_L1, QJsonArray::fromStringList(turn.uris)},
            {"username"_L1, turn.username},
            {"password"_L1, turn.password},
            {"lifetime"_L1, turn.lifetime}};
}

QJsonObject written(const message::Tunnel &tunnel)
{
    return {{"url"_L1, tunnel.url}, {"token"_L1, tunnel.token}};
}

QJsonObject written(const message::Welcome &welcome)
{
    QJsonObject object{{"type"_L1, "welcome"_L1},
                       {"version"_L1, welcome.version.toString()},
                       {"challenge"_L1, encoded(welcome.challenge)},
                       {"stun"_L1, QJsonArray::fromStringList(welcome.stun)},
                       {"limits"_L1,
                        QJsonObject{{"message"_L1, welcome.limits.message},
                                    {"calls"_L1, welcome.limits.calls},
                                    {"names"_L1, welcome.limits.names}}}};
    putUnlessEmpty(object, "address"_L1, welcome.address);
    if (!welcome.hasTunnels)
        object.insert("tunnels"_L1, false);
    if (welcome.turn)
        object.insert("turn"_L1, written(*welcome.turn));
    return object;
}

QJsonObject written(const message::Ready &ready)
{
    QJsonObject object{{"type"_L1, "ready"_L1}, {"resumed"_L1, ready.resumed}};
    if (ready.turn)
        object.insert("turn"_L1, written(*ready.turn));
    return object;
}

QJsonObject written(const message::Registered &registered)
{
    return {{"type"_L1, "registered"_L1}, {"name"_L1, registered.name}};
}

QJsonObject written(const message::NotRegistered &refused)
{
    return {{"type"_L1, "notregistered"_L1},
            {"name"_L1, refused.name},
            {"cause"_L1, nameIn(registrationFailures, refused.cause)}};
}

QJsonObject written(const message::Replaced &replaced)
{
    return {{"type"_L1, "replaced"_L1}, {"name"_L1, replaced.name}};
}

QJsonObject written(const message::Incoming &incoming)
{
    QJsonObject object{{"type"_L1, "incoming"_L1},
                       {"call"_L1, incoming.call},
                       {"to"_L1, incoming.to},
                       {"signal"_L1, incoming.signal}};
    putUnlessEmpty(object, "service"_L1, incoming.service);
    putUnlessEmpty(object, "name"_L1, incoming.callerName);
    putUnlessEmpty(object, "id"_L1, incoming.callerId);
    return object;
}

QJsonObject written(const message::Routed &routed)
{
    return {{"type"_L1, "routed"_L1},
            {"call"_L1, routed.call},
            {"side"_L1, nameIn(callSides, routed.side)},
            {"tunnel"_L1, written(routed.tunnel)}};
}

QJsonObject written(const message::Turn &turn)
{
    return {{"type"_L1, "turn"_L1}, {"turn"_L1, written(turn.turn)}};
}

QJsonObject written(const message::RenewTurn &)
{
    return {{"type"_L1, "turn"_L1}};
}

QJsonObject written(const message::Failed &failed)
{
    return {{"type"_L1, "failed"_L1},
            {"call"_L1, failed.call},
            {"cause"_L1, nameIn(callFailures, failed.cause)}};
}

QJsonObject written(const message::Presence &presence)
{
    return {{"type"_L1, "presence"_L1},
            {"call"_L1, presence.call},
            {"side"_L1, nameIn(callSides, presence.side)},
            {"there"_L1, presence.isThere}};
}

QJsonObject written(const message::Watched &watched)
{
    return {{"type"_L1, "watched"_L1}, {"name"_L1, watched.name}, {"online"_L1, watched.isOnline}};
}

QJsonObject written(const message::NotWatched &refused)
{
    return {{"type"_L1, "notwatched"_L1},
            {"name"_L1, refused.name},
            {"cause"_L1, nameIn(watchFailures, refused.cause)}};
}

QJsonObject written(const message::Minted &minted)
{
    return {{"type"_L1, "minted"_L1},
            {"request"_L1, minted.request},
            {"tunnel"_L1, written(minted.tunnel)}};
}

QJsonObject written(const message::NotMinted &refused)
{
    return {{"type"_L1, "notminted"_L1},
            {"request"_L1, refused.request},
            {"cause"_L1, nameIn(mintFailures, refused.cause)}};
}

QJsonObject written(const message::Mint &request)
{
    return {{"type"_L1, "mint"_L1}, {"request"_L1, request.request}};
}

QJsonObject written(const message::Watch &request)
{
    return {{"type"_L1, "watch"_L1}, {"name"_L1, request.name}};
}

QJsonObject written(const message::Unwatch &request)
{
    return {{"type"_L1, "unwatch"_L1}, {"name"_L1, request.name}};
}

QJsonObject written(const message::Error &error)
{
    return {{"type"_L1, "error"_L1},
            {"cause"_L1, nameIn(fatalErrors, error.cause)},
            {"text"_L1, error.text.left(MaxErrorTextSize)},
            {"version"_L1, error.version.toString()}};
}

QJsonObject written(const message::Hello &hello)
{
    QJsonObject object{{"type"_L1, "hello"_L1}, {"version"_L1, hello.version.toString()}};
    putUnlessEmpty(object, "token"_L1, QString::fromUtf8(hello.token));
    if (hello.identity) {
        object.insert("identity"_L1,
                      QJsonObject{{"key"_L1, encoded(hello.identity->key)},
                                  {"signature"_L1, encoded(hello.identity->signature)},
                                  {"host"_L1, hello.identity->host},
                                  {"pin"_L1, hello.identity->pin}});
    }
    if (!hello.ticket.isEmpty())
        object.insert("ticket"_L1, encoded(hello.ticket));
    return object;
}

QJsonObject written(const message::Register &request)
{
    QJsonObject object{{"type"_L1, "register"_L1}};
    putUnlessEmpty(object, "name"_L1, request.name);
    return object;
}

QJsonObject written(const message::Unregister &request)
{
    return {{"type"_L1, "unregister"_L1}, {"name"_L1, request.name}};
}

QJsonObject written(const message::Call &call)
{
    QJsonObject object{{"type"_L1, "call"_L1}, {"call"_L1, call.call}, {"to"_L1, call.to}};
    putUnlessEmpty(object, "service"_L1, call.service);
    if (call.signal)
        object.insert("signal"_L1, *call.signal);
    return object;
}

QJsonObject written(const message::Signal &signal)
{
    return {{"type"_L1, "signal"_L1},
            {"call"_L1, signal.call},
            {"side"_L1, nameIn(callSides, signal.side)},
            {"signal"_L1, signal.signal}};
}

QJsonObject written(const message::End &end)
{
    return {{"type"_L1, "end"_L1}, {"call"_L1, end.call}, {"side"_L1, nameIn(callSides, end.side)}};
}

template<typename Variant>
QByteArray compact(const Variant &message)
{
    const QJsonObject object = std::visit([](const auto &it) { return written(it); }, message);
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

} // namespace

void setTunnel(QJsonObject &signal, const std::optional<message::Tunnel> &tunnel)
{
    if (tunnel)
        signal.insert("tunnel"_L1, written(*tunnel));
    else if (signal.contains("tunnel"_L1))
        signal.remove("tunnel"_L1);
}

QByteArray toJson(const ServerMessage &message)
{
    return compact(message);
}

QByteArray toJson(const ClientMessage &message)
{
    return compact(message);
}

} // namespace peer::rendezvous
