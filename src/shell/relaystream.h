// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_RELAYSTREAM_H
#define PEER_SHELL_RELAYSTREAM_H

#include "shell/systemproxies.h"
#include "shell/tcpport.h"

#include <QtCore/qobject.h>

#include <memory>

namespace peer {

/// A TCP or TLS connection to a TURN server by whichever proxy leads there: the one that is given,
/// or those that the system names, in its order, until one opens the connection. A proxy is given
/// the credentials that it is known to want.
///
/// Lives in one thread with an event loop; its handlers may delete it.
class RelayStream final : public QObject
{
    Q_OBJECT

public:
    /// options.proxy DefaultProxy: as the system says. proxies: whom to ask.
    RelayStream(const TcpPortOptions &options, std::shared_ptr<SystemProxies> proxies,
                QObject *parent = nullptr);
    ~RelayStream() override;

    /// As of TcpPort; failed() only when no proxy is left.
    void open(TcpPort::Handlers handlers);
    /// None until it is open.
    TransportId transport() const { return m_port ? m_port->route().transport : TransportId::None; }
    void send(ByteView message);

private:
    void tryNext();
    void handleFailed(const QString &reason);

    TcpPortOptions m_options;
    std::shared_ptr<SystemProxies> m_systemProxies;
    QList<QNetworkProxy> m_untried;
    std::shared_ptr<TcpPort::Handlers> m_handlers;
    std::unique_ptr<TcpPort> m_port;
    bool m_isOpen = false;
};

} // namespace peer

#endif // PEER_SHELL_RELAYSTREAM_H
