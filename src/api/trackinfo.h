// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_TRACKINFO_H
#define PEER_API_TRACKINFO_H

#include "session/media/tracktypes.h"

#include <PeerConnection/peertrack.h>

#include <QtCore/qlist.h>
#include <QtCore/qmap.h>
#include <QtCore/qstring.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace peer {

// Between PeerTrack and the session: the same things in their words.

sdp::Direction toSdp(PeerTrack::Direction direction);
PeerTrack::Direction fromSdp(sdp::Direction direction);

/// What a connection answers with to tracks that the peer opens, by kind.
using AcceptedTracks = QMap<PeerTrack::Kind, PeerTrack::Options>;
/// Both kinds, with the default formats.
AcceptedTracks defaultAcceptedTracks();

/// The ids of header extensions are left at 0.
TrackOptions toTrackOptions(PeerTrack::Kind kind, const PeerTrack::Options &options);
std::vector<TrackOptions> toTrackOptions(const AcceptedTracks &accepted);
/// Of a track that the peer has opened, and that receives only.
PeerTrack::Options fromTrackOptions(const TrackOptions &options);
/// Puts in what is to be sent.
void setSources(TrackOptions &options, const QList<PeerRtpSource> &sources,
                const QString &streamId);

QList<PeerRtpFormat> fromFormats(const std::vector<sdp::PayloadFormat> &formats);
QList<PeerRtpExtension> fromExtensions(const std::vector<sdp::HeaderExtension> &extensions);
/// groups: first the source, then the one that repeats what it has lost.
using Groups = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
QList<PeerRtpSource> fromSources(const std::vector<sdp::Ssrc> &sources, const Groups &groups);
/// Of "STREAM TRACK" (RFC 8830); empty if it is of no stream.
QString streamIdOf(const std::string &msid);

/// A source with a random SSRC that is none of taken, and one for retransmissions if formats have
/// any.
PeerRtpSource makeSource(const QList<PeerRtpFormat> &formats, const QString &cname,
                         const QList<PeerRtpSource> &taken);
std::vector<std::uint32_t> ssrcsOf(const QList<PeerRtpSource> &sources);

/// Why a track cannot be made of it, as a sentence; else empty.
QString faultOf(const PeerTrack::Options &options);

} // namespace peer

#endif // PEER_API_TRACKINFO_H
