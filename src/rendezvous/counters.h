// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_COUNTERS_H
#define PEER_RENDEZVOUS_COUNTERS_H

#include <cstdint>

namespace peer::rendezvous {

/// What happened since the server was made; /metrics shows it.
struct Counters
{
    std::uint64_t connectionsAccepted = 0;
    std::uint64_t connectionsRefused = 0; ///< by a limit, before anything was read
    std::uint64_t headsRefused = 0;       ///< late, too long or no HTTP; TLS failures as well
    std::uint64_t staticAnswers = 0;
    std::uint64_t socketsOpened = 0; ///< WebSockets
    std::uint64_t versionsRefused = 0;
    std::uint64_t tokensRefused = 0;
    std::uint64_t proofsRefused = 0;
    std::uint64_t messagesMalformed = 0;
    std::uint64_t messagesDropped = 0; ///< beyond a rate
    std::uint64_t clientsResumed = 0;
    std::uint64_t registrations = 0;
    std::uint64_t registrationsRefused = 0;
    std::uint64_t callsRouted = 0;
    std::uint64_t callsOffline = 0;
    std::uint64_t callsRefused = 0; ///< by a limit
    std::uint64_t signalsRouted = 0;
    std::uint64_t signalsDropped = 0;   ///< to a client that has no socket at the moment
    std::uint64_t tunnelsRefused = 0;   ///< ends: by their token or a limit
    std::uint64_t datagramsRelayed = 0; ///< in tunnels
    std::uint64_t datagramsDropped = 0; ///< no other end, beyond a rate, or too old when it was due
    std::uint64_t stunAnswers = 0;
    std::uint64_t stunDropped = 0;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_COUNTERS_H
