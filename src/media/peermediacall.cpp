// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peermediacall.h>

#include "media/peermediacall_p.h"

#include <algorithm>
#include <utility>

using peer::media::MediaPart;

/*!
    \class PeerMediaCall
    \inmodule PeerConnection
    \brief Picture and sound of a PeerConnection: devices, codecs and video sinks.

    \code
    PeerMediaCall media(&call);           // a track of audio and one of video
    media.setRemoteVideoSink(output->videoSink());
    media.setLocalVideoSink(preview->videoSink());
    \endcode

    Give it the connection before it dials, or before PeerConnection::accept(). Camera and
    microphone are open exactly while their track sends (PeerTrack::currentDirection): a call of
    sound alone, which a track of video joins later, has one that is PeerTrack::Direction::Inactive.
    What the peer sends goes to remoteVideoSink and to the speaker.

    Whatever happens to a device or a file is told by errorOccurred(), and the call goes on: the
    test picture takes the place of a camera or a film. A camera, microphone or loudspeaker that is
    plugged in again is used again.

    Sound and picture are worked on in threads of GStreamer's and of the connection; a thread of the
    application's that stalls interrupts neither, and gets the latest picture afterwards. Bitrate,
    size and rate of what is sent follow what the way to the peer bears.

    \section1 Threads
    It belongs to the thread of its connection and of its video sinks. It may be deleted in a slot
    of any of its signals; tracks stay with the connection.
*/

/*!
    \enum PeerMediaCall::Source
    \value Automatic  The camera and the microphone if there are any; for one that there is not, the
                      test picture or the test tone.
    \value Devices    The camera and the microphone.
    \value Test       A picture that shows testName and a clock, and a tone.
    \value File       The film in file, over and over.
    \value None       Nothing is sent.
*/

/*!
    \enum PeerMediaCall::Error
    \value None           No error.
    \value MissingPlugin  GStreamer lacks a plugin.
    \value NotFound       There is no such device or file.
    \value NotAllowed     The device or file may not be used by this program.
    \value Busy           Another program has the device.
    \value Lost           The device was there and is gone.
    \value Unreadable     The file is broken, or of an unknown kind.
    \value Unusable       Any other trouble with a device or file.
    \value Internal       Trouble within the call's media.
    \value NoMedia        There can be no media with this peer (PeerTrack::errorString); channels go on.
*/

/*! A media call without a connection. */
PeerMediaCall::PeerMediaCall(QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerMediaCallPrivate>(this))
{ }

/*! The media of this \a connection, which is not owned. */
PeerMediaCall::PeerMediaCall(PeerConnection *connection, QObject *parent)
    : PeerMediaCall(parent)
{
    setConnection(connection);
}

/*!
    Closes the devices. No thread of it is left; one of GStreamer's that hangs is waited for half a
    second, and calls nobody afterwards.
*/
PeerMediaCall::~PeerMediaCall() = default;

/*!
    \property PeerMediaCall::connection
    Whose tracks these are. Setting it adds a track of each kind that the connection has none of.
*/
PeerConnection *PeerMediaCall::connection() const
{
    return d_func()->connection;
}

void PeerMediaCall::setConnection(PeerConnection *connection)
{
    Q_D(PeerMediaCall);
    if (d->connection == connection)
        return;
    const QPointer<PeerMediaCall> self(this);
    d->setConnection(connection);
    if (self && d->connection == connection)
        Q_EMIT connectionChanged();
}

/*!
    \property PeerMediaCall::remoteVideoSink
    Where the peer's pictures go. Not owned; it may be deleted at any time.
*/
QVideoSink *PeerMediaCall::remoteVideoSink() const
{
    return d_func()->remote.sink();
}

void PeerMediaCall::setRemoteVideoSink(QVideoSink *sink)
{
    Q_D(PeerMediaCall);
    if (d->remote.sink() == sink)
        return;
    d->remote.setSink(sink);
    Q_EMIT remoteVideoSinkChanged();
}

