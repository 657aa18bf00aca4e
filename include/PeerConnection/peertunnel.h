// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERTUNNEL_H
#define PEERTUNNEL_H

#include <PeerConnection/peerconnection.h>
#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qurl.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <memory>

class PeerTunnelPrivate;
class QAuthenticator;

class PEERCONNECTION_EXPORT PeerTunnel : public QObject
{
    Q_OBJECT
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(QUrl ticket READ ticket NOTIFY ticketChanged FINAL)
    Q_PROPERTY(bool plainAllowed READ isPlainAllowed WRITE setPlainAllowed NOTIFY
                   plainAllowedChanged FINAL)
    Q_PROPERTY(int patience READ patience WRITE setPatience NOTIFY patienceChanged FINAL)
    Q_PROPERTY(PeerConnection::Error error READ error NOTIFY errorOccurred FINAL)
    Q_PROPERTY(QString errorString READ errorString NOTIFY errorOccurred FINAL)

public:
    enum class State { Idle, Minting, Joining, Joined, Interrupted, Closed };
    Q_ENUM(State)

    static constexpr int MaximumDatagramSize = 1500;

    explicit PeerTunnel(QObject *parent = nullptr);
    ~PeerTunnel() override;

    void setTrustedCertificates(const QList<QSslCertificate> &authorities);
    bool isPlainAllowed() const;
    void setPlainAllowed(bool allowed);
    void setProxy(const QNetworkProxy &proxy);
    QNetworkProxy proxy() const;
    int patience() const;
    void setPatience(int milliseconds);

    State state() const;
    QUrl ticket() const;
    PeerConnection::Error error() const;
    QString errorString() const;
    quint64 droppedDatagrams() const;

    Q_INVOKABLE bool sendDatagram(const QByteArray &datagram);

public Q_SLOTS:
    void mint(const QUrl &rendezvous);
    void join(const QUrl &ticket);
    void close();

Q_SIGNALS:
    void stateChanged(PeerTunnel::State state);
    void ticketChanged(const QUrl &ticket);
    void plainAllowedChanged();
    void patienceChanged();
    void joined();
    void datagramReceived(const QByteArray &datagram);
    void errorOccurred(PeerConnection::Error error);
    void proxyAuthenticationRequired(const QNetworkProxy &proxy, QAuthenticator *authenticator);

private:
    std::unique_ptr<PeerTunnelPrivate> d_ptr;
    Q_DECLARE_PRIVATE(PeerTunnel)
    Q_DISABLE_COPY(PeerTunnel)
};

#endif // PEERTUNNEL_H
