// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/Media/videoviews.h"

namespace peer::qml {

MediaVideo::MediaVideo(Getter getter, Setter setter, QQuickItem *parent)
    : VideoItem(parent)
    , m_getter(getter)
    , m_setter(setter)
{ }

void MediaVideo::setMedia(PeerMediaCall *media)
{
    if (m_media == media)
        return;
    if (m_media) {
        m_media->disconnect(this);
        if ((m_media->*m_getter)() == videoSink())
            (m_media->*m_setter)(nullptr);
    }
    m_media = media;
    if (media) {
        (media->*m_setter)(videoSink());
        connect(media, &QObject::destroyed, this, [this] {
            videoSink()->setVideoFrame(QVideoFrame());
            Q_EMIT mediaChanged();
        });
    }
    videoSink()->setVideoFrame(QVideoFrame()); // it is the other's no more
    Q_EMIT mediaChanged();
}

RemoteVideo::RemoteVideo(QQuickItem *parent)
    : MediaVideo(&PeerMediaCall::remoteVideoSink, &PeerMediaCall::setRemoteVideoSink, parent)
{ }

LocalVideo::LocalVideo(QQuickItem *parent)
    : MediaVideo(&PeerMediaCall::localVideoSink, &PeerMediaCall::setLocalVideoSink, parent)
{
    setMirrored(true);
}

} // namespace peer::qml
