// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_WEBSOCKETDATAGRAMS_H
#define PEER_SHELL_WEBSOCKETDATAGRAMS_H

#include "shell/datagramqueue.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtNetwork/qabstractsocket.h>

class QWebSocket;

namespace peer {

/// Sends datagrams as binary messages over an open WebSocket, by a DatagramQueue.
class WebSocketDatagrams : public QObject
{
    Q_OBJECT

public:
    using Options = DatagramQueue::Options;

    /// socket: open, and with its TCP or TLS socket as its child; to outlive this, or to be deleted
    /// with it.
    WebSocketDatagrams(QWebSocket *socket, const Options &options, QObject *parent = nullptr);
    ~WebSocketDatagrams() override;

    /// How many, of this and those that waited, were dropped for it.
    int send(const QByteArray &datagram);
    /// All that were dropped.
    quint64 dropped() const { return m_queue.dropped(); }

private:
    bool hasRoom() const;
    void drain();

    QWebSocket *m_socket;
    /// The WebSocket's own; null if it is not there, and then nothing is sent. (QWebSocket undoes
    /// all connections to it before it goes, so its destroyed() would not be heard.)
    QPointer<QAbstractSocket> m_transport;
    DatagramQueue m_queue;
    bool m_isDraining = false;
};

} // namespace peer

#endif // PEER_SHELL_WEBSOCKETDATAGRAMS_H
