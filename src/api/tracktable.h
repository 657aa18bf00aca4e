// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_TRACKTABLE_H
#define PEER_API_TRACKTABLE_H

#include "api/connectionlink.h"
#include "core/base/time.h"
#include "session/session.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace peer {

/// The worker's side of the tracks: which handle of the application is which track of the session,
/// and the link that its packets take.
class TrackTable
{
public:
    explicit TrackTable(std::shared_ptr<ConnectionLink> link)
        : m_link(std::move(link))
    { }
    /// Closes all links.
    ~TrackTable();
    TrackTable(const TrackTable &) = delete;
    TrackTable &operator=(const TrackTable &) = delete;

    // From the application
    void add(Session &session, TimePoint now, const command::AddTrack &command);
    void setDirection(Session &session, TimePoint now, const command::SetTrackDirection &command);
    void end(Session &session, TimePoint now, const command::EndTrack &command);
    /// Sends what waits, and hands out what has waited for a handler.
    void serve(Session &session, TimePoint now, const command::ServeTrack &command);
    void setAccepted(Session &session, command::SetAcceptedTracks command);

    // From the session
    void handle(Session &session, TimePoint now, const TrackEvent &event);
    void deliver(const MediaPacket &packet);
    /// Whether media flows: the secure link stands, and has keys for it.
    void setEstablished(bool isEstablished);
    /// The session is over: no track comes any more.
    void endAll();

private:
    struct Entry
    {
        TrackId id = TrackId::None;
        TrackHandle handle = TrackHandle::None;
        std::shared_ptr<TrackLink> link;
        /// Of a track of the peer's: what we have to say when we send for the first time.
        std::optional<TrackOptions> unsaid;
        /// The application knows it.
        bool isAnnounced = true;
        bool isAgreed = false;
        bool isOpen = false;
    };
    using Entries = std::map<TrackId, Entry>;

    void handle(const event::TrackOffered &offered);
    /// False if the application hears of so many that this one is refused.
    bool handle(const event::TrackChanged &changed);
    void handle(const event::TrackEnded &ended);
    bool announce(Entry &entry, const TrackTerms &terms);
    Entries::iterator find(TrackHandle handle);
    void openIfPossible(Entry &entry);
    void remove(Entries::iterator entry, const QString &fault = {});
    void number(TrackOptions &options);

    std::shared_ptr<ConnectionLink> m_link;
    Entries m_entries;
    /// The ids of header extensions, one for all tracks (RFC 9143 section 7.1.3).
    std::map<std::string, std::uint16_t> m_extensionIds;
    quint32 m_nextPeerHandle = quint32(TrackHandle::FirstOfPeer);
    bool m_isEstablished = false;
    bool m_isOver = false;
};

} // namespace peer

#endif // PEER_API_TRACKTABLE_H
