// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_NETWORKCHECKWORKER_H
#define PEER_API_NETWORKCHECKWORKER_H

#include "api/iceservers.h"
#include "api/mailbox.h"
#include "core/base/address.h"
#include "core/base/time.h"
#include "shell/resolver.h"
#include "signaling/rendezvousclient.h"

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peernetworkreport.h>

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <memory>
#include <vector>

namespace peer {

class NetworkRuntime;

/// Between a PeerNetworkCheck and its worker: what the worker found out, once; and from the other
/// side, that nobody waits for it any more.
struct NetworkCheckLink
{
    Mailbox<PeerNetworkReport> reports;
    Mailbox<bool> cancellations;
};

struct NetworkCheckParameters
{
    PeerAddress address; ///< invalid: nobody is asked
    QList<QSslCertificate> authorities;
    QNetworkProxy proxy;
    QList<PeerIceServer> iceServers;
};

/// One look at the network, in the network thread: all questions are asked at once, and the report
/// is complete when each has an answer or has waited long enough.
class NetworkCheckWorker : public QObject
{
    Q_OBJECT

public:
    /// From any thread.
    static void startChecking(std::shared_ptr<NetworkCheckLink> link,
                              NetworkCheckParameters parameters);

    NetworkCheckWorker(NetworkRuntime &runtime, std::shared_ptr<NetworkCheckLink> link,
                       const NetworkCheckParameters &parameters);
    ~NetworkCheckWorker() override;

private:
    void listAddresses();
    void askRendezvous();
    void noteRendezvous(const RendezvousInfo &info);
    void noteRendezvousProblem(const QString &text);
    void noteProxy();
    void askOwnRelays();
    void askRelays(const QStringList &uris, const QString &username, const QString &password);
    void askRelay(const QString &uri, const TurnServer &server);
    void askStun();
    void startUdpCheck(const TransportAddress &server);
    /// Like Resolver::lookUp(); a question that is open until answer has returned.
    void lookUp(const QString &host, Resolver::Callback answer);
    void begin() { ++m_open; }
    void end();

    NetworkRuntime &m_runtime;
    std::shared_ptr<NetworkCheckLink> m_link;
    const NetworkCheckParameters m_parameters;
    const TimePoint m_startedAt;
    std::shared_ptr<RendezvousClient> m_client;
    /// Under way.
    std::vector<Resolver::LookupId> m_lookups;
    QTimer m_rendezvousTimer;
    PeerNetworkReport m_report;
    int m_open = 0; ///< questions without an answer
};

} // namespace peer

#endif // PEER_API_NETWORKCHECKWORKER_H
