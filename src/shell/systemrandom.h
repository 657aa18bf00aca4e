// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_SYSTEMRANDOM_H
#define PEER_SHELL_SYSTEMRANDOM_H

#include "core/base/random.h"

#include <array>
#include <cstddef>

namespace peer {

/// The system's cryptographic generator, by way of QRandomGenerator::system(). Small demands, such
/// as a transaction id per check, are served from a buffer of 256 octets, to save system calls;
/// what was handed out is wiped from it. Not thread-safe: one a thread.
class SystemRandom final : public RandomSource
{
public:
    ~SystemRandom() override;
    void fill(MutableByteView out) override;

private:
    std::array<std::uint8_t, 256> m_buffer{};
    /// Octets at the end of m_buffer that were not handed out yet.
    std::size_t m_left = 0;
};

} // namespace peer

#endif // PEER_SHELL_SYSTEMRANDOM_H
