// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_MESSAGEASSEMBLY_H
#define PEER_SCTP_MESSAGEASSEMBLY_H

#include "secure/sctp/sctpsocket.h"
#include "secure/sctp/unorderedfragments.h"

#include <optional>

namespace peer::sctp {

/// Makes messages of what one read of usrsctp gives each. An ordered one comes in pieces that no
/// other interrupts, for usrsctp is told not to interleave them; of an unordered one each fragment
/// is a piece.
class MessageAssembly
{
public:
    explicit MessageAssembly(std::size_t maxMessage);

    using Result = UnorderedFragments::Result;
    Result take(const SctpSocket::Arrival &arrival);
    /// There are no more for now; up to this TSN all have arrived that ever will.
    void noteAllTaken(std::optional<Tsn> arrived);
    /// The peer has given up the rest of the ordered one (RFC 3758).
    void abandonOrdered() { m_ordered.clear(); }

private:
    Result takeOrdered(const SctpSocket::Arrival &arrival);

    const std::size_t m_maxMessage;
    Bytes m_ordered;
    UnorderedFragments m_unordered;
};

} // namespace peer::sctp

#endif // PEER_SCTP_MESSAGEASSEMBLY_H
