// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_RESETGATE_H
#define PEER_SCTP_RESETGATE_H

#include "core/base/bytes.h"
#include "secure/sctp/chunks.h"

#include <optional>

namespace peer::sctp {

/// Keeps requests to reset streams back until all that was sent before them has arrived.
///
/// An Outgoing SSN Reset Request (RFC 6525 section 4.1) names the last TSN that was sent before it.
/// A receiver that lacks some of those must defer the reset (section 5.2.2, E1). usrsctp 0.9.5, and
/// what followed it, does that wrong: it comes back to a deferred reset only when a DATA chunk
/// moves the cumulative TSN by one and not when it closes a gap, so that the reset may wait for
/// good; meanwhile it withholds every message from behind it, which the next reset loses; and in
/// the end it takes unordered messages among them for ordered ones and aborts the association.
///
/// So no usrsctp, be it ours or the peer's, may see a request that it would have to defer. To
/// either it looks as if the request had been longer on its way. There is one gate for each
/// direction, and one place in it: there is one request at a time (RFC 6525 section 5.1.1), and its
/// sender repeats it. A request with a TSN that never comes stays here for good.
///
/// A RE-CONFIG chunk (RFC 6525 section 3.1), with up to two parameters:
///
///     octet 0, 1  chunk type: 130; flags
///     octets 2-3  length of the chunk
///     octets 4-5  parameter type: 13 Outgoing SSN Reset Request
///     octets 6-7  length of the parameter
///     octets 8-   request's number, number of the last response, sender's last assigned TSN,
///                 16 bits for each stream
class ResetGate
{
public:
    /// Takes the request out of a packet in the gate's direction if it has to wait; what else there
    /// was moves up. Returns what is left, empty if that is nothing.
    MutableByteView pass(MutableByteView packet);
    /// A packet in the opposite direction, whose SACK tells what has arrived.
    void noteAnswer(ByteView packet);
    /// The cumulative TSN: all up to it have arrived, or never will. None before the handshake.
    std::optional<Tsn> arrived() const { return m_arrived; }

    /// The time of the request that waited has come.
    bool canRelease() const;
    /// It, as a packet of its own, without a checksum. Only when canRelease().
    Bytes release();

private:
    bool mustWait(ByteView chunk) const;

    std::optional<Tsn> m_arrived;
    bool m_hasSack = false;
    Bytes m_held;
};

} // namespace peer::sctp

#endif // PEER_SCTP_RESETGATE_H
