// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_LISTENERWORKER_H
#define PEER_API_LISTENERWORKER_H

#include "api/listenerlink.h"
#include "api/proxyquestions.h"
#include "secure/identity/identitykey.h"
#include "shell/sharedports.h"
#include "signaling/rendezvousclient.h"

#include <PeerConnection/peeraddress.h>

#include <QtCore/qhash.h>
#include <QtCore/qobject.h>
#include <QtCore/qstringlist.h>
#include <QtNetwork/qsslcertificate.h>

#include <memory>

namespace peer {

class ConnectionWorker;
class NetworkRuntime;

struct ListenParameters
{
    PeerAddress address;
    IdentityKey identity;
    QList<QSslCertificate> authorities;
    QStringList allowedIds;
    bool isAutoAccept = false;
    int maxConnections = 0;
    QNetworkProxy proxy;
    QList<PeerIceServer> iceServers;
};

/// One listener in the network thread: keeps its name registered and makes a ConnectionWorker of
/// every call. All of them share its sockets (D5), which stay open until the last of them is gone.
class ListenerWorker : public QObject
{
    Q_OBJECT

public:
    /// From any thread: listens in the network thread.
    static void startListening(std::shared_ptr<ListenerLink> link, ListenParameters parameters);

    ListenerWorker(NetworkRuntime &runtime, std::shared_ptr<ListenerLink> link,
                   const ListenParameters &parameters);
    ~ListenerWorker() override;

private:
    void takeCommands();
    void process(command::SetMaxConnections &command);
    void process(command::StopListening &command);
    void process(command::ProxyCredentials &command);

    void watchRendezvous();
    void handleCall(const QString &callId, const QString &callerName, const QString &service,
                    const QJsonObject &signal);
    /// Tells the caller without making anything of the call.
    void decline(const QString &callId, const std::string &call, Signal::Reason reason,
                 const std::string &text);
    void startCall(const QString &callId, const std::string &name, const QString &callerName,
                   const QString &service, const QJsonObject &signal);
    std::shared_ptr<PortSet> ports();
    void noteRegistered();
    /// To another listener of the same name at the same connection, which is newer.
    void giveWay();
    void fail(PeerConnection::Error error, const QString &text);
    void end();

    NetworkRuntime &m_runtime;
    std::shared_ptr<ListenerLink> m_link;
    const ListenParameters m_parameters;
    int m_maxConnections;
    /// The address's, or the identity's id. Other listeners may share the connection.
    const QString m_name;
    std::shared_ptr<RendezvousClient> m_client;
    /// The name at the connection is ours, whether it is registered yet or not.
    bool m_ownsName = true;
    bool m_isRegistered = false;
    ProxyQuestions m_proxyQuestions;
    /// Kept by the connections; made anew when a call comes and none is left.
    std::weak_ptr<PortSet> m_ports;
    QHash<QString, ConnectionWorker *> m_calls;
};

} // namespace peer

#endif // PEER_API_LISTENERWORKER_H
