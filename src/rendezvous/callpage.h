// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_CALLPAGE_H
#define PEER_RENDEZVOUS_CALLPAGE_H

#include "rendezvous/httphead.h"

#include <optional>

namespace peer::rendezvous {

/// The file of the call page (web/) that stands at such a path, with the fields that keep other
/// pages' scripts out of it; null if there is none. The paths are a fixed list, compared as they
/// came: nothing of a request ever becomes a file's name.
std::optional<HttpPage> callPage(const QByteArray &path);

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_CALLPAGE_H
