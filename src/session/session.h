// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_SESSION_H
#define PEER_SESSION_SESSION_H

#include "core/base/address.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/ice/agent.h"
#include "secure/dtls/dtlstransport.h"
#include "secure/identity/identitykey.h"
#include "session/channeltypes.h"
#include "session/signal.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace peer {

struct SessionConfig
{
    enum class Role : std::uint8_t { Caller, Callee };
    Role role = Role::Caller;
    /// Signal::call; the callee takes it from the offer.
    std::string call;
    std::shared_ptr<const dtls::Certificate> certificate;
    /// Signs our descriptions; without it they carry no identity.
    std::optional<IdentityKey> identity;
    /// The peer must prove to be one of these; empty = anybody (identity is then reported when
    /// there is a valid one, and identityVerified stays false).
    std::vector<std::string> expectedPeerIds;
    /// The carrier leads to a peer that acknowledges (D8): signals are repeated from the start,
    /// not only once an ack was seen.
    bool peerAcknowledges = false;
    std::size_t maxMessageSize = 256 * 1024;
    /// Queued messages of one channel, in octets; send() is refused beyond it.
    std::size_t channelSendBuffer = 4 * 1024 * 1024;
    /// Messages of one channel that the application has not taken yet (D5).
    std::size_t channelReadBuffer = 4 * 1024 * 1024;
    std::size_t maxChannels = 1024;
    /// From the answer to the first channel; then NoPath or HandshakeFailed.
    Duration connectTimeout = std::chrono::seconds(30);
    /// Nothing authenticated heard although something was due: PathLost.
    Duration silenceLimit = std::chrono::seconds(12);
};

enum class SessionState : std::uint8_t {
    New,        ///< nothing sent yet
    Calling,    ///< caller: the offer is out. Callee: the offer came, nobody has accepted
    Ringing,    ///< caller: the offer has arrived at the peer
    Connecting, ///< both descriptions are known; checks, DTLS and SCTP
    Connected,
    Closing, ///< close() called, the last messages are on their way
    Closed,
};

enum class SessionError : std::uint8_t {
    None,
    BadDescription,      ///< SDP that cannot be parsed or used; the text says why
    IdentityMissing,     ///< an id was asked for and the description is not signed
    IdentityMismatch,    ///< signed by another key, or the signature is wrong
    NoPath,              ///< ICE found no working pair
    HandshakeFailed,     ///< DTLS or SCTP did not come up
    FingerprintMismatch, ///< the peer's certificate is not the one it signaled
    PathLost,            ///< connected once, nothing heard any more
    Rejected,
    Busy,
    Unanswered,
    Cancelled,  ///< the peer's Bye
    PeerFailed, ///< the peer's Bye with Reason::Failed; the text is its
    ProtocolViolation,
};

/// What is known of the peer once its description was taken.
struct PeerIdentityInfo
{
    std::string id;          ///< empty if its description is not signed
    bool isVerified = false; ///< id is one of expectedPeerIds and the signature holds
};

struct SessionStatistics
{
    Route route;
    CandidateType localType = CandidateType::Host;
    CandidateType remoteType = CandidateType::Host;
    Duration roundTrip{};
    std::uint64_t bytesSent = 0, bytesReceived = 0; ///< UDP payload octets
    std::uint64_t packetsSent = 0, packetsReceived = 0;
    std::uint64_t messagesSent = 0, messagesReceived = 0;
    std::uint64_t retransmissions = 0; ///< SCTP chunks sent again
    std::size_t congestionWindow = 0;
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
    Duration roundTrip;
};
struct ChannelOpened
{
    ChannelId channel;
    ChannelOptions options;
    bool byPeer;
};
struct ChannelMessage
{
    ChannelId channel;
    MessageKind kind;
    Bytes payload;
};
struct ChannelBufferedAmountLow
{
    ChannelId channel;
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

using SessionEvent =
    std::variant<event::StateChanged, event::SignalReady, event::OfferAccepted, event::PathChanged,
                 event::ChannelOpened, event::ChannelMessage, event::ChannelBufferedAmountLow,
                 event::ChannelClosed, event::Failed>;

/// What a session needs from outside.
namespace request {
/// A remote ".local" name; answer with nameResolved() within 300 ms or not at all.
struct ResolveName
{
    std::uint32_t id;
    std::string name;
};
} // namespace request
using SessionRequest = std::variant<request::ResolveName>;

/// One peer session: negotiation, ICE, DTLS, SCTP and the channels, without I/O.
///
/// How to drive it: call one function of the group In with the present time; then drain
/// nextTransmit(), nextRequest() and nextEvent() until each is empty; then call advance() no
/// later than nextDeadline(). Not thread-safe; all sessions of a process live in one thread, for
/// the SCTP stack is process-wide.
class Session
{
public:
    Session(const SessionConfig &config, RandomSource &random);
    ~Session();

    // In: sockets (D5)
    void addLocalAddress(TimePoint now, const ice::LocalAddress &address);
    void removeLocalAddress(TimePoint now, TransportId transport, const IpAddress &ip);
    void addStunServer(TimePoint now, const TransportAddress &server);
    void endOfLocalAddresses(TimePoint now);
    void receive(TimePoint now, const Datagram &datagram);
    void noteSendFailed(TimePoint now, const Route &route);
    void advance(TimePoint now);
    void nameResolved(TimePoint now, std::uint32_t id, const std::optional<IpAddress> &address);

    // In: the call
    void dial(TimePoint now);   ///< caller, once
    void accept(TimePoint now); ///< callee, once, after OfferAccepted
    /// Either side, in any state: says Bye, closes SCTP and DTLS; messages already queued on
    /// reliable channels are delivered first, for at most 5 s, if the reason is None.
    void close(TimePoint now, Signal::Reason reason = Signal::Reason::None, std::string text = {});
    void handleSignal(TimePoint now, const Signal &signal);

    // In: channels
    /// Before or after Connected; 0 if there are maxChannels already or the options are bad.
    ChannelId openChannel(TimePoint now, const ChannelOptions &options);
    ChannelSendResult send(TimePoint now, ChannelId channel, MessageKind kind, ByteView payload);
    /// Closes after what is queued was sent.
    void closeChannel(TimePoint now, ChannelId channel);
    void setBufferedAmountLowThreshold(ChannelId channel, std::size_t octets);
    /// The application has taken so many octets of messages: makes room in the read buffer.
    void messagesTaken(TimePoint now, ChannelId channel, std::size_t octets);

    // Out
    std::optional<Transmit> nextTransmit();
    std::optional<SessionEvent> nextEvent();
    std::optional<SessionRequest> nextRequest();
    TimePoint nextDeadline() const;

    // Facts
    SessionState state() const;
    const std::string &call() const;
    /// Names this session in the USERNAME of incoming checks ("local:remote").
    const std::string &localUsernameFragment() const;
    PeerIdentityInfo peerIdentity() const;
    std::size_t bufferedAmount(ChannelId channel) const;
    SessionStatistics statistics() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer

#endif // PEER_SESSION_SESSION_H
