// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_LIFETIMEQUEUE_H
#define PEER_SCTP_LIFETIMEQUEUE_H

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "secure/sctp/sctpassociation.h"

#include <deque>
#include <map>
#include <optional>

namespace peer::sctp {

/// Messages of streams that carry messages with a lifetime, before usrsctp has them.
///
/// RFC 3758 section 4.1 (A2, and RFC 8831 section 6.6) wants a message dropped when its lifetime
/// ends before it was sent. usrsctp drops only what was sent and would have to be sent again: what
/// waits in it is sent however old it is, after an outage seconds of it. So it is given one
/// message of such a stream at a time, the next when the last has gone out; the others wait and
/// expire here. Other messages of the stream wait behind them, to keep its order.
class LifetimeQueue
{
public:
    struct Held
    {
        PayloadProtocol protocol;
        Reliability reliability;
        TimePoint deadline; ///< Never for a message without a lifetime
        Bytes payload;
    };

    /// Whether a message must wait here: there is one in usrsctp that has not gone out, or one
    /// waits here already.
    bool mustWait(StreamId stream, TimePoint now) const;
    void hold(StreamId stream, Held message);
    /// The next message of any stream whose turn has come; counts as handed over. What has expired
    /// is dropped.
    struct Ready
    {
        StreamId stream;
        Held message;
    };
    std::optional<Ready> takeReady(TimePoint now);
    /// All that waits on a stream, expired or not, ready or not.
    std::deque<Held> takeAll(StreamId stream);

    /// A message with a lifetime goes to usrsctp.
    void noteHandedOver(StreamId stream, TimePoint deadline);
    /// The last chunk of a message has left usrsctp for the first time.
    void noteSentOut(StreamId stream);

    bool isEmpty() const { return m_count == 0; }
    std::size_t count() const { return m_count; }
    std::size_t octets() const { return m_octets; }

private:
    struct Stream
    {
        std::deque<Held> held;
        /// While usrsctp has a message that has not gone out: when it is taken for abandoned. (In
        /// the middle of a message usrsctp abandons the rest without a sign on the wire.)
        std::optional<TimePoint> busyUntil;

        bool isBusy(TimePoint now) const { return busyUntil && now < *busyUntil; }
    };

    void dropExpired(Stream &stream, TimePoint now);
    Held takeFirst(Stream &stream);

    std::map<StreamId, Stream> m_streams;
    std::size_t m_count = 0;
    std::size_t m_octets = 0;
};

} // namespace peer::sctp

#endif // PEER_SCTP_LIFETIMEQUEUE_H
