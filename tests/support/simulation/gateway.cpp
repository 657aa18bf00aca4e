// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/gateway.h"

#include "support/simulation/network.h"

#include <stdexcept>

namespace peer::sim {

namespace {

/// RFC 5382 section 5 (REQ-5).
constexpr Duration TcpMappingTimeout = std::chrono::minutes(124);

} // namespace

Gateway::Gateway(std::string name, Network &inner, Network &outer,
                 std::vector<IpAddress> outerAddresses, const GatewayConfig &config,
                 Schedule &schedule, Trace &trace, const SeededRandom &random)
    : Node(std::move(name))
    , m_schedule(schedule)
    , m_trace(trace)
    , m_inner(*this, inner, {}, schedule, trace, random)
    , m_outer(*this, outer, std::move(outerAddresses), schedule, trace, random)
    , m_firewall(config.firewall)
{
    if (config.nat) {
        const IpAddress external = m_outer.address(IpAddress::Family::V4);
        if (external.isNull())
            throw std::invalid_argument(Node::name() + ": a NAT needs an IPv4 address outside");
        m_nat.emplace(*config.nat, external, random.fork(Node::name() + " nat"));
        NatBehavior ofTcp = *config.nat;
        ofTcp.mappingTimeout = TcpMappingTimeout;
        m_tcpNat.emplace(ofTcp, external, random.fork(Node::name() + " nat, TCP"));
    }
    inner.setGateway(*this);
}

Nat *Gateway::nat(IpAddress::Family family)
{
    return family == IpAddress::Family::V4 && m_nat ? &*m_nat : nullptr;
}

const Nat *Gateway::nat(IpAddress::Family family) const
{
    return family == IpAddress::Family::V4 && m_nat ? &*m_nat : nullptr;
}

Nat *Gateway::natFor(const Packet &packet)
{
    if (!nat(packet.destination.ip.family()))
        return nullptr;
    return packet.isTcp() ? &*m_tcpNat : &*m_nat;
}

void Gateway::resetNat()
{
    for (auto *nat : {&m_nat, &m_tcpNat}) {
        if (*nat)
            (*nat)->reset();
    }
}

void Gateway::receive(Interface &from, Packet packet)
{
    if (&from == &m_inner)
        receiveFromInside(std::move(packet));
    else
        receiveFromOutside(std::move(packet));
}

void Gateway::receiveFromInside(Packet packet)
{
    const TimePoint now = m_schedule.now();
    if (!m_firewall.letsOut(now, packet))
        return drop(Fate::Blocked, packet);
    Nat *nat = natFor(packet);
    if (!nat) {
        if (m_outer.hasAddress(packet.destination.ip))
            return drop(Fate::NoSocket, packet);
        return m_outer.send(std::move(packet));
    }
    const bool isHairpin = packet.destination.ip == nat->external();
    std::optional<Packet> translated = isHairpin ? nat->hairpin(now, packet)
                                                 : nat->outbound(now, packet);
    if (!translated)
        return drop(Fate::Filtered, packet);
    m_trace.note(now, name(), Fate::Translated, *translated);
    (isHairpin ? m_inner : m_outer).send(std::move(*translated));
}

void Gateway::receiveFromOutside(Packet packet)
{
    const TimePoint now = m_schedule.now();
    if (Nat *nat = natFor(packet)) {
        std::optional<Packet> translated = nat->inbound(now, packet);
        if (!translated)
            return drop(Fate::Filtered, packet);
        m_trace.note(now, name(), Fate::Translated, *translated);
        packet = std::move(*translated);
    } else if (m_outer.hasAddress(packet.destination.ip)) {
        return drop(Fate::NoSocket, packet);
    }
    if (!m_firewall.letsIn(now, packet))
        return drop(Fate::Blocked, packet);
    m_inner.send(std::move(packet));
}

void Gateway::drop(Fate fate, const Packet &packet)
{
    m_trace.note(m_schedule.now(), name(), fate, packet);
}

} // namespace peer::sim
