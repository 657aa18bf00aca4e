// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_HOMESERVER_H
#define DEMO_HOMESERVER_H

#include <PeerConnection/PeerAddress>

#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qthread.h>

namespace demo {

class HomeServerWorker;

/// A rendezvous of our own, for whoever has none: callers in the same network find us there. Its
/// key, names and port are kept in a folder, so that an address handed out once stays good while
/// this machine has the same IP address.
///
/// It has a thread of its own: no window waits for callers, nor callers for a window.
class HomeServer : public QObject
{
    Q_OBJECT

public:
    /// Where it listens if nothing else does.
    static constexpr quint16 PreferredPort = 44300;

    explicit HomeServer(const QString &folder, QObject *parent = nullptr);
    /// Waits for the thread to end.
    ~HomeServer() override;

    /// done() follows, from the event loop; and again if it listens already.
    void listen();
    bool isListening() const { return m_address.isValid(); }
    /// Why it does not listen.
    QString errorString() const { return m_errorString; }
    /// Where a peer of that name is found; not valid for a bad name, or while not listening.
    PeerAddress addressOf(const QString &name) const;

Q_SIGNALS:
    void done();

private:
    void take(const PeerAddress &address, const QString &errorString);

    QThread m_thread;
    HomeServerWorker *m_worker; ///< of the thread
    PeerAddress m_address;      ///< of some name; not valid while not listening
    QString m_errorString;
};

} // namespace demo

#endif // DEMO_HOMESERVER_H
