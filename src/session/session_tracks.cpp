// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Audio and video: what was agreed of the tracks goes to the media link, packets in and out.

#include "session/session_p.h"

#include <utility>

namespace peer {

/// After each description that both sides know.
void Session::Private::takeTrackEvents()
{
    MediaSections &sections = negotiation.media();
    while (auto next = sections.nextEvent()) {
        if (const auto *changed = std::get_if<event::TrackChanged>(&*next)) {
            if (const auto section = sections.sectionOf(changed->track))
                media.setTrack(*section, changed->track, changed->terms);
        } else if (const auto *ended = std::get_if<event::TrackEnded>(&*next)) {
            media.removeTrack(ended->track);
        }
        trackEvents.push_back(std::move(*next));
    }
}

/// RFC 5764 section 4.2: the keys come from the handshake.
void Session::Private::startMedia()
{
    const auto profile = srtp::profileNamed(link.srtpProfile());
    if (!profile) {
        failMedia("the peer offers no SRTP profile that we know");
        return;
    }
    const bool isClient = remote->dtlsRole == dtls::Role::Client;
    const Bytes material = link.exportKeyingMaterial(srtp::ExporterLabel,
                                                     srtp::keyingMaterialSize(*profile));
    if (!media.start(*profile, isClient ? srtp::Role::Client : srtp::Role::Server, material))
        failMedia("the handshake with the peer has given no keys for media");
}

/// The call goes on without media (RFC 8827 section 6.5: never in the clear).
void Session::Private::failMedia(const std::string &fault)
{
    history.note(lastNow, "no media: " + fault);
    negotiation.media().failAll(fault);
    takeTrackEvents();
}

} // namespace peer
