// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_SCTPASSOCIATION_H
#define PEER_SCTP_SCTPASSOCIATION_H

#include "core/base/bytes.h"
#include "core/base/time.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace peer::sctp {

using StreamId = std::uint16_t;

/// SCTP payload protocol identifiers of data channels (RFC 8831 section 8). One that has come from
/// the peer can have any other value too.
enum class PayloadProtocol : std::uint32_t {
    Control = 50,
    String = 51,
    Binary = 53,
    EmptyString = 56,
    EmptyBinary = 57,
};

struct Reliability
{
    bool ordered = true;
    /// At most one of the two (RFC 3758).
    std::optional<std::uint16_t> maxRetransmits;
    std::optional<std::chrono::milliseconds> maxLifetime;
};

struct Config
{
    std::uint16_t localPort = 5000;
    std::uint16_t remotePort = 5000;
    /// Largest SCTP packet: what fits a DTLS record (dtls::Transport::maxPayload()). At least 524;
    /// rounded down to a multiple of four.
    std::size_t pathMtu = 1150;
    Duration initialRetransmission{std::chrono::milliseconds(100)}; ///< max(100 ms, 2 RTT)
    /// What send() takes before the peer has acknowledged it; no message may be larger.
    /// It holds what is in flight: 2 MiB are 50 MB/s at a round trip of 20 ms.
    std::size_t sendBuffer = 2 << 20;
    /// What the peer may send before it was read; twice maxIncomingMessage at least.
    std::size_t receiveBuffer = 4 << 20;
    /// A larger one ends the association.
    std::size_t maxIncomingMessage = 256 * 1024;
    /// So long without any packet from the peer, while one is due, and it is lost. Paths may be
    /// gone for a minute and come back (D6); the session knows more and may give up before.
    Duration silenceLimit = std::chrono::seconds(100);
};

/// Streams that every peer has, so that they can be used before it has said how many: the browsers
/// have 256 and more. Where there are fewer, what was sent on the others is gone.
inline constexpr StreamId EarlyStreams = 16;

struct Connected
{
    /// Stream numbers are below these.
    std::uint16_t outgoingStreams, incomingStreams;
};
struct Message
{
    StreamId stream;
    PayloadProtocol protocol;
    Bytes payload; ///< none for EmptyString and EmptyBinary
};
struct IncomingStreamReset
{
    StreamId stream;
}; ///< the peer closed its direction
struct OutgoingStreamReset
{
    StreamId stream;
}; ///< our own reset has been carried out, or the peer refuses it: the stream can be used again
struct SendSpace
{ }; ///< send() was refused and may work again
/// The association ended.
struct Closed
{
    enum class Cause : std::uint8_t {
        ByPeer,    ///< the peer has shut it down, or aborted it because it wanted to
        Lost,      ///< the peer answered no more
        Violation, ///< it was aborted, by either side, for what the other had sent
    };
    Cause cause = Cause::ByPeer;
    std::string reason;
};
using Event =
    std::variant<Connected, Message, IncomingStreamReset, OutgoingStreamReset, SendSpace, Closed>;

/// One SCTP association over DTLS (RFC 8261), both sides connecting at once (RFC 8841).
/// usrsctp runs without threads; its timers and its process-wide state belong to one owner in
/// this folder (SctpStack), ticked by whichever association is advanced. All associations of a
/// process must be driven from one thread.
///
/// Driven like every machine: receive(), advance() or a command, then drain nextTransmit() and
/// nextEvent(). nextDeadline() does not name usrsctp's next timer, for usrsctp does not tell it: it
/// is a tick of 10 ms as long as anything is outstanding in either direction (a handshake, data
/// or a reset that is not acknowledged, a packet that may want a delayed SACK), and of 500 ms
/// while all is quiet (heartbeats).
///
/// Memory is bounded by sendBuffer and receiveBuffer, about twice each with usrsctp's overhead; for
/// small messages, of half a kilobyte each, by their number: 4096 wait to be sent, as many are in
/// flight, and 65536 wait to be read, beyond which the peer's data is dropped; and by the queue of
/// packets for nextTransmit(). When that queue is full, packets stay in usrsctp as if they had not
/// been made yet.
class Association
{
public:
    explicit Association(const Config &config);
    /// With an ABORT, which nobody can drain any more: call abort() before, to let it out.
    ~Association();

    /// Sends the INIT. Before it, packets are dropped.
    void start(TimePoint now);
    void receive(TimePoint now, ByteView packet);
    void advance(TimePoint now);
    enum class SendResult : std::uint8_t {
        Sent,
        WouldBlock, ///< SendSpace follows, or Connected
        Failed, ///< not connected, no such stream, one that is being reset, or beyond sendBuffer
    };
    /// Whole messages only. An empty one: give EmptyString or EmptyBinary and no octets.
    ///
    /// Before Connected reliable ones are taken on EarlyStreams streams, 4096 octets of them. They
    /// travel with the COOKIE ECHO (RFC 9260 section 5.1), a round trip sooner than after it.
    SendResult send(TimePoint now, StreamId stream, PayloadProtocol protocol,
                    const Reliability &reliability, ByteView payload);
    /// Closes our direction of the stream (RFC 6525) behind what was sent on it. Between this and
    /// OutgoingStreamReset nothing can be sent on it.
    void resetStream(TimePoint now, StreamId stream);
    /// While false, no message is taken from usrsctp and its receive window closes; events other
    /// than messages may then wait behind those, Closed excepted.
    void setReading(TimePoint now, bool reading);
    /// No event follows.
    void abort(TimePoint now);
    /// After a change of path: the congestion window goes back to the initial one, the round trip
    /// is measured again, and what was sent last is sent once more, so that the peer's answer
    /// restarts retransmission without waiting for a timer that had grown with the old path.
    void resetPath(TimePoint now);

    std::optional<ByteView> nextTransmit(); ///< valid until the next non-const call
    std::optional<Event> nextEvent();
    TimePoint nextDeadline() const;

    /// Since when the peer owes an answer: the time of the first packet that wants one after the
    /// last packet from the peer. None if nothing is due.
    std::optional<TimePoint> unansweredSince() const;
    /// Octets taken by send() and not yet acknowledged by the peer; chunks in flight count with
    /// their header of 16 octets.
    std::size_t bufferedAmount() const;
    struct Statistics
    {
        std::uint64_t retransmittedChunks = 0;
        Duration smoothedRoundTrip{}; ///< in whole milliseconds
        std::size_t congestionWindow = 0;
        std::uint64_t droppedPackets =
            0; ///< malformed, with a wrong checksum, or beyond all windows
    };
    Statistics statistics() const;
    /// Packets with data that went out, and what of them was repetition.
    struct Traffic
    {
        std::uint64_t dataPackets = 0;
        std::uint64_t repeatingPackets = 0;
    };
    Traffic traffic() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer::sctp

#endif // PEER_SCTP_SCTPASSOCIATION_H
