// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_SIGNAL_H
#define PEER_SESSION_SIGNAL_H

#include <cstdint>
#include <optional>
#include <string>

namespace peer {

/// One message of the negotiation, whatever carries it. Its JSON form (signaling/signaljson) has
/// the members that browsers know, plus call, seq and ack, which they ignore.
struct Signal
{
    enum class Type : std::uint8_t {
        Offer,     ///< sdp
        Answer,    ///< sdp
        Candidate, ///< candidate, sdpMid, usernameFragment; an empty candidate ends them
        Bye,       ///< reason; ends the call from either side, also before it is answered
        Ack,       ///< carries nothing but ack; has no seq of its own
    };

    /// Why a call ends.
    enum class Reason : std::uint8_t {
        None, ///< an ordinary hang-up
        Rejected,
        Busy,
        Unanswered,
        Cancelled,
        Failed, ///< text says what
    };

    Type type = Type::Ack;
    /// Names the call among all calls of the two peers: 22 characters chosen by the caller.
    std::string call;
    /// 1 for the first signal of a direction; 0 = the peer does not number its signals.
    std::uint64_t seq = 0;
    /// All signals of the other direction up to this one have arrived.
    std::optional<std::uint64_t> ack;

    std::string sdp;
    std::string candidate;
    std::string sdpMid;
    std::string usernameFragment;
    Reason reason = Reason::None;
    std::string text;

    friend bool operator==(const Signal &, const Signal &) = default;
};

} // namespace peer

#endif // PEER_SESSION_SIGNAL_H
