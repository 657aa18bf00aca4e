// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_PACKET_H
#define PEER_SIMULATION_PACKET_H

#include "core/base/address.h"
#include "core/base/bytes.h"

#include <cstdint>
#include <optional>

namespace peer::sim {

/// What a TCP segment says besides its payload (tcp.h).
struct Segment
{
    enum class Kind : std::uint8_t { Syn, SynAck, Data, Acknowledgement, Reset };
    Kind kind = Kind::Syn;
    /// Data: which one it is, from 1 on. Acknowledgement: which one is expected next.
    std::uint32_t number = 0;
    /// Which connection of the sender's host it is of, in the order in which they were opened; 0 of
    /// a Reset for what is none. As sequence numbers do it, it tells connections between the same
    /// ends apart.
    std::uint32_t serial = 0;
};

/// A UDP datagram or a TCP segment in an IP packet.
struct Packet
{
    TransportAddress source;
    TransportAddress destination;
    Bytes payload;
    /// Networks that it may still cross; a loop in the routes ends it.
    int hopLimit = 32;
    /// Of TCP.
    std::optional<Segment> segment = {};

    bool isTcp() const { return segment.has_value(); }
    /// Octets on a link: payload, UDP header (8) or TCP header (20), IP header (20 or 40).
    std::size_t size() const
    {
        return payload.size() + (isTcp() ? 20 : 8) + (source.ip.isV6() ? 40 : 20);
    }
};

} // namespace peer::sim

#endif // PEER_SIMULATION_PACKET_H
