// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peernetworkreport.h>

#include <QtCore/qjsonarray.h>
#include <QtCore/qmetaobject.h>

#include <algorithm>

using namespace Qt::StringLiterals;

/*!
    \class PeerNetworkReport
    \inmodule PeerConnection
    \brief What the network lets through, as PeerNetworkCheck found it.

    Times are in milliseconds, 0 where unknown. What was not tested, for there was no server to ask
    or no address to ask from, has \c isTested false.
*/

/*!
    \enum PeerNetworkReport::Nat
    How the public port of a socket comes about (RFC 4787).
    \value Unknown   It was not answered, or the server has one port only.
    \value None      There is no NAT: the server sees our own address.
    \value Constant  One port toward all; direct paths come about by it.
    \value Varying   Another one toward each destination, which nobody can know beforehand.
*/

/*!
    \enum PeerNetworkReport::Filtering
    Who gets in by that port.
    \value Unknown
    \value Open        Also who was not written to, at least at another port of his.
    \value Restricted  Only who was written to.
*/

/*!
    \enum PeerNetworkReport::Direct
    Whether a direct path is to be expected.
    \value Unknown
    \value Impossible  UDP is blocked.
    \value Sometimes   Only with a peer whose NAT is open, or who has none.
    \value Mostly      With everybody but peers whose NAT is more difficult than ours.
*/

namespace {

template<typename Enum>
QString nameOf(Enum value)
{
    return QString::fromLatin1(QMetaEnum::fromType<Enum>().valueToKey(int(value))).toLower();
}

PeerNetworkReport::Direct directBy(const PeerNetworkReport::Udp &udp)
{
    using Direct = PeerNetworkReport::Direct;
    if (!udp.isTested)
        return Direct::Unknown;
    if (!udp.isOpen)
        return Direct::Impossible;
    switch (udp.nat) {
    case PeerNetworkReport::Nat::Unknown:
        return Direct::Unknown;
    case PeerNetworkReport::Nat::None:
    case PeerNetworkReport::Nat::Constant:
        return Direct::Mostly;
    case PeerNetworkReport::Nat::Varying:
        return Direct::Sometimes;
    }
    return Direct::Unknown;
}

QString natText(const PeerNetworkReport::Udp &udp)
{
    const bool isOpen = udp.filtering == PeerNetworkReport::Filtering::Open;
    const QString others = udp.filtering == PeerNetworkReport::Filtering::Unknown ? QString()
        : isOpen ? u"; others than those we write to get in too"_s
                 : u"; only those we write to get in"_s;
    switch (udp.nat) {
    case PeerNetworkReport::Nat::Unknown:
        return u"what NAT does with it could not be found out"_s;
    case PeerNetworkReport::Nat::None:
        return (isOpen ? u"no NAT and no firewall"_s : u"no NAT"_s) + (isOpen ? QString() : others);
    case PeerNetworkReport::Nat::Constant:
        return u"a NAT with one public port for all destinations"_s + others;
    case PeerNetworkReport::Nat::Varying:
        return u"a NAT with another public port for each destination"_s + others;
    }
    return {};
}

QString udpText(const PeerNetworkReport::Udp &udp)
{
    if (udp.addresses.isEmpty())
        return u"no address"_s;
    const QString own = udp.addresses.join(u", "_s);
    if (!udp.isTested)
        return u"%1; UDP was not tested"_s.arg(own);
    if (!udp.isOpen)
        return u"%1; UDP is blocked: no STUN server answers"_s.arg(own);
    return u"%1; UDP is open (%2 ms), public address %3; %4"_s.arg(own)
        .arg(udp.roundTripTime, 0, 'f', 0)
        .arg(udp.publicAddress, natText(udp));
}

QString rendezvousText(const PeerNetworkReport::Rendezvous &rendezvous)
{
    if (!rendezvous.isTested)
        return u"not asked"_s;
    const QString by = rendezvous.proxy.isEmpty() ? QString()
                                                  : u" by the proxy %1"_s.arg(rendezvous.proxy);
    if (!rendezvous.isReachable)
        return u"%1 cannot be reached%2: %3"_s.arg(rendezvous.host, by, rendezvous.problem);
    return u"%1 is reached%2 in %3 ms and sees %4"_s.arg(rendezvous.host, by)
        .arg(rendezvous.connectTime, 0, 'f', 0)
        .arg(rendezvous.observedAddress);
}

QString relayText(const PeerNetworkReport::Relay &relay)
{
    if (!relay.isUsable && relay.username.isEmpty())
        return u"%1 cannot be used: %2"_s.arg(relay.uri, relay.problem);
    if (!relay.isUsable)
        return u"%1 cannot be used by the user %2: %3"_s.arg(relay.uri, relay.username,
                                                             relay.problem);
    return u"%1 relays by %2 for the user %3 (%4 ms)"_s
        .arg(relay.uri, relay.relayedAddress, relay.username)
        .arg(relay.allocationTime, 0, 'f', 0);
}

QJsonObject toJson(const PeerNetworkReport::Udp &udp)
{
    return {{u"addresses"_s, QJsonArray::fromStringList(udp.addresses)},
            {u"udp"_s,
             !udp.isTested    ? u"untested"_s
                 : udp.isOpen ? u"open"_s
                              : u"blocked"_s},
            {u"publicAddress"_s, udp.publicAddress},
            {u"nat"_s, nameOf(udp.nat)},
            {u"filtering"_s, nameOf(udp.filtering)},
            {u"rtt"_s, udp.roundTripTime}};
}

} // namespace

