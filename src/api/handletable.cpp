// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/handletable.h"

#include <utility>

namespace peer {

namespace {

constexpr char DefaultLabel[] = "default";

ByteView view(const QByteArray &octets)
{
    return {reinterpret_cast<const std::uint8_t *>(octets.constData()), std::size_t(octets.size())};
}

} // namespace

void HandleTable::open(Session &session, TimePoint now, const command::OpenChannel &command)
{
    const ChannelId id = session.openChannel(now, command.options);
    if (id == ChannelId::None) {
        m_link.notices.put(notice::ChannelClosed{command.handle});
        return;
    }
    Entry &entry = m_entries[command.handle];
    entry.handle = command.handle;
    bind(entry, id);
    if (command.handle == ChannelHandle::Default)
        m_hasDefault = true;
}

void HandleTable::send(Session &session, TimePoint now, command::Send command)
{
    if (Entry *entry = find(command.handle))
        transmit(session, now, *entry, command);
    else if (command.handle == ChannelHandle::Default && !m_hasDefault)
        m_beforeDefault.push_back(std::move(command));
}

void HandleTable::close(Session &session, TimePoint now, const command::CloseChannel &command)
{
    if (const Entry *entry = find(command.handle)) {
        session.closeChannel(now, entry->id);
    } else if (command.handle == ChannelHandle::Default && isWaitingForDefault()) {
        m_isDefaultClosing = true;
    } else if (command.handle == ChannelHandle::Default && !m_hasDefault) {
        m_hasDefault = true; // it is not to be bound when the caller's comes
        m_link.notices.put(notice::ChannelClosed{command.handle});
    }
}

void HandleTable::taken(Session &session, TimePoint now, const command::Taken &command)
{
    if (const Entry *entry = find(command.handle))
        session.messagesTaken(now, entry->id, std::size_t(command.messages),
                              std::size_t(command.octets));
}

void HandleTable::handle(Session &session, TimePoint now, const event::ChannelOpened &opened)
{
    const auto maxMessageSize = qint64(opened.maxMessageSize);
    if (const Entry *entry = find(opened.channel)) {
        m_link.notices.put(
            notice::ChannelOpened{entry->handle, opened.options, opened.byPeer, maxMessageSize});
        return;
    }
    const bool isDefault = opened.byPeer && !m_hasDefault && opened.options.label == DefaultLabel;
    if (opened.byPeer && !isDefault && m_link.unheardChannels >= MaxUnheardChannels) {
        session.closeChannel(now, opened.channel);
        return;
    }
    m_link.unheardChannels += opened.byPeer ? 1 : 0;
    const ChannelHandle handle = isDefault ? ChannelHandle::Default
                                           : ChannelHandle{m_nextPeerHandle++};
    Entry &entry = m_entries[handle];
    entry.handle = handle;
    bind(entry, opened.channel);
    m_link.notices.put(
        notice::ChannelOpened{handle, opened.options, opened.byPeer, maxMessageSize});
    if (!isDefault)
        return;
    m_hasDefault = true;
    for (const command::Send &waiting : std::exchange(m_beforeDefault, {}))
        transmit(session, now, entry, waiting);
    if (m_isDefaultClosing)
        session.closeChannel(now, opened.channel);
}

void HandleTable::handle(event::ChannelMessage &message)
{
    const Entry *entry = find(message.channel);
    if (!entry)
        return;
    m_link.notices.put(
        notice::MessageReceived{entry->handle, message.kind,
                                QByteArray(reinterpret_cast<const char *>(message.payload.data()),
                                           qsizetype(message.payload.size()))});
}

void HandleTable::handle(const event::ChannelDrained &drained)
{
    if (Entry *entry = find(drained.channel))
        noteDrained(*entry, qint64(drained.messages), qint64(drained.octets));
}

void HandleTable::handle(const event::ChannelClosed &closed)
{
    const Entry *entry = find(closed.channel);
    if (!entry)
        return;
    const ChannelHandle handle = entry->handle;
    m_link.notices.put(notice::ChannelClosed{handle});
    remove(handle);
}

bool HandleTable::reportDrained()
{
    bool hasQuiet = false;
    for (const ChannelHandle handle : m_drained) {
        Entry *entry = find(handle);
        if (!entry || entry->drainedMessages == 0)
            continue;
        const notice::Drained drained{handle, entry->drainedMessages, entry->drainedOctets};
        entry->drainedMessages = 0;
        entry->drainedOctets = 0;
        if (entry->isDrainAwaited) {
            m_link.notices.put(drained);
        } else {
            m_link.notices.putQuietly(drained);
            hasQuiet = true;
        }
    }
    m_drained.clear();
    return hasQuiet;
}

void HandleTable::noteDrained(Entry &entry, qint64 messages, qint64 octets)
{
    if (entry.drainedMessages == 0)
        m_drained.push_back(entry.handle);
    entry.drainedMessages += messages;
    entry.drainedOctets += octets;
}

HandleTable::Entry *HandleTable::find(ChannelHandle handle)
{
    const auto found = m_entries.find(handle);
    return found == m_entries.end() ? nullptr : &found->second;
}

HandleTable::Entry *HandleTable::find(ChannelId id)
{
    const auto found = m_handles.find(id);
    return found == m_handles.end() ? nullptr : find(found->second);
}

void HandleTable::bind(Entry &entry, ChannelId id)
{
    entry.id = id;
    m_handles[id] = entry.handle;
}

void HandleTable::remove(ChannelHandle handle)
{
    const auto found = m_entries.find(handle);
    m_handles.erase(found->second.id);
    m_entries.erase(found);
}

void HandleTable::transmit(Session &session, TimePoint now, Entry &entry,
                           const command::Send &command)
{
    entry.isDrainAwaited = command.isAwaited;
    switch (session.send(now, entry.id, command.kind, view(command.payload))) {
    case ChannelSendResult::Queued:
        // What waits is reported when it leaves.
        if (session.bufferedMessages(entry.id) == 0)
            noteDrained(entry, 1, command.payload.size());
        return;
    case ChannelSendResult::TooLarge:
    case ChannelSendResult::BufferFull:
        // Larger than the peer takes: a reliable channel must not go on with a gap in it. (The
        // application's own bound is the session's, so the buffer has room.)
        session.closeChannel(now, entry.id);
        return;
    case ChannelSendResult::NotOpen:
        return;
    }
}

} // namespace peer