/*!
    \property PeerMediaCall::localVideoSink
    Where our own pictures go, while they are sent. Not owned; it may be deleted at any time.
*/
QVideoSink *PeerMediaCall::localVideoSink() const
{
    return d_func()->local.sink();
}

void PeerMediaCall::setLocalVideoSink(QVideoSink *sink)
{
    Q_D(PeerMediaCall);
    if (d->local.sink() == sink)
        return;
    d->local.setSink(sink);
    Q_EMIT localVideoSinkChanged();
}

/*!
    \property PeerMediaCall::source
    What is sent; Automatic at first. It may change in a running call.
*/
PeerMediaCall::Source PeerMediaCall::source() const
{
    return d_func()->sending.source;
}

void PeerMediaCall::setSource(Source source)
{
    Q_D(PeerMediaCall);
    if (std::exchange(d->sending.source, source) == source)
        return;
    d->changeSending(&PeerMediaCall::sourceChanged,
                     {MediaPart::Picture, MediaPart::Sound, MediaPart::Film});
}

/*!
    \property PeerMediaCall::file
    The film for Source::File: a file of this computer's, as in "file:///home/alice/film.webm"
    (QUrl::fromLocalFile()). Anything else is told of by errorOccurred().
*/
QUrl PeerMediaCall::file() const
{
    return d_func()->sending.file;
}

void PeerMediaCall::setFile(const QUrl &file)
{
    Q_D(PeerMediaCall);
    if (std::exchange(d->sending.file, file) == file)
        return;
    d->changeSending(&PeerMediaCall::fileChanged, {MediaPart::Film});
}

/*!
    \property PeerMediaCall::camera
    PeerMediaDevice::id of the camera; empty, as at first, for the first there is.
*/
QString PeerMediaCall::camera() const
{
    return d_func()->sending.camera;
}

void PeerMediaCall::setCamera(const QString &id)
{
    Q_D(PeerMediaCall);
    if (std::exchange(d->sending.camera, id) == id)
        return;
    d->changeSending(&PeerMediaCall::cameraChanged, {MediaPart::Picture});
}

/*!
    \property PeerMediaCall::microphone
    PeerMediaDevice::id of the microphone; empty, as at first, for the first there is.
*/
QString PeerMediaCall::microphone() const
{
    return d_func()->sending.microphone;
}

void PeerMediaCall::setMicrophone(const QString &id)
{
    Q_D(PeerMediaCall);
    if (std::exchange(d->sending.microphone, id) == id)
        return;
    d->changeSending(&PeerMediaCall::microphoneChanged, {MediaPart::Sound});
}

/*!
    \property PeerMediaCall::speaker
    PeerMediaDevice::id of the loudspeaker that plays what the peer says; empty, as at first, for
    the first there is. While it is not there, or does not work, another one takes its place.
*/
QString PeerMediaCall::speaker() const
{
    return d_func()->speaker;
}

void PeerMediaCall::setSpeaker(const QString &id)
{
    Q_D(PeerMediaCall);
    if (std::exchange(d->speaker, id) == id)
        return;
    d->changeSpeaker();
}

/*!
    \property PeerMediaCall::testName
    What the test picture shows: letters, digits and what else may stand in a peer's name.
*/
QString PeerMediaCall::testName() const
{
    return d_func()->sending.testName;
}

void PeerMediaCall::setTestName(const QString &testName)
{
    Q_D(PeerMediaCall);
    if (std::exchange(d->sending.testName, testName) == testName)
        return;
    d->changeSending(&PeerMediaCall::testNameChanged);
}

/*!
    \property PeerMediaCall::testId
    From 0 to 65535: what the peer's PeerMediaStatistics::testSender will be; it chooses the tone.
*/
int PeerMediaCall::testId() const
{
    return d_func()->sending.testId;
}

