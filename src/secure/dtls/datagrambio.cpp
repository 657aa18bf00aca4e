// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/dtls/datagrambio.h"

#include <algorithm>
#include <utility>

namespace peer::dtls {

namespace {

DatagramEnds &endsOf(BIO *bio)
{
    return *static_cast<DatagramEnds *>(BIO_get_data(bio));
}

int readDatagram(BIO *bio, char *buffer, int size)
{
    DatagramEnds &ends = endsOf(bio);
    BIO_clear_retry_flags(bio);
    if (ends.incoming.empty() || size <= 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const ByteView datagram = std::exchange(ends.incoming, ByteView());
    const std::size_t count = std::min(datagram.size(), static_cast<std::size_t>(size));
    std::copy_n(datagram.data(), count, reinterpret_cast<std::uint8_t *>(buffer));
    return static_cast<int>(count);
}

/// A datagram that finds no room is lost, as it could be anywhere on its way.
int writeDatagram(BIO *bio, const char *data, int size)
{
    BIO_clear_retry_flags(bio);
    if (size <= 0)
        return 0;
    DatagramEnds &ends = endsOf(bio);
    const ByteView datagram(reinterpret_cast<const std::uint8_t *>(data),
                            static_cast<std::size_t>(size));
    for (unsigned i = 0; i < ends.copies; ++i)
        ends.outgoing.push(Route(), datagram);
    return size;
}

long control(BIO *, int command, long, void *)
{
    switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT: // nextDeadline() asks for it
        return 1;
    default:
        return 0;
    }
}

BIO_METHOD *makeMethod()
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                                      "PeerConnection datagrams");
    if (method) {
        BIO_meth_set_read(method, readDatagram);
        BIO_meth_set_write(method, writeDatagram);
        BIO_meth_set_ctrl(method, control);
    }
    return method;
}

} // namespace

BIO *makeDatagramBio(DatagramEnds &ends)
{
    static BIO_METHOD *const method = makeMethod(); // for the life of the process
    BIO *bio = method ? BIO_new(method) : nullptr;
    if (bio) {
        BIO_set_data(bio, &ends);
        BIO_set_init(bio, 1);
    }
    return bio;
}

} // namespace peer::dtls
