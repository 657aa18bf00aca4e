// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_CHANNELTABLE_H
#define PEER_SESSION_CHANNELTABLE_H

#include "secure/sctp/sctpassociation.h"
#include "session/channelqueue.h"
#include "session/channeltypes.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace peer {

/// One data channel, as DataChannels sees it.
struct DataChannel
{
    ChannelId id = ChannelId::None;
    ChannelOptions options;
    std::optional<sctp::StreamId> stream; ///< set by ChannelTable::assign()
    bool isOpen = false;
    bool isReady = false; ///< it waits for its turn to send
    /// RFC 8832 section 6: until the peer is known to know the channel, all goes in order.
    bool peerKnows = false;
    bool closeRequested = false;
    bool outgoingResetSent = false;
    bool outgoingResetDone = false;
    bool incomingResetDone = false;
    ChannelQueue outgoing;
    std::size_t unread = 0; ///< what the application holds, against Limits::readBuffer
    bool readPaused = false;

    bool isReliable() const { return !options.maxRetransmits && !options.maxLifetime; }
};

/// The channels of a session, by their ids, which are never used again, and by their streams, which
/// are. Pointers and references hold until the channel is erased.
class ChannelTable
{
public:
    DataChannel &create(const ChannelOptions &options);
    void erase(ChannelId id);
    void clear();

    DataChannel *find(ChannelId id);
    const DataChannel *find(ChannelId id) const;
    DataChannel *findByStream(sctp::StreamId stream);

    bool usesStream(sctp::StreamId stream) const { return m_byStream.contains(stream); }
    /// Only one that no other channel uses.
    void assign(DataChannel &channel, sctp::StreamId stream);
    /// The lowest below limit that nobody uses, of the even or of the odd ones (RFC 8832
    /// section 6).
    std::optional<sctp::StreamId> freeStream(bool isEven, std::uint16_t limit) const;

    std::size_t size() const { return m_channels.size(); }
    auto begin() { return m_channels.begin(); }
    auto end() { return m_channels.end(); }
    auto begin() const { return m_channels.begin(); }
    auto end() const { return m_channels.end(); }

private:
    std::uint32_t m_lastId = 0;
    std::map<ChannelId, DataChannel> m_channels;
    std::map<sctp::StreamId, ChannelId> m_byStream;
};

} // namespace peer

#endif // PEER_SESSION_CHANNELTABLE_H
