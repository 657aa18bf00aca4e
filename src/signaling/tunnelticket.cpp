// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/tunnelticket.h"

#include "secure/identity/encoding.h"
#include "signaling/protocolmessages.h"

#include <QtCore/qurlquery.h>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

constexpr qsizetype PinSize = 32;

/// "+" and "&" of a token would mean something else in a query.
QString encoded(const QString &text)
{
    return QString::fromLatin1(QUrl::toPercentEncoding(text));
}

} // namespace

QUrl TunnelTicket::toUrl() const
{
    QString fragment = "token="_L1 + encoded(token);
    if (!pin.isEmpty()) {
        const ByteView octets{reinterpret_cast<const std::uint8_t *>(pin.constData()),
                              std::size_t(pin.size())};
        fragment += "&pin="_L1 + QString::fromStdString(toBase32(octets));
    }
    QUrl ticket = url;
    ticket.setFragment(fragment, QUrl::StrictMode);
    return ticket;
}

std::optional<TunnelTicket> TunnelTicket::fromUrl(const QUrl &url)
{
    const QUrlQuery members(url.fragment(QUrl::FullyEncoded));
    TunnelTicket ticket;
    ticket.url = url;
    ticket.url.setFragment(QString());
    ticket.token = members.queryItemValue(u"token"_s, QUrl::FullyDecoded);
    const bool isWebSocket = url.scheme() == "wss"_L1 || url.scheme() == "ws"_L1;
    if (!url.isValid() || !isWebSocket || url.host().isEmpty() || !url.userInfo().isEmpty()
        || url.toEncoded().size() > 2 * rendezvous::MaxTunnelUrlSize
        || ticket.token.size() > rendezvous::MaxTokenSize
        || !rendezvous::isValidToken(ticket.token.toUtf8())) {
        return std::nullopt;
    }
    if (members.hasQueryItem(u"pin"_s)) {
        const auto octets = fromBase32(members.queryItemValue(u"pin"_s).toStdString());
        if (!octets || qsizetype(octets->size()) != PinSize || url.scheme() != "wss"_L1)
            return std::nullopt;
        ticket.pin = QByteArray(reinterpret_cast<const char *>(octets->data()), PinSize);
    }
    return ticket;
}

} // namespace peer
