// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_TRANSPORTFEEDBACK_H
#define PEER_MEDIA_CONGESTION_TRANSPORTFEEDBACK_H

#include "core/base/bytes.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace peer::media {

/// Which packets have arrived, and when: an RTCP packet of transport-wide congestion control
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1):
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |V=2|P| FMT=15  |    PT=205     |           length              |
///     |                     SSRC of packet sender                     |
///     |                      SSRC of media source                     |
///     |      base sequence number     |      packet status count      |
///     |                 reference time                | fb pkt. count |
///     |          packet chunk         |         packet chunk          |
///     |  …            |  recv delta   |  recv delta   |  …            |
///     |           recv delta          | zeros to the word's end       |
///
/// A chunk is of two octets: 0SSLLLLLLLLLLLLL is a run of L packets of status S; 10 and fourteen
/// statuses of one bit; 11 and seven of two bits. Status 0: not received; 1: received, with a delta
/// of one octet; 2: with a delta of two octets that has a sign. A delta counts 250 µs from the
/// arrival before it, the first from the reference time, which counts 64 ms.
struct TransportFeedback
{
    static constexpr std::int64_t TicksOfReference = 256; ///< 64 ms in 250 µs

    struct Arrival
    {
        std::uint16_t offset = 0; ///< of the sequence number from the base
        std::int64_t ticks = 0;   ///< 250 µs since the reference time
        friend bool operator==(const Arrival &, const Arrival &) = default;
    };

    std::uint32_t senderSsrc = 0;
    std::uint32_t mediaSsrc = 0;
    std::uint16_t baseSequence = 0;
    /// From the base on; those that are not among the arrivals have not arrived.
    std::uint16_t packetCount = 0;
    std::int32_t referenceTime = 0; ///< 24 bits with a sign
    std::uint8_t feedbackCount = 0; ///< of such packets, so that a lost one is noticed
    std::vector<Arrival> arrivals;  ///< by offset

    friend bool operator==(const TransportFeedback &, const TransportFeedback &) = default;
};

/// Nothing if it is no such packet or is malformed.
std::optional<TransportFeedback> parseTransportFeedback(ByteView packet);

/// Nothing if there are no packets, offsets are not ascending and below the count, or an arrival is
/// more than 8 s (15 bits of ticks) from the one before.
std::optional<Bytes> writeTransportFeedback(const TransportFeedback &feedback);

/// Of a compound or a single packet: calls visit with each that is well-formed, and leaves the rest
/// of the compound in others, which is empty if there is none. What is not RTCP is all rest.
void takeTransportFeedback(ByteView compound,
                           const std::function<void(const TransportFeedback &)> &visit,
                           Bytes &others);

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_TRANSPORTFEEDBACK_H
