// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/turn/permissions.h"

#include "core/turn/timing.h"

#include <algorithm>

namespace peer::turn {

namespace {

using namespace std::chrono_literals;

/// After an error that is not 403.
constexpr Duration RetryAfter = 5s;

} // namespace

Permissions::Peer *Permissions::find(const IpAddress &ip)
{
    const auto found = std::find_if(m_peers.begin(), m_peers.end(),
                                    [&](const Peer &peer) { return peer.ip == ip; });
    return found == m_peers.end() ? nullptr : &*found;
}

void Permissions::want(const IpAddress &peer)
{
    const auto known = std::find_if(m_peers.begin(), m_peers.end(),
                                    [&](const Peer &each) { return each.ip == peer; });
    if (known != m_peers.end()) {
        std::rotate(known, known + 1, m_peers.end());
        return;
    }
    if (m_peers.size() >= MaxPeers)
        m_peers.erase(m_peers.begin());
    m_peers.push_back({peer, State::Wanted, false, TimePoint::min()});
}

TimePoint Permissions::nextDue() const
{
    TimePoint next = Never;
    for (const Peer &peer : m_peers)
        next = std::min(next, peer.dueAt);
    return next;
}

std::vector<IpAddress> Permissions::takeBatch(TimePoint now)
{
    std::vector<IpAddress> batch;
    for (Peer &peer : m_peers) {
        if (peer.dueAt > now || (peer.isAskedAlone && !batch.empty()))
            continue;
        batch.push_back(peer.ip);
        peer.state = State::Asked;
        peer.dueAt = Never;
        if (peer.isAskedAlone || batch.size() == MaxBatch)
            break;
    }
    return batch;
}

void Permissions::noteGranted(TimePoint now, const std::vector<IpAddress> &batch)
{
    for (const IpAddress &ip : batch) {
        Peer *peer = find(ip);
        if (!peer)
            continue;
        peer->state = State::Granted;
        peer->dueAt = now + timing::PermissionRefresh;
    }
}

IpAddress Permissions::noteRefused(TimePoint now, const std::vector<IpAddress> &batch,
                                   bool isForbidden)
{
    for (const IpAddress &ip : batch) {
        Peer *peer = find(ip);
        if (!peer)
            continue;
        if (batch.size() > 1) {
            peer->state = State::Wanted;
            peer->isAskedAlone = true;
            peer->dueAt = TimePoint::min();
        } else if (!isForbidden) {
            peer->state = State::Wanted;
            peer->dueAt = now + RetryAfter;
        } else {
            peer->state = State::Refused;
            peer->dueAt = Never;
            return ip;
        }
    }
    return {};
}

bool Permissions::isRefused(const IpAddress &peer) const
{
    return std::any_of(m_peers.begin(), m_peers.end(), [&](const Peer &each) {
        return each.ip == peer && each.state == State::Refused;
    });
}

} // namespace peer::turn
