// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_TUNNELWORKER_H
#define PEER_API_TUNNELWORKER_H

#include "api/connectionlink.h"
#include "api/datagrambox.h"
#include "api/mailbox.h"
#include "api/proxyquestions.h"
#include "shell/sessiontunnel.h"
#include "signaling/rendezvousclient.h"
#include "signaling/tunneljoin.h"
#include "signaling/tunnelticket.h"

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerconnection.h>

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <chrono>
#include <memory>
#include <optional>
#include <variant>

namespace peer {

class NetworkRuntime;

// What a tunnel's worker is told.
namespace command {
/// TunnelLink::outgoing has some.
struct SendThroughTunnel
{ };
struct CloseTunnel
{ };
} // namespace command

using TunnelCommand =
    std::variant<command::SendThroughTunnel, command::CloseTunnel, command::ProxyCredentials>;

// What it tells.
namespace notice {
struct TunnelMinted
{
    QUrl ticket;
};
struct TunnelJoined
{ };
struct TunnelInterrupted
{ };
struct TunnelFailed
{
    PeerConnection::Error error;
    QString text;
};
/// TunnelLink::incoming has some.
struct TunnelDatagrams
{ };
} // namespace notice

using TunnelNotice =
    std::variant<notice::TunnelMinted, notice::TunnelJoined, notice::TunnelInterrupted,
                 notice::TunnelFailed, notice::TunnelDatagrams, notice::ProxyAuthentication>;

/// Between a PeerTunnel and its worker.
struct TunnelLink
{
    Mailbox<TunnelCommand> commands;
    Mailbox<TunnelNotice> notices;
    DatagramBox outgoing;
    DatagramBox incoming;
};

struct TunnelParameters
{
    /// One of them: where to mint a tunnel, or which one to join.
    std::optional<PeerAddress> rendezvous;
    TunnelTicket ticket;
    QList<QSslCertificate> authorities;
    QNetworkProxy proxy;
    std::chrono::milliseconds patience{};
};

/// One end of a tunnel in the network thread. Who has minted it is the caller's end.
class TunnelWorker : public QObject
{
    Q_OBJECT

public:
    /// From any thread.
    static void start(std::shared_ptr<TunnelLink> link, TunnelParameters parameters);

    TunnelWorker(NetworkRuntime &runtime, std::shared_ptr<TunnelLink> link,
                 const TunnelParameters &parameters);
    ~TunnelWorker() override;

private:
    void takeCommands();
    void process(const command::SendThroughTunnel &);
    void process(const command::CloseTunnel &);
    void process(const command::ProxyCredentials &command);
    void mint();
    void noteMintError(RendezvousClient::Error error, const QString &text);
    void noteSilence();
    /// Nothing is wanted of the rendezvous any more.
    void endMinting();
    bool askForProxy(const QNetworkProxy &refused);
    void join(const TunnelTicket &ticket, rendezvous::CallSide side);
    void receive(const QByteArray &datagram);
    void fail(PeerConnection::Error error, const QString &text);

    NetworkRuntime &m_runtime;
    std::shared_ptr<TunnelLink> m_link;
    const TunnelParameters m_parameters;
    ProxyQuestions m_proxyQuestions;
    /// While the tunnel is being minted.
    std::shared_ptr<RendezvousClient> m_client;
    QString m_request;
    /// Runs meanwhile, but not while the application is asked about a proxy.
    QTimer m_patience;
    std::unique_ptr<SessionTunnel> m_tunnel;
};

} // namespace peer

#endif // PEER_API_TUNNELWORKER_H
