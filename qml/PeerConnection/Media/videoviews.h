// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_VIDEOVIEWS_H
#define PEER_QML_VIDEOVIEWS_H

#include "qml/PeerConnection/Media/videoitem.h"

#include <PeerConnection/peermediacall.h>

#include <QtCore/qpointer.h>

namespace peer::qml {

/// Pictures of a MediaCall, which has one view of each kind: the one that it was given last.
class MediaVideo : public peer::qml::VideoItem
{
    Q_OBJECT
    Q_PROPERTY(PeerMediaCall *media READ media WRITE setMedia NOTIFY mediaChanged FINAL)
    QML_ANONYMOUS

public:
    PeerMediaCall *media() const { return m_media; }
    void setMedia(PeerMediaCall *media);

Q_SIGNALS:
    void mediaChanged();

protected:
    using Getter = QVideoSink *(PeerMediaCall::*)() const;
    using Setter = void (PeerMediaCall::*)(QVideoSink *sink);

    /// The property of the MediaCall that the sink of this item is.
    MediaVideo(Getter getter, Setter setter, QQuickItem *parent);

private:
    const Getter m_getter;
    const Setter m_setter;
    QPointer<PeerMediaCall> m_media;
};

/// `RemoteVideo { media: … }`: what the peer sends.
class RemoteVideo : public peer::qml::MediaVideo
{
    Q_OBJECT
    QML_NAMED_ELEMENT(RemoteVideo)

public:
    explicit RemoteVideo(QQuickItem *parent = nullptr);
};

/// `LocalVideo { media: … }`: what is sent to the peer, mirrored unless told otherwise. There is a
/// picture only while there is somebody to send it to.
class LocalVideo : public peer::qml::MediaVideo
{
    Q_OBJECT
    QML_NAMED_ELEMENT(LocalVideo)

public:
    explicit LocalVideo(QQuickItem *parent = nullptr);
};

} // namespace peer::qml

#endif // PEER_QML_VIDEOVIEWS_H
