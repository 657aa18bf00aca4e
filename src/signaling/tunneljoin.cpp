// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/tunneljoin.h"

#include "signaling/messagenames.h"
#include "signaling/messagereader.h"

#include <QtCore/qjsondocument.h>

namespace peer::rendezvous {

namespace {

bool isToken(QStringView text)
{
    return text.size() <= MaxTokenSize && isValidToken(text.toUtf8());
}

} // namespace

QByteArray toJson(const TunnelJoin &join)
{
    const QJsonObject object{{"type"_L1, "join"_L1},
                             {"token"_L1, join.token},
                             {"side"_L1, callSides[std::size_t(join.side)]}};
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

std::optional<TunnelJoin> parseTunnelJoin(const QByteArray &utf8)
{
    const QJsonObject object = QJsonDocument::fromJson(utf8).object();
    if (object.value("type"_L1) != "join"_L1)
        return std::nullopt;
    MessageReader reader(object);
    TunnelJoin join{reader.text("token"_L1, isToken), reader.oneOf<CallSide>("side"_L1, callSides)};
    return reader.fault() ? std::nullopt : std::optional(join);
}

} // namespace peer::rendezvous
