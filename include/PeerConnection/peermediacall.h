// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERMEDIACALL_H
#define PEERMEDIACALL_H

#include <PeerConnection/peerconnection_media_export.h>
#include <PeerConnection/peermediadevice.h>
#include <PeerConnection/peermediastatistics.h>

#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qurl.h>

#include <memory>

class PeerConnection;
class PeerMediaCallPrivate;
class QVideoSink;

class PEERCONNECTION_MEDIA_EXPORT PeerMediaCall : public QObject
{
    Q_OBJECT
    // In QML by their scopes alone: there are two None.
    Q_CLASSINFO("RegisterEnumClassesUnscoped", "false")
    Q_MOC_INCLUDE("PeerConnection/peerconnection.h")
    Q_MOC_INCLUDE("QtMultimedia/qvideosink.h")
    Q_PROPERTY(PeerConnection *connection READ connection WRITE setConnection NOTIFY
                   connectionChanged FINAL)
    Q_PROPERTY(QVideoSink *remoteVideoSink READ remoteVideoSink WRITE setRemoteVideoSink NOTIFY
                   remoteVideoSinkChanged FINAL)
    Q_PROPERTY(QVideoSink *localVideoSink READ localVideoSink WRITE setLocalVideoSink NOTIFY
                   localVideoSinkChanged FINAL)
    Q_PROPERTY(Source source READ source WRITE setSource NOTIFY sourceChanged FINAL)
    Q_PROPERTY(QUrl file READ file WRITE setFile NOTIFY fileChanged FINAL)
    Q_PROPERTY(QString camera READ camera WRITE setCamera NOTIFY cameraChanged FINAL)
    Q_PROPERTY(
        QString microphone READ microphone WRITE setMicrophone NOTIFY microphoneChanged FINAL)
    Q_PROPERTY(QString speaker READ speaker WRITE setSpeaker NOTIFY speakerChanged FINAL)
    Q_PROPERTY(QString testName READ testName WRITE setTestName NOTIFY testNameChanged FINAL)
    Q_PROPERTY(int testId READ testId WRITE setTestId NOTIFY testIdChanged FINAL)
    Q_PROPERTY(bool muted READ isMuted WRITE setMuted NOTIFY mutedChanged FINAL)
    Q_PROPERTY(bool cameraOff READ isCameraOff WRITE setCameraOff NOTIFY cameraOffChanged FINAL)
    Q_PROPERTY(bool active READ isActive NOTIFY activeChanged FINAL)
    Q_PROPERTY(QList<PeerMediaDevice> cameras READ cameras NOTIFY devicesChanged FINAL)
    Q_PROPERTY(QList<PeerMediaDevice> microphones READ microphones NOTIFY devicesChanged FINAL)
    Q_PROPERTY(QList<PeerMediaDevice> speakers READ speakers NOTIFY devicesChanged FINAL)
    Q_PROPERTY(PeerMediaStatistics statistics READ statistics NOTIFY statisticsChanged FINAL)
    Q_PROPERTY(Error error READ error NOTIFY errorChanged FINAL)
    Q_PROPERTY(QString errorString READ errorString NOTIFY errorChanged FINAL)

public:
    enum class Source { Automatic, Devices, Test, File, None };
    Q_ENUM(Source)

    enum class Error {
        None,
        MissingPlugin,
        NotFound,
        NotAllowed,
        Busy,
        Lost,
        Unreadable,
        Unusable,
        Internal,
        NoMedia,
    };
    Q_ENUM(Error)

    explicit PeerMediaCall(QObject *parent = nullptr);
    explicit PeerMediaCall(PeerConnection *connection, QObject *parent = nullptr);
    ~PeerMediaCall() override;

    PeerConnection *connection() const;
    void setConnection(PeerConnection *connection);
    QVideoSink *remoteVideoSink() const;
    void setRemoteVideoSink(QVideoSink *sink);
    QVideoSink *localVideoSink() const;
    void setLocalVideoSink(QVideoSink *sink);

    Source source() const;
    void setSource(PeerMediaCall::Source source);
    QUrl file() const;
    void setFile(const QUrl &file);
    QString camera() const;
    void setCamera(const QString &id);
    QString microphone() const;
    void setMicrophone(const QString &id);
    QString speaker() const;
    void setSpeaker(const QString &id);
    QString testName() const;
    void setTestName(const QString &name);
    int testId() const;
    void setTestId(int id);
    bool isMuted() const;
    void setMuted(bool muted);
    bool isCameraOff() const;
    void setCameraOff(bool off);

    bool isActive() const;
    QList<PeerMediaDevice> cameras() const;
    QList<PeerMediaDevice> microphones() const;
    QList<PeerMediaDevice> speakers() const;
    PeerMediaStatistics statistics() const;
    Error error() const;
    QString errorString() const;

Q_SIGNALS:
    void connectionChanged();
    void remoteVideoSinkChanged();
    void localVideoSinkChanged();
    void sourceChanged();
    void fileChanged();
    void cameraChanged();
    void microphoneChanged();
    void speakerChanged();
    void testNameChanged();
    void testIdChanged();
    void mutedChanged();
    void cameraOffChanged();
    void activeChanged();
    void devicesChanged();
    void statisticsChanged();
    void errorChanged();
    void errorOccurred(PeerMediaCall::Error error, const QString &text);

private:
    std::unique_ptr<PeerMediaCallPrivate> d_ptr;
    Q_DECLARE_PRIVATE(PeerMediaCall)
    Q_DISABLE_COPY(PeerMediaCall)
};

#endif // PEERMEDIACALL_H
