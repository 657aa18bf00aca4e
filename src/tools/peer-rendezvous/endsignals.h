// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_ENDSIGNALS_H
#define PEER_RENDEZVOUS_ENDSIGNALS_H

/// From now on SIGTERM and SIGINT end the application's event loop. Once a process, with a
/// QCoreApplication. False if the system has no pipe for it.
bool quitOnEndSignals();

#endif // PEER_RENDEZVOUS_ENDSIGNALS_H
