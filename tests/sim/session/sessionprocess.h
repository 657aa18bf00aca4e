// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_SESSION_SESSIONPROCESS_H
#define PEER_SIM_SESSION_SESSIONPROCESS_H

#include "session/session.h"
#include "support/simulation/consentwatch.h"
#include "support/simulation/host.h"
#include "support/simulation/outlets.h"
#include "support/simulation/process.h"
#include "support/simulation/seededrandom.h"
#include "tracks.h"
#include "traffic.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace peer::sim {

/// One end of a call: a session, and the application that opens the planned channels, sends the
/// planned messages and listens to the other end's.
///
/// It throws std::runtime_error when the session does what no session may.
class SessionProcess : public Process
{
public:
    struct Options
    {
        End end = End::Caller;
        SessionConfig config;
        /// One socket for all addresses of a family, instead of one for each.
        bool hasWildcardSockets = false;
        /// It opens and takes TCP connections as well.
        bool hasTcp = false;
        /// Callee: from the offer to accept().
        Duration acceptAfter{};
        /// From a message's arrival until the application takes it out of the read buffer.
        Duration takeAfter{};
        /// What the session's clock, which is the process's VirtualClock, is ahead of the
        /// simulation's.
        Duration clockOffset{};
        /// The peer's identity, if it has one.
        std::string peerId;
        std::vector<PlannedTrack> tracks;
    };
    using SendSignal = std::function<void(const Signal &signal)>;
    using Note = std::function<void(const std::string &text)>;

    /// channels must outlive it.
    SessionProcess(Host &host, const SeededRandom &random, const Options &options,
                   const std::vector<PlannedChannel> &channels, SendSignal sendSignal, Note note);

    /// Opens the sockets and its channels, and dials if it is the caller. By Host::command(), like
    /// the next two.
    void start(TimePoint now, const std::vector<TransportAddress> &stunServers,
               const std::vector<ice::RelayServer> &relayServers = {},
               const TunnelServer *tunnelServer = nullptr);
    void receiveSignal(TimePoint now, const Signal &signal);
    /// An address of the host has been replaced by another.
    void renumber(TimePoint now, const IpAddress &gone, const IpAddress &come);
    void close(TimePoint now, Signal::Reason reason = Signal::Reason::None);

    bool isConnected() const { return m_session.state() == SessionState::Connected; }
    bool isClosed() const { return m_session.state() == SessionState::Closed; }
    const std::optional<event::Failed> &failure() const { return m_failure; }
    /// The session has taken all that was planned.
    bool hasSentAll() const;
    /// All messages of the other end that must arrive have arrived.
    bool hasHeardAll() const;
    /// Every channel that one end closes has been closed.
    bool hasClosedPlannedChannels() const;
    /// Every channel that was opened has been closed.
    bool hasClosedChannels() const;
    const TrackTalk &tracks() const { return m_tracks; }
    /// Offers that came while one of ours was out.
    std::size_t crossedOffers() const { return m_crossedOffers.size(); }
    const Session &session() const { return m_session; }
    /// What happened, in words.
    std::string describe() const;

    void receive(TimePoint now, const Datagram &datagram) override;
    void advance(TimePoint now) override;
    std::optional<Transmit> nextTransmit() override;
    TimePoint nextDeadline() const override;
    void sendFailed(TimePoint now, const Route &route) override;
    void connectionOpened(TimePoint now, std::uint32_t id, const Route &route) override;
    std::uint32_t connectionAccepted(TimePoint now, const Route &route) override;
    void connectionEnded(TimePoint now, std::uint32_t id) override;

private:
    struct Channel
    {
        const PlannedChannel *plan;
        Hearing hearing;
        ChannelId id = ChannelId::None;
        /// When we open it; Never if that has been done, or the peer does it.
        TimePoint openAt = Never;
        bool isOpen = false;
        bool isClosing = false;
        bool isClosed = false;
        std::size_t nextMessage = 0;
        /// When the next message is to be sent; Never while the session has no room for it.
        TimePoint sendAt = Never;
        /// Octets that the application has not taken.
        std::size_t unread = 0;
    };
    struct Untaken
    {
        TimePoint takeAt;
        ChannelId channel;
        std::size_t octets;
    };

    TimePoint enter(TimePoint now);
    void openSockets();
    void openSocket(const IpAddress &address, std::uint16_t preference);
    void listen(const IpAddress &address, std::uint16_t preference);
    void planChannels();
    void openChannel(Channel &channel);
    void closeIfDone(Channel &channel);
    void settle();
    bool takeEvents();
    void takeRequests();
    bool act();
    bool actOn(Channel &channel);
    bool sendNext(Channel &channel);
    void checkMemory() const;
    bool hasSentAll(const Channel &channel) const;
    Channel *find(ChannelId id);
    void handle(const event::StateChanged &changed);
    void handle(const event::SignalReady &ready);
    void handle(const event::OfferAccepted &accepted);
    void handle(const event::PathChanged &changed);
    void handle(const event::ChannelOpened &opened);
    void handle(const event::ChannelMessage &message);
    void handle(const event::ChannelDrained &drained);
    void handle(const event::ChannelClosed &closed);
    void handle(const event::Failed &failed);
    void record(const std::string &text);

    Host &m_host;
    Options m_options;
    SendSignal m_sendSignal;
    Note m_note;
    /// The session borrows it.
    SeededRandom m_random;
    Session m_session;
    Outlets m_outlets;
    ConsentWatch m_watch;
    Route m_tunnelRoute;
    std::vector<std::pair<TransportId, IpAddress>> m_bases;
    /// UDP sockets for all addresses of a family, and TCP sockets that listen so; IPv4 first. None
    /// if there is none.
    TransportId m_wildcards[2] = {TransportId::None, TransportId::None};
    TransportId m_listeners[2] = {TransportId::None, TransportId::None};
    std::uint16_t m_nextPreference = 65535;
    /// What the peer has told, which says where a SYN may go.
    std::string m_told;
    std::vector<Channel> m_channels;
    TrackTalk m_tracks;
    bool m_isOfferOut = false;
    std::set<std::uint64_t> m_crossedOffers; ///< by their seq
    std::deque<Untaken> m_untaken;
    std::optional<event::Failed> m_failure;
    SessionState m_state = SessionState::New;
    TimePoint m_now{};
    TimePoint m_acceptAt = Never;
    bool m_hasAccepted = false;
    std::vector<std::string> m_history;
};

} // namespace peer::sim

#endif // PEER_SIM_SESSION_SESSIONPROCESS_H
