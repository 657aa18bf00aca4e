// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_SESSION_H
#define PEER_SESSION_SESSION_H

#include "core/base/address.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/ice/agent.h"
#include "session/callreport.h"
#include "session/channeltypes.h"
#include "session/media/medialink.h"
#include "session/media/tracktypes.h"
#include "session/sessionconfig.h"
#include "session/sessionevent.h"
#include "session/signal.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace peer {

struct SessionStatistics
{
    Route route;
    CandidateType localType = CandidateType::Host;
    CandidateType remoteType = CandidateType::Host;
    ice::PathKind kind = ice::PathKind::Direct;
    /// ice::PairInfo::protocol
    turn::Transport protocol = turn::Transport::Udp;
    Duration roundTrip{};
    std::uint64_t bytesSent = 0, bytesReceived = 0; ///< UDP payload octets
    std::uint64_t packetsSent = 0, packetsReceived = 0;
    std::uint64_t messagesSent = 0, messagesReceived = 0;
    std::uint64_t retransmissions = 0; ///< SCTP chunks sent again
    std::size_t congestionWindow = 0;
};

/// What a session needs from outside.
namespace request {
/// A remote ".local" name; answer with nameResolved() within 300 ms, if only that there is none.
/// At most 16 wait at a time; those of further candidates are left out.
struct ResolveName
{
    std::uint32_t id;
    std::string name;
};
} // namespace request
/// The others are as of ice::Agent; answered by transportOpened() and transportFailed().
using SessionRequest =
    std::variant<request::ResolveName, ice::request::OpenPort, ice::request::OpenStream,
                 ice::request::Connect, ice::request::OpenStun, ice::request::Close>;

/// One peer session: negotiation, ICE, DTLS, SCTP and the channels, without I/O.
///
/// How to drive it: call one function of the group In with the present time; then drain
/// nextTransmit(), nextRequest() and nextEvent() until each is empty; then call advance() no
/// later than nextDeadline(). A Closed session sends nothing but its farewell; who drives it on
/// has the Bye repeated until it is acknowledged or some seconds have passed, whereupon
/// nextDeadline() is Never. Not thread-safe; all sessions of a process live in one thread, for
/// the SCTP stack is process-wide.
class Session
{
public:
    Session(const SessionConfig &config, RandomSource &random);
    ~Session();

    // In: sockets (D5)
    /// Ignored where the policy is not to use addresses of this host.
    void addLocalAddress(TimePoint now, const ice::LocalAddress &address);
    void removeLocalAddress(TimePoint now, TransportId transport, const IpAddress &ip);
    void addStunServer(TimePoint now, const TransportAddress &server);
    /// Our end of the call's tunnel is open; ignored where the policy is not to use it. Returns the
    /// route that its datagrams take.
    Route addTunnel(TimePoint now, TransportId transport);
    void removeTunnel(TimePoint now, TransportId transport);
    void addRelayServer(TimePoint now, const ice::RelayServer &server);
    void transportOpened(TimePoint now, std::uint32_t id, const Route &route);
    void transportFailed(TimePoint now, std::uint32_t id);
    /// As of ice::Agent: 0 if it is not wanted.
    std::uint32_t connectionAccepted(TimePoint now, const Route &route);
    void endOfLocalAddresses(TimePoint now);
    void receive(TimePoint now, const Datagram &datagram);
    void noteSendFailed(TimePoint now, const Route &route);
    void advance(TimePoint now);
    void nameResolved(TimePoint now, std::uint32_t id, const std::optional<IpAddress> &address);

    // In: the call
    void dial(TimePoint now);   ///< caller, once
    void accept(TimePoint now); ///< callee, once, after OfferAccepted
    /// Either side, in any state: says Bye, closes SCTP and DTLS. If the reason is None and the
    /// call was answered, messages already queued on reliable channels are delivered first, as long
    /// as the peer takes some of them every 20 s; while Connecting that waits for the secure link.
    void close(TimePoint now, Signal::Reason reason = Signal::Reason::None, std::string text = {});
    void handleSignal(TimePoint now, const Signal &signal);
    /// The carrier of the signals was interrupted and works again: repeats at once what the peer
    /// has not acknowledged.
    void signalingRestored(TimePoint now);
    /// The carrier says that the peer's program has left it, or has come back to it. It matters
    /// only while Reconnecting: there is little to wait for then.
    void notePeerGone(TimePoint now, bool isGone);
    /// Something that only who drives it knows, for the history in its report.
    void note(TimePoint now, std::string text);
    /// How long to wait for a path when all are gone; SessionConfig::patience until it is called.
    void setPatience(TimePoint now, Duration patience);
    /// New ICE parameters and candidates on both sides, while the paths in use go on carrying data
    /// (RFC 8445 section 9). Sessions that lose their paths do it by themselves.
    void restartIce(TimePoint now);

    // In: channels
    /// Before or after Connected; 0 if there are maxChannels already or the options are bad.
    ChannelId openChannel(TimePoint now, const ChannelOptions &options);
    ChannelSendResult send(TimePoint now, ChannelId channel, MessageKind kind, ByteView payload);
    /// Closes after what is queued was sent.
    void closeChannel(TimePoint now, ChannelId channel);
    /// The application has taken so many messages, of so many octets in all: makes room in the
    /// read buffer. Owed once for each ChannelMessage.
    void messagesTaken(TimePoint now, ChannelId channel, std::size_t messages, std::size_t octets);

    // In: audio and video
    /// Before the call or in it; what comes of it is told by TrackChanged or TrackEnded. None if
    /// there are too many tracks, without a format, or if there is a mediaFault().
    TrackId addTrack(TimePoint now, const TrackOptions &options);
    /// Whether the offer with which the peer called us has a track of this kind (RFC 9429 section
    /// 5.2.1): what it wants to send or to receive. False at who calls.
    bool isOffered(sdp::MediaKind kind) const;
    /// Why there can be no tracks with this peer, in plain words; empty as long as there can.
    const std::string &mediaFault() const;
    /// False if there is no such track (any more).
    bool setTrackDirection(TimePoint now, TrackId track, sdp::Direction direction);
    /// What we send and what we would take, for a track that the peer has opened.
    bool setTrackOptions(TimePoint now, TrackId track, const TrackOptions &options);
    bool endTrack(TimePoint now, TrackId track);
    /// As SessionConfig::peersTracks, for tracks that the peer opens from now on; for the first of
    /// a callee's until accept().
    void setPeersTracks(std::vector<TrackOptions> options);
    /// RTP or RTCP of a track, in the clear, at most 1200 octets with what SRTP adds
    /// (srtp::Session::MaxOverhead). False if it cannot be sent: the track is not agreed on, or not
    /// to be sent, or there is no secure link yet.
    bool sendMedia(TimePoint now, TrackId track, ByteView packet);

    // Out
    /// What has become of the tracks; before the packets that it is about.
    std::optional<TrackEvent> nextTrackEvent();
    /// Packets of the peer's tracks, in the clear.
    std::optional<MediaPacket> nextMedia();
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
    /// Octets and messages that wait in the channel's queue.
    std::size_t bufferedAmount(ChannelId channel) const;
    std::size_t bufferedMessages(ChannelId channel) const;
    SessionStatistics statistics() const;
    MediaStatistics mediaStatistics() const;
    /// The handshake has given keys for media; not so if the peer knows no SRTP.
    bool hasMediaKeys() const;
    CallReport report() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer

#endif // PEER_SESSION_SESSION_H
