// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/networkruntime.h"

#include "shell/networkthread.h"

#include <QtCore/qdatetime.h>

#include <utility>

namespace peer {

namespace {

/// Half of what a certificate lasts (dtls::Certificate::generate()).
constexpr qint64 CertificateLifeSeconds = 15 * 24 * 3600;

/// The one of the present network thread; touched in that thread alone.
NetworkRuntime *current = nullptr;

RendezvousConfig::Tls toRendezvousTls(PeerAddress::Tls tls)
{
    switch (tls) {
    case PeerAddress::Tls::Verified:
        return RendezvousConfig::Tls::Verified;
    case PeerAddress::Tls::Off:
        return RendezvousConfig::Tls::Off;
    case PeerAddress::Tls::Pinned:
        return RendezvousConfig::Tls::Pinned;
    }
    return RendezvousConfig::Tls::Verified;
}

} // namespace

void NetworkRuntime::post(Task task)
{
    NetworkThread::call([task = std::move(task)] {
        if (!current)
            current = new NetworkRuntime;
        task(*current);
    });
}

NetworkRuntime::NetworkRuntime()
    : QObject(NetworkThread::context())
{
    connect(m_watcher.get(), &InterfaceWatcher::changed, &m_pool,
            &RendezvousPool::checkConnections);
}

NetworkRuntime::~NetworkRuntime()
{
    // The workers go while pool and generator are still there.
    qDeleteAll(findChildren<QObject *>(QString(), Qt::FindDirectChildrenOnly));
    current = nullptr;
}

std::shared_ptr<RendezvousClient> NetworkRuntime::rendezvous(
    const PeerAddress &address, const QList<QSslCertificate> &authorities,
    const std::optional<IdentityKey> &identity, const QNetworkProxy &proxy)
{
    RendezvousConfig config;
    for (const PeerAddress::RendezvousHost &host : address.rendezvousHosts())
        config.hosts.append({host.host, host.port});
    config.tls = toRendezvousTls(address.tls());
    config.pin = address.tlsPin();
    config.extraAuthorities = authorities;
    config.token = address.token().toUtf8();
    config.identity = identity;
    config.proxy = proxy;
    return m_pool.client(config);
}

std::shared_ptr<const dtls::Certificate> NetworkRuntime::certificate()
{
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    if (!m_certificate || now - m_certificateSince > CertificateLifeSeconds) {
        m_certificate = dtls::Certificate::generate(now);
        m_certificateSince = now;
    }
    return m_certificate;
}

} // namespace peer
