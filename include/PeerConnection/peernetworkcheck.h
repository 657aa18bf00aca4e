// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERNETWORKCHECK_H
#define PEERNETWORKCHECK_H

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerconnection_export.h>
#include <PeerConnection/peericeserver.h>
#include <PeerConnection/peernetworkreport.h>

#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <memory>

class PeerNetworkCheckPrivate;

class PEERCONNECTION_EXPORT PeerNetworkCheck : public QObject
{
    Q_OBJECT
    Q_PROPERTY(bool finished READ isFinished NOTIFY finished FINAL)

public:
    explicit PeerNetworkCheck(QObject *parent = nullptr);
    explicit PeerNetworkCheck(const PeerAddress &address, QObject *parent = nullptr);
    ~PeerNetworkCheck() override;

    PeerAddress address() const;
    void setAddress(const PeerAddress &address);
    void setTrustedCertificates(const QList<QSslCertificate> &authorities);
    void setPlainAllowed(bool allowed);
    void setProxy(const QNetworkProxy &proxy);
    bool setIceServers(const QList<PeerIceServer> &servers);

    bool isFinished() const;
    PeerNetworkReport report() const;

public Q_SLOTS:
    void start();

Q_SIGNALS:
    void finished();

private:
    std::unique_ptr<PeerNetworkCheckPrivate> d_ptr;
    Q_DECLARE_PRIVATE(PeerNetworkCheck)
    Q_DISABLE_COPY(PeerNetworkCheck)
};

#endif // PEERNETWORKCHECK_H
