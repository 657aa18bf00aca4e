// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_REQUESTQUEUE_H
#define PEER_ICE_REQUESTQUEUE_H

#include "core/ice/agent.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace peer::ice {

/// What the parts of an agent need from outside, in order, and the ids that tell the answers apart.
/// Bounded by what its users have open at a time.
class RequestQueue
{
public:
    /// Never 0, and not one that was given before.
    std::uint32_t newId() { return ++m_lastId; }
    void push(Request request) { m_requests.push_back(std::move(request)); }
    std::optional<Request> next()
    {
        if (m_requests.empty())
            return std::nullopt;
        Request request = std::move(m_requests.front());
        m_requests.pop_front();
        return request;
    }

private:
    std::deque<Request> m_requests;
    std::uint32_t m_lastId = 0;
};

} // namespace peer::ice

#endif // PEER_ICE_REQUESTQUEUE_H
