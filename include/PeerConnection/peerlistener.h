// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERLISTENER_H
#define PEERLISTENER_H

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerconnection.h>
#include <PeerConnection/peerconnection_export.h>
#include <PeerConnection/peeridentity.h>

#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qurl.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <memory>

class PeerListenerPrivate;

class PEERCONNECTION_EXPORT PeerListener : public QObject
{
    Q_OBJECT
    Q_PROPERTY(QUrl listenAddress READ listenAddress WRITE setListenAddress NOTIFY
                   listenAddressChanged FINAL)
    Q_PROPERTY(PeerIdentity identity READ identity WRITE setIdentity NOTIFY identityChanged FINAL)
    Q_PROPERTY(bool plainAllowed READ isPlainAllowed WRITE setPlainAllowed NOTIFY
                   plainAllowedChanged FINAL)
    Q_PROPERTY(
        QStringList allowedIds READ allowedIds WRITE setAllowedIds NOTIFY allowedIdsChanged FINAL)
    Q_PROPERTY(QUrl address READ address NOTIFY addressChanged FINAL)
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(PeerConnection::Error error READ error NOTIFY errorOccurred FINAL)
    Q_PROPERTY(QString errorString READ errorString NOTIFY errorOccurred FINAL)
    Q_PROPERTY(bool autoAccept READ isAutoAccept WRITE setAutoAccept NOTIFY autoAcceptChanged FINAL)
    Q_PROPERTY(int maxConnections READ maxConnections WRITE setMaxConnections NOTIFY
                   maxConnectionsChanged FINAL)

public:
    enum class State { Idle, Registering, Listening, Interrupted, Closed };
    Q_ENUM(State)

    explicit PeerListener(QObject *parent = nullptr);
    explicit PeerListener(const QUrl &listenAddress, QObject *parent = nullptr);
    PeerListener(const QUrl &listenAddress, const PeerIdentity &identity,
                 QObject *parent = nullptr);
    ~PeerListener() override;

    QUrl listenAddress() const;
    void setListenAddress(const QUrl &address);
    PeerIdentity identity() const;
    void setIdentity(const PeerIdentity &identity);
    void setTrustedCertificates(const QList<QSslCertificate> &authorities);
    bool isPlainAllowed() const;
    void setPlainAllowed(bool allowed);
    void setProxy(const QNetworkProxy &proxy);
    QNetworkProxy proxy() const;
    bool setIceServers(const QList<PeerIceServer> &servers);
    QList<PeerIceServer> iceServers() const;

    bool isAutoAccept() const;
    void setAutoAccept(bool autoAccept);
    int maxConnections() const;
    void setMaxConnections(int connections);
    QStringList allowedIds() const;
    void setAllowedIds(const QStringList &ids);

    QUrl address() const;
    State state() const;
    PeerConnection::Error error() const;
    QString errorString() const;

public Q_SLOTS:
    void listen();
    void close();

Q_SIGNALS:
    void listenAddressChanged(const QUrl &address);
    void identityChanged();
    void plainAllowedChanged();
    void allowedIdsChanged();
    void addressChanged(const QUrl &address);
    void stateChanged(PeerListener::State state);
    void listening();
    void incomingConnection(PeerConnection *connection);
    void errorOccurred(PeerConnection::Error error);
    void proxyAuthenticationRequired(const QNetworkProxy &proxy, QAuthenticator *authenticator);
    void autoAcceptChanged(bool autoAccept);
    void maxConnectionsChanged(int connections);

private:
    std::unique_ptr<PeerListenerPrivate> d_ptr;
    Q_DECLARE_PRIVATE(PeerListener)
    Q_DISABLE_COPY(PeerListener)
};

#endif // PEERLISTENER_H
