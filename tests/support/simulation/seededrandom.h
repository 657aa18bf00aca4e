// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_SEEDEDRANDOM_H
#define PEER_SIMULATION_SEEDEDRANDOM_H

#include "core/base/random.h"
#include "core/base/time.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace peer::sim {

/// Randomness that a seed determines, the same on every machine (xoshiro256**, seeded by
/// splitmix64). Not for secrets.
class SeededRandom : public RandomSource
{
public:
    explicit SeededRandom(std::uint64_t seed);

    void fill(MutableByteView out) override;

    std::uint64_t next();
    /// True with that probability.
    bool chance(double probability);
    /// Uniform, both ends included.
    int between(int least, int most);
    Duration between(Duration least, Duration most);
    double between(double least, double most);

    /// A generator of its own for one part of the simulation. It depends on the seed and the name
    /// alone, so that a part that draws more does not change what the others draw.
    SeededRandom fork(std::string_view name) const;

private:
    std::uint64_t m_seed;
    std::array<std::uint64_t, 4> m_state;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_SEEDEDRANDOM_H
