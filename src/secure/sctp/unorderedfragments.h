// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_UNORDEREDFRAGMENTS_H
#define PEER_SCTP_UNORDEREDFRAGMENTS_H

#include "core/base/bytes.h"
#include "secure/sctp/chunks.h"
#include "secure/sctp/sctpassociation.h"

#include <cstdint>
#include <map>
#include <optional>

namespace peer::sctp {

/// Puts unordered messages of several fragments together, in the place of usrsctp.
///
/// usrsctp 0.9.5 remembers of an unordered message that a FORWARD TSN (RFC 3758) has cut short
/// where it would have gone on, and goes on there with another one: it delivers a message that
/// nobody has sent, or aborts the association for a missing end (its issues 597 and 592). Data
/// channels that are neither ordered nor reliable come to this whenever a path loses packets.
///
/// So usrsctp gets each unordered fragment as a message of its own (disguise()), and gives it out
/// with its TSN. The fragments of a message have TSNs in sequence (RFC 9260 section 6.9).
///
/// Memory: what lies beyond a gap of TSNs, of which usrsctp accepts 4096 fragments, and one
/// incomplete message of at most maxMessage octets before the gap, once discard() was called.
class UnorderedFragments
{
public:
    explicit UnorderedFragments(std::size_t maxMessage);

    /// Makes all unordered DATA chunks of a packet look like whole messages. Their stream sequence
    /// number, which says nothing in unordered ones (RFC 9260 section 3.3.1), tells then what they
    /// were. FORWARD TSN makes usrsctp look for messages by that number; ordered ones on the same
    /// stream reach these values last.
    static void disguise(MutableByteView packet);

    struct Fragment
    {
        Tsn tsn;
        StreamId stream;
        PayloadProtocol protocol;
        std::uint16_t sequence; ///< as disguise() has left it
        ByteView octets;
    };
    struct Result
    {
        std::optional<Message> message; ///< which this fragment has completed
        bool isTooLarge = false;        ///< the message that it belongs to
    };
    Result take(const Fragment &fragment);

    /// All fragments up to this TSN, which will ever come, have been taken: what is not complete
    /// without others up to it never will be.
    void discard(Tsn arrived);

    bool isEmpty() const { return m_runs.empty(); }

private:
    /// Fragments of one message, in sequence.
    struct Run
    {
        StreamId stream;
        PayloadProtocol protocol;
        bool hasFirst;
        bool hasLast;
        Tsn end; ///< the next fragment's TSN
        Bytes octets;
    };
    struct Earlier
    {
        bool operator()(Tsn one, Tsn other) const { return isAfter(other, one); }
    };
    using Runs = std::map<Tsn, Run, Earlier>;

    Runs::iterator insert(const Fragment &fragment);
    bool join(Runs::iterator earlier, Runs::iterator later);

    const std::size_t m_maxMessage;
    /// By the TSN of the first fragment.
    Runs m_runs;
};

} // namespace peer::sctp

#endif // PEER_SCTP_UNORDEREDFRAGMENTS_H
