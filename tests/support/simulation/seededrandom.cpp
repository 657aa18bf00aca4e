// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/seededrandom.h"

#include "support/simulation/trace.h"

#include <bit>

namespace peer::sim {

namespace {

std::uint64_t splitmix64(std::uint64_t &state)
{
    state += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
}

} // namespace

SeededRandom::SeededRandom(std::uint64_t seed)
    : m_seed(seed)
{
    for (std::uint64_t &word : m_state)
        word = splitmix64(seed);
}

std::uint64_t SeededRandom::next()
{
    const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
    const std::uint64_t shifted = m_state[1] << 17;
    m_state[2] ^= m_state[0];
    m_state[3] ^= m_state[1];
    m_state[1] ^= m_state[2];
    m_state[0] ^= m_state[3];
    m_state[2] ^= shifted;
    m_state[3] = std::rotl(m_state[3], 45);
    return result;
}

void SeededRandom::fill(MutableByteView out)
{
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (i % 8 == 0)
            word = next();
        out[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
    }
}

bool SeededRandom::chance(double probability)
{
    return between(0.0, 1.0) < probability;
}

int SeededRandom::between(int least, int most)
{
    return least + static_cast<int>(below(static_cast<std::uint64_t>(most - least) + 1));
}

Duration SeededRandom::between(Duration least, Duration most)
{
    return least + Duration(below(static_cast<std::uint64_t>((most - least).count()) + 1));
}

double SeededRandom::between(double least, double most)
{
    // 53 bits are what a double holds.
    return least + (most - least) * (static_cast<double>(next() >> 11) * 0x1.0p-53);
}

SeededRandom SeededRandom::fork(std::string_view name) const
{
    Hash hash;
    hash.add(m_seed);
    hash.add(asBytes(name));
    return SeededRandom(hash.value());
}

} // namespace peer::sim
