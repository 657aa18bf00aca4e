// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_STUN_NATPROBE_H
#define PEER_STUN_NATPROBE_H

#include "core/base/address.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/stun/transaction.h"

#include <array>
#include <cstdint>
#include <optional>

namespace peer::stun {

/// To whom a NAT gives the same public port of one socket of ours (RFC 4787 section 4.1), as far as
/// a server with one IP address and two ports can tell.
enum class NatMapping : std::uint8_t {
    Unknown,
    NoNat,    ///< our address is what the server sees
    Constant, ///< the same toward both ports: mostly endpoint-independent, and good for punching
    Varying,  ///< another one toward each: "symmetric"
};

/// Who gets in by that port (RFC 4787 section 5).
enum class NatFiltering : std::uint8_t {
    Unknown,
    Open,       ///< also who was not written to, but at another port of his
    Restricted, ///< only exactly who was written to, or at least not his other ports
};

struct NatFindings
{
    bool isAnswered = false; ///< UDP to the server and back works
    TransportAddress local;  ///< where the answer arrived
    TransportAddress mapped; ///< as the server sees us
    NatMapping mapping = NatMapping::Unknown;
    NatFiltering filtering = NatFiltering::Unknown;
    Duration roundTripTime{};
};

/// Asks a STUN server what is between us and it (RFC 5780 sections 4.3 and 4.4, with one IP address
/// and two ports of the server):
///
///     1. Binding                  to its port         we are mapped to X; it has another port Q
///     2. Binding, CHANGE-REQUEST  to its port         an answer from Q: nobody filters by port
///     3. Binding                  to Q                mapped to X again: the mapping is constant
///
/// In this order, for the third lets answers from Q in. A server without another port leaves it
/// with the first.
///
/// How to drive it: call advance() at once, then no later than nextDeadline(); send what it gives;
/// give every datagram of the socket to receive(). It ends by itself, after 9 s at most.
class NatProbe
{
public:
    /// The local IP address may be null, for the system to choose. random: borrowed.
    NatProbe(const Route &route, RandomSource &random);

    /// A datagram to be sent, valid until the next call; call again until there is none.
    std::optional<Transmit> advance(TimePoint now);
    void receive(TimePoint now, const Datagram &datagram);
    TimePoint nextDeadline() const;
    bool isFinished() const { return m_step == Step::Finished; }
    /// Complete when finished.
    const NatFindings &findings() const { return m_findings; }

private:
    enum class Step : std::uint8_t { Binding, ChangePort, OtherPort, Finished };

    void begin(Step step, const RetransmissionPolicy &policy);
    Route route() const;
    Transmit writeRequest();
    void handleAnswer(const Message &message, const TransportAddress &local);
    void handleSilence();

    const Route m_route;
    RandomSource &m_random;
    Step m_step = Step::Binding;
    Transaction m_transaction;
    std::uint16_t m_otherPort = 0;
    NatFindings m_findings;
    std::array<std::uint8_t, 64> m_room{};
};

} // namespace peer::stun

#endif // PEER_STUN_NATPROBE_H
