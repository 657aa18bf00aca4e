// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_REPORTINFO_H
#define PEER_API_REPORTINFO_H

#include "session/callreport.h"

#include <PeerConnection/peerreport.h>

namespace peer {

PeerReport toPeerReport(const CallReport &report);

} // namespace peer

#endif // PEER_API_REPORTINFO_H
