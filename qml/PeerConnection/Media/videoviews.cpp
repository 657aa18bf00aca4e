// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/Media/videoviews.h"

namespace peer::qml {

RemoteVideo::~RemoteVideo() = default;

void RemoteVideo::setMedia(PeerMediaCall *media)
{
    if (m_media == media)
        return;
    if (m_media && m_media->remoteVideoSink() == videoSink())
        m_media->setRemoteVideoSink(nullptr);
    videoSink()->setVideoFrame(QVideoFrame());
    m_media = media;
    if (media)
        media->setRemoteVideoSink(videoSink());
    Q_EMIT mediaChanged();
}

LocalVideo::LocalVideo(QQuickItem *parent)
    : VideoItem(parent)
{
    setMirrored(true);
}

LocalVideo::~LocalVideo() = default;

void LocalVideo::setMedia(PeerMediaCall *media)
{
    if (m_media == media)
        return;
    if (m_media && m_media->localVideoSink() == videoSink())
        m_media->setLocalVideoSink(nullptr);
    videoSink()->setVideoFrame(QVideoFrame());
    m_media = media;
    if (media)
        media->setLocalVideoSink(videoSink());
    Q_EMIT mediaChanged();
}

} // namespace peer::qml
