// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_PORTDIAL_H
#define PEER_SHELL_PORTDIAL_H

#include "core/base/address.h"

#include <QtCore/qobject.h>
#include <QtCore/qsocketnotifier.h>
#include <QtCore/qstring.h>
#include <QtNetwork/qtcpsocket.h>

#include <functional>
#include <memory>

namespace peer {

/// Opens a TCP connection from a port that a socket of ours listens on, as a simultaneous open
/// needs it (RFC 6544 section 7.1 and appendix B): a QTcpSocket cannot be told to share its port
/// before it is bound. How long it may take is for its user to say.
///
/// Lives in one thread with an event loop. One handler is called once, from the event loop, and may
/// delete it; whoever deletes it before ends the attempt.
class PortDial final : public QObject
{
    Q_OBJECT

public:
    struct Handlers
    {
        std::function<void(std::unique_ptr<QTcpSocket> socket)> opened;
        std::function<void(const QString &reason)> failed;
    };

    /// Lets connections be opened from the port of a socket that listens. False where the system
    /// does not do it. Nobody else can listen there for that: whoever binds the port without
    /// sharing it is refused.
    static bool share(qintptr listeningSocket);
    /// Closing the connection then ends it at both sides at once, and leaves nothing behind that
    /// would keep another from being opened between the same ends for a minute (TIME_WAIT).
    static void resetOnClose(const QTcpSocket &socket);

    explicit PortDial(QObject *parent = nullptr);
    ~PortDial() override;

    void open(const TransportAddress &local, const TransportAddress &remote, Handlers handlers);

private:
    /// The reason why not, or nothing.
    QString start(const TransportAddress &local, const TransportAddress &remote);
    void finish();
    void fail(const QString &reason);

    Handlers m_handlers;
    std::unique_ptr<QSocketNotifier> m_notifier;
    int m_descriptor = -1;
};

} // namespace peer

#endif // PEER_SHELL_PORTDIAL_H
