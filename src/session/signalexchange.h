// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_SIGNALEXCHANGE_H
#define PEER_SESSION_SIGNALEXCHANGE_H

#include "core/base/time.h"
#include "core/base/timertable.h"
#include "session/signal.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace peer {

/// Makes the signals of one call survive a carrier that loses, doubles and reorders them: numbers
/// what goes out, repeats it until it is acknowledged, and hands over what comes in once and in
/// order. A peer that does not number its signals gets none of this: its signals are handed over
/// as they come, and nothing is repeated toward it.
///
/// Driven like every machine: queue(), receive() or advance(), then nextSignal() until empty, then
/// advance() no later than nextDeadline().
class SignalExchange
{
public:
    /// Signals that wait for their acknowledgement, or for one before them, at most. A call has
    /// fewer: one description and its candidates.
    static constexpr std::size_t MaxHeld = 256;

    /// peerAcknowledges: known beforehand; else it is learnt from the first ack that comes.
    SignalExchange(std::string call, bool peerAcknowledges);

    void queue(TimePoint now, Signal signal);
    /// Takes a signal from the carrier and returns those whose turn has come, in order.
    std::vector<Signal> receive(TimePoint now, const Signal &signal);
    /// The carrier works again after an interruption.
    void repeatNow(TimePoint now);
    void advance(TimePoint now);
    /// Repeats and acknowledges nothing any more.
    void stop();

    std::optional<Signal> nextSignal();
    TimePoint nextDeadline() const { return m_timers.next(); }

    const std::string &call() const { return m_call; }
    /// The first signal that we queued has arrived at the peer.
    bool firstHasArrived() const { return m_acknowledged > 0; }

private:
    enum class Timer : std::uint8_t {
        Acknowledge, ///< nothing has gone out that could carry the ack: sends it alone
        Repeat,      ///< no ack came for the oldest unacknowledged signal: sends all again
        Count,
    };

    void takeAcknowledgement(TimePoint now, std::uint64_t upTo);
    void send(Signal signal);
    void armRepeat(TimePoint now);

    std::string m_call;
    bool m_peerAcknowledges;
    std::uint64_t m_lastQueued = 0;
    std::uint64_t m_acknowledged = 0;
    /// All of the peer's signals up to this one have been handed over.
    std::uint64_t m_delivered = 0;
    Duration m_repeatAfter;
    TimerTable<Timer> m_timers;
    std::deque<Signal> m_unacknowledged;
    std::map<std::uint64_t, Signal> m_early;
    std::deque<Signal> m_outgoing;
};

} // namespace peer

#endif // PEER_SESSION_SIGNALEXCHANGE_H
