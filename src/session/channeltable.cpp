// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/channeltable.h"

namespace peer {

DataChannel &ChannelTable::create(const ChannelOptions &options)
{
    const ChannelId id{++m_lastId};
    DataChannel &channel = m_channels[id];
    channel.id = id;
    channel.options = options;
    return channel;
}

void ChannelTable::erase(ChannelId id)
{
    const auto found = m_channels.find(id);
    if (found == m_channels.end())
        return;
    if (found->second.stream)
        m_byStream.erase(*found->second.stream);
    m_channels.erase(found);
}

void ChannelTable::clear()
{
    m_channels.clear();
    m_byStream.clear();
}

DataChannel *ChannelTable::find(ChannelId id)
{
    const auto found = m_channels.find(id);
    return found == m_channels.end() ? nullptr : &found->second;
}

const DataChannel *ChannelTable::find(ChannelId id) const
{
    const auto found = m_channels.find(id);
    return found == m_channels.end() ? nullptr : &found->second;
}

DataChannel *ChannelTable::findByStream(sctp::StreamId stream)
{
    const auto found = m_byStream.find(stream);
    return found == m_byStream.end() ? nullptr : find(found->second);
}

void ChannelTable::assign(DataChannel &channel, sctp::StreamId stream)
{
    channel.stream = stream;
    m_byStream.emplace(stream, channel.id);
}

std::optional<sctp::StreamId> ChannelTable::freeStream(bool isEven, std::uint16_t limit) const
{
    for (std::uint32_t stream = isEven ? 0 : 1; stream < limit; stream += 2) {
        if (!usesStream(static_cast<sctp::StreamId>(stream)))
            return static_cast<sctp::StreamId>(stream);
    }
    return std::nullopt;
}

} // namespace peer
