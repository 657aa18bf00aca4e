// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_REMOTECANDIDATES_H
#define PEER_ICE_REMOTECANDIDATES_H

#include "core/base/candidate.h"
#include "core/ice/foundation.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace peer::ice {

struct RemoteCandidate
{
    TransportAddress address;
    CandidateType type = CandidateType::Host;
    std::uint32_t priority = 0;
    Foundation foundation{};
    CandidateProtocol protocol = CandidateProtocol::Udp;
    /// Told by the peer; otherwise learnt from a check of its (RFC 8445 section 7.3.1.3).
    bool isSignaled = true;
};

/// The peer's candidates of the present ICE session, each address once for each protocol.
class RemoteCandidates
{
public:
    RemoteCandidates(std::size_t maximum, std::uint64_t foundationSeed);

    const std::vector<RemoteCandidate> &all() const { return m_candidates; }
    /// Of UDP.
    const RemoteCandidate *find(const TransportAddress &address) const;
    /// The TCP candidate that the peer opens connections from.
    const RemoteCandidate *findActive(const IpAddress &ip) const;

    enum class Outcome : std::uint8_t {
        Ignored,
        Added,
        Confirmed, ///< was known as peer-reflexive, and has its signaled type and priority now
    };
    /// Ignored: one too many, a duplicate, or nothing of component 1 that a pair could be made of.
    Outcome addSignaled(const Candidate &candidate);
    /// Null when there are too many. The pointer is valid until the next change.
    const RemoteCandidate *addPeerReflexive(const TransportAddress &address,
                                            std::uint32_t priority);
    bool isFull() const { return m_candidates.size() >= m_maximum; }
    /// The peer-reflexive one.
    void remove(const TransportAddress &address);
    void clear();

private:
    std::vector<RemoteCandidate> m_candidates;
    std::size_t m_maximum;
    std::uint64_t m_foundationSeed;
    std::uint64_t m_arbitraryFoundations = 0;
};

} // namespace peer::ice

#endif // PEER_ICE_REMOTECANDIDATES_H
