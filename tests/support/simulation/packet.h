// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_PACKET_H
#define PEER_SIMULATION_PACKET_H

#include "core/base/address.h"
#include "core/base/bytes.h"

namespace peer::sim {

/// A UDP datagram in an IP packet.
struct Packet
{
    TransportAddress source;
    TransportAddress destination;
    Bytes payload;
    /// Networks that it may still cross; a loop in the routes ends it.
    int hopLimit = 32;

    /// Octets on a link: payload, UDP header (8), IP header (20 or 40).
    std::size_t size() const { return payload.size() + (source.ip.isV6() ? 48 : 28); }
};

} // namespace peer::sim

#endif // PEER_SIMULATION_PACKET_H
