// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_SESSIONPAIR_H
#define PEER_TEST_SESSIONPAIR_H

#include "session/session.h"
#include "support/lossylink/lossylink.h"

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace peer::test {

/// Randomness from a seed, for machines under test.
class SeedRandom final : public RandomSource
{
public:
    explicit SeedRandom(std::uint64_t seed)
        : m_engine(seed)
    { }
    void fill(MutableByteView out) override;

private:
    std::mt19937_64 m_engine;
};

/// A caller and a callee with one address each, a link between them and a carrier for their
/// signals, all on virtual time. Programs that use it link peer_virtualclock.
class SessionPair
{
public:
    struct Options
    {
        std::uint64_t seed = 1;
        LossyLink::Conditions link;
        Duration signalDelay = std::chrono::milliseconds(10);
        SessionConfig caller;
        SessionConfig callee;
        bool isAutoAccept = true;
    };

    /// One of the two, with everything it told.
    struct End
    {
        std::optional<Session> session;
        std::vector<SessionState> states;
        std::vector<event::ChannelOpened> opened;
        std::vector<event::ChannelMessage> messages;
        std::vector<ChannelId> closed;
        std::size_t drainedMessages = 0;
        std::size_t drainedOctets = 0;
        std::vector<event::PathChanged> paths;
        std::optional<event::Failed> failure;
        std::vector<TrackEvent> tracks;
        /// RTP and RTCP, in the order of arrival.
        std::vector<std::pair<TrackId, Bytes>> media;
        std::vector<Signal> signalsSent;
        /// Messages are handed back to the session as taken, unless this is set.
        bool isStalled = false;
        std::size_t untaken = 0;

        bool isConnected() const;
        bool isClosed() const;
    };

    static Options defaults();
    explicit SessionPair(const Options &options);

    /// Signals pass through here, so that a test can change or drop them (empty result).
    std::function<std::optional<Signal>(bool fromCaller, Signal)> carrier;
    /// Datagrams likewise.
    std::function<bool(bool fromCaller, ByteView)> letsPass;

    void dial();
    /// Runs until done() or for so long; true if done.
    bool runUntil(const std::function<bool()> &done, Duration limit);
    void runFor(Duration duration);
    TimePoint now() const;
    void drain();
    /// Hands back what a stalled end kept.
    void takeAll(End &end);

    End caller;
    End callee;

private:
    struct CarriedSignal
    {
        bool fromCaller;
        Signal signal;
    };

    End &other(bool isCaller) { return isCaller ? callee : caller; }
    void drain(bool isCaller);
    void handle(bool isCaller, SessionEvent event);
    TimePoint nextEventTime() const;
    void step(TimePoint time);
    Datagram datagramFor(bool isCaller, ByteView payload) const;

    Options m_options;
    SeedRandom m_random;
    LossyLink m_towardCallee;
    LossyLink m_towardCaller;
    std::multimap<TimePoint, CarriedSignal> m_signals;
};

} // namespace peer::test

#endif // PEER_TEST_SESSIONPAIR_H
