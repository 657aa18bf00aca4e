// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_SESSION_TRAFFIC_H
#define PEER_SIM_SESSION_TRAFFIC_H

#include "core/base/bytes.h"
#include "session/channeltypes.h"
#include "support/simulation/seededrandom.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace peer::sim {

enum class End : std::uint8_t { Caller, Callee };
inline End other(End end)
{
    return end == End::Caller ? End::Callee : End::Caller;
}

struct PlannedMessage
{
    MessageKind kind = MessageKind::Binary;
    Bytes payload;
    /// After the one before it.
    Duration gap{};
};

/// A channel and all that goes over it, known before anything runs.
struct PlannedChannel
{
    /// The label is its number, so that the peer knows which it is.
    ChannelOptions options;
    /// With a negotiated stream number both open it.
    End opener = End::Caller;
    /// Since the opener's start.
    Duration openAfter{};
    /// Who closes it once it has sent all and, if the channel is reliable, heard all.
    std::optional<End> closer;
    /// By sender.
    std::array<std::vector<PlannedMessage>, 2> messages;

    const std::vector<PlannedMessage> &from(End end) const
    {
        return messages[static_cast<std::size_t>(end)];
    }
    bool isReliable() const { return !options.maxRetransmits && !options.maxLifetime; }
};

/// One to four channels of random kinds with messages both ways of 0 octets to 256 KiB.
std::vector<PlannedChannel> planTraffic(SeededRandom random);

/// What one end hears on one channel, held against what the other end sends.
class Hearing
{
public:
    Hearing(const PlannedChannel &channel, End listener);

    /// Throws std::runtime_error if that was not sent, or was heard already, or comes out of order
    /// on a channel that keeps it.
    void take(MessageKind kind, ByteView payload);
    bool isComplete() const { return m_count == m_heard.size(); }
    std::string describe() const;

private:
    bool isDue(std::size_t index) const;

    const PlannedChannel *m_channel;
    const std::vector<PlannedMessage> *m_expected;
    /// Which of the messages have been heard.
    std::vector<bool> m_heard;
    std::size_t m_count = 0;
    /// All before it have been heard or, if the channel is ordered, will never be.
    std::size_t m_first = 0;
};

} // namespace peer::sim

#endif // PEER_SIM_SESSION_TRAFFIC_H
