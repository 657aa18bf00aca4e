// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_ADDRESSCHECK_H
#define PEER_API_ADDRESSCHECK_H

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerconnection.h>

#include <QtCore/qstring.h>

namespace peer {

/// What is wrong with a text that is no address, and where, for a user. It holds nothing of the
/// text.
QString faultText(const PeerAddressError &fault);

/// Why a well-formed address cannot be used here and now, as a sentence, and the error that this
/// is; an empty sentence if it can.
QString faultOfAddress(const PeerAddress &address, bool isPlainAllowed,
                       PeerConnection::Error &error);

} // namespace peer

#endif // PEER_API_ADDRESSCHECK_H
