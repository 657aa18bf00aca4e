// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_OPTIONS_H
#define PEER_RENDEZVOUS_OPTIONS_H

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>
#include <QtNetwork/qhostaddress.h>

/// What the command line asks for.
struct Options
{
    enum class Action { Serve, ShowText };

    Action action = Action::Serve;
    /// With ShowText: help or version.
    QString text;
    /// A usage error as a sentence; empty if there is none.
    QString fault;

    QHostAddress address = QHostAddress::Any;
    quint16 port = 443;
    QString certificateFile;
    QString keyFile;
    QString namesFile;
    QString tokensFile;
    QString publicUrl;
    QStringList turnUris;
    QString turnSecretFile;
    bool hasTunnels = true;
    bool hasCallPage = true;
    bool json = false;
};

Options parseOptions(const QStringList &arguments);

/// One token a line; empty lines and lines that begin with "#" do not count. On a fault the list is
/// empty, and fault a sentence.
QList<QByteArray> readTokens(const QString &fileName, QString *fault);

/// The file's one line. On a fault it is empty, and fault a sentence.
QByteArray readSecret(const QString &fileName, QString *fault);

#endif // PEER_RENDEZVOUS_OPTIONS_H
