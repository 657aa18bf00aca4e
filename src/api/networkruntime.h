// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_NETWORKRUNTIME_H
#define PEER_API_NETWORKRUNTIME_H

#include "secure/dtls/dtlstransport.h"
#include "shell/interfacewatcher.h"
#include "shell/resolver.h"
#include "shell/systemproxies.h"
#include "shell/systemrandom.h"
#include "signaling/rendezvousconfig.h"
#include "signaling/rendezvouspool.h"

#include <PeerConnection/peeraddress.h>

#include <QtCore/qobject.h>

#include <functional>
#include <memory>

namespace peer {

/// What all connections of a process share in the network thread. Made there on first use and gone
/// with the thread, and with it every worker, for they are its children.
class NetworkRuntime : public QObject
{
    Q_OBJECT

public:
    using Task = std::function<void(NetworkRuntime &)>;

    /// From any thread: runs task in the network thread, from its event loop.
    static void post(Task task);

    NetworkRuntime();
    ~NetworkRuntime() override;

    RandomSource &random() { return m_random; }
    Resolver &resolver() { return m_resolver; }
    /// The connection to the rendezvous of an address, shared where it can be.
    std::shared_ptr<RendezvousClient> rendezvous(const PeerAddress &address,
                                                 const QList<QSslCertificate> &authorities,
                                                 const std::optional<IdentityKey> &identity,
                                                 const QNetworkProxy &proxy);
    SystemProxies &proxies() { return *m_proxies; }
    /// This process's certificate, renewed before it expires.
    std::shared_ptr<const dtls::Certificate> certificate();

private:
    SystemRandom m_random;
    Resolver m_resolver;
    std::shared_ptr<SystemProxies> m_proxies = SystemProxies::shared();
    RendezvousPool m_pool;
    /// When the network changes, connections to rendezvous are made anew at once.
    std::shared_ptr<InterfaceWatcher> m_watcher = InterfaceWatcher::shared();
    std::shared_ptr<const dtls::Certificate> m_certificate;
    qint64 m_certificateSince = 0;
};

} // namespace peer

#endif // PEER_API_NETWORKRUNTIME_H
