// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef HOLDINGRELAY_H
#define HOLDINGRELAY_H

#include <QtCore/qbytearray.h>
#include <QtNetwork/qtcpserver.h>

/// A TCP port on loopback that leads to another one. What comes back from there stands still from
/// the piece on that contains `from`, until `until` has come too; then all of it comes at once.
class HoldingRelay : public QTcpServer
{
    Q_OBJECT

public:
    HoldingRelay(quint16 target, const QByteArray &from, const QByteArray &until);

    bool hasHeld() const { return m_hasHeld; }

private:
    void accept();

    const quint16 m_target;
    const QByteArray m_from, m_until;
    bool m_hasHeld = false;
};

#endif // HOLDINGRELAY_H
