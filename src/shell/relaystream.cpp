// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/relaystream.h"

#include <QtCore/qurl.h>

#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

RelayStream::RelayStream(const TcpPortOptions &options, std::shared_ptr<SystemProxies> proxies,
                         QObject *parent)
    : QObject(parent)
    , m_options(options)
    , m_systemProxies(std::move(proxies))
{ }

RelayStream::~RelayStream() = default;

void RelayStream::open(TcpPort::Handlers handlers)
{
    m_handlers = std::make_shared<TcpPort::Handlers>(std::move(handlers));
    if (m_options.proxy.type() != QNetworkProxy::DefaultProxy) {
        m_untried = {m_options.proxy};
        tryNext();
        return;
    }
    QUrl url;
    url.setScheme(u"https"_s);
    url.setHost(m_options.host);
    url.setPort(m_options.port);
    m_systemProxies->find(url, this, [this](const QList<QNetworkProxy> &found) {
        m_untried = found;
        tryNext();
    });
}

void RelayStream::tryNext()
{
    m_options.proxy = m_systemProxies->withCredentials(m_untried.takeFirst());
    m_port = std::make_unique<TcpPort>(m_options);
    TcpPort::Handlers handlers;
    handlers.opened = [this](const Route &route) {
        m_isOpen = true;
        const auto target = m_handlers;
        target->opened(route);
    };
    handlers.failed = [this](const QString &reason) { handleFailed(reason); };
    handlers.received = [this](const Datagram &datagram) {
        const auto target = m_handlers;
        target->received(datagram);
    };
    m_port->open(std::move(handlers));
}

void RelayStream::handleFailed(const QString &reason)
{
    const QAbstractSocket::SocketError error = m_port->error();
    const QString text = textOf(reason, error);
    m_port.release()->deleteLater(); // it is calling
    const QNetworkProxy proxy = m_options.proxy;
    if (!m_isOpen && error == QAbstractSocket::ProxyAuthenticationRequiredError) {
        if (m_systemProxies->knowsOthers(proxy))
            m_untried.prepend(proxy);
        else if (!m_wanting)
            m_wanting = proxy;
    }
    if (!m_isOpen && !m_untried.isEmpty()) {
        tryNext();
        return;
    }
    if (!m_isOpen && m_wanting && m_asker && m_asker(*m_wanting)) {
        m_isWaiting = true;
        m_reason = text;
        return;
    }
    const auto target = m_handlers;
    target->failed(text);
}

QString RelayStream::textOf(const QString &reason, QAbstractSocket::SocketError error) const
{
    const QNetworkProxy &proxy = m_options.proxy;
    if (m_isOpen || proxy.type() == QNetworkProxy::NoProxy)
        return reason;
    // Some proxies answer wrong credentials as they answer everything that they do not do.
    const bool isForUser = error == QAbstractSocket::ProxyProtocolError && !proxy.user().isEmpty();
    return u"by the proxy %1:%2: %3%4"_s.arg(proxy.hostName())
        .arg(proxy.port())
        .arg(reason,
             isForUser ? u" (or it does not take our user name and password)"_s : QString());
}

void RelayStream::continueByProxy(const QNetworkProxy &answered)
{
    if (!m_isWaiting || !isSameProxy(*m_wanting, answered))
        return;
    m_isWaiting = false;
    const QNetworkProxy proxy = *std::exchange(m_wanting, std::nullopt);
    if (m_systemProxies->knowsOthers(proxy)) {
        m_untried = {proxy};
        tryNext();
        return;
    }
    const auto target = m_handlers;
    target->failed(m_reason);
}

void RelayStream::send(ByteView message)
{
    if (m_port)
        m_port->send(message);
}

} // namespace peer
