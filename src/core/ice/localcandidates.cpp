// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/localcandidates.h"

#include "core/ice/foundation.h"
#include "core/ice/priority.h"

#include <algorithm>

namespace peer::ice {

LocalCandidates::LocalCandidates(std::size_t maxHosts, std::uint64_t foundationSeed)
    : m_maxHosts(maxHosts)
    , m_foundationSeed(foundationSeed)
{ }

const LocalCandidate *LocalCandidates::findBase(TransportId transport,
                                                const TransportAddress &base) const
{
    for (const LocalCandidate &local : m_candidates) {
        if (local.isBase() && local.transport == transport && local.base == base)
            return &local;
    }
    return nullptr;
}

const LocalCandidate *LocalCandidates::addHost(const LocalAddress &address)
{
    if (address.transport == TransportId::None || !isUsableAddress(address.address)
        || findBase(address.transport, address.address))
        return nullptr;
    const auto isHost = [&](const LocalCandidate &local) {
        return local.candidate.type == CandidateType::Host
            && local.candidate.protocol == address.protocol;
    };
    if (std::count_if(m_candidates.begin(), m_candidates.end(), isHost)
        >= static_cast<std::ptrdiff_t>(m_maxHosts))
        return nullptr;

    LocalCandidate local{address.transport, address.address, address.localPreference, {}, {}};
    local.candidate.type = CandidateType::Host;
    local.candidate.address = address.address;
    local.candidate.protocol = address.protocol;
    local.protocol = local.isTcp() ? turn::Transport::Tcp : turn::Transport::Udp;
    local.candidate.priority = local.isTcp()
        ? tcpPriority(CandidateType::Host, address.protocol, address.localPreference)
        : candidatePriority(CandidateType::Host, address.localPreference);
    local.candidate.foundation = foundationText(localFoundation(
        m_foundationSeed, CandidateType::Host, address.address.ip, {}, local.isTcp()));
    local.candidate.usernameFragment = m_usernameFragment;
    return &m_candidates.emplace_back(std::move(local));
}

const LocalCandidate *LocalCandidates::addReflexive(CandidateType type, TransportId transport,
                                                    const TransportAddress &base,
                                                    const TransportAddress &mapped,
                                                    const IpAddress &server)
{
    const LocalCandidate *host = findBase(transport, base);
    if (!host || !isUsableAddress(mapped) || mapped.ip.family() != base.ip.family())
        return nullptr;
    std::size_t ofThisBase = 0;
    for (const LocalCandidate &local : m_candidates) {
        if (local.transport != transport || local.base != base)
            continue;
        if (local.candidate.address == mapped)
            return nullptr;
        ++ofThisBase;
    }
    if (ofThisBase > ReflexivePerHost)
        return nullptr;

    LocalCandidate local{transport, base, host->localPreference, {}, {}};
    local.candidate.type = type;
    local.candidate.protocol = host->candidate.protocol;
    local.protocol = host->protocol;
    local.candidate.address = mapped;
    local.candidate.relatedAddress = base;
    local.candidate.priority = local.isTcp()
        ? tcpPriority(type, local.candidate.protocol, host->localPreference)
        : candidatePriority(type, host->localPreference);
    local.candidate.foundation = foundationText(
        localFoundation(m_foundationSeed, type, base.ip, server, local.isTcp()));
    local.candidate.usernameFragment = m_usernameFragment;
    return &m_candidates.emplace_back(std::move(local));
}

const LocalCandidate *LocalCandidates::findMapped(TransportId transport,
                                                  const TransportAddress &base,
                                                  const TransportAddress &mapped) const
{
    const LocalCandidate *found = nullptr;
    for (const LocalCandidate &local : m_candidates) {
        if (local.candidate.address != mapped || local.isTcp())
            continue;
        if (local.transport == transport && local.base == base)
            return &local;
        found = &local;
    }
    return found;
}

const LocalCandidate *LocalCandidates::findSimultaneousOpen(const TransportAddress &address) const
{
    for (const LocalCandidate &local : m_candidates) {
        if (local.candidate.protocol == CandidateProtocol::TcpSimultaneousOpen
            && local.candidate.address == address)
            return &local;
    }
    return nullptr;
}

const LocalCandidate *LocalCandidates::findTcp(CandidateProtocol protocol,
                                               const IpAddress &ip) const
{
    for (const LocalCandidate &local : m_candidates) {
        if (local.candidate.protocol == protocol && local.isBase() && local.base.ip == ip)
            return &local;
    }
    return nullptr;
}

void LocalCandidates::removeHosts(TransportId transport, const IpAddress &ip)
{
    std::erase_if(m_candidates, [&](const LocalCandidate &local) {
        return local.transport == transport && local.base.ip == ip;
    });
}

const LocalCandidate *LocalCandidates::addRelayed(const Relay &relay)
{
    const auto isRelayed = [](const LocalCandidate &local) {
        return local.candidate.type == CandidateType::Relayed;
    };
    if (!isUsableAddress(relay.relayed) || findBase(relay.transport, relay.relayed)
        || std::count_if(m_candidates.begin(), m_candidates.end(), isRelayed)
            >= static_cast<std::ptrdiff_t>(MaxRelayed))
        return nullptr;
    LocalCandidate local{relay.transport, relay.relayed, relay.localPreference, {}, relay.protocol};
    local.candidate.type = CandidateType::Relayed;
    local.candidate.address = relay.relayed;
    local.candidate.relatedAddress = relay.mapped;
    local.candidate.priority = relayedPriority(relay.protocol, relay.localPreference);
    local.candidate.foundation = foundationText(
        localFoundation(m_foundationSeed, CandidateType::Relayed, relay.relayed.ip, relay.server));
    local.candidate.usernameFragment = m_usernameFragment;
    return &m_candidates.emplace_back(std::move(local));
}

void LocalCandidates::removeRelayed(TransportId transport)
{
    std::erase_if(m_candidates, [&](const LocalCandidate &local) {
        return local.transport == transport && local.candidate.type == CandidateType::Relayed;
    });
}

void LocalCandidates::removeReflexive()
{
    std::erase_if(m_candidates, [](const LocalCandidate &local) { return !local.isBase(); });
}

void LocalCandidates::setUsernameFragment(const std::string &usernameFragment)
{
    m_usernameFragment = usernameFragment;
    for (LocalCandidate &local : m_candidates)
        local.candidate.usernameFragment = usernameFragment;
}

std::uint32_t reflexivePriority(const LocalCandidate &local)
{
    if (local.isTcp())
        return tcpPriority(CandidateType::PeerReflexive, local.candidate.protocol,
                           local.localPreference);
    return local.candidate.type == CandidateType::Relayed
        ? local.candidate.priority
        : candidatePriority(CandidateType::PeerReflexive, local.localPreference);
}

bool isUsableAddress(const TransportAddress &address)
{
    return !address.isNull() && address.port != 0 && !address.ip.isUnspecified()
        && !address.ip.isMulticast() && !address.ip.isV4Mapped();
}

bool canReach(const IpAddress &local, const IpAddress &remote)
{
    if (local.family() != remote.family() || local.isLoopback() != remote.isLoopback())
        return false;
    return !local.isV6() || local.isLinkLocal() == remote.isLinkLocal();
}

} // namespace peer::ice
