// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERLISTENER_P_H
#define PEERLISTENER_P_H

// This file is not part of the public API; it may change or vanish without notice.

#include "api/listenerlink.h"

#include <PeerConnection/peerlistener.h>

#include <deque>
#include <memory>
#include <optional>

class PeerListenerPrivate
{
    Q_DECLARE_PUBLIC(PeerListener)

public:
    void takeNotices();
    void processNotices();
    /// The caller of a call that nobody will hear of is told.
    static void decline(peer::ListenerNotice &notice);
    void process(peer::notice::Registered &notice);
    void process(peer::notice::Interrupted &notice);
    void process(peer::notice::ListenerFailed &notice);
    void process(peer::notice::IncomingCall &notice);
    void process(peer::notice::ProxyAuthentication &notice);
    void setState(PeerListener::State next);
    void fail(PeerConnection::Error cause, const QString &text);

    PeerListener *q_ptr = nullptr;
    std::shared_ptr<peer::ListenerLink> link = std::make_shared<peer::ListenerLink>();
    QUrl listenUrl;
    std::optional<PeerAddress> listenAddress;
    QString addressFault;
    PeerIdentity identity;
    QList<QSslCertificate> authorities;
    bool isPlainAllowed = false;
    QNetworkProxy proxy;
    QList<PeerIceServer> iceServers;
    bool isAutoAccept = false;
    int maxConnections = 256;
    QStringList allowedIds;

    QUrl address;
    PeerListener::State state = PeerListener::State::Idle;
    PeerConnection::Error error = PeerConnection::Error::None;
    QString errorString;

    std::deque<peer::ListenerNotice> pending;
    /// processNotices() is due by itself.
    bool isTurnPosted = false;
};

#endif // PEERLISTENER_P_H
