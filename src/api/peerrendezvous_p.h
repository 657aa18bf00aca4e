// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERRENDEZVOUS_P_H
#define PEERRENDEZVOUS_P_H

// This file is not part of the public API; it may change or vanish without notice.

#include "api/rendezvousworker.h"

#include <PeerConnection/peerrendezvous.h>

#include <QtCore/qmap.h>

#include <deque>
#include <memory>
#include <optional>

class PeerRendezvousPrivate
{
    Q_DECLARE_PUBLIC(PeerRendezvous)

public:
    using State = PeerRendezvous::State;
    using Presence = PeerRendezvous::Presence;

    void takeNotices();
    void processNotices();
    void process(const peer::notice::RendezvousState &notice);
    void process(const peer::notice::RendezvousHostKnown &notice);
    void process(const peer::notice::RendezvousFailed &notice);
    void process(const peer::notice::NamesSeen &);
    void process(const peer::notice::WatchFailed &notice);
    void process(const peer::notice::ProxyAuthentication &notice);
    void setState(State next);
    void setPresence(const QString &name, Presence presence);
    /// Nothing is known of anybody any more.
    void forgetPresence();
    void fail(PeerConnection::Error cause, const QString &text);
    std::optional<PeerAddress> destination(const QString &name, const QStringList &ids) const;

    PeerRendezvous *q_ptr = nullptr;
    std::shared_ptr<peer::RendezvousMailboxes> link = std::make_shared<peer::RendezvousMailboxes>();
    QUrl url;
    std::optional<PeerAddress> parsed;
    QString addressFault;
    PeerIdentity identity;
    QList<QSslCertificate> authorities;
    bool isPlainAllowed = false;
    QNetworkProxy proxy;

    State state = State::Idle;
    QString host;
    QString observedAddress;
    PeerConnection::Error error = PeerConnection::Error::None;
    QString errorString;
    QMap<QString, Presence> watches;
    /// What has come and has not had its turn: a slot may run an event loop of its own.
    std::deque<peer::RendezvousNotice> pending;
    /// processNotices() is due by itself.
    bool isTurnPosted = false;
};

#endif // PEERRENDEZVOUS_P_H
