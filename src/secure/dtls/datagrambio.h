// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_DTLS_DATAGRAMBIO_H
#define PEER_DTLS_DATAGRAMBIO_H

#include "core/base/bytes.h"
#include "core/base/transmitqueue.h"

#include <openssl/bio.h>

namespace peer::dtls {

/// The ends between which OpenSSL sits: the datagram that has come, the datagrams that leave.
/// (A BIO pair is a stream: it would forget where one datagram ends.)
struct DatagramEnds
{
    /// Taken whole by one read and then empty; borrowed.
    ByteView incoming;
    TransmitQueue outgoing;
    /// How often each datagram is queued.
    unsigned copies = 1;
};

/// A BIO on ends, which must outlive it. Null if OpenSSL has no memory.
BIO *makeDatagramBio(DatagramEnds &ends);

} // namespace peer::dtls

#endif // PEER_DTLS_DATAGRAMBIO_H
