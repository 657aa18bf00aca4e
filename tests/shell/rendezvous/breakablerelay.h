// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef BREAKABLERELAY_H
#define BREAKABLERELAY_H

#include <QtCore/qlist.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>

/// A TCP port on loopback that leads to another one, as long as nobody breaks it.
class BreakableRelay : public QTcpServer
{
    Q_OBJECT

public:
    explicit BreakableRelay(quint16 target);

    /// Resets all connections; new ones work.
    void breakConnections();
    /// Connections stay but carry nothing any more, as in a network that is gone; new ones work.
    void freezeConnections();
    /// What came in the meantime arrives now, and then the end if that came as well.
    void thawConnections();
    int acceptedCount() const { return m_accepted; }
    /// Those that the clients have not closed, frozen ones among them.
    int openCount() const;

private:
    struct Pair
    {
        QTcpSocket *client;
        QTcpSocket *server;
    };

    void accept();

    quint16 m_target;
    int m_accepted = 0;
    QList<Pair> m_pairs;
    QList<Pair> m_frozen;
};

#endif // BREAKABLERELAY_H
