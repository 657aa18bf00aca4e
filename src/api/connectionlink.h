// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_CONNECTIONLINK_H
#define PEER_API_CONNECTIONLINK_H

#include "api/mailbox.h"
#include "api/tracklink.h"
#include "session/callreport.h"
#include "session/channeltypes.h"
#include "session/media/mediasections.h"
#include "session/media/tracktypes.h"
#include "session/signal.h"

#include <PeerConnection/peerconnection.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>
#include <QtNetwork/qnetworkproxy.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace peer {

/// Names a channel toward the application, from the moment it asks for one.
enum class ChannelHandle : quint32 { None = 0, Default = 1, FirstOfPeer = 0x80000000 };

/// What a message counts on top of its payload wherever memory is bounded.
inline constexpr qint64 MessageCost = 64;

// What the application wants, on the way to the network thread.
namespace command {
struct Accept
{ };
struct Reject
{
    PeerConnection::RejectReason reason;
};
struct Close
{ };
struct Abort
{ };
/// The public object is gone: nobody will read, nobody will hear of the end.
struct Abandon
{ };
struct SetPatience
{
    std::chrono::milliseconds patience;
};
struct OpenChannel
{
    ChannelHandle handle;
    ChannelOptions options;
};
struct Send
{
    ChannelHandle handle;
    MessageKind kind;
    QByteArray payload;
    /// The application is to hear at once that it has left the queue; else a while later will do.
    bool isAwaited = false;
};
struct CloseChannel
{
    ChannelHandle handle;
};
/// The answer to notice::ProxyAuthentication; without a user nobody knows any.
struct ProxyCredentials
{
    QNetworkProxy proxy;
    QString user;
    QString password;
};
struct Taken
{
    ChannelHandle handle;
    qint64 messages;
    qint64 octets;
};
struct AddTrack
{
    TrackHandle handle;
    /// Extensions are numbered later.
    TrackOptions options;
    std::shared_ptr<TrackLink> link;
};
struct SetTrackDirection
{
    TrackHandle handle;
    sdp::Direction direction;
};
struct EndTrack
{
    TrackHandle handle;
};
/// Something waits in the track's link.
struct ServeTrack
{
    TrackHandle handle;
};
/// What the application's carrier has brought.
struct HandleSignal
{
    peer::Signal signal;
};
/// What we have to offer for tracks that the peer opens, at most one of a kind.
struct SetAcceptedTracks
{
    std::vector<TrackOptions> options;
};
} // namespace command

using Command = std::variant<
    command::Accept, command::Reject, command::Close, command::Abort, command::Abandon,
    command::SetPatience, command::OpenChannel, command::Send, command::CloseChannel,
    command::Taken, command::ProxyCredentials, command::AddTrack, command::SetTrackDirection,
    command::EndTrack, command::ServeTrack, command::SetAcceptedTracks, command::HandleSignal>;

// What happened, on the way to the application.
namespace notice {
struct StateChanged
{
    PeerConnection::State state;
};
struct Failed
{
    PeerConnection::Error error;
    QString text;
};
struct PeerKnown
{
    QString name;
    QString id;
    bool isVerified;
    QString service;
    /// In the offer of who calls us.
    bool isAudioOffered = false;
    bool isVideoOffered = false;
};
struct PathChanged
{
    PeerPath path;
};
struct ChannelOpened
{
    ChannelHandle handle;
    ChannelOptions options;
    bool byPeer;
    qint64 maxMessageSize;
};
struct MessageReceived
{
    ChannelHandle handle;
    MessageKind kind;
    QByteArray payload;
};
/// So many of the messages that were sent have left the queue, or were dropped from it.
struct Drained
{
    ChannelHandle handle;
    qint64 messages;
    qint64 octets;
};
struct ChannelClosed
{
    ChannelHandle handle;
};
/// The peer has opened a track.
struct TrackAdded
{
    TrackHandle handle;
    /// In our words, with what we would send.
    TrackOptions options;
    TrackTerms terms;
    std::shared_ptr<TrackLink> link;
};
/// The new terms wait in the track's link, the latest alone.
struct TrackChanged
{
    TrackHandle handle;
};
/// It is agreed on, and the secure link stands.
struct TrackOpened
{
    TrackHandle handle;
};
struct TrackEnded
{
    TrackHandle handle;
    /// Why, if it was nobody's wish.
    QString fault = {};
};
struct ProxyAuthentication
{
    QNetworkProxy proxy;
};
/// For the application's carrier.
struct SignalReady
{
    QByteArray signal;
    /// The call that it names.
    std::string call;
};
struct Statistics
{
    PeerStatistics statistics;
};
/// Made into words only when somebody asks. isTaken: the application's side has it; before that no
/// further one is sent without need, or they would pile up before a thread that sleeps.
struct Report
{
    struct Shared
    {
        CallReport report;
        std::atomic<bool> isTaken = false;
    };
    std::shared_ptr<Shared> shared;
};
} // namespace notice

using Notice = std::variant<
    notice::StateChanged, notice::Failed, notice::PeerKnown, notice::PathChanged,
    notice::ChannelOpened, notice::MessageReceived, notice::Drained, notice::ChannelClosed,
    notice::Statistics, notice::Report, notice::ProxyAuthentication, notice::TrackAdded,
    notice::TrackChanged, notice::TrackOpened, notice::TrackEnded, notice::SignalReady>;

/// A peer that opens tracks and ends them again before the application, whose thread sleeps, has
/// heard of any: so many wait, as many as can be there at a time; further ones are refused.
inline constexpr int MaxUnheardTracks = int(MediaSections::MaxSections) - 1;

/// Likewise the channels that it opens and closes again.
inline constexpr int MaxUnheardChannels = 1024;

/// Between a public object and its worker: what both threads touch. Either side may
/// go before the other. Bounded by what the two sides agree on: messages down by
/// PeerChannel::SendBufferSize a channel (twice that if it is not reliable), messages up by
/// PeerChannel::ReceiveBufferSize a channel, the few other entries by the states of connection,
/// channels and tracks. Packets of tracks go by TrackLink.
struct ConnectionLink
{
    ConnectionLink();

    /// CNAME and stream of the tracks that we send, unless the application names others: one for
    /// all, for they share a clock (RFC 7022 section 4.2: at least 96 random bits).
    const QString mediaName;
    Mailbox<Command> commands;
    Mailbox<Notice> notices;
    /// notice::SignalReady that the application has not taken yet; bounded by the worker.
    std::atomic<int> waitingSignals = 0;
    /// notice::TrackAdded likewise: MaxUnheardTracks at most.
    std::atomic<int> unheardTracks = 0;
    /// notice::ChannelOpened for channels of the peer's likewise: MaxUnheardChannels at most, and
    /// the default one.
    std::atomic<int> unheardChannels = 0;
};

/// Wakes the network thread for a track; does not keep the link alive.
TrackLink::Wake wakeFor(const std::shared_ptr<ConnectionLink> &link, TrackHandle handle);

} // namespace peer

#endif // PEER_API_CONNECTIONLINK_H
