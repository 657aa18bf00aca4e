// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_TRACKLINK_H
#define PEER_MEDIA_TRACKLINK_H

#include "media/engine/rtplink.h"
#include "media/engine/sentnumbers.h"
#include "media/engine/trackconfig.h"

#include <PeerConnection/peerrtpport.h>
#include <PeerConnection/peertrack.h>

#include <memory>
#include <optional>

namespace peer::media {

/// The way to the peer by a track of a connection.
class PortLink : public RtpLink
{
public:
    explicit PortLink(const PeerRtpPort &port)
        : m_port(port)
    { }
    bool sendRtp(ByteView packet) override;
    void sendRtcp(ByteView compound) override;

private:
    const PeerRtpPort m_port;
};

/// What a track has agreed on, as the engine wants it; nothing if there is no format that it knows.
std::optional<TrackConfig> configOf(const PeerTrack &track);

/// They stay with the track, for whoever sends from its SSRC next.
std::shared_ptr<SentNumbers> numbersOf(PeerTrack &track);

} // namespace peer::media

#endif // PEER_MEDIA_TRACKLINK_H
