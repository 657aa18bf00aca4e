// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERRENDEZVOUSSERVER_H
#define PEERRENDEZVOUSSERVER_H

#include <PeerConnection/peerconnection_rendezvous_export.h>
#include <PeerConnection/peerrendezvouslimits.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qurl.h>
#include <QtNetwork/qhostaddress.h>
#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslkey.h>

#include <memory>

class PeerRendezvousServerPrivate;

class PEERCONNECTION_RENDEZVOUS_EXPORT PeerRendezvousServer : public QObject
{
    Q_OBJECT
    Q_PROPERTY(bool listening READ isListening NOTIFY listeningChanged FINAL)
    Q_PROPERTY(QUrl url READ url NOTIFY listeningChanged FINAL)
    Q_PROPERTY(QString publicKeyPin READ publicKeyPin NOTIFY listeningChanged FINAL)

public:
    enum class TlsMode {
        Automatic,       // off on a loopback address, self-made elsewhere
        Off,             // behind a proxy that ends TLS
        SelfMade,        // a key and a certificate made for this object
        WithCertificate, // what setCertificate() was given
    };
    Q_ENUM(TlsMode)

    using Rate = PeerRendezvousRate;
    using Limits = PeerRendezvousLimits;

    explicit PeerRendezvousServer(QObject *parent = nullptr);
    ~PeerRendezvousServer() override;

    // Before listen()
    void setTlsMode(TlsMode mode);
    TlsMode tlsMode() const;
    void setCertificate(const QList<QSslCertificate> &chain, const QSslKey &key);
    bool makeCertificate(const QString &certificateFile, const QString &keyFile);
    void setNamesFile(const QString &fileName);
    QString namesFile() const;
    void setPublicUrl(const QUrl &url);
    QUrl publicUrl() const;
    void setLimits(const Limits &limits);
    Limits limits() const;

    // At any time
    void setCallPageEnabled(bool enabled);
    bool isCallPageEnabled() const;
    void setTokens(const QList<QByteArray> &tokens);
    bool setTurn(const QStringList &uris, const QByteArray &secret);

    bool listen(const QHostAddress &address = QHostAddress::LocalHost, quint16 port = 0);
    void close();
    bool isListening() const;
    QString errorString() const;

    QHostAddress serverAddress() const;
    quint16 serverPort() const;
    QUrl url() const;
    QString publicKeyPin() const;
    Q_INVOKABLE QUrl peerUrl(const QString &name) const;

    bool isRegistered(const QString &name) const;
    int connectionCount() const;
    QByteArray metrics() const;

Q_SIGNALS:
    void listeningChanged();
    void peerRegistered(const QString &name, const QString &id);
    void peerUnregistered(const QString &name);
    void errorOccurred(const QString &text);

private:
    Q_DECLARE_PRIVATE(PeerRendezvousServer)
    std::unique_ptr<PeerRendezvousServerPrivate> d_ptr;
};

#endif // PEERRENDEZVOUSSERVER_H
