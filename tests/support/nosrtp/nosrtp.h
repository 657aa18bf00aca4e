// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_NOSRTP_H
#define PEER_TEST_NOSRTP_H

namespace peer::test {

/// DTLS certificates that are made while this is false are of a peer that offers no SRTP in its
/// handshakes (RFC 5764): the function of OpenSSL's that has it offered is defined by the program.
extern bool offersSrtp;

} // namespace peer::test

#endif // PEER_TEST_NOSRTP_H
