// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "listener.h"

#include <QtCore/qcoreapplication.h>

using namespace Qt::StringLiterals;

Listener::Listener(CommandLine &commands, const QString &rendezvous)
    : m_commands(commands)
    , m_listener(QUrl(u"peer://bench@%1?tls=off"_s.arg(rendezvous)), PeerIdentity::create())
{
    m_listener.setAutoAccept(true);
    QObject::connect(&m_commands, &CommandLine::commanded, &m_listener,
                     [this](const QString &name) { obey(name); });
    QObject::connect(&m_listener, &PeerListener::incomingConnection, &m_listener,
                     [this](PeerConnection *connection) { serve(connection); });
    QObject::connect(&m_listener, &PeerListener::listening, &m_listener, [this] {
        m_commands.tell({{u"address"_s, m_listener.address().toString(QUrl::FullyEncoded)}});
    });
    QObject::connect(&m_listener, &PeerListener::errorOccurred, &m_listener,
                     [this] { qFatal("%s", qPrintable(m_listener.errorString())); });
}

void Listener::serve(PeerConnection *connection)
{
    QObject::connect(connection, &PeerConnection::messageReceived, connection,
                     [this, connection, isFirst = true](const QByteArray &message) mutable {
                         if (isFirst)
                             m_commands.tell({{u"first"_s, monotonicTime()}});
                         isFirst = false;
                         connection->sendMessage(message);
                     });
    QObject::connect(connection, &PeerConnection::channelOpened, connection,
                     [this](PeerChannel *channel) {
                         QObject::connect(channel, &PeerChannel::messageReceived, channel,
                                          [this](const QByteArray &message) { count(message); });
                     });
    QObject::connect(connection, &PeerConnection::closed, connection, &QObject::deleteLater);
}

void Listener::count(const QByteArray &message)
{
    const qint64 time = monotonicTime();
    if (m_counted.messages++ == 0)
        m_counted.first = time;
    m_counted.octets += message.size();
    m_counted.last = time;
}

void Listener::obey(const QString &name)
{
    if (name == u"reset"_s)
        m_counted = {};
    m_commands.tell({{u"messages"_s, m_counted.messages},
                     {u"octets"_s, m_counted.octets},
                     {u"first"_s, m_counted.first},
                     {u"last"_s, m_counted.last}});
}
