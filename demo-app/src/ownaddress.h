// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_OWNADDRESS_H
#define DEMO_OWNADDRESS_H

#include "homeserver.h"

#include <PeerConnection/PeerIdentity>
#include <PeerConnection/PeerListener>

#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtQml/qqmlregistration.h>

#include <memory>

namespace demo {

/// Who we are and where we can be called: the identity's key in a folder, a name, and a listener at
/// a rendezvous, a given one or our own.
class OwnAddress : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by Phone")
    Q_PROPERTY(QString name READ name WRITE setName NOTIFY nameChanged FINAL)
    Q_PROPERTY(QString address READ address NOTIFY changed FINAL)
    Q_PROPERTY(QString identity READ identityId CONSTANT FINAL)
    Q_PROPERTY(State state READ state NOTIFY changed FINAL)
    Q_PROPERTY(QString trouble READ trouble NOTIFY changed FINAL)

public:
    enum class State { Starting, Ready, Interrupted, Failed };
    Q_ENUM(State)

    /// The folder is made if need be. rendezvous: as on the command line; empty: our own. name:
    /// empty for the one of last time.
    OwnAddress(const QString &folder, const QString &rendezvous, const QString &name,
               QObject *parent = nullptr);
    ~OwnAddress() override;

    /// Registers. Calls come from the event loop.
    void start();

    QString name() const { return m_name; }
    /// Another name means another address. What cannot stand in one is left out; nothing left
    /// changes nothing.
    void setName(const QString &name);
    /// What to give to others; empty while it is not known.
    QString address() const { return m_address; }
    const PeerIdentity &identity() const { return m_identity; }
    QString identityId() const { return m_identity.id(); }
    State state() const { return m_state; }
    /// Why nobody can call us, for the user; empty if all is well.
    QString trouble() const { return m_trouble; }

    Q_INVOKABLE void copy() const;
    Q_INVOKABLE void retry();

    /// Letters, digits and -._~ of a text, as a peer's name may have them; at most 64.
    static QString nameFrom(const QString &text);

Q_SIGNALS:
    void nameChanged();
    void changed();
    /// It rings; the connection is the receiver's from now on.
    void rings(PeerConnection *connection);

private:
    /// At the given rendezvous; not valid, and the state tells why, if that is no good.
    PeerAddress givenAddress();
    void startServer();
    void takeServer();
    void listenAt(const PeerAddress &address);
    void set(State state, const QString &trouble);
    void takeState();

    QString m_folder;
    QString m_rendezvous;
    QString m_name;
    QString m_address;
    QString m_trouble;
    PeerIdentity m_identity;
    State m_state = State::Starting;
    std::unique_ptr<HomeServer> m_server;
    std::unique_ptr<PeerListener> m_listener;
};

} // namespace demo

#endif // DEMO_OWNADDRESS_H
