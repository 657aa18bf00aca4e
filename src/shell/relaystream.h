// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_RELAYSTREAM_H
#define PEER_SHELL_RELAYSTREAM_H

#include "shell/systemproxies.h"
#include "shell/tcpport.h"

#include <QtCore/qobject.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace peer {

/// A TCP or TLS connection to a TURN server by whichever proxy leads there: the one that is given,
/// or those that the system names, in its order, until one opens the connection. A proxy is given
/// the credentials that it is known to want. If it wants some, or other ones, and no other proxy
/// opens the connection, somebody may be asked, and the connection waits for the answer.
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

    /// The proxy, with the credentials that it was tried with, wants some, or other ones. True if
    /// somebody is asked; continueByProxy() is called when there is an answer.
    using Asker = std::function<bool(const QNetworkProxy &proxy)>;
    void setAsker(Asker asker) { m_asker = std::move(asker); }

    /// As of TcpPort; failed() only when no proxy is left.
    void open(TcpPort::Handlers handlers);
    /// There is an answer about that proxy. Tries again with the credentials that are known by now,
    /// or gives up if there are none; waits on if it is another that was asked about.
    void continueByProxy(const QNetworkProxy &answered);
    /// None until it is open.
    TransportId transport() const { return m_port ? m_port->route().transport : TransportId::None; }
    void send(ByteView message);

private:
    void tryNext();
    void handleFailed(const QString &reason);
    QString textOf(const QString &reason, QAbstractSocket::SocketError error) const;

    TcpPortOptions m_options;
    std::shared_ptr<SystemProxies> m_systemProxies;
    QList<QNetworkProxy> m_untried;
    std::shared_ptr<TcpPort::Handlers> m_handlers;
    std::unique_ptr<TcpPort> m_port;
    Asker m_asker;
    /// The first that wants credentials, or others than it was given.
    std::optional<QNetworkProxy> m_wanting;
    /// Waits for continueByProxy(), and why it fails otherwise.
    bool m_isWaiting = false;
    QString m_reason;
    bool m_isOpen = false;
};

} // namespace peer

#endif // PEER_SHELL_RELAYSTREAM_H
