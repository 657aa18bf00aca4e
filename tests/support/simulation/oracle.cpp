// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/oracle.h"

#include "support/simulation/gateway.h"
#include "support/simulation/network.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

namespace peer::sim {

namespace {

constexpr std::array Families = {IpAddress::Family::V4, IpAddress::Family::V6};

/// How much a mapping or a filter depends on, as an order.
enum class Level : std::uint8_t {
    None,
    EndpointIndependent,
    AddressDependent,
    AddressAndPortDependent
};

Level level(Dependence dependence)
{
    switch (dependence) {
    case Dependence::EndpointIndependent:
        return Level::EndpointIndependent;
    case Dependence::AddressDependent:
        return Level::AddressDependent;
    case Dependence::AddressAndPortDependent:
        return Level::AddressAndPortDependent;
    }
    return Level::AddressAndPortDependent;
}

/// One address of a host and its way outward.
struct Base
{
    const Interface *interface = nullptr;
    IpAddress address;
    /// From the nearest to the core.
    std::vector<const Gateway *> gateways;

    const Network *networkBehind(std::size_t crossed) const
    {
        return crossed == 0 ? &interface->network() : &gateways[crossed - 1]->outer().network();
    }
};

/// One side of a pair after the gateways that it crosses.
struct Side
{
    Level mapping = Level::None;
    Level filter = Level::None;
    IpAddress seen;
    /// The outermost NAT; null if none was crossed.
    const Gateway *nat = nullptr;
    bool isKnown = true;
};

std::vector<Base> basesOf(const Host &host)
{
    std::vector<Base> bases;
    for (const auto &interface : host.interfaces()) {
        std::vector<const Gateway *> gateways;
        for (const Gateway *gateway = interface->network().gateway(); gateway;
             gateway = gateway->outer().network().gateway()) {
            gateways.push_back(gateway);
        }
        for (const IpAddress &address : interface->addresses()) {
            if (interface->isUp())
                bases.push_back({interface.get(), address, gateways});
        }
    }
    return bases;
}

Side cross(const Base &base, std::size_t count)
{
    Side side;
    side.seen = base.address;
    for (const Gateway *gateway : std::span(base.gateways).first(count)) {
        if (gateway->firewall().rules().blocksUnsolicited)
            side.filter = Level::AddressAndPortDependent;
        const Nat *nat = gateway->nat(base.address.family());
        if (!nat)
            continue;
        side.mapping = std::max(side.mapping, level(nat->behavior().mapping));
        side.filter = std::max(side.filter, level(nat->behavior().filtering));
        side.seen = nat->external();
        side.nat = gateway;
    }
    return side;
}

/// Whether the first gateways of base let packets to and from that address pass, and have their
/// plugs in.
bool lets(const Base &base, std::size_t count, const IpAddress &remote, bool isTcp = false)
{
    const auto gateways = std::span(base.gateways).first(count);
    return std::none_of(gateways.begin(), gateways.end(), [&](const Gateway *gateway) {
        const FirewallRules &rules = gateway->firewall().rules();
        return (rules.blocksUdp && !isTcp) || !gateway->inner().isUp() || !gateway->outer().isUp()
            || std::any_of(rules.blockedPrefixes.begin(), rules.blockedPrefixes.end(),
                           [&](const IpPrefix &prefix) { return prefix.contains(remote); });
    });
}

/// From the first address of its family (Host::addressFor()).
template<typename Server>
bool reachesByTcp(const std::vector<Base> &bases, const Server &server)
{
    return std::any_of(Families.begin(), Families.end(), [&](IpAddress::Family family) {
        const auto base = std::find_if(bases.begin(), bases.end(), [&](const Base &each) {
            return each.address.family() == family;
        });
        const IpAddress address = server.address(family).ip;
        return base != bases.end() && !address.isNull()
            && lets(*base, base->gateways.size(), address, true);
    });
}

bool reachesServer(const Base &base, const StunServer *server, bool isTcp = false)
{
    if (!server)
        return false;
    const IpAddress address = server->address(base.address.family()).ip;
    return !address.isNull() && lets(base, base.gateways.size(), address, isTcp);
}

/// Whether a packet from base to that address arrives at the interface, on its way through no more
/// than those gateways; it ends at a NAT that has the address, or at a host.
bool leadsTo(const Base &base, std::size_t count, const IpAddress &address,
             const Interface &expected)
{
    for (std::size_t crossed = 0; crossed <= count; ++crossed) {
        const Network *network = base.networkBehind(crossed);
        const Interface *next = network->nextHop(address);
        // Further in through gateways that only route
        while (next && next != &expected) {
            const auto *gateway = dynamic_cast<const Gateway *>(&next->node());
            if (!gateway || next != &gateway->outer() || gateway->nat(address.family()))
                break;
            next = gateway->inner().network().nextHop(address);
        }
        if (next == &expected)
            return true;
        if (crossed == count || !next || next != &base.gateways[crossed]->inner())
            return false;
    }
    return false;
}

bool canConnect(const Side &left, const Side &right)
{
    const auto isStable = [](const Side &side) {
        return side.isKnown && side.mapping <= Level::EndpointIndependent;
    };
    // Rule 1
    if (isStable(left) && isStable(right))
        return true;
    const auto takes = [&](const Side &side, const Side &other) {
        if (!isStable(side))
            return false;
        // Rules 2 and 3
        return side.filter <= Level::EndpointIndependent
            || (side.filter == Level::AddressDependent && other.isKnown);
    };
    return takes(left, right) || takes(right, left);
}

/// Through so many gateways each, to a network in which both then are.
bool meet(const Base &left, std::size_t leftCount, const Base &right, std::size_t rightCount,
          const StunServer *server)
{
    Side leftSide = cross(left, leftCount);
    Side rightSide = cross(right, rightCount);
    if (!lets(left, leftCount, rightSide.seen) || !lets(right, rightCount, leftSide.seen))
        return false;
    const bool isCore = leftCount == left.gateways.size();
    leftSide.isKnown = !leftSide.nat || (isCore && reachesServer(left, server));
    rightSide.isKnown = !rightSide.nat || (isCore && reachesServer(right, server));

    const Interface &toLeft = leftSide.nat ? leftSide.nat->outer() : *left.interface;
    const Interface &toRight = rightSide.nat ? rightSide.nat->outer() : *right.interface;
    // Who is not known is not sent to, but by answers.
    if (leftSide.isKnown && !leadsTo(right, rightCount, leftSide.seen, toLeft))
        return false;
    if (rightSide.isKnown && !leadsTo(left, leftCount, rightSide.seen, toRight))
        return false;
    return canConnect(leftSide, rightSide);
}

/// Both behind the same outermost NAT, and that one sends back in what is meant for itself.
bool meetByHairpin(const Base &left, const Base &right, const StunServer *server)
{
    Side leftSide = cross(left, left.gateways.size());
    Side rightSide = cross(right, right.gateways.size());
    if (!leftSide.nat || leftSide.nat != rightSide.nat
        || !leftSide.nat->nat(left.address.family())->behavior().hairpins)
        return false;
    const auto countTo = [](const Base &base, const Gateway *gateway) {
        const auto found = std::find(base.gateways.begin(), base.gateways.end(), gateway);
        return static_cast<std::size_t>(found - base.gateways.begin()) + 1;
    };
    leftSide = cross(left, countTo(left, leftSide.nat));
    rightSide = cross(right, countTo(right, rightSide.nat));
    if (!lets(left, countTo(left, leftSide.nat), rightSide.seen)
        || !lets(right, countTo(right, rightSide.nat), leftSide.seen))
        return false;
    leftSide.isKnown = reachesServer(left, server);
    rightSide.isKnown = reachesServer(right, server);
    return canConnect(leftSide, rightSide);
}

bool pairConnects(const Base &left, const Base &right, const StunServer *server)
{
    if (left.address.family() != right.address.family())
        return false;
    for (std::size_t leftCount = 0; leftCount <= left.gateways.size(); ++leftCount) {
        for (std::size_t rightCount = 0; rightCount <= right.gateways.size(); ++rightCount) {
            if (left.networkBehind(leftCount) != right.networkBehind(rightCount))
                continue;
            // The first place where they meet is the innermost one.
            return meet(left, leftCount, right, rightCount, server)
                || meetByHairpin(left, right, server);
        }
    }
    return false;
}

/// Who opens and who listens, where they meet.
bool opens(const Base &opener, std::size_t openerCount, const Base &listener,
           std::size_t listenerCount)
{
    const Side from = cross(opener, openerCount);
    const Side to = cross(listener, listenerCount);
    const Interface &back = from.nat ? from.nat->outer() : *opener.interface;
    return !to.nat && to.filter == Level::None && lets(opener, openerCount, to.seen, true)
        && lets(listener, listenerCount, from.seen, true)
        && leadsTo(opener, openerCount, to.seen, *listener.interface)
        && leadsTo(listener, listenerCount, from.seen, back);
}

/// Both open, from ports whose mappings the other knows.
bool opensTogether(const Base &left, std::size_t leftCount, const Base &right,
                   std::size_t rightCount, const StunServer *server)
{
    const auto isKnown = [server](const Base &base, std::size_t count, const Side &side) {
        return side.mapping == Level::None
            || (side.mapping == Level::EndpointIndependent && count == base.gateways.size()
                && reachesServer(base, server, true));
    };
    const Side leftSide = cross(left, leftCount);
    const Side rightSide = cross(right, rightCount);
    const Interface &toLeft = leftSide.nat ? leftSide.nat->outer() : *left.interface;
    const Interface &toRight = rightSide.nat ? rightSide.nat->outer() : *right.interface;
    return isKnown(left, leftCount, leftSide) && isKnown(right, rightCount, rightSide)
        && lets(left, leftCount, rightSide.seen, true)
        && lets(right, rightCount, leftSide.seen, true)
        && leadsTo(left, leftCount, rightSide.seen, toRight)
        && leadsTo(right, rightCount, leftSide.seen, toLeft);
}

bool opensSomewhere(const Base &opener, const Base &listener)
{
    if (opener.address.family() != listener.address.family())
        return false;
    for (std::size_t openerCount = 0; openerCount <= opener.gateways.size(); ++openerCount) {
        for (std::size_t count = 0; count <= listener.gateways.size(); ++count) {
            if (opener.networkBehind(openerCount) == listener.networkBehind(count))
                return opens(opener, openerCount, listener, count);
        }
    }
    return false;
}

} // namespace

bool tcpPathExists(const Host &left, const Host &right)
{
    const std::vector<Base> leftBases = basesOf(left), rightBases = basesOf(right);
    return std::any_of(leftBases.begin(), leftBases.end(), [&](const Base &leftBase) {
        return std::any_of(rightBases.begin(), rightBases.end(), [&](const Base &rightBase) {
            return opensSomewhere(leftBase, rightBase) || opensSomewhere(rightBase, leftBase);
        });
    });
}

bool tcpPunchExists(const Host &left, const Host &right, const StunServer *server)
{
    const std::vector<Base> leftBases = basesOf(left), rightBases = basesOf(right);
    const auto meetsAt = [&](const Base &one, const Base &other) {
        if (one.address.family() != other.address.family())
            return false;
        for (std::size_t count = 0; count <= one.gateways.size(); ++count) {
            for (std::size_t otherCount = 0; otherCount <= other.gateways.size(); ++otherCount) {
                if (one.networkBehind(count) == other.networkBehind(otherCount))
                    return opensTogether(one, count, other, otherCount, server);
            }
        }
        return false;
    };
    return std::any_of(leftBases.begin(), leftBases.end(), [&](const Base &one) {
        return std::any_of(rightBases.begin(), rightBases.end(),
                           [&](const Base &other) { return meetsAt(one, other); });
    });
}

bool relayPathExists(const Host &left, const Host &right, const TurnServer *server, RelayWays ways)
{
    const auto reaches = [&](const Host &host) {
        const std::vector<Base> bases = basesOf(host);
        const auto reachesByUdp = [&](const Base &base) {
            const IpAddress address = server->address(base.address.family()).ip;
            return !address.isNull() && lets(base, base.gateways.size(), address);
        };
        return (ways.byUdp && std::any_of(bases.begin(), bases.end(), reachesByUdp))
            || (ways.byTcp && reachesByTcp(bases, *server));
    };
    return server && reaches(left) && reaches(right);
}

bool tunnelPathExists(const Host &left, const Host &right, const TunnelServer *server)
{
    return server && reachesByTcp(basesOf(left), *server) && reachesByTcp(basesOf(right), *server);
}

bool directPathExists(const Host &left, const Host &right, const StunServer *server)
{
    const std::vector<Base> rightBases = basesOf(right);
    for (const Base &leftBase : basesOf(left)) {
        for (const Base &rightBase : rightBases) {
            if (pairConnects(leftBase, rightBase, server))
                return true;
        }
    }
    return false;
}

} // namespace peer::sim
