// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_REPORT_H
#define PEER_RENDEZVOUS_REPORT_H

#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qobject.h>

class QJsonObject;

/// Says what the server does, on standard output: that it listens, and with --json who comes and
/// goes. Errors go to standard error.
///
/// As JSON: {"event":"listening","t":…,"address":"…","port":…,"url":"ws(s)://…","tls":"off" | PIN |
/// "verified"}, {"event":"registered","t":…,"name":"…","id":"…"}, {"event":"unregistered","t":…,
/// "name":"…"}, {"event":"error","t":…,"message":"…"}; "t" is milliseconds since the start.
class Report : public QObject
{
    Q_OBJECT

public:
    /// server is borrowed.
    Report(const PeerRendezvousServer &server, bool json);

    void sayListening();

private:
    void sayEvent(const char *event, QJsonObject members);
    QString tlsText() const;

    const PeerRendezvousServer &m_server;
    bool m_json;
    QElapsedTimer m_sinceStart;
};

#endif // PEER_RENDEZVOUS_REPORT_H
