// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_DTLS_DTLSTRANSPORT_H
#define PEER_DTLS_DTLSTRANSPORT_H

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "secure/dtls/certificate.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace peer::dtls {

enum class Role : std::uint8_t { Client, Server };

struct Config
{
    Role role = Role::Client;
    std::shared_ptr<const Certificate> certificate;
    using Fingerprint = dtls::Fingerprint;
    /// What the peer's certificate must hash to: any of these. Empty: no certificate will do.
    std::vector<Fingerprint> peerFingerprints;
    /// First retransmission of a flight: 2 ICE round trips, clamped to 50 ms … 3 s; doubles.
    Duration initialRetransmission{std::chrono::milliseconds(50)};
    /// Largest datagram that may leave (1200). At least 300, at most 1500.
    std::size_t mtu = 1200;
};

struct Connected
{
    std::string srtpProfile;
}; ///< empty if none was negotiated
struct Closed
{ }; ///< the peer sent close_notify
struct Failed
{
    bool fingerprintMismatch = false;
    std::string reason;
};
/// Closed and Failed are the last event of a transport.
using Event = std::variant<Connected, Closed, Failed>;

/// DTLS 1.2 (RFC 6347) over OpenSSL, one association: P-256, AEAD suites, extended master secret
/// (RFC 7627), use_srtp offered (RFC 5764), both sides with certificates that are known by their
/// fingerprints (RFC 8827 section 6.5). No resumption, no renegotiation.
///
/// Driven like every machine: receive(), advance() or a command, then drain nextData(),
/// nextTransmit() and nextEvent(); advance() no later than nextDeadline().
///
/// Two things come from the process and not from the caller: randomness, and the clock of the
/// retransmission timer, for OpenSSL reads gettimeofday() by itself. A test that defines that
/// function controls it. A wall clock that is set back in mid-handshake delays a retransmission by
/// as much; set forward, it causes one.
///
/// What a third party can do who sends from the peer's address but knows no key: malformed records
/// and those of a stranger are counted and dropped at any time. Before the handshake is
/// authenticated a plain alert is not obeyed at once; it ends the handshake only if nothing else
/// moves it on for AlertPatience. A forged handshake message that is well-formed and comes before
/// the real one ends the handshake. Once Connected nothing unauthenticated has any effect.
class Transport
{
public:
    /// How long a handshake may stand still after a plain alert until that alert is believed: time
    /// for two more retransmissions at least, on most paths. (RFC 6347 section 4.1.2.7 leaves it
    /// to the implementation what to do with alerts that nobody authenticates.)
    static constexpr Duration AlertPatience = std::chrono::seconds(2);

    explicit Transport(const Config &config);
    ~Transport();

    /// The client sends its ClientHello; the server waits for it, and drops what came before.
    void start(TimePoint now);
    /// One datagram with one or more records (first octet 20..63).
    void receive(TimePoint now, ByteView datagram);
    void advance(TimePoint now);
    /// Seals one record. False before Connected, after the end, beyond maxPayload(), without
    /// octets, or when 1024 datagrams wait already for nextTransmit(): drain after each.
    bool send(ByteView payload);
    /// close_notify, twice, for the first may be lost. No event follows.
    void close();

    /// The next decrypted payload, in the order of arrival; valid until the next call of a
    /// non-const function.
    std::optional<ByteView> nextData();
    /// Payload of the next datagram for the peer; same validity.
    std::optional<ByteView> nextTransmit();
    std::optional<Event> nextEvent();
    TimePoint nextDeadline() const;

    bool isConnected() const;
    /// So many octets that both ends, and nobody else, can derive for the use that label names
    /// (RFC 5705, without a context). Empty unless Connected.
    Bytes exportKeyingMaterial(std::string_view label, std::size_t size) const;
    /// Room for payload in a datagram of mtu, for SCTP's path MTU.
    std::size_t maxPayload() const;

    struct Statistics
    {
        /// Records left out before OpenSSL saw them, during the handshake; and, after it,
        /// datagrams without a payload that was authentic and new.
        std::uint64_t droppedRecords = 0;
    };
    Statistics statistics() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer::dtls

#endif // PEER_DTLS_DTLSTRANSPORT_H
