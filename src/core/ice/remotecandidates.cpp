// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/remotecandidates.h"

#include "core/ice/localcandidates.h"
#include "core/ice/priority.h"

#include <algorithm>

namespace peer::ice {

RemoteCandidates::RemoteCandidates(std::size_t maximum, std::uint64_t foundationSeed)
    : m_maximum(maximum)
    , m_foundationSeed(foundationSeed)
{ }

const RemoteCandidate *RemoteCandidates::find(const TransportAddress &address) const
{
    for (const RemoteCandidate &remote : m_candidates) {
        if (remote.protocol == CandidateProtocol::Udp && remote.address == address)
            return &remote;
    }
    return nullptr;
}

const RemoteCandidate *RemoteCandidates::findActive(const IpAddress &ip) const
{
    for (const RemoteCandidate &remote : m_candidates) {
        if (remote.protocol == CandidateProtocol::TcpActive && remote.address.ip == ip)
            return &remote;
    }
    return nullptr;
}

RemoteCandidates::Outcome RemoteCandidates::addSignaled(const Candidate &candidate)
{
    if (candidate.component != 1 || !isUsableAddress(candidate.address))
        return Outcome::Ignored;

    const auto known = std::find_if(
        m_candidates.begin(), m_candidates.end(), [&](const RemoteCandidate &remote) {
            return remote.address == candidate.address && remote.protocol == candidate.protocol;
        });
    if (known != m_candidates.end()) {
        if (known->isSignaled)
            return Outcome::Ignored;
        known->type = candidate.type;
        known->priority = candidate.priority;
        known->foundation = remoteFoundation(candidate.foundation);
        known->isSignaled = true;
        return Outcome::Confirmed;
    }
    if (m_candidates.size() >= m_maximum)
        return Outcome::Ignored;
    m_candidates.push_back({candidate.address, candidate.type, candidate.priority,
                            remoteFoundation(candidate.foundation), candidate.protocol, true});
    return Outcome::Added;
}

const RemoteCandidate *RemoteCandidates::addPeerReflexive(const TransportAddress &address,
                                                          std::uint32_t priority)
{
    if (m_candidates.size() >= m_maximum || !isUsableAddress(address))
        return nullptr;
    const Foundation foundation = arbitraryFoundation(m_foundationSeed, ++m_arbitraryFoundations);
    // Behind a relay there is no NAT: it is a relayed candidate that has not been signaled yet.
    const CandidateType type = isRelayedPriority(priority) ? CandidateType::Relayed
                                                           : CandidateType::PeerReflexive;
    m_candidates.push_back({address, type, priority, foundation, CandidateProtocol::Udp, false});
    return &m_candidates.back();
}

void RemoteCandidates::remove(const TransportAddress &address)
{
    std::erase_if(m_candidates, [&](const RemoteCandidate &remote) {
        return remote.address == address && !remote.isSignaled;
    });
}

void RemoteCandidates::clear()
{
    m_candidates.clear();
}

} // namespace peer::ice
