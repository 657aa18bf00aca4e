// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_VIDEOVIEWS_H
#define PEER_QML_VIDEOVIEWS_H

#include "qml/PeerConnection/Media/videoitem.h"

#include <PeerConnection/peermediacall.h>

#include <QtCore/qpointer.h>

namespace peer::qml {

/// `RemoteVideo { media: … }`: what the peer of a MediaCall sends. A MediaCall has one such view,
/// the one that it was given last.
class RemoteVideo : public peer::qml::VideoItem
{
    Q_OBJECT
    Q_PROPERTY(PeerMediaCall *media READ media WRITE setMedia NOTIFY mediaChanged FINAL)
    QML_NAMED_ELEMENT(RemoteVideo)

public:
    using VideoItem::VideoItem;
    ~RemoteVideo() override;

    PeerMediaCall *media() const { return m_media; }
    void setMedia(PeerMediaCall *media);

Q_SIGNALS:
    void mediaChanged();

private:
    QPointer<PeerMediaCall> m_media;
};

/// `LocalVideo { media: … }`: what is sent to the peer, mirrored unless told otherwise. There is a
/// picture only while there is somebody to send it to.
class LocalVideo : public peer::qml::VideoItem
{
    Q_OBJECT
    Q_PROPERTY(PeerMediaCall *media READ media WRITE setMedia NOTIFY mediaChanged FINAL)
    QML_NAMED_ELEMENT(LocalVideo)

public:
    explicit LocalVideo(QQuickItem *parent = nullptr);
    ~LocalVideo() override;

    PeerMediaCall *media() const { return m_media; }
    void setMedia(PeerMediaCall *media);

Q_SIGNALS:
    void mediaChanged();

private:
    QPointer<PeerMediaCall> m_media;
};

} // namespace peer::qml

#endif // PEER_QML_VIDEOVIEWS_H
