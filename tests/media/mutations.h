// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_MUTATIONS_H
#define PEER_TESTS_MUTATIONS_H

#include "core/base/bytes.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace peer::test {

/// Makes of valid RTP and RTCP what a hostile peer may send that has the keys; the same of the same
/// seed.
class Mutations
{
public:
    explicit Mutations(std::uint32_t seed)
        : m_random(seed)
    { }

    /// One of the packets, changed in one way or in several.
    Bytes next(const std::vector<Bytes> &packets)
    {
        Bytes packet = packets[below(packets.size())];
        for (std::size_t changes = 1 + below(3); changes > 0; --changes)
            change(packet, packets);
        return packet;
    }

private:
    std::size_t below(std::size_t bound) { return m_random() % bound; }
    std::uint8_t octet() { return std::uint8_t(m_random()); }

    void change(Bytes &packet, const std::vector<Bytes> &packets)
    {
        switch (below(9)) {
        case 0: // bits
            for (std::size_t i = 1 + below(16); i > 0 && !packet.empty(); --i)
                packet[below(packet.size())] ^= std::uint8_t(1 << below(8));
            return;
        case 1: // an end too early
            packet.resize(below(packet.size() + 1));
            return;
        case 2: // more than there should be
            for (std::size_t i = below(1400); i > 0; --i)
                packet.push_back(octet());
            return;
        case 3: // another source
            overwrite(packet, 8, 4);
            return;
        case 4: // another payload type, or kind of RTCP
            overwrite(packet, 1, 1);
            return;
        case 5: // another place in the order, another time
            overwrite(packet, 2, 6);
            return;
        case 6: // a header extension that is none
            if (packet.size() > 16) {
                packet[0] |= 0x10;
                overwrite(packet, 12, 4 + below(12));
            }
            return;
        case 7: // padding and contributing sources that are not there
            if (!packet.empty())
                packet[0] ^= std::uint8_t(m_random() & 0x3f);
            return;
        case 8: // a compound of what does not belong together
            const Bytes &other = packets[below(packets.size())];
            packet.insert(packet.end(), other.begin(),
                          other.begin() + std::ptrdiff_t(below(other.size() + 1)));
            return;
        }
    }

    void overwrite(Bytes &packet, std::size_t from, std::size_t count)
    {
        for (std::size_t i = from; i < std::min(from + count, packet.size()); ++i)
            packet[i] = octet();
    }

    std::mt19937 m_random;
};

} // namespace peer::test

#endif // PEER_TESTS_MUTATIONS_H
