// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCONNECTION_H
#define PEERCONNECTION_H

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerchannel.h>
#include <PeerConnection/peerconnection_export.h>
#include <PeerConnection/peericeserver.h>
#include <PeerConnection/peeridentity.h>
#include <PeerConnection/peerpath.h>
#include <PeerConnection/peerreport.h>
#include <PeerConnection/peerstatistics.h>
#include <PeerConnection/peertrack.h>

#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qurl.h>
#include <QtCore/qvariant.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <memory>

class QAuthenticator;
class PeerConnectionPrivate;
class PeerListenerPrivate;

class PEERCONNECTION_EXPORT PeerConnection : public QObject
{
    Q_OBJECT
    Q_PROPERTY(
        QUrl destination READ destination WRITE setDestination NOTIFY destinationChanged FINAL)
    Q_PROPERTY(PeerIdentity identity READ identity WRITE setIdentity NOTIFY identityChanged FINAL)
    Q_PROPERTY(bool plainAllowed READ isPlainAllowed WRITE setPlainAllowed NOTIFY
                   plainAllowedChanged FINAL)
    Q_PROPERTY(int patience READ patience WRITE setPatience NOTIFY patienceChanged FINAL)
    Q_PROPERTY(Signaling signaling READ signaling WRITE setSignaling NOTIFY signalingChanged FINAL)
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(Error error READ error NOTIFY errorOccurred FINAL)
    Q_PROPERTY(QString errorString READ errorString NOTIFY errorOccurred FINAL)
    Q_PROPERTY(QString peerName READ peerName NOTIFY peerChanged FINAL)
    Q_PROPERTY(QString peerId READ peerId NOTIFY peerChanged FINAL)
    Q_PROPERTY(bool identityVerified READ isIdentityVerified NOTIFY peerChanged FINAL)
    Q_PROPERTY(QString service READ service NOTIFY peerChanged FINAL)
    Q_PROPERTY(bool audioOffered READ isAudioOffered NOTIFY peerChanged FINAL)
    Q_PROPERTY(bool videoOffered READ isVideoOffered NOTIFY peerChanged FINAL)
    Q_PROPERTY(PeerPath path READ path NOTIFY pathChanged FINAL)
    Q_PROPERTY(PeerStatistics statistics READ statistics NOTIFY statisticsChanged FINAL)
    Q_PROPERTY(PeerReport report READ report NOTIFY reportChanged FINAL)
    Q_PROPERTY(PeerChannel *defaultChannel READ defaultChannel NOTIFY stateChanged FINAL)

public:
    enum class State {
        Idle,
        Dialing,
        Ringing,
        Connecting,
        Connected,
        Reconnecting,
        Closing,
        Closed,
    };
    Q_ENUM(State)

    enum class Error {
        None,
        BadAddress,
        PathPolicyUnavailable,
        RendezvousUnreachable,
        RendezvousCertificate,
        RendezvousProtocol,
        RendezvousVersion,
        RendezvousRefused,
        PeerOffline,
        PeerBusy,
        PeerRejected,
        PeerSilent,
        Cancelled,
        IdentityMismatch,
        BadDescription,
        NoPath,
        HandshakeFailed,
        ConnectionLost,
        PeerFailed,
    };
    Q_ENUM(Error)

    enum class Signaling { Rendezvous, External, Jsep };
    Q_ENUM(Signaling)

    enum class RejectReason { Rejected, Busy };
    Q_ENUM(RejectReason)

    explicit PeerConnection(QObject *parent = nullptr);
    explicit PeerConnection(const QUrl &destination, QObject *parent = nullptr);
    explicit PeerConnection(const PeerAddress &destination, QObject *parent = nullptr);
    ~PeerConnection() override;

    QUrl destination() const;
    void setDestination(const QUrl &destination);
    void setDestination(const PeerAddress &destination);
    PeerIdentity identity() const;
    void setIdentity(const PeerIdentity &identity);
    void setTrustedCertificates(const QList<QSslCertificate> &authorities);
    bool isPlainAllowed() const;
    void setPlainAllowed(bool allowed);
    int patience() const;
    void setPatience(int milliseconds);
    void setProxy(const QNetworkProxy &proxy);
    QNetworkProxy proxy() const;
    Signaling signaling() const;
    void setSignaling(PeerConnection::Signaling signaling);
    bool setExpectedPeerIds(const QStringList &ids);
    QStringList expectedPeerIds() const;
    void setAllowedPaths(PeerAddress::Paths paths);
    PeerAddress::Paths allowedPaths() const;
    void setLoopbackAllowed(bool allowed);
    bool isLoopbackAllowed() const;
    bool setIceServers(const QList<PeerIceServer> &servers);
    QList<PeerIceServer> iceServers() const;

    State state() const;
    Error error() const;
    QString errorString() const;
    QString peerName() const;
    QString peerId() const;
    bool isIdentityVerified() const;
    QString service() const;
    bool isAudioOffered() const;
    bool isVideoOffered() const;
    PeerPath path() const;
    PeerStatistics statistics() const;
    PeerReport report() const;

    Q_INVOKABLE PeerChannel *openChannel(const QString &label);
    PeerChannel *openChannel(const QString &label, const PeerChannel::Options &options);
    Q_INVOKABLE PeerChannel *openChannel(const QString &label, const QVariantMap &options);
    PeerChannel *defaultChannel() const;
    QList<PeerChannel *> channels() const;

    PeerTrack *addTrack(PeerTrack::Kind kind, const PeerTrack::Options &options = {});
    QList<PeerTrack *> tracks() const;
    bool setAcceptedTracks(PeerTrack::Kind kind, const PeerTrack::Options &options);
    void refuseTracks(PeerTrack::Kind kind);

public Q_SLOTS:
    void open();
    void dial(const QString &destination);
    bool handleSignal(const QByteArray &signal, QString *fault = nullptr);
    bool setRemoteDescription(const QString &type, const QString &sdp, QString *fault = nullptr);
    bool addRemoteCandidate(const QString &candidate, const QString &sdpMid = {},
                            QString *fault = nullptr);
    void accept();
    void reject(PeerConnection::RejectReason reason = PeerConnection::RejectReason::Rejected);
    void close();
    void abort();
    bool sendMessage(const QByteArray &message);
    bool sendText(const QString &text);

Q_SIGNALS:
    void destinationChanged(const QUrl &destination);
    void identityChanged();
    void plainAllowedChanged();
    void patienceChanged();
    void signalingChanged();
    void signalReady(const QByteArray &signal);
    void localDescriptionReady(const QString &type, const QString &sdp);
    void localCandidateReady(const QString &candidate, const QString &sdpMid);
    void stateChanged(PeerConnection::State state);
    void connected();
    void closed();
    void errorOccurred(PeerConnection::Error error);
    void proxyAuthenticationRequired(const QNetworkProxy &proxy, QAuthenticator *authenticator);
    void peerChanged();
    void pathChanged();
    void statisticsChanged();
    void reportChanged();
    void channelOpened(PeerChannel *channel);
    void trackAdded(PeerTrack *track);
    void messageReceived(const QByteArray &message);
    void textReceived(const QString &text);

private:
    friend class PeerListenerPrivate;
    explicit PeerConnection(std::unique_ptr<PeerConnectionPrivate> dd, QObject *parent);

    std::unique_ptr<PeerConnectionPrivate> d_ptr;
    Q_DECLARE_PRIVATE(PeerConnection)
    Q_DISABLE_COPY(PeerConnection)
};

#endif // PEERCONNECTION_H
