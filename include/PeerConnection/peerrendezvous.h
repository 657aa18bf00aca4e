// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERRENDEZVOUS_H
#define PEERRENDEZVOUS_H

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerconnection.h>
#include <PeerConnection/peerconnection_export.h>
#include <PeerConnection/peeridentity.h>

#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qurl.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <memory>

class PeerListener;
class PeerRendezvousPrivate;

class PEERCONNECTION_EXPORT PeerRendezvous : public QObject
{
    Q_OBJECT
    Q_PROPERTY(QUrl address READ address WRITE setAddress NOTIFY addressChanged FINAL)
    Q_PROPERTY(PeerIdentity identity READ identity WRITE setIdentity NOTIFY identityChanged FINAL)
    Q_PROPERTY(bool plainAllowed READ isPlainAllowed WRITE setPlainAllowed NOTIFY
                   plainAllowedChanged FINAL)
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(QString host READ host NOTIFY hostChanged FINAL)
    Q_PROPERTY(QString observedAddress READ observedAddress NOTIFY hostChanged FINAL)
    Q_PROPERTY(QStringList watchedNames READ watchedNames NOTIFY watchedNamesChanged FINAL)
    Q_PROPERTY(PeerConnection::Error error READ error NOTIFY errorOccurred FINAL)
    Q_PROPERTY(QString errorString READ errorString NOTIFY errorOccurred FINAL)

public:
    enum class State { Idle, Connecting, Connected, Interrupted, Closed };
    Q_ENUM(State)

    enum class Presence { Unknown, Offline, Online };
    Q_ENUM(Presence)

    static constexpr int MaximumWatches = 256;

    explicit PeerRendezvous(QObject *parent = nullptr);
    explicit PeerRendezvous(const QUrl &address, QObject *parent = nullptr);
    PeerRendezvous(const QUrl &address, const PeerIdentity &identity, QObject *parent = nullptr);
    ~PeerRendezvous() override;

    QUrl address() const;
    void setAddress(const QUrl &address);
    PeerIdentity identity() const;
    void setIdentity(const PeerIdentity &identity);
    void setTrustedCertificates(const QList<QSslCertificate> &authorities);
    bool isPlainAllowed() const;
    void setPlainAllowed(bool allowed);
    void setProxy(const QNetworkProxy &proxy);
    QNetworkProxy proxy() const;

    State state() const;
    QString host() const;
    QString observedAddress() const;
    PeerConnection::Error error() const;
    QString errorString() const;

    Q_INVOKABLE PeerConnection *dial(const QString &name, const QStringList &ids = {});
    Q_INVOKABLE PeerListener *listen(const QString &name = {});

    QStringList watchedNames() const;
    Q_INVOKABLE Presence presence(const QString &name) const;

public Q_SLOTS:
    void open();
    void close();
    bool watch(const QString &name);
    void unwatch(const QString &name);

Q_SIGNALS:
    void addressChanged(const QUrl &address);
    void identityChanged();
    void plainAllowedChanged();
    void stateChanged(PeerRendezvous::State state);
    void connected();
    void hostChanged(const QString &host);
    void watchedNamesChanged();
    void presenceChanged(const QString &name, PeerRendezvous::Presence presence);
    void peerOnline(const QString &name);
    void peerOffline(const QString &name);
    void watchFailed(const QString &name, const QString &reason);
    void errorOccurred(PeerConnection::Error error);
    void proxyAuthenticationRequired(const QNetworkProxy &proxy, QAuthenticator *authenticator);

private:
    std::unique_ptr<PeerRendezvousPrivate> d_ptr;
    Q_DECLARE_PRIVATE(PeerRendezvous)
    Q_DISABLE_COPY(PeerRendezvous)
};

#endif // PEERRENDEZVOUS_H
