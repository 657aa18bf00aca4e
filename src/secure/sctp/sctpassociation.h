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

/// SCTP payload protocol identifiers of data channels (RFC 8831 section 8).
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
    /// Largest SCTP packet: what fits a DTLS record (dtls::Transport::maxPayload()).
    std::size_t pathMtu = 1150;
    Duration initialRetransmission{std::chrono::milliseconds(100)}; ///< max(100 ms, 2 RTT)
    std::size_t sendBuffer = 1 << 20;
    std::size_t receiveBuffer = 1 << 20;
    std::size_t maxIncomingMessage = 256 * 1024;
};

struct Connected
{
    std::uint16_t outgoingStreams, incomingStreams;
};
struct Message
{
    StreamId stream;
    PayloadProtocol protocol;
    Bytes payload;
};
struct IncomingStreamReset
{
    StreamId stream;
}; ///< the peer closed its direction
struct OutgoingStreamReset
{
    StreamId stream;
}; ///< our own reset has been carried out
struct SendSpace
{ }; ///< send() was refused and may work again
/// The association ended. lost: the peer answered no more; else it aborted or shut down.
struct Closed
{
    bool lost = false;
    std::string reason;
};
using Event =
    std::variant<Connected, Message, IncomingStreamReset, OutgoingStreamReset, SendSpace, Closed>;

/// One SCTP association over DTLS (RFC 8261), both sides connecting at once (RFC 8841).
/// usrsctp runs without threads; its timers and its process-wide state belong to one owner in
/// this folder, ticked by whichever association is advanced. All associations of a process must
/// be driven from one thread.
class Association
{
public:
    explicit Association(const Config &config);
    ~Association();

    void start(TimePoint now);
    void receive(TimePoint now, ByteView packet);
    void advance(TimePoint now);
    enum class SendResult : std::uint8_t { Sent, WouldBlock, Failed };
    /// Whole messages only. An empty one: give EmptyString or EmptyBinary and no octets.
    SendResult send(TimePoint now, StreamId stream, PayloadProtocol protocol,
                    const Reliability &reliability, ByteView payload);
    void resetStream(TimePoint now, StreamId stream);
    /// While false, no message is taken from usrsctp and its receive window closes.
    void setReading(TimePoint now, bool reading);
    void abort(TimePoint now);
    /// Drops congestion window, RTT and RTO after a change of path.
    void resetPath(TimePoint now);

    std::optional<ByteView> nextTransmit(); ///< valid until the next non-const call
    std::optional<Event> nextEvent();
    TimePoint nextDeadline() const;

    /// Octets taken by send() and not yet acknowledged by the peer.
    std::size_t bufferedAmount() const;
    struct Statistics
    {
        std::uint64_t retransmittedChunks;
        Duration smoothedRoundTrip;
        std::size_t congestionWindow;
    };
    Statistics statistics() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer::sctp

#endif // PEER_SCTP_SCTPASSOCIATION_H
