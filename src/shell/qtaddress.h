// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_QTADDRESS_H
#define PEER_SHELL_QTADDRESS_H

#include "core/base/address.h"

#include <QtNetwork/qhostaddress.h>

namespace peer {

/// Qt's addresses as ours; a zone is dropped, a v4-mapped one becomes IPv4, what is neither IPv4
/// nor IPv6 becomes null.
IpAddress toIpAddress(const QHostAddress &address);
QHostAddress toQHostAddress(const IpAddress &address);

} // namespace peer

#endif // PEER_SHELL_QTADDRESS_H
