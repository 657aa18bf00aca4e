// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_ICE_SEEDEDRANDOM_H
#define PEER_TESTS_ICE_SEEDEDRANDOM_H

#include "core/base/random.h"

/// The same numbers for the same seed.
class SeededRandom : public peer::RandomSource
{
public:
    explicit SeededRandom(std::uint64_t seed)
        : m_state(seed)
    { }

    void fill(peer::MutableByteView out) override
    {
        for (std::uint8_t &octet : out) {
            m_state += 0x9e3779b97f4a7c15;
            std::uint64_t value = m_state;
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            octet = static_cast<std::uint8_t>(value >> 56);
        }
    }

private:
    std::uint64_t m_state;
};

#endif // PEER_TESTS_ICE_SEEDEDRANDOM_H
