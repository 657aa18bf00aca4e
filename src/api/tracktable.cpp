// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/tracktable.h"

#include "api/trackinfo.h"
#include "session/media/mediasections.h"

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

/// RFC 8285 section 4.2: ids 1 to 14 fit into the short form.
constexpr std::uint16_t LastExtensionId = 14;

/// Why it takes no track: peertrack.cpp has looked at everything else.
QString faultOf(const Session &session)
{
    if (session.state() == SessionState::Closed)
        return {};
    if (!session.mediaFault().empty())
        return QString::fromStdString(session.mediaFault());
    return u"a call has %1 tracks at most"_s.arg(MediaSections::MaxSections - 1);
}

} // namespace

TrackTable::~TrackTable()
{
    for (auto &[id, entry] : m_entries)
        entry.link->close();
}

void TrackTable::add(Session &session, TimePoint now, const command::AddTrack &command)
{
    TrackOptions options = command.options;
    number(options);
    Entry entry;
    entry.id = session.addTrack(now, options);
    entry.handle = command.handle;
    entry.link = command.link;
    if (entry.id == TrackId::None) {
        entry.link->close();
        m_link->notices.put(notice::TrackEnded{command.handle, faultOf(session)});
        return;
    }
    m_entries.emplace(entry.id, std::move(entry));
}

void TrackTable::setDirection(Session &session, TimePoint now,
                              const command::SetTrackDirection &command)
{
    const auto found = find(command.handle);
    if (found == m_entries.end())
        return;
    Entry &entry = found->second;
    if (!entry.unsaid || !sends(command.direction)) {
        session.setTrackDirection(now, entry.id, command.direction);
        return;
    }
    TrackOptions options = *std::exchange(entry.unsaid, std::nullopt);
    options.direction = command.direction;
    session.setTrackOptions(now, entry.id, options);
}

void TrackTable::end(Session &session, TimePoint now, const command::EndTrack &command)
{
    const auto found = find(command.handle);
    if (found == m_entries.end())
        return;
    session.endTrack(now, found->first);
    remove(found);
}

void TrackTable::serve(Session &session, TimePoint now, const command::ServeTrack &command)
{
    const auto found = find(command.handle);
    if (found == m_entries.end())
        return;
    // The handler that it may call changes nothing here, but by commands.
    const std::shared_ptr<TrackLink> link = found->second.link;
    link->serve([&session, now, id = found->first](bool, ByteView packet) {
        return session.sendMedia(now, id, packet);
    });
}

void TrackTable::setAccepted(Session &session, command::SetAcceptedTracks command)
{
    for (TrackOptions &options : command.options)
        number(options);
    session.setPeersTracks(std::move(command.options));
}

void TrackTable::handle(Session &session, TimePoint now, const TrackEvent &event)
{
    if (const auto *offered = std::get_if<event::TrackOffered>(&event))
        handle(*offered);
    else if (const auto *changed = std::get_if<event::TrackChanged>(&event)) {
        if (!handle(*changed))
            session.endTrack(now, changed->track);
    } else if (const auto *ended = std::get_if<event::TrackEnded>(&event))
        handle(*ended);
}

/// Told once it is known what was agreed.
void TrackTable::handle(const event::TrackOffered &offered)
{
    if (m_isOver)
        return; // answered in the turn in which the session ended
    Entry entry;
    entry.id = offered.track;
    entry.handle = TrackHandle{m_nextPeerHandle++};
    entry.isAnnounced = false;
    TrackOptions options = offered.options;
    const QList<PeerRtpSource> sources{
        makeSource(fromFormats(options.formats), m_link->mediaName, {})};
    setSources(options, sources, m_link->mediaName);
    entry.link = std::make_shared<TrackLink>(ssrcsOf(sources), wakeFor(m_link, entry.handle));
    entry.unsaid = std::move(options);
    m_entries.emplace(entry.id, std::move(entry));
}

bool TrackTable::handle(const event::TrackChanged &changed)
{
    const auto found = m_entries.find(changed.track);
    if (found == m_entries.end())
        return true; // ended by the application meanwhile
    Entry &entry = found->second;
    entry.isAgreed = true;
    if (entry.isAnnounced) {
        if (entry.link->changeTerms(changed.terms))
            m_link->notices.put(notice::TrackChanged{entry.handle});
    } else if (!announce(entry, changed.terms)) {
        remove(found);
        return false;
    }
    openIfPossible(entry);
    return true;
}

bool TrackTable::announce(Entry &entry, const TrackTerms &terms)
{
    if (m_link->unheardTracks >= MaxUnheardTracks)
        return false;
    ++m_link->unheardTracks;
    entry.isAnnounced = true;
    entry.link->setTerms(terms);
    m_link->notices.put(notice::TrackAdded{entry.handle, *entry.unsaid, terms, entry.link});
    return true;
}

void TrackTable::handle(const event::TrackEnded &ended)
{
    if (const auto found = m_entries.find(ended.track); found != m_entries.end())
        remove(found, QString::fromStdString(ended.fault));
}

void TrackTable::deliver(const MediaPacket &packet)
{
    if (const auto found = m_entries.find(packet.track); found != m_entries.end())
        found->second.link->deliver(packet.isRtcp, packet.octets);
}

void TrackTable::setEstablished(bool isEstablished)
{
    m_isEstablished = isEstablished;
    for (auto &[id, entry] : m_entries) {
        if (entry.isOpen)
            entry.link->setOpen(isEstablished);
        else
            openIfPossible(entry);
    }
}

void TrackTable::endAll()
{
    m_isOver = true;
    while (!m_entries.empty())
        remove(m_entries.begin());
}

TrackTable::Entries::iterator TrackTable::find(TrackHandle handle)
{
    return std::find_if(m_entries.begin(), m_entries.end(),
                        [handle](const auto &each) { return each.second.handle == handle; });
}

void TrackTable::openIfPossible(Entry &entry)
{
    if (entry.isOpen || !entry.isAgreed || !m_isEstablished)
        return;
    entry.isOpen = true;
    entry.link->setOpen(true);
    m_link->notices.put(notice::TrackOpened{entry.handle});
}

void TrackTable::remove(Entries::iterator entry, const QString &fault)
{
    entry->second.link->close();
    if (entry->second.isAnnounced)
        m_link->notices.put(notice::TrackEnded{entry->second.handle, fault});
    m_entries.erase(entry);
}

/// Beyond the short ids they are left out.
void TrackTable::number(TrackOptions &options)
{
    for (sdp::HeaderExtension &extension : options.extensions) {
        const auto next = static_cast<std::uint16_t>(m_extensionIds.size() + 1);
        extension.id = m_extensionIds.emplace(extension.uri, next).first->second;
    }
    std::erase_if(options.extensions,
                  [](const auto &extension) { return extension.id > LastExtensionId; });
}

} // namespace peer
