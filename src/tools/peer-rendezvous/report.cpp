// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "report.h"

#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qurlquery.h>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace {

void say(const QByteArray &line)
{
    std::fputs((line + '\n').constData(), stdout);
    std::fflush(stdout);
}

} // namespace

Report::Report(const PeerRendezvousServer &server, bool json)
    : m_server(server)
    , m_json(json)
{
    m_sinceStart.start();
    connect(&server, &PeerRendezvousServer::errorOccurred, this, [this](const QString &text) {
        if (m_json)
            sayEvent("error", {{u"message"_s, text}});
        else
            std::fprintf(stderr, "peer-rendezvous: %s\n", qUtf8Printable(text));
    });
    if (!json)
        return;
    connect(&server, &PeerRendezvousServer::peerRegistered, this,
            [this](const QString &name, const QString &id) {
                sayEvent("registered", {{u"name"_s, name}, {u"id"_s, id}});
            });
    connect(&server, &PeerRendezvousServer::peerUnregistered, this, [this](const QString &name) {
        sayEvent("unregistered", {{u"name"_s, name}});
    });
}

void Report::sayListening()
{
    const QHostAddress address = m_server.serverAddress();
    const QString tls = tlsText();
    if (m_json) {
        sayEvent("listening",
                 {{u"address"_s, address.toString()},
                  {u"port"_s, m_server.serverPort()},
                  {u"url"_s, m_server.url().toString()},
                  {u"tls"_s, tls}});
        return;
    }
    const QString host = address == QHostAddress(QHostAddress::Any) ? u"*"_s
        : address.protocol() == QAbstractSocket::IPv6Protocol ? u'[' + address.toString() + u']'
                                                              : address.toString();
    say(u"listening on %1:%2"_s.arg(host).arg(m_server.serverPort()).toUtf8());
    if (tls != "verified"_L1)
        say(u"peer addresses need ?tls=%1"_s.arg(tls).toUtf8());
}

/// The value of the parameter "tls" in a peer's address; "verified" where it needs none.
QString Report::tlsText() const
{
    const QString tls = QUrlQuery(m_server.peerUrl(u"x"_s)).queryItemValue(u"tls"_s);
    return tls.isEmpty() ? u"verified"_s : tls;
}

void Report::sayEvent(const char *event, QJsonObject members)
{
    members.insert(u"event"_s, QString::fromLatin1(event));
    members.insert(u"t"_s, m_sinceStart.elapsed());
    say(QJsonDocument(members).toJson(QJsonDocument::Compact));
}
