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
    m_port.release()->deleteLater(); // it is calling
    if (!m_isOpen && !m_untried.isEmpty()) {
        tryNext();
        return;
    }
    const QNetworkProxy &proxy = m_options.proxy;
    const bool isByProxy = !m_isOpen && proxy.type() != QNetworkProxy::NoProxy;
    const auto target = m_handlers;
    target->failed(
        isByProxy ? u"by the proxy %1:%2: %3"_s.arg(proxy.hostName()).arg(proxy.port()).arg(reason)
                  : reason);
}

void RelayStream::send(ByteView message)
{
    if (m_port)
        m_port->send(message);
}

} // namespace peer
