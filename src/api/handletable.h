// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_HANDLETABLE_H
#define PEER_API_HANDLETABLE_H

#include "api/connectionlink.h"
#include "core/base/time.h"
#include "session/session.h"

#include <deque>
#include <unordered_map>
#include <vector>

namespace peer {

/// The worker's side of the channels: which handle of the application is which channel of the
/// session, and how much of what the application sent still waits.
///
/// The default channel of a callee has no channel until the caller's has come; what is sent
/// meanwhile waits here, bounded by PeerChannel::SendBufferSize as everywhere.
class HandleTable
{
public:
    explicit HandleTable(ConnectionLink &link)
        : m_link(link)
    { }

    // From the application
    void open(Session &session, TimePoint now, const command::OpenChannel &command);
    void send(Session &session, TimePoint now, command::Send command);
    void close(Session &session, TimePoint now, const command::CloseChannel &command);
    void taken(Session &session, TimePoint now, const command::Taken &command);

    // From the session
    void handle(Session &session, TimePoint now, const event::ChannelOpened &opened);
    void handle(event::ChannelMessage &message);
    void handle(const event::ChannelDrained &drained);
    void handle(const event::ChannelClosed &closed);

    /// Tells the application what has left the queues since the last time. True if something of it
    /// was put quietly, so that somebody should wake the application in a while.
    bool reportDrained();

    /// The application has sent what waits for the caller's default channel.
    bool isWaitingForDefault() const { return !m_beforeDefault.empty(); }

private:
    struct Entry
    {
        ChannelHandle handle = ChannelHandle::None;
        ChannelId id = ChannelId::None;
        /// What has left its queue and was not reported yet.
        qint64 drainedMessages = 0;
        qint64 drainedOctets = 0;
        bool isDrainAwaited = false;
    };

    Entry *find(ChannelHandle handle);
    Entry *find(ChannelId id);
    void bind(Entry &entry, ChannelId id);
    void transmit(Session &session, TimePoint now, Entry &entry, const command::Send &command);
    void noteDrained(Entry &entry, qint64 messages, qint64 octets);
    void remove(ChannelHandle handle);

    ConnectionLink &m_link;
    std::unordered_map<ChannelHandle, Entry> m_entries;
    std::unordered_map<ChannelId, ChannelHandle> m_handles;
    quint32 m_nextPeerHandle = quint32(ChannelHandle::FirstOfPeer);
    /// Channels with something to report; some may be gone.
    std::vector<ChannelHandle> m_drained;
    std::deque<command::Send> m_beforeDefault;
    bool m_hasDefault = false;
    /// The application closes it once it has come and taken what waits for it.
    bool m_isDefaultClosing = false;
};

} // namespace peer

#endif // PEER_API_HANDLETABLE_H
