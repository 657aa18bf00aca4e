// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_WEBSOCKETDATAGRAMS_H
#define PEER_SHELL_WEBSOCKETDATAGRAMS_H

#include "core/base/time.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtNetwork/qabstractsocket.h>

#include <chrono>
#include <deque>

class QWebSocket;

namespace peer {

/// Sends datagrams as binary messages over an open WebSocket, in the manner of a network: what
/// cannot go soon is dropped, the oldest first, instead of making everything behind it late.
///
/// TCP would take megabytes and deliver them seconds later. So the system's buffer is kept small
/// (SO_SNDBUF, and TCP_NOTSENT_LOWAT on Linux), little is given to Qt's, and the rest waits here,
/// bounded in octets and in time.
class WebSocketDatagrams : public QObject
{
    Q_OBJECT

public:
    struct Options
    {
        /// Octets that wait here, at most.
        qsizetype queue = 128 * 1024;
        /// And for how long. Whoever has a congestion control takes the loss for what it is.
        std::chrono::milliseconds patience{250};
    };

    /// socket: open, and with its TCP or TLS socket as its child; to outlive this, or to be deleted
    /// with it.
    WebSocketDatagrams(QWebSocket *socket, const Options &options, QObject *parent = nullptr);
    ~WebSocketDatagrams() override;

    /// How many, of this and those that waited, were dropped for it.
    int send(const QByteArray &datagram);
    /// All that were dropped.
    quint64 dropped() const { return m_dropped; }

private:
    struct Waiting
    {
        QByteArray datagram;
        TimePoint since;
    };

    void limitBuffers();
    bool hasRoom() const;
    void drain();

    QWebSocket *m_socket;
    /// The WebSocket's own; null if it is not there, and then nothing is sent. (QWebSocket undoes
    /// all connections to it before it goes, so its destroyed() would not be heard.)
    QPointer<QAbstractSocket> m_transport;
    Options m_options;
    std::deque<Waiting> m_queue;
    qsizetype m_queuedOctets = 0;
    quint64 m_dropped = 0;
    bool m_isDraining = false;
};

} // namespace peer

#endif // PEER_SHELL_WEBSOCKETDATAGRAMS_H
