// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_LOCALCANDIDATES_H
#define PEER_ICE_LOCALCANDIDATES_H

#include "core/base/candidate.h"
#include "core/ice/agent.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace peer::ice {

/// A candidate of ours with its base (RFC 8445 section 4): the transport and address that we send
/// from for it. The base is a host candidate's own address.
struct LocalCandidate
{
    TransportId transport = TransportId::None;
    TransportAddress base;
    std::uint16_t localPreference = 0;
    Candidate candidate;
    /// Relayed: how we reach the server. Host: Tcp for TCP candidates.
    turn::Transport protocol = turn::Transport::Udp;

    bool isTcp() const { return candidate.protocol != CandidateProtocol::Udp; }

    /// It forms pairs.
    bool isBase() const
    {
        return candidate.type == CandidateType::Host || candidate.type == CandidateType::Relayed;
    }
};

/// What the PRIORITY of checks from there says (RFC 8445 section 7.1.1). From a relay it is the
/// relay's own: no NAT stands behind it, and it should pass for nothing better.
std::uint32_t reflexivePriority(const LocalCandidate &local);

/// Our candidates. Only host and relayed candidates form pairs (see CandidatePair); the others are
/// what we tell the peer and what tells a valid pair's type.
class LocalCandidates
{
public:
    /// foundationSeed: see localFoundation(). At most maxHosts host candidates of each protocol,
    /// and ReflexivePerHost reflexive ones for each.
    LocalCandidates(std::size_t maxHosts, std::uint64_t foundationSeed);
    static constexpr std::size_t ReflexivePerHost = 8;

    const std::vector<LocalCandidate> &all() const { return m_candidates; }
    const LocalCandidate *findBase(TransportId transport, const TransportAddress &base) const;
    /// The simultaneous-open candidate, host or reflexive, of that address.
    const LocalCandidate *findSimultaneousOpen(const TransportAddress &address) const;
    /// The TCP host candidate at that address.
    const LocalCandidate *findTcp(CandidateProtocol protocol, const IpAddress &ip) const;

    /// Null when it is no address to send from, a duplicate, or one too many.
    const LocalCandidate *addHost(const LocalAddress &address);
    /// Null when redundant (RFC 8445 section 5.1.3: another candidate has the same address and
    /// base), one too many, or without such a base. The pointer is valid until the next change.
    const LocalCandidate *addReflexive(CandidateType type, TransportId transport,
                                       const TransportAddress &base, const TransportAddress &mapped,
                                       const IpAddress &server);
    struct Relay
    {
        TransportId transport = TransportId::None;
        TransportAddress relayed;
        /// Null: not to be told.
        TransportAddress mapped;
        IpAddress server;
        turn::Transport protocol = turn::Transport::Udp;
        std::uint16_t localPreference = 0;
    };
    static constexpr std::size_t MaxRelayed = 16;
    /// Null when it cannot be used, is known or one too many. Valid until the next change.
    const LocalCandidate *addRelayed(const Relay &relay);
    void removeRelayed(TransportId transport);
    /// The candidate that a mapped address stands for (section 7.2.5.3.1), one of that base first.
    const LocalCandidate *findMapped(TransportId transport, const TransportAddress &base,
                                     const TransportAddress &mapped) const;
    /// With all that have it as their base.
    void removeHosts(TransportId transport, const IpAddress &ip);
    /// A restart: what was learnt with the help of others has to be learnt again.
    void removeReflexive();
    /// For the ufrag extension of each candidate (RFC 8839 section 5.1).
    void setUsernameFragment(const std::string &usernameFragment);

private:
    std::vector<LocalCandidate> m_candidates;
    std::size_t m_maxHosts;
    std::uint64_t m_foundationSeed;
    std::string m_usernameFragment;
};

/// Whether it can be the address of a candidate at all: no null, unspecified, multicast or
/// IPv4-mapped one, and no port 0.
bool isUsableAddress(const TransportAddress &address);

/// Whether a datagram can go from the one to the other: the same family, and loopback and IPv6
/// link-local addresses only among themselves (RFC 8445 section 6.1.2.2).
bool canReach(const IpAddress &local, const IpAddress &remote);

} // namespace peer::ice

#endif // PEER_ICE_LOCALCANDIDATES_H
