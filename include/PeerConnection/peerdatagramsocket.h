// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERDATAGRAMSOCKET_H
#define PEERDATAGRAMSOCKET_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

#include <memory>

class PeerDatagramSocketPrivate;

class PEERCONNECTION_EXPORT PeerDatagramSocket : public QObject
{
    Q_OBJECT
    Q_PROPERTY(QString usernameFragment READ usernameFragment CONSTANT FINAL)
    Q_PROPERTY(QString password READ password CONSTANT FINAL)
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(QString errorString READ errorString NOTIFY stateChanged FINAL)
    Q_PROPERTY(QStringList localAddresses READ localAddresses NOTIFY localAddressesChanged FINAL)
    Q_PROPERTY(QStringList provenAddresses READ provenAddresses NOTIFY provenAddressesChanged FINAL)

public:
    enum class State { Opening, Open, Closed };
    Q_ENUM(State)

    enum class Failure { None, Unanswered, Refused, TooMany, ConsentWasLost, NoSocket };
    Q_ENUM(Failure)

    static constexpr int MaximumDatagramSize = 1200;

    explicit PeerDatagramSocket(QObject *parent = nullptr);
    PeerDatagramSocket(const QString &usernameFragment, const QString &password,
                       QObject *parent = nullptr);
    ~PeerDatagramSocket() override;

    QString usernameFragment() const;
    QString password() const;
    void setLocalPort(quint16 port);

    State state() const;
    QString errorString() const;
    QStringList localAddresses() const;
    QStringList provenAddresses() const;
    quint64 droppedDatagrams() const;

    Q_INVOKABLE bool testConnectivity(const QString &address, const QString &usernameFragment,
                                      const QString &password);
    Q_INVOKABLE bool findReflexiveAddress(const QString &stunServer);
    Q_INVOKABLE bool openSession(const QString &address);
    Q_INVOKABLE bool sendDatagram(const QString &address, const QByteArray &datagram);

public Q_SLOTS:
    void closeSession(const QString &address);
    void close();

Q_SIGNALS:
    void stateChanged(PeerDatagramSocket::State state);
    void localAddressesChanged();
    void provenAddressesChanged();
    void connectivityTested(const QString &address, const QString &usernameFragment);
    void connectivitySucceeded(const QString &address, const QString &reflexiveAddress);
    void connectivityFailed(const QString &address, PeerDatagramSocket::Failure failure);
    void consentLost(const QString &address);
    void reflexiveAddressFound(const QString &stunServer, const QString &reflexiveAddress);
    void datagramReceived(const QString &address, const QByteArray &datagram);

private:
    std::unique_ptr<PeerDatagramSocketPrivate> d_ptr;
    Q_DECLARE_PRIVATE(PeerDatagramSocket)
    Q_DISABLE_COPY(PeerDatagramSocket)
};

#endif // PEERDATAGRAMSOCKET_H
