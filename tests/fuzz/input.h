// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_FUZZ_INPUT_H
#define PEER_FUZZ_INPUT_H

#include "core/base/bytes.h"
#include "core/base/random.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace peer::fuzz {

/// An input that is read as a sequence of operations. Behind its end there are zeros.
class Input
{
public:
    explicit Input(ByteView octets)
        : m_octets(octets)
    { }

    bool isAtEnd() const { return m_octets.empty(); }
    std::uint8_t octet()
    {
        if (m_octets.empty())
            return 0;
        const std::uint8_t first = m_octets[0];
        m_octets = m_octets.subspan(1);
        return first;
    }
    std::uint32_t uint32()
    {
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i)
            value = (value << 8) | octet();
        return value;
    }
    /// As many octets as there are, but no more than that.
    ByteView some(std::size_t size)
    {
        const ByteView front = m_octets.first(std::min(size, m_octets.size()));
        m_octets = m_octets.subspan(front.size());
        return front;
    }
    /// The next octet says how many.
    ByteView some() { return some(octet()); }

private:
    ByteView m_octets;
};

/// The same numbers in each run, so that an input does the same again.
class Counting : public RandomSource
{
public:
    void fill(MutableByteView out) override
    {
        for (std::uint8_t &octet : out)
            octet = static_cast<std::uint8_t>((m_state = m_state * 6364136223846793005u + 1) >> 56);
    }

private:
    std::uint64_t m_state = 42;
};

} // namespace peer::fuzz

#endif // PEER_FUZZ_INPUT_H
