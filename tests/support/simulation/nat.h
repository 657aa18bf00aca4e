// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_NAT_H
#define PEER_SIMULATION_NAT_H

#include "core/base/time.h"
#include "support/simulation/packet.h"
#include "support/simulation/seededrandom.h"

#include <map>
#include <optional>
#include <string>

namespace peer::sim {

/// RFC 4787's three kinds, of mapping (section 4.1) and of filtering (section 5).
enum class Dependence : std::uint8_t {
    EndpointIndependent,
    AddressDependent,
    AddressAndPortDependent
};

struct NatBehavior
{
    /// On what, of where a packet goes, its external port depends.
    Dependence mapping = Dependence::EndpointIndependent;
    /// On what, of where a packet comes from, its being let in depends.
    Dependence filtering = Dependence::AddressAndPortDependent;
    /// The external port is the internal one where it is free (section 4.2.1), else random.
    bool preservesPorts = false;
    /// Inside can reach inside by external addresses (section 6), and sees an external source.
    bool hairpins = false;
    /// A mapping ends when nothing went out through it for so long (section 4.3: at least two
    /// minutes, and many do not care).
    Duration mappingTimeout = std::chrono::minutes(2);
    /// Whether what comes in keeps a mapping alive too.
    bool isRefreshedByInbound = false;

    std::string toString() const;
};

/// Translates between the addresses inside and the ports of one external address. It sends nothing
/// by itself: a gateway owns it. Unsolicited packets from outside leave no trace in it.
class Nat
{
public:
    Nat(const NatBehavior &behavior, const IpAddress &external, SeededRandom random);

    const NatBehavior &behavior() const { return m_behavior; }
    const IpAddress &external() const { return m_external; }

    /// From inside to outside; the source becomes external. Nothing if no port is left.
    std::optional<Packet> outbound(TimePoint now, Packet packet);
    /// From outside to inside; the destination becomes internal. Nothing if there is no mapping or
    /// the filter says no.
    std::optional<Packet> inbound(TimePoint now, Packet packet);
    /// From inside to an external address of ours. Nothing if it does not hairpin.
    std::optional<Packet> hairpin(TimePoint now, Packet packet);

    /// Forgets everything, as by a restart.
    void reset();
    /// The external port that packets from inside to there have now, if they have one.
    std::optional<std::uint16_t> externalPort(TimePoint now, const TransportAddress &inside,
                                              const TransportAddress &destination) const;

private:
    /// The source inside, and as much of the destination as the mapping depends on.
    struct Key
    {
        TransportAddress inside;
        TransportAddress destination;
        friend auto operator<=>(const Key &, const Key &) = default;
    };
    struct Mapping
    {
        Key key;
        TimePoint lastUsed;
    };

    Key keyFor(const TransportAddress &inside, const TransportAddress &destination) const;
    bool isExpired(TimePoint now, TimePoint lastUsed) const;
    std::optional<std::uint16_t> choosePort(TimePoint now, std::uint16_t wanted);
    bool isLetIn(TimePoint now, const TransportAddress &inside,
                 const TransportAddress &source) const;
    void removeExpired(TimePoint now);

    NatBehavior m_behavior;
    IpAddress m_external;
    SeededRandom m_random;
    std::map<Key, std::uint16_t> m_ports;
    std::map<std::uint16_t, Mapping> m_mappings;
    /// When each endpoint inside last sent to each one outside: what the filter goes by.
    std::map<TransportAddress, std::map<TransportAddress, TimePoint>> m_contacts;
    TimePoint m_nextCleaning{};
};

} // namespace peer::sim

#endif // PEER_SIMULATION_NAT_H
