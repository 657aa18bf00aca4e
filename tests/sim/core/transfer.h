// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_CORE_TRANSFER_H
#define PEER_SIM_CORE_TRANSFER_H

#include "core/base/bytes.h"
#include "core/base/time.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace peer::sim {

/// In place of DTLS and SCTP: sends some octets to the other end and takes its, with nothing but
/// numbers on the segments, an acknowledgement for each, and repetition, which makes it slower. No
/// secrets.
///
///     data: 0xC0, segment number (16 bits), number of segments (16 bits), up to 1000 octets
///     acknowledgement: 0xC1, segment number (16 bits)
class Transfer
{
public:
    explicit Transfer(Bytes content);

    /// False when it is none of ours.
    bool receive(TimePoint now, ByteView datagram);
    /// The next datagram that may go out now; borrowed until the next call.
    std::optional<ByteView> nextDatagram(TimePoint now);
    /// When nextDatagram() has something again. TimePoint::min() for at once.
    TimePoint nextDeadline() const;

    /// All of ours is acknowledged, and all of the other end's is here.
    bool isDone() const { return m_isReceived && m_acknowledged == m_segments.size(); }
    const Bytes &content() const { return m_content; }
    /// The other end's octets, once complete.
    std::optional<Bytes> received() const;

private:
    struct Segment
    {
        TimePoint dueAt = TimePoint::min();
        Duration interval{};
        bool isAcknowledged = false;
    };

    ByteView writeSegment(std::size_t number);

    Bytes m_content;
    /// How many segments may be on their way.
    double m_window;
    std::vector<Segment> m_segments;
    std::size_t m_acknowledged = 0;
    /// The first that is not acknowledged; the window begins here.
    std::size_t m_first = 0;
    std::vector<std::optional<Bytes>> m_arrived;
    std::size_t m_arrivedCount = 0;
    bool m_isReceived = false;
    std::vector<std::uint16_t> m_acknowledgements;
    Bytes m_scratch;
};

} // namespace peer::sim

#endif // PEER_SIM_CORE_TRANSFER_H
