// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_DTLS_RECORDFILTER_H
#define PEER_DTLS_RECORDFILTER_H

#include "core/base/bytes.h"

#include <cstdint>
#include <optional>

namespace peer::dtls {

/// Looks at the records of a datagram before OpenSSL does, for as long as nothing authenticates
/// them: what is malformed, or would end the handshake on nobody's authority, is left out.
///
/// RFC 6347 section 4.1, figure of a record; those of epoch 0 are plain:
///
///     octet 0      content type: 20 change_cipher_spec, 21 alert, 22 handshake, 23 application
///     octets 1-2   version: fe ff or fe fd
///     octets 3-4   epoch
///     octets 5-10  sequence number
///     octets 11-12 length of what follows
///
/// What it cannot keep away is a well-formed forged handshake message in the right place: that
/// ends the handshake, as it does in every implementation of DTLS 1.2.
class RecordFilter
{
public:
    static constexpr std::size_t RecordHeaderSize = 13;
    /// A record of a coming epoch is kept by OpenSSL in 17 KB of memory until its key is known;
    /// so many of them at most. Honest ones are a repeated Finished, or application data that
    /// overtook it, which SCTP will send again.
    static constexpr unsigned MaxEarlyRecords = 24;

    struct Alert
    {
        bool isFatal;
        std::uint8_t description;
    };

    /// The records of datagram that OpenSSL may see, copied one behind the other; valid until the
    /// next call. Empty if there is none.
    ByteView filter(ByteView datagram);

    /// The plain alert that the last filter() has left out, if it was one that ends a handshake.
    const std::optional<Alert> &alert() const { return m_alert; }
    /// Records (or rests of a datagram) that were left out, plain alerts included.
    std::uint64_t droppedRecords() const { return m_droppedRecords; }

private:
    bool isAcceptable(ByteView record);
    bool isPlainHandshake(ByteView body) const;

    Bytes m_accepted;
    std::optional<Alert> m_alert;
    std::uint64_t m_droppedRecords = 0;
    unsigned m_earlyRecords = 0;
};

} // namespace peer::dtls

#endif // PEER_DTLS_RECORDFILTER_H
