// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/fragmentsize.h"

#include "secure/sctp/chunks.h"

#include <algorithm>

namespace peer::sctp {

FragmentSize::FragmentSize(std::size_t largest, std::size_t maxWaiting)
    : m_largest(largest)
    , m_maxWaiting(maxWaiting)
    , m_size(largest)
{ }

/// The least that does not cost the message a packet more. What needs no cutting wants no less
/// than half a packet: this keeps the size where it is among small messages.
std::size_t FragmentSize::wanted(std::size_t message) const
{
    const std::size_t pieces = std::max<std::size_t>((message + m_largest - 1) / m_largest, 1);
    if (pieces > MaxEvenPieces)
        return m_largest;
    const std::size_t even = padded((message + pieces - 1) / pieces);
    return std::clamp(even, std::min(padded(m_largest / 2), m_largest), m_largest);
}

std::size_t FragmentSize::add(std::size_t message, bool isFirst)
{
    const std::size_t size = wanted(message);
    if (isFirst) {
        m_size = size;
        m_count = 0;
        m_countedSize = 0;
    }
    m_size = std::max(m_size, size);
    m_countedSize = std::max(m_countedSize, size);
    // What came before the count began has left when as many have come since as can wait.
    if (++m_count > m_maxWaiting) {
        m_size = m_countedSize;
        m_count = 1;
        m_countedSize = size;
    }
    return m_size;
}

} // namespace peer::sctp
