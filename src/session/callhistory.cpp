// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/callhistory.h"

#include <algorithm>
#include <utility>

namespace peer {

void CallHistory::note(TimePoint now, std::string text)
{
    m_start = std::min(m_start, now);
    ++m_count;
    Entry entry{now - m_start, std::move(text)};
    if (m_first.size() < MaxFirst) {
        m_first.push_back(std::move(entry));
        return;
    }
    if (m_last.size() == MaxLast)
        m_last.pop_front();
    m_last.push_back(std::move(entry));
}

std::vector<CallHistory::Entry> CallHistory::entries() const
{
    std::vector<Entry> all(m_first.begin(), m_first.end());
    const std::size_t missing = m_count - m_first.size() - m_last.size();
    if (missing > 0)
        all.push_back({m_last.front().since, "(" + std::to_string(missing) + " more)"});
    all.insert(all.end(), m_last.begin(), m_last.end());
    return all;
}

} // namespace peer
