// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_RTPLINK_H
#define PEER_MEDIA_ENGINE_RTPLINK_H

#include "core/base/bytes.h"

namespace peer::media {

/// The way of a track's packets to the peer. Called in threads of GStreamer's, several at a time;
/// must not block.
class RtpLink
{
public:
    virtual ~RtpLink() = default;
    /// False if it is not sent: nobody shall wonder where it is.
    virtual bool sendRtp(ByteView packet) = 0;
    virtual void sendRtcp(ByteView compound) = 0;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_RTPLINK_H
