// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_SESSIONEVENT_H
#define PEER_SESSION_SESSIONEVENT_H

#include "core/base/address.h"
#include "core/base/candidate.h"
#include "core/base/time.h"
#include "core/ice/priority.h"
#include "session/channeltypes.h"
#include "session/signal.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace peer {

enum class SessionState : std::uint8_t {
    New,        ///< nothing sent yet
    Calling,    ///< caller: the offer is out. Callee: the offer came, nobody has accepted
    Ringing,    ///< caller: the offer has arrived at the peer
    Connecting, ///< both descriptions are known; checks, DTLS and SCTP
    Connected,
    Reconnecting, ///< nothing is heard on any path; everything is kept, ICE restarts
    Closing,      ///< close() called, the last messages are on their way
    Closed,
};

/// In lower case, as it reads in a report.
std::string_view nameOf(SessionState state);

enum class SessionError : std::uint8_t {
    None,
    BadDescription,      ///< SDP that cannot be parsed or used; the text says why
    IdentityMissing,     ///< an id was asked for and the description is not signed
    IdentityMismatch,    ///< signed by another key, or the signature is wrong
    NoPath,              ///< ICE found no working pair
    HandshakeFailed,     ///< DTLS or SCTP did not come up
    FingerprintMismatch, ///< the peer's certificate is not the one it signaled
    PathLost,            ///< connected once, nothing heard any more, and patience is over
    Rejected,
    Busy,
    Unanswered,
    Cancelled,         ///< the peer's Bye
    PeerFailed,        ///< the peer's Bye with Reason::Failed; the text is its
    ProtocolViolation, ///< one has sent what the other could not take, and SCTP was aborted for it
};

/// What is known of the peer once its description was taken.
struct PeerIdentityInfo
{
    std::string id;          ///< empty if its description is not signed
    bool isVerified = false; ///< id is one of expectedPeerIds and the signature holds
};

namespace event {
struct StateChanged
{
    SessionState state;
};
struct SignalReady
{
    Signal signal;
};
/// The callee may ring: the offer was read and its identity checked.
struct OfferAccepted
{
    PeerIdentityInfo peer;
};
struct PathChanged
{
    Route route;
    CandidateType localType, remoteType;
    ice::PathKind kind;
    /// ice::PairInfo::protocol
    turn::Transport protocol;
    Duration roundTrip;
};
struct ChannelOpened
{
    ChannelId channel;
    ChannelOptions options;
    bool byPeer;
    std::size_t maxMessageSize; ///< what the peer takes (RFC 8841 section 6); 0 = any size
};
struct ChannelMessage
{
    ChannelId channel;
    MessageKind kind;
    Bytes payload;
};
/// So many messages, of so many octets in all, have left the channel's queue toward the peer.
struct ChannelDrained
{
    ChannelId channel;
    std::size_t messages;
    std::size_t octets;
};
struct ChannelClosed
{
    ChannelId channel;
};
/// Terminal; StateChanged{Closed} follows.
struct Failed
{
    SessionError error;
    std::string text;
};
} // namespace event

using SessionEvent = std::variant<event::StateChanged, event::SignalReady, event::OfferAccepted,
                                  event::PathChanged, event::ChannelOpened, event::ChannelMessage,
                                  event::ChannelDrained, event::ChannelClosed, event::Failed>;

} // namespace peer

#endif // PEER_SESSION_SESSIONEVENT_H
