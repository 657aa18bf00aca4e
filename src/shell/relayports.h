// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_RELAYPORTS_H
#define PEER_SHELL_RELAYPORTS_H

#include "session/session.h"
#include "shell/relaystream.h"
#include "shell/udpport.h"

#include <QtCore/qobject.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <utility>

namespace peer {

/// The transports of a session's relays: for each a UDP socket, a TCP or a TLS connection of its
/// own (D5), as the ICE agent asks for them.
///
/// Lives in one thread with an event loop. The handlers are called from the event loop, and may
/// delete it. Bounded by what the agent asks for: one for each of its servers.
class RelayPorts final : public QObject
{
    Q_OBJECT

public:
    struct Handlers
    {
        std::function<void(std::uint32_t id, const Route &route)> opened;
        std::function<void(std::uint32_t id)> failed;
        std::function<void(std::span<const Datagram>)> received;
        std::function<void(const Route &)> sendFailed;
    };

    explicit RelayPorts(QObject *parent = nullptr);
    ~RelayPorts() override;

    void setHandlers(Handlers handlers);
    /// For streams that are opened from now on; DefaultProxy: as the system says for each server.
    /// UDP never goes by a proxy.
    void setProxy(const QNetworkProxy &proxy) { m_proxy = proxy; }
    /// For streams that are opened from now on: whom to ask for the credentials that a proxy wants.
    void setProxyAsker(RelayStream::Asker asker) { m_proxyAsker = std::move(asker); }
    /// There is an answer.
    void continueByProxy(const QNetworkProxy &answered);
    /// Trusted besides those of the system.
    void setAuthorities(const QList<QSslCertificate> &authorities) { m_authorities = authorities; }

    void open(const ice::request::OpenPort &wanted);
    void open(const ice::request::OpenStream &wanted);
    void close(std::uint32_t id);

    /// False if the transport is none of these.
    bool send(const Transmit &transmit);
    void flush();
    /// Why the last stream that failed did so, as a sentence; empty if none has, or one stands.
    const QString &problem() const { return m_problem; }

private:
    struct Port
    {
        std::unique_ptr<UdpPort> udp;
        std::unique_ptr<RelayStream> stream;
    };

    void failLater(std::uint32_t id);

    std::shared_ptr<Handlers> m_handlers = std::make_shared<Handlers>();
    std::map<std::uint32_t, Port> m_ports;
    QNetworkProxy m_proxy{QNetworkProxy::NoProxy};
    RelayStream::Asker m_proxyAsker;
    std::shared_ptr<SystemProxies> m_systemProxies;
    QList<QSslCertificate> m_authorities;
    QString m_problem;
};

} // namespace peer

#endif // PEER_SHELL_RELAYPORTS_H
