// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TURN_CHANNELS_H
#define PEER_TURN_CHANNELS_H

#include "core/base/address.h"
#include "core/base/time.h"
#include "core/turn/channeldata.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace peer::turn {

/// The channels of an allocation (RFC 8656 section 12): 4 octets in front of a datagram instead of
/// 36 or more. A channel that has carried nothing since its last refresh is let go; its number and
/// its peer stay together until the server has forgotten both.
class Channels
{
public:
    /// Beyond it there are Send indications. A session has one pair in use, and changes rarely.
    static constexpr std::size_t MaxChannels = 16;

    struct Binding
    {
        ChannelNumber number = 0;
        TransportAddress peer;
    };

    /// To be bound, or kept. Nothing happens beyond MaxChannels, or if the server has refused it.
    void want(TimePoint now, const TransportAddress &peer);

    /// When something is to be bound, refreshed or forgotten; TimePoint::min() for at once.
    TimePoint nextDue() const;
    /// The next to ask for; forgets those that have expired.
    std::optional<Binding> takeDue(TimePoint now);
    void noteBound(TimePoint now, ChannelNumber number);
    void noteRefused(TimePoint now, ChannelNumber number);

    /// For a datagram to that peer; nothing unless the server has bound it.
    std::optional<ChannelNumber> numberFor(const TransportAddress &peer);
    /// Whose a message on that channel is. Also before the answer to ChannelBind, which it may
    /// overtake; not once the channel has expired.
    std::optional<TransportAddress> peerOf(TimePoint now, ChannelNumber number) const;

private:
    enum class State : std::uint8_t { Wanted, Asked, Bound, Refused, Expired };
    struct Channel
    {
        Binding binding;
        State state = State::Wanted;
        bool isUsed = true;
        TimePoint dueAt = TimePoint::min();
        /// Of the server's binding, as far as it has told us; never before its answer.
        TimePoint expiresAt = TimePoint::min();
    };

    Channel *find(ChannelNumber number);
    ChannelNumber freeNumber();

    std::vector<Channel> m_channels;
    ChannelNumber m_last = LastChannel;
};

} // namespace peer::turn

#endif // PEER_TURN_CHANNELS_H