void PeerMediaCall::setTestId(int testId)
{
    Q_D(PeerMediaCall);
    testId = std::clamp(testId, 0, 65535);
    if (std::exchange(d->sending.testId, testId) == testId)
        return;
    d->changeSending(&PeerMediaCall::testIdChanged);
}

/*!
    \property PeerMediaCall::muted
    While true no sound is sent, and the microphone is closed.
*/
bool PeerMediaCall::isMuted() const
{
    return d_func()->sending.isMuted;
}

void PeerMediaCall::setMuted(bool muted)
{
    Q_D(PeerMediaCall);
    if (std::exchange(d->sending.isMuted, muted) == muted)
        return;
    d->changeSending(&PeerMediaCall::mutedChanged);
}

/*!
    \property PeerMediaCall::cameraOff
    While true no picture is sent, and the camera is closed.
*/
bool PeerMediaCall::isCameraOff() const
{
    return d_func()->sending.isCameraOff;
}

void PeerMediaCall::setCameraOff(bool off)
{
    Q_D(PeerMediaCall);
    if (std::exchange(d->sending.isCameraOff, off) == off)
        return;
    d->changeSending(&PeerMediaCall::cameraOffChanged);
}

/*!
    \property PeerMediaCall::active
    Whether a track is open, so that there is somebody to send to.
*/
bool PeerMediaCall::isActive() const
{
    return d_func()->isActive;
}

namespace {

QList<PeerMediaDevice> devicesOf(const peer::media::DeviceMonitor *monitor,
                                 peer::media::DeviceKind kind)
{
    QList<PeerMediaDevice> list;
    if (!monitor)
        return list;
    for (const peer::media::Device &device : monitor->devices()) {
        if (device.kind == kind) {
            list.append({QString::fromStdString(device.id), QString::fromStdString(device.name)});
        }
    }
    return list;
}

} // namespace

/*!
    \property PeerMediaCall::cameras
    The cameras that there are, the default one first. Looked for from the first call of this or of
    microphones on, and when a call begins; devicesChanged() tells when they are known.
*/
QList<PeerMediaDevice> PeerMediaCall::cameras() const
{
    d_ptr->sources.watchDevices();
    return devicesOf(d_func()->sources.monitor(), peer::media::DeviceKind::Camera);
}

/*!
    \property PeerMediaCall::microphones
    The microphones that there are, likewise.
*/
QList<PeerMediaDevice> PeerMediaCall::microphones() const
{
    d_ptr->sources.watchDevices();
    return devicesOf(d_func()->sources.monitor(), peer::media::DeviceKind::Microphone);
}

/*!
    \property PeerMediaCall::speakers
    The loudspeakers that there are, likewise.
*/
QList<PeerMediaDevice> PeerMediaCall::speakers() const
{
    d_ptr->sources.watchDevices();
    return devicesOf(d_func()->sources.monitor(), peer::media::DeviceKind::Speaker);
}

/*!
    \property PeerMediaCall::statistics
    What has been sent and received, as it is now. statisticsChanged() tells once a second while the
    call is active that it is worth another look.
*/
PeerMediaStatistics PeerMediaCall::statistics() const
{
    return d_func()->statistics();
}

/*!
    \property PeerMediaCall::error
    The latest error that still stands; None when what failed works again, when something else is to
    be sent in its place, and with another connection.
*/
PeerMediaCall::Error PeerMediaCall::error() const
{
    return d_func()->faults.isEmpty() ? Error::None : d_func()->faults.constLast().error;
}

/*!
    \property PeerMediaCall::errorString
    A sentence for the user about error; empty without one.
*/
QString PeerMediaCall::errorString() const
{
    return d_func()->faults.isEmpty() ? QString() : d_func()->faults.constLast().text;
}

/*!
    \fn void PeerMediaCall::errorOccurred(PeerMediaCall::Error error, const QString &text)
    Something failed outside of us; \a text is a sentence for the user. The call goes on. Until it
    works again, error and errorString have it too.
*/
