// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_STUN_RESPONDER_H
#define PEER_STUN_RESPONDER_H

#include "core/base/address.h"
#include "core/base/bytes.h"

#include <string>

namespace peer::stun {

/// A plain STUN server (RFC 8489 section 12 without authentication): tells whoever asks by a
/// Binding request from which address the request came. It keeps no state, so a request costs
/// nothing beyond its answer.
///
/// | request                                                         | answer                    |
/// |-----------------------------------------------------------------|---------------------------|
/// | not STUN, malformed, not a Binding request                      | none (section 6.3)        |
/// | MESSAGE-INTEGRITY without USERNAME or USERHASH                  | 400 (section 9.1.3)       |
/// | unknown comprehension-required attributes, or asking for what   | 420, UNKNOWN-ATTRIBUTES   |
/// | only a server with two addresses does (RFC 5780)                |                           |
/// | any other, its integrity not looked at                          | XOR-MAPPED-ADDRESS        |
///
/// A server with a second port answers as of RFC 5780, as far as one IP address goes, so that a
/// client can find out about its NAT: OTHER-ADDRESS tells the other port, and to a CHANGE-REQUEST
/// for the port the answer leaves by that one.
///
/// The answer has a FINGERPRINT if the request has one. Nobody gets much out of a forged source:
/// a request of 20 octets makes an answer of at most 68 octets and SOFTWARE.
class Responder
{
public:
    /// More than any answer takes: a header, 420 with its reason, 16 unknown attributes, SOFTWARE,
    /// FINGERPRINT.
    static constexpr std::size_t MaxAnswerSize = 256;

    /// software: what SOFTWARE says, cut at 64 octets; none when empty.
    explicit Responder(std::string software = {});

    /// Writes the answer to a datagram from source into out and gives it; empty when there is none
    /// or out is too small. Allocates nothing.
    ByteView answer(ByteView request, const TransportAddress &source, MutableByteView out) const
    {
        return answer(request, source, {}, out).octets;
    }

    struct Answer
    {
        ByteView octets;
        bool leavesByOtherPort = false;
    };
    /// other: our address with the port that the request did not come to, which answers alike.
    Answer answer(ByteView request, const TransportAddress &source, const TransportAddress &other,
                  MutableByteView out) const;

private:
    std::string m_software;
};

} // namespace peer::stun

#endif // PEER_STUN_RESPONDER_H
