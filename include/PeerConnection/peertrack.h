// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERTRACK_H
#define PEERTRACK_H

#include <PeerConnection/peerconnection_export.h>
#include <PeerConnection/peerrtpextension.h>
#include <PeerConnection/peerrtpformat.h>
#include <PeerConnection/peerrtpport.h>
#include <PeerConnection/peerrtpsource.h>
#include <PeerConnection/peertrackstatistics.h>

#include <QtCore/qbytearrayview.h>
#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

#include <memory>

class PeerTrackPrivate;

class PEERCONNECTION_EXPORT PeerTrack : public QObject
{
    Q_OBJECT
    Q_PROPERTY(Kind kind READ kind CONSTANT FINAL)
    Q_PROPERTY(bool openedByPeer READ isOpenedByPeer CONSTANT FINAL)
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(QString errorString READ errorString NOTIFY stateChanged FINAL)
    Q_PROPERTY(QString mid READ mid NOTIFY agreementChanged FINAL)
    Q_PROPERTY(Direction direction READ direction WRITE setDirection NOTIFY directionChanged FINAL)
    Q_PROPERTY(
        Direction currentDirection READ currentDirection NOTIFY currentDirectionChanged FINAL)
    Q_PROPERTY(bool muted READ isMuted WRITE setMuted NOTIFY mutedChanged FINAL)
    Q_PROPERTY(QString remoteStreamId READ remoteStreamId NOTIFY agreementChanged FINAL)

public:
    enum class Kind { Audio, Video };
    Q_ENUM(Kind)

    enum class Direction { Inactive, SendOnly, ReceiveOnly, SendReceive };
    Q_ENUM(Direction)

    enum class State { Negotiating, Open, Ended };
    Q_ENUM(State)

    struct Options
    {
        Direction direction = Direction::SendReceive;
        QList<PeerRtpFormat> formats;
        QStringList extensions = PeerTrack::defaultExtensions();
        QList<PeerRtpSource> sources;
        QString streamId;
    };

    static constexpr int SendQueueSize = PeerRtpPort::SendQueueSize;
    static constexpr int EarlyQueueSize = PeerRtpPort::EarlyQueueSize;
    static constexpr int MaxPacketSize = PeerRtpPort::MaxPacketSize;

    static QList<PeerRtpFormat> defaultFormats(PeerTrack::Kind kind);
    static QStringList defaultExtensions();

    ~PeerTrack() override;

    Kind kind() const;
    bool isOpenedByPeer() const;
    State state() const;
    QString errorString() const;
    QString mid() const;
    Direction direction() const;
    void setDirection(PeerTrack::Direction direction);
    Direction currentDirection() const;
    bool isMuted() const;
    void setMuted(bool muted);

    QList<PeerRtpFormat> formats() const;
    QList<PeerRtpSource> sources() const;
    QList<PeerRtpFormat> agreedFormats() const;
    QList<PeerRtpExtension> agreedExtensions() const;
    QList<PeerRtpSource> remoteSources() const;
    QString remoteStreamId() const;
    PeerTrackStatistics statistics() const;

    PeerRtpPort port() const;
    bool sendRtp(QByteArrayView packet) const;
    bool sendRtcp(QByteArrayView packet) const;
    void setPacketHandler(PeerRtpPort::Handler handler) const;

public Q_SLOTS:
    void end();

Q_SIGNALS:
    void stateChanged(PeerTrack::State state);
    void opened();
    void ended();
    void directionChanged(PeerTrack::Direction direction);
    void currentDirectionChanged(PeerTrack::Direction direction);
    void mutedChanged(bool muted);
    void agreementChanged();

private:
    friend class PeerConnection;
    friend class PeerConnectionPrivate;
    explicit PeerTrack(std::unique_ptr<PeerTrackPrivate> dd, QObject *parent);

    std::unique_ptr<PeerTrackPrivate> d_ptr;
    Q_DECLARE_PRIVATE(PeerTrack)
    Q_DISABLE_COPY(PeerTrack)
};

#endif // PEERTRACK_H
