// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_NAMESFILE_H
#define PEER_RENDEZVOUS_NAMESFILE_H

#include "rendezvous/namestore.h"

#include <QtCore/qstring.h>

namespace peer::rendezvous {

/// Reads the names; a file that is not there is empty. Returns what went wrong as a sentence, or
/// nothing.
QString loadNames(NameStore &names, const QString &fileName);
/// Replaces the file as a whole: a crash leaves the old or the new one.
QString saveNames(NameStore &names, const QString &fileName);

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_NAMESFILE_H
