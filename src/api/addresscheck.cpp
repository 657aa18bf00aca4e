// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/addresscheck.h"

using namespace Qt::StringLiterals;

namespace peer {

QString faultText(const PeerAddressError &fault)
{
    // QUrl goes on to quote its source, in which a token may stand; and it names no column.
    if (fault.fault() == PeerAddressError::Fault::InvalidUrl)
        return fault.message().section(u"; source was"_s, 0, 0);
    return u"column %1: %2"_s.arg(fault.column()).arg(fault.message());
}

QString faultOfAddress(const PeerAddress &address, bool isPlainAllowed,
                       PeerConnection::Error &error)
{
    if (address.tls() == PeerAddress::Tls::Off && !address.isLoopback() && !isPlainAllowed) {
        error = PeerConnection::Error::BadAddress;
        return u"tls=off sends names and addresses in the clear, so it is taken for a rendezvous "
               u"on "
               "this machine alone, unless plain connections are allowed expressly"_s;
    }
    switch (address.paths()) {
    case PeerAddress::Paths::All:
    case PeerAddress::Paths::Direct:
    case PeerAddress::Paths::Relay:
    case PeerAddress::Paths::Tunnel:
        break;
    }
    error = PeerConnection::Error::None;
    return {};
}

} // namespace peer
