// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_RENDEZVOUSPOOL_H
#define PEER_SIGNALING_RENDEZVOUSPOOL_H

#include "signaling/rendezvousclient.h"

#include <QtCore/qobject.h>

#include <chrono>
#include <memory>

namespace peer {

/// The rendezvous connections of one thread: who asks for the same hosts with the same trust, token
/// and identity gets the same connection (D1, model C). It is kept for a while after its last user
/// is gone, for the next call to find it ready.
///
/// Not thread-safe: pool, clients and users live in one thread.
class RendezvousPool : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::seconds DefaultLinger{30};

    explicit RendezvousPool(QObject *parent = nullptr,
                            std::chrono::milliseconds linger = DefaultLinger);
    /// Deletes all clients, used ones as well: pointers to them must not be followed any more.
    ~RendezvousPool() override;

    /// Opens it if it is new. Give it back by dropping the pointer.
    std::shared_ptr<RendezvousClient> client(const RendezvousConfig &config);
    qsizetype clientCount() const;
    /// RendezvousClient::checkConnection() of each.
    void checkConnections();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer

#endif // PEER_SIGNALING_RENDEZVOUSPOOL_H
