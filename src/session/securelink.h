// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_SECURELINK_H
#define PEER_SESSION_SECURELINK_H

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "secure/dtls/dtlstransport.h"
#include "secure/sctp/sctpassociation.h"

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace peer {

/// DTLS with SCTP on top: everything of a session that is encrypted and not media. It takes and
/// gives datagram payloads; which path they travel is the session's business.
///
/// The handshake object exists from start() on. What the peer sent before is kept, for its
/// ClientHello may overtake the answer that tells its fingerprint, and a lost flight costs a
/// retransmission: at most MaxEarlyDatagrams of them.
class SecureLink
{
public:
    static constexpr std::size_t MaxEarlyDatagrams = 8;

    struct Config
    {
        dtls::Config dtls;
        Duration roundTrip{}; ///< of the path, zero if unknown
        std::uint16_t remoteSctpPort = 5000;
        std::size_t maxIncomingMessage = 256 * 1024;
    };

    /// DTLS is up and SCTP on its way: what is to arrive with its handshake may be sent.
    struct Starting
    {
        sctp::Association &association; ///< until Down
    };
    /// DTLS and SCTP are up; association() may be used.
    struct Up
    {
        std::uint16_t streams;
    };
    struct Down
    {
        enum class Cause : std::uint8_t {
            ClosedByPeer,
            HandshakeFailed,
            FingerprintMismatch,
            Lost,
            ProtocolViolation, ///< SCTP was aborted for what one of the two has sent
        };
        Cause cause;
        std::string reason;
    };
    using Event = std::variant<Starting, Up, Down, sctp::Message, sctp::IncomingStreamReset,
                               sctp::OutgoingStreamReset, sctp::SendSpace>;

    bool isStarted() const { return m_dtls != nullptr; }
    void start(TimePoint now, const Config &config);
    /// True if something in it was authenticated, which proves the path.
    bool receive(TimePoint now, ByteView datagram);
    void advance(TimePoint now);
    /// Aborts the association and says close_notify; drain nextTransmit() afterwards.
    void close(TimePoint now);

    std::optional<ByteView> nextTransmit();
    std::optional<Event> nextEvent(TimePoint now);
    TimePoint nextDeadline() const;

    /// What the handshake has agreed on for media, and the keys for it (RFC 5764); from Starting
    /// on.
    const std::string &srtpProfile() const { return m_srtpProfile; }
    Bytes exportKeyingMaterial(std::string_view label, std::size_t size) const
    {
        return m_dtls ? m_dtls->exportKeyingMaterial(label, size) : Bytes();
    }

    /// Null before Up and after Down.
    sctp::Association *association() { return m_isUp ? m_sctp.get() : nullptr; }
    const sctp::Association *association() const { return m_isUp ? m_sctp.get() : nullptr; }
    /// Octets that the peer has not acknowledged, before Up too.
    std::size_t bufferedAmount() const { return m_sctp ? m_sctp->bufferedAmount() : 0; }

private:
    std::optional<Event> nextDtlsEvent(TimePoint now);
    std::optional<Event> nextSctpEvent();
    void startAssociation(TimePoint now);
    bool takeDecrypted(TimePoint now);

    Config m_config;
    std::vector<Bytes> m_early;
    std::unique_ptr<dtls::Transport> m_dtls;
    std::unique_ptr<sctp::Association> m_sctp;
    std::string m_srtpProfile;
    bool m_isUp = false;
};

} // namespace peer

#endif // PEER_SESSION_SECURELINK_H
