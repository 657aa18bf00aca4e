// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_DATAGRAMSTREAM_H
#define PEER_SHELL_DATAGRAMSTREAM_H

#include "core/base/address.h"
#include "core/base/datagramframer.h"
#include "shell/datagramqueue.h"
#include "shell/portdial.h"

#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtNetwork/qtcpsocket.h>

#include <chrono>
#include <functional>
#include <memory>

namespace peer {

/// A TCP connection to the peer itself (RFC 6544): datagrams in and out, framed by RFC 4571. Never
/// by a proxy. How long it may take to open is for its user to say.
///
/// Lives in one thread with an event loop. Its handlers are called from the event loop, may delete
/// it, and may give it others. What it is given to send waits in a DatagramQueue; who deletes it
/// while it is open has the last of it sent.
class DatagramStream final : public QObject
{
    Q_OBJECT

public:
    /// Read at a time; more stays in the system's buffer, and slows the sender.
    static constexpr qint64 ReadBuffer = 128 * 1024;
    /// What was given it to send before it was deleted has so long to go.
    static constexpr std::chrono::milliseconds Linger{10000};

    struct Handlers
    {
        /// Of open(), once.
        std::function<void(const Route &)> opened;
        /// It could not be opened, or has come to its end. The last call.
        std::function<void(const QString &reason)> failed;
        std::function<void(const Datagram &)> received;
    };

    explicit DatagramStream(QObject *parent = nullptr);
    /// Of a connection that was accepted.
    explicit DatagramStream(std::unique_ptr<QTcpSocket> socket, QObject *parent = nullptr);
    ~DatagramStream() override;

    void setHandlers(Handlers handlers);
    /// localPort: 0, or one that we listen on, for a simultaneous open; the connection is then
    /// ended by a reset when it is aborted.
    void open(const IpAddress &local, const TransportAddress &remote, quint16 localPort = 0);
    /// Looks for what has come before there were handlers.
    void readPending() { read(); }
    /// Closes it at once, without another word to either side.
    void abort();
    /// The same by a reset, so that no TIME_WAIT is left (RFC 9293 section 3.6).
    void reset();

    /// Its transport is of this stream alone; addresses are null until it is open.
    const Route &route() const { return m_route; }
    void send(ByteView datagram);
    /// Datagrams that waited too long, or were too many.
    quint64 dropped() const { return m_queue.dropped(); }

private:
    void take(std::unique_ptr<QTcpSocket> socket);
    void dial(const TransportAddress &local, const TransportAddress &remote);
    void handleOpened();
    void read();
    void drain();
    void fail(const QString &reason);

    std::unique_ptr<QTcpSocket> m_socket;
    /// While it connects from a port that we listen on.
    std::unique_ptr<PortDial> m_dial;
    bool m_endsByReset = false;
    std::shared_ptr<Handlers> m_handlers = std::make_shared<Handlers>();
    DatagramFramer m_framer;
    DatagramQueue m_queue{DatagramQueue::Options()};
    Route m_route;
    bool m_isOpen = false;
};

} // namespace peer

#endif // PEER_SHELL_DATAGRAMSTREAM_H
