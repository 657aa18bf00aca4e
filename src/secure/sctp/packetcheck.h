// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_PACKETCHECK_H
#define PEER_SCTP_PACKETCHECK_H

#include "core/base/bytes.h"

namespace peer::sctp {

/// Whether a packet (intact, see crc32c.h) may be given to usrsctp. The peer is authenticated, but
/// not trusted: usrsctp 0.9.5 walks lists of parameters that never end if one of them says that it
/// has no length, and has code for extensions that we never negotiate.
///
/// Refused are packets with a chunk, or a parameter or error cause in one (RFC 9260 sections 3.2
/// and 3.3, RFC 6525 section 4), that is shorter than its header or reaches beyond what it is in;
/// with chunks of those extensions; and with an INIT once the association stands (isEstablished),
/// which could only be to restart it. Unknown chunks pass: RFC 9260 says what becomes of them.
bool isAcceptable(ByteView packet, bool isEstablished);

} // namespace peer::sctp

#endif // PEER_SCTP_PACKETCHECK_H
