// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_DTLS_DTLSTRANSPORT_H
#define PEER_DTLS_DTLSTRANSPORT_H

#include "core/base/bytes.h"
#include "core/base/time.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace peer::dtls {

/// SHA-256 digest of a certificate's DER form (RFC 8122).
using CertificateDigest = Bytes;

/// A self-signed P-256 certificate and its key; made once a process, shared by its sessions.
class Certificate
{
public:
    /// Null if the system's generator fails. The validity starts a day back and lasts 30 days
    /// from systemSeconds (seconds since 1970).
    static std::shared_ptr<const Certificate> generate(std::int64_t systemSeconds);
    ~Certificate();
    /// SHA-256 of the DER form, as it goes into a=fingerprint.
    const CertificateDigest &digest() const;

private:
    friend class Transport;
    Certificate();
    struct Content;
    std::unique_ptr<Content> m_content;
};

enum class Role : std::uint8_t { Client, Server };

struct Config
{
    Role role = Role::Client;
    std::shared_ptr<const Certificate> certificate;
    /// What the peer's certificate must hash to: any of these (hash function name, digest).
    struct Fingerprint
    {
        std::string hashFunction;
        Bytes digest;
    };
    std::vector<Fingerprint> peerFingerprints;
    /// First retransmission of a flight: 2 ICE round trips, clamped to 50 ms … 3 s; doubles.
    Duration initialRetransmission{std::chrono::milliseconds(50)};
    /// Largest datagram that may leave (1200).
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
using Event = std::variant<Connected, Closed, Failed>;

/// DTLS 1.2 (RFC 6347) over OpenSSL, one association: P-256, AEAD suites, use_srtp offered.
///
/// Driven like every machine: receive(), advance() or a command, then drain nextData(),
/// nextTransmit() and nextEvent(). Its retransmission timer lives in OpenSSL, which reads
/// gettimeofday() by itself; a test that defines that function controls it.
class Transport
{
public:
    explicit Transport(const Config &config);
    ~Transport();

    void start(TimePoint now); ///< the client sends its ClientHello
    /// One datagram with one or more records (first octet 20..63).
    void receive(TimePoint now, ByteView datagram);
    void advance(TimePoint now);
    /// Seals one record. False before Connected, after the end, or beyond mtu.
    bool send(ByteView payload);
    /// close_notify, twice, for the first may be lost.
    void close();

    /// The next decrypted payload; valid until the next call of a non-const function.
    std::optional<ByteView> nextData();
    /// Payload of the next datagram for the peer; same validity.
    std::optional<ByteView> nextTransmit();
    std::optional<Event> nextEvent();
    TimePoint nextDeadline() const;

    bool isConnected() const;
    /// Room for payload in a datagram of mtu, for SCTP's path MTU.
    std::size_t maxPayload() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer::dtls

#endif // PEER_DTLS_DTLSTRANSPORT_H
