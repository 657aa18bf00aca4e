// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_HOSTRACE_H
#define PEER_SIGNALING_HOSTRACE_H

#include "signaling/rendezvouslink.h"

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

#include <chrono>
#include <memory>
#include <vector>

namespace peer {

/// One round of attempts at the hosts of a configuration, in the manner of RFC 8305: in order, the
/// next one when the one before has failed or has not said welcome for a while. The first that
/// does wins. May be deleted in its slots.
class HostRace : public QObject
{
    Q_OBJECT

public:
    /// RFC 8305 section 5: the Connection Attempt Delay, 250 ms recommended.
    static constexpr std::chrono::milliseconds AttemptDelay{250};

    explicit HostRace(const RendezvousConfig &config, QObject *parent = nullptr);
    ~HostRace() override;

    void start();
    /// In the slot of won(): the welcomed link.
    std::unique_ptr<RendezvousLink> takeWinner();
    /// After lost(): the most telling failure, and what each host had to say.
    RendezvousClient::Error error() const { return m_error; }
    const QString &errorString() const { return m_errorString; }
    /// With ProxyAuthentication: which one wants it.
    const QNetworkProxy &proxy() const { return m_proxy; }

Q_SIGNALS:
    void won();
    void lost();

private:
    void startNext();
    void noteWelcome(RendezvousLink *link);
    void noteEnd(RendezvousLink *link);

    RendezvousConfig m_config;
    qsizetype m_nextHost = 0;
    QTimer m_timer;
    std::vector<std::unique_ptr<RendezvousLink>> m_links;
    std::unique_ptr<RendezvousLink> m_winner;
    qsizetype m_failures = 0;
    RendezvousClient::Error m_error = RendezvousClient::Error::None;
    QString m_errorString;
    QNetworkProxy m_proxy;
};

} // namespace peer

#endif // PEER_SIGNALING_HOSTRACE_H