/*!
    \variable PeerNetworkReport::rendezvous
    Whether the rendezvous was reached, which address it sees, and by which proxy; if not, why.
*/

/*!
    \variable PeerNetworkReport::ipv4
    Our addresses and what UDP does; ipv6 likewise.
*/

/*!
    \variable PeerNetworkReport::relays
    Every TURN server that the rendezvous or the address name, or that the application has given, by
    each of its transports, and the user name it was asked by. An allocation was made, and given
    back: whether it relays, and if not, why.
*/

/*! What is to be expected of direct paths, by the better one of IPv4 and IPv6. */
PeerNetworkReport::Direct PeerNetworkReport::direct() const
{
    return std::max(directBy(ipv4), directBy(ipv6));
}

/*! The kinds of path to be expected, as sentences for a user. */
QString PeerNetworkReport::expectation() const
{
    const bool hasRelay = std::any_of(relays.begin(), relays.end(),
                                      [](const Relay &relay) { return relay.isUsable; });
    const QString otherwise = hasRelay ? u"by a TURN relay"_s
        : !rendezvous.isReachable      ? u"not at all: no relay and no rendezvous is reached"_s
        : rendezvous.hasTunnel         ? u"by the rendezvous' tunnel"_s
                                       : u"not at all: there is no relay and no tunnel"_s;
    switch (direct()) {
    case Direct::Unknown:
        return u"Whether direct paths come about could not be found out; otherwise calls go %1."_s
            .arg(otherwise);
    case Direct::Impossible:
        return u"UDP is blocked here, so that calls go %1, or directly by TCP to peers that can be "
               "reached by it."_s.arg(otherwise);
    case Direct::Sometimes:
        return u"Calls are direct with peers that have no NAT or one that lets everybody in; with "
               "others they go %1."_s.arg(otherwise);
    case Direct::Mostly: {
        if (directBy(ipv4) < Direct::Mostly)
            return u"Calls are direct with peers that have IPv6; with others they mostly go %1."_s
                .arg(otherwise);
        return u"Calls are direct with nearly all peers; with those behind a NAT that varies its "
               "ports, or whose UDP is blocked, they go %1."_s.arg(otherwise);
    }
    }
    return {};
}

/*! The report in plain words, a line each for the rendezvous, IPv4, IPv6, every relay, and what is
    to be expected. */
QString PeerNetworkReport::toString() const
{
    QStringList lines{u"rendezvous: "_s + rendezvousText(rendezvous), u"IPv4: "_s + udpText(ipv4),
                      u"IPv6: "_s + udpText(ipv6)};
    for (const Relay &relay : relays)
        lines.append(u"relay: "_s + relayText(relay));
    if (relays.isEmpty())
        lines.append(u"relay: none is offered"_s);
    lines.append(u"expect: "_s + expectation());
    return lines.join(u'\n');
}

/*! The report for programs. */
QJsonObject PeerNetworkReport::toJson() const
{
    QJsonArray relayArray;
    for (const Relay &relay : relays) {
        relayArray.append(QJsonObject{{u"uri"_s, relay.uri},
                                      {u"username"_s, relay.username},
                                      {u"tested"_s, relay.isTested},
                                      {u"usable"_s, relay.isUsable},
                                      {u"relayedAddress"_s, relay.relayedAddress},
                                      {u"problem"_s, relay.problem},
                                      {u"time"_s, relay.allocationTime}});
    }
    return {{u"rendezvous"_s,
             QJsonObject{{u"host"_s, rendezvous.host},
                         {u"tested"_s, rendezvous.isTested},
                         {u"reachable"_s, rendezvous.isReachable},
                         {u"tunnel"_s, rendezvous.hasTunnel},
                         {u"observedAddress"_s, rendezvous.observedAddress},
                         {u"proxy"_s, rendezvous.proxy},
                         {u"problem"_s, rendezvous.problem},
                         {u"time"_s, rendezvous.connectTime}}},
            {u"ipv4"_s, ::toJson(ipv4)},
            {u"ipv6"_s, ::toJson(ipv6)},
            {u"relays"_s, relayArray},
            {u"direct"_s, nameOf(direct())},
            {u"expectation"_s, expectation()}};
}
