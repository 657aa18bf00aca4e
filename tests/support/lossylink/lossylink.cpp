// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/lossylink/lossylink.h"

#include <algorithm>
#include <cmath>

namespace peer::test {

LossyLink::LossyLink(const Conditions &conditions)
    : m_conditions(conditions)
    , m_random(conditions.seed)
{ }

bool LossyLink::happens(double probability)
{
    // 53 bits, as a double has; the library's distributions differ between implementations.
    return static_cast<double>(m_random() >> 11) * 0x1p-53 < probability;
}

void LossyLink::send(TimePoint now, ByteView datagram)
{
    ++m_sentCount;
    m_sentOctets += datagram.size();
    const int copies = happens(m_conditions.duplication) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        if (happens(m_conditions.loss))
            continue;
        Duration delay = m_conditions.delay;
        if (m_conditions.rate > 0) {
            const TimePoint start = std::max(now, m_busyUntil);
            if (start - now > m_conditions.longestQueue)
                continue;
            const double seconds = static_cast<double>(datagram.size()) / m_conditions.rate;
            m_busyUntil = start + std::chrono::nanoseconds(std::llround(seconds * 1e9));
            delay += m_busyUntil - now;
        }
        if (m_conditions.jitter > Duration::zero()) {
            const auto bound = static_cast<std::uint64_t>(m_conditions.jitter.count());
            delay += Duration(static_cast<Duration::rep>(m_random() % bound));
        }
        m_underway.emplace(now + delay, toBytes(datagram));
    }
}

TimePoint LossyLink::nextArrival() const
{
    return m_underway.empty() ? Never : m_underway.begin()->first;
}

std::optional<Bytes> LossyLink::take(TimePoint now)
{
    if (nextArrival() > now)
        return std::nullopt;
    Bytes datagram = std::move(m_underway.begin()->second);
    m_underway.erase(m_underway.begin());
    return datagram;
}

} // namespace peer::test
