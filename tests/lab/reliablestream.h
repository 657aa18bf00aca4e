// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_LAB_RELIABLESTREAM_H
#define PEER_LAB_RELIABLESTREAM_H

#include <PeerConnection/PeerChannel>

#include <QtCore/qbytearray.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

/// One end of a reliable transfer both ways. Every message tells its number and has contents that
/// follow from it, so that the receiver sees what is lost, doubled, out of order or changed.
class ReliableStream : public QObject
{
    Q_OBJECT

public:
    explicit ReliableStream(PeerChannel *channel);

    /// Sends nothing more but its end.
    void finish();
    /// Both ends have come: nothing is under way any more.
    bool isDone() const { return m_hasEnded && m_peerHasEnded; }
    QJsonObject result() const;

Q_SIGNALS:
    void done();

private:
    static QByteArray message(quint64 number);
    void sendNext();
    void receive(const QByteArray &message);

    PeerChannel *m_channel;
    QTimer m_pace;
    quint64 m_sent = 0;
    quint64 m_received = 0;
    quint64 m_wrong = 0;
    bool m_isFinishing = false;
    bool m_hasEnded = false;
    bool m_peerHasEnded = false;
};

#endif // PEER_LAB_RELIABLESTREAM_H
