// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TURN_ALLOCATION_H
#define PEER_TURN_ALLOCATION_H

#include "core/base/address.h"
#include "core/base/random.h"
#include "core/base/time.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace peer::turn {

/// How a server is reached. From the relay to the peer it is UDP always.
enum class Transport : std::uint8_t { Udp, Tcp, Tls };

struct AllocationConfig
{
    /// The socket or stream, our address on it, and the server. Nobody else uses the socket (D5).
    /// Over a stream the addresses only name it.
    Route route;
    Transport transport = Transport::Udp;
    std::string username;
    std::string password;
};

/// Why there is no allocation, or none any more.
enum class EndReason : std::uint8_t {
    NoAnswer,       ///< the server does not answer, or not any more
    Redirected,     ///< 300: it wants us to go elsewhere
    BadCredentials, ///< 401 to a signed request, 441, or a challenge that we cannot meet
    Forbidden,      ///< 403: these credentials may not relay here
    Mismatch,       ///< 437: our address has another allocation there, or has lost this one
    Unsupported,    ///< 400, 420, 440, 442 or an answer without sense: this server is of no use
    QuotaReached,   ///< 486: too many allocations of this user; to be tried again after a minute
    NoCapacity,     ///< 508: the server is full; likewise
    ServerFailed,   ///< any other error
    Released,       ///< by release()
};

/// The relayed addresses can be used.
struct Allocated
{
    /// Null where the server has none of that family; never both.
    TransportAddress relayedV4, relayedV6;
    /// Our address as the server sees it.
    TransportAddress mapped;
};
/// 403: the server does not relay to that address; what is sent there is dropped.
struct PeerRefused
{
    IpAddress peer;
};
/// The last event.
struct Ended
{
    EndReason reason = EndReason::NoAnswer;
    /// The server's words, or ours.
    std::string text;
    /// Redirected: where to, and the name for TLS if another one.
    TransportAddress alternate;
    std::string alternateDomain;
};
using Event = std::variant<Allocated, PeerRefused, Ended>;

/// One allocation at one TURN server by one socket or stream (RFC 8656), from the first Allocate to
/// the Refresh with a lifetime of 0. It keeps itself, its permissions and its channels alive.
///
///      New ──start()──▶ Allocating ──▶ Allocated ──release()──▶ Releasing
///                           │              │                        │
///                           └──────────────┴─────────▶ Over ◀───────┘
///
/// How to drive it: call a command, receive() or advance(), each with the present time; then drain
/// nextTransmit() and nextEvent(); then call advance() no later than nextDeadline(). Datagrams to
/// peers are wrapped by send() one at a time and go out behind what nextTransmit() gives.
///
/// Whole messages in, whole messages out: a stream is cut into messages, and ChannelData on it
/// padded, by StreamFramer and who owns the stream.
///
/// Bounds: Permissions::MaxPeers, Channels::MaxChannels, 32 requests under way; the queue of
/// outgoing datagrams holds 64. Nothing is allocated for a datagram to or from a peer.
class Allocation
{
public:
    enum class State : std::uint8_t { New, Allocating, Allocated, Releasing, Over };
    /// Octets that send() puts in front of a payload, at most: header, XOR-PEER-ADDRESS with IPv6,
    /// DATA; and its padding.
    static constexpr std::size_t Overhead = 20 + 24 + 4 + 3;

    Allocation(const AllocationConfig &config, RandomSource &random);
    ~Allocation();
    Allocation(Allocation &&) noexcept;
    Allocation &operator=(Allocation &&) noexcept;

    // In
    void start(TimePoint now);
    /// Lets a peer's datagrams in, whatever port they come from, and ours out. Remembered until
    /// there is an allocation. What is sent at once behind it mostly arrives: no need to wait.
    void permit(TimePoint now, const IpAddress &peer);
    /// The same for many, in few requests.
    void permit(TimePoint now, std::span<const IpAddress> peers);
    /// For the peer that data goes to.
    void bindChannel(TimePoint now, const TransportAddress &peer);
    /// Something looks dead: asks the server whether there still is an allocation. At most once a
    /// second.
    void probe(TimePoint now);
    /// Tells the server that we need it no more; Over when it has heard it.
    void release(TimePoint now);
    void advance(TimePoint now);
    /// The socket refused to send, or the stream has ended.
    void noteSendFailed(TimePoint now);

    struct Received
    {
        TransportAddress peer;
        /// Which of our relayed addresses it came to.
        TransportAddress relayed;
        /// Lies in the datagram.
        ByteView payload;
    };
    /// For everything that comes by the socket. A peer's datagram comes out of it.
    std::optional<Received> receive(TimePoint now, const Datagram &datagram);

    // Out
    std::optional<Transmit> nextTransmit();
    std::optional<Event> nextEvent();
    TimePoint nextDeadline() const;
    /// A datagram to a peer as the server wants it, by channel or Send indication. The payload is
    /// borrowed until the next call. Nothing when there is no allocation, the peer was refused, or
    /// it is too long.
    std::optional<Transmit> send(TimePoint now, const TransportAddress &peer, ByteView payload);

    // Facts
    State state() const;
    const AllocationConfig &config() const;
    /// Null if there is none of that family (yet).
    TransportAddress relayed(IpAddress::Family family) const;
    /// The server has answered something, be it a challenge.
    bool isAnswered() const;
    /// To the server, of the last answer that told; zero before.
    Duration roundTripTime() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer::turn

#endif // PEER_TURN_ALLOCATION_H
