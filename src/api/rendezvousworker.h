// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_RENDEZVOUSWORKER_H
#define PEER_API_RENDEZVOUSWORKER_H

#include "api/connectionlink.h"
#include "api/mailbox.h"
#include "api/proxyquestions.h"
#include "secure/identity/identitykey.h"
#include "signaling/rendezvousclient.h"

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerconnection.h>
#include <PeerConnection/peerrendezvous.h>

#include <QtCore/qhash.h>
#include <QtCore/qmutex.h>
#include <QtCore/qobject.h>
#include <QtCore/qset.h>
#include <QtNetwork/qsslcertificate.h>

#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace peer {

class NetworkRuntime;

// What the worker of a rendezvous is told.
namespace command {
struct Watch
{
    QString name;
};
struct Unwatch
{
    QString name;
};
struct LeaveRendezvous
{ };
} // namespace command

using RendezvousCommand = std::variant<command::Watch, command::Unwatch, command::LeaveRendezvous,
                                       command::ProxyCredentials>;

// What it tells.
namespace notice {
struct RendezvousState
{
    RendezvousClient::State state;
};
struct RendezvousHostKnown
{
    QString host; ///< "HOST:PORT"
    QString observedAddress;
};
struct RendezvousFailed
{
    PeerConnection::Error error;
    QString text;
};
/// RendezvousMailboxes::sightings has some.
struct NamesSeen
{ };
struct WatchFailed
{
    QString name;
    QString text;
};
} // namespace notice

using RendezvousNotice =
    std::variant<notice::RendezvousState, notice::RendezvousHostKnown, notice::RendezvousFailed,
                 notice::NamesSeen, notice::WatchFailed, notice::ProxyAuthentication>;

/// What is known of a name.
struct Sighting
{
    PeerRendezvous::Presence presence = PeerRendezvous::Presence::Unknown;
    QString refusal{}; ///< why nothing is, if the rendezvous refuses to tell
};

/// What is known of each name, for a reader who may come late: it takes no more memory than there
/// are names.
class Sightings
{
public:
    /// True if the reader is to be woken.
    bool put(const QString &name, const Sighting &sighting)
    {
        const QMutexLocker locker(&m_mutex);
        const bool wasEmpty = m_latest.isEmpty();
        m_latest.insert(name, sighting);
        return wasEmpty;
    }
    QHash<QString, Sighting> takeAll()
    {
        const QMutexLocker locker(&m_mutex);
        return std::exchange(m_latest, {});
    }

private:
    QMutex m_mutex;
    QHash<QString, Sighting> m_latest;
};

/// Between a PeerRendezvous and its worker, as ConnectionLink is for connections.
struct RendezvousMailboxes
{
    Mailbox<RendezvousCommand> commands;
    Mailbox<RendezvousNotice> notices;
    Sightings sightings;
};

struct RendezvousParameters
{
    PeerAddress address;
    std::optional<IdentityKey> identity;
    QList<QSslCertificate> authorities;
    QNetworkProxy proxy;
};

/// A user of a connection to a rendezvous, in the network thread: keeps it from being closed, tells
/// what becomes of it, and hears of names.
class RendezvousWorker : public QObject
{
    Q_OBJECT

public:
    /// From any thread.
    static void start(std::shared_ptr<RendezvousMailboxes> link, RendezvousParameters parameters);

    RendezvousWorker(NetworkRuntime &runtime, std::shared_ptr<RendezvousMailboxes> link,
                     const RendezvousParameters &parameters);
    ~RendezvousWorker() override;

private:
    void takeCommands();
    void process(command::Watch &command);
    void process(command::Unwatch &command);
    void process(command::LeaveRendezvous &command);
    void process(command::ProxyCredentials &command);
    void follow();
    void noteState(RendezvousClient::State state);
    void noteSighting(const QString &name, const Sighting &sighting);
    void noteInfo(const RendezvousInfo &info);
    void noteError(RendezvousClient::Error error, const QString &text);

    NetworkRuntime &m_runtime;
    std::shared_ptr<RendezvousMailboxes> m_link;
    std::shared_ptr<RendezvousClient> m_client;
    ProxyQuestions m_proxyQuestions;
    /// Each of them is watched once in our name.
    QSet<QString> m_watches;
};

} // namespace peer

#endif // PEER_API_RENDEZVOUSWORKER_H
