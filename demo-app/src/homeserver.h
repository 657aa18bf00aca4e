// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_HOMESERVER_H
#define DEMO_HOMESERVER_H

#include <PeerConnection/PeerAddress>
#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qstring.h>

namespace demo {

/// A rendezvous of our own, for whoever has none: callers in the same network find us there. Its
/// key, names and port are kept in a folder, so that an address handed out once stays good while
/// this machine has the same IP address.
class HomeServer
{
public:
    /// Where it listens if nothing else does.
    static constexpr quint16 PreferredPort = 44300;

    explicit HomeServer(const QString &folder);

    /// False if it cannot listen: errorString() tells why.
    bool listen();
    QString errorString() const { return m_errorString; }
    /// Where a peer of that name is found; not valid for a bad name, or while not listening.
    PeerAddress addressOf(const QString &name) const;

private:
    bool loadCertificate();
    bool listenAt(quint16 port);

    QString m_folder;
    QString m_errorString;
    PeerRendezvousServer m_server;
};

} // namespace demo

#endif // DEMO_HOMESERVER_H
