// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_ORACLE_H
#define PEER_SIMULATION_ORACLE_H

#include "support/simulation/host.h"
#include "support/simulation/stunserver.h"
#include "support/simulation/tunnelserver.h"
#include "support/simulation/turnserver.h"

namespace peer::sim {

/// Whether ICE must find a direct path between two hosts that both use all their addresses and the
/// STUN server (null: none). It looks at the topology, sends nothing, and leaves loss and delay out
/// of account. It is conservative: where it says yes ICE must connect, where it says no ICE may.
///
/// It says yes if one pair of addresses a, b of the same family, with plugs in, passes this:
///
/// From each address go outward, through gateways, until the two meet in a network. What each has
/// crossed makes
/// - its mapping: none without a NAT; else the most dependent of its NATs;
/// - its filter: open without NAT and firewall; else the strictest of its NATs, where a firewall
///   that blocks the unsolicited counts as address-and-port-dependent;
/// - where it is seen: its own address, or the external one of its outermost NAT;
/// - whether it is known to the other: its own address always is. Behind a NAT it is known by its
///   server-reflexive candidate, if the meeting place is the core and the server can be reached.
/// A gateway that blocks UDP, or a prefix that the other is seen in, ends it. So does a packet to
/// where the other is seen if it would go elsewhere: two LANs may use the same addresses.
///
/// Then there is a path if
/// 1. both are known and no mapping depends on the destination: each sends to where the other is
///    known, and that opens any filter; or
/// 2. one is known, its mapping does not depend on the destination, and its filter is open or
///    endpoint-independent: the other's checks arrive whatever they look like; or
/// 3. the same with an address-dependent filter, if the other is known: by its address, for the
///    port may be another one.
///
/// If both have crossed NATs whose outermost is the same one and hairpins, they also meet in
/// front of it: all NATs up to and with that one count for both.
bool directPathExists(const Host &left, const Host &right, const StunServer *server);

/// Whether ICE must find a direct path over TCP, opened by one of the two (RFC 6544), if both
/// listen on all their addresses: some address of the one has crossed neither a NAT nor a firewall
/// that blocks the unsolicited when it meets some address of the other, and packets find their way
/// both there and back. Rules and prefixes that block count as above, but for UDP's.
bool tcpPathExists(const Host &left, const Host &right);

/// The same, opened by both at once: rule 1 of directPathExists() with its conditions, but for
/// TCP, and without what hairpins.
bool tcpPunchExists(const Host &left, const Host &right, const StunServer *server);

/// How the hosts go to a TURN server.
struct RelayWays
{
    bool byUdp = true;
    /// Over TCP or TLS.
    bool byTcp = false;
};

/// Whether ICE must find a path over that TURN server (null: none): both hosts reach it in one of
/// those ways, with plugs in, from some address of theirs; by TCP from where Host::addressFor()
/// says. Each then has a relayed address, which reaches the other's.
bool relayPathExists(const Host &left, const Host &right, const TurnServer *server,
                     RelayWays ways = {});

/// Whether both hosts reach that tunnel (null: none), as they do a TURN server over TCP.
bool tunnelPathExists(const Host &left, const Host &right, const TunnelServer *server);

} // namespace peer::sim

#endif // PEER_SIMULATION_ORACLE_H
