// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_HOLEPUNCHER_H
#define PEER_SIMULATION_HOLEPUNCHER_H

#include "core/base/transmitqueue.h"
#include "core/stun/message.h"
#include "support/simulation/host.h"
#include "support/simulation/process.h"

#include <set>
#include <vector>

namespace peer::sim {

/// The simplest thing that punches holes, to try the simulation and the oracle without ICE: it
/// asks the STUN server from every address of its host for its reflexive one, probes from every
/// address to every address that it has heard of, and answers probes to where they came from. No
/// authentication, no order, no end.
///
/// How to drive it: open() once, setRemote() with what the other's candidates() are, again when
/// they change.
class HolePuncher : public Process
{
public:
    HolePuncher(Host &host, SeededRandom random);

    /// A socket at every address of the host. server: null for none.
    void open(const TransportAddress &serverV4, const TransportAddress &serverV6);
    /// Where this one may be reached: its own addresses and the reflexive ones.
    std::vector<TransportAddress> candidates() const;
    void setRemote(const std::vector<TransportAddress> &candidates);

    /// A probe was answered by whom it was sent to.
    bool isConnected() const { return m_isConnected; }
    Route route() const { return m_route; }

    void receive(TimePoint now, const Datagram &datagram) override;
    void advance(TimePoint now) override;
    std::optional<Transmit> nextTransmit() override;
    TimePoint nextDeadline() const override { return m_nextRound; }

private:
    struct Base
    {
        TransportId transport;
        TransportAddress local;
        TransportAddress server;
        stun::TransactionId transaction;
        TransportAddress reflexive;
        std::set<TransportAddress> remotes;
    };

    void receiveStun(Base &base, const Datagram &datagram);
    void sendTo(const Base &base, const TransportAddress &remote, std::uint8_t kind);

    Host &m_host;
    SeededRandom m_random;
    TransmitQueue m_queue;
    std::vector<Base> m_bases;
    TimePoint m_nextRound = Never;
    bool m_isConnected = false;
    Route m_route;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_HOLEPUNCHER_H
