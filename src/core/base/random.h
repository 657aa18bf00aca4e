// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_BASE_RANDOM_H
#define PEER_BASE_RANDOM_H

#include "core/base/bytes.h"

#include <array>
#include <cstddef>
#include <string>

namespace peer {

/// Where a machine's randomness comes from: the system's generator in production, a seeded one in
/// a simulation. A machine borrows it; it must outlive the machine.
class RandomSource
{
public:
    virtual ~RandomSource() = default;
    virtual void fill(MutableByteView out) = 0;

    std::uint32_t uint32();
    std::uint64_t uint64();
    /// Uniform in [0, bound), without modulo bias. bound must not be 0.
    std::uint64_t below(std::uint64_t bound);
    /// length characters of RFC 8839's ice-char (A-Z a-z 0-9 + /), 6 random bits each.
    std::string iceCharacters(std::size_t length);
};

} // namespace peer

#endif // PEER_BASE_RANDOM_H
