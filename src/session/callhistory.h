// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_CALLHISTORY_H
#define PEER_SESSION_CALLHISTORY_H

#include "core/base/time.h"

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace peer {

/// What happened in a call, in words, for its report. The first entries and the last are kept;
/// what was between them is only counted.
class CallHistory
{
public:
    static constexpr std::size_t MaxFirst = 32;
    static constexpr std::size_t MaxLast = 96;

    struct Entry
    {
        /// Since the first one.
        Duration since{};
        std::string text;
    };

    void note(TimePoint now, std::string text);
    /// In order; one that says how many are missing stands in their place.
    std::vector<Entry> entries() const;
    /// Of all that were ever noted.
    std::size_t count() const { return m_count; }

private:
    TimePoint m_start = Never;
    std::size_t m_count = 0;
    std::deque<Entry> m_first;
    std::deque<Entry> m_last;
};

} // namespace peer

#endif // PEER_SESSION_CALLHISTORY_H
