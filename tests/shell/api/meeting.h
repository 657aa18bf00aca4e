// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef MEETING_H
#define MEETING_H

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerListener>
#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qlist.h>
#include <QtCore/qpointer.h>
#include <QtCore/qtestsupport_core.h>

#include <functional>
#include <memory>

/// Runs the event loop until condition holds; half a minute is for machines that are busy.
[[nodiscard]] inline bool eventually(const std::function<bool()> &condition)
{
    return QTest::qWaitFor(condition, 30'000);
}

/// What the signals of a connection said, in order.
class ConnectionLog : public QObject
{
    Q_OBJECT

public:
    explicit ConnectionLog(PeerConnection *connection);

    QList<PeerConnection::State> states;
    QList<PeerConnection::Error> errors;
    QStringList texts;
    QList<QByteArray> messages;
    QList<QPointer<PeerChannel>> channels;
    int connected = 0;
    int closed = 0;
    int peerChanges = 0;
    int pathChanges = 0;
};

/// A rendezvous on loopback, and in the end two peers who know each other through it.
///
/// The constructor only starts the rendezvous; a test takes as many of the further steps as it
/// needs.
class Meeting
{
public:
    Meeting();
    ~Meeting();

    /// A name of its own for each test; the rendezvous keeps names for their owners.
    QUrl newName() const;
    /// A listener at a new name. True when it listens.
    [[nodiscard]] bool listen(bool autoAccept = true);
    /// Dials the listener; both sides get their logs.
    void dial();
    void dial(const QUrl &address);
    /// Dials and waits until both sides are connected.
    [[nodiscard]] bool connect();

    std::unique_ptr<PeerRendezvousServer> server;
    std::unique_ptr<PeerListener> listener;
    std::unique_ptr<PeerConnection> caller;
    std::unique_ptr<ConnectionLog> callerLog;
    /// The last that came, and what it said.
    QPointer<PeerConnection> callee;
    std::unique_ptr<ConnectionLog> calleeLog;
    /// Called for each incoming connection.
    std::function<void(PeerConnection *)> onIncoming;
    int incoming = 0;
    /// For the listener.
    QStringList allowedIds;
};

#endif // MEETING_H
