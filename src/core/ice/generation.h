// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_GENERATION_H
#define PEER_ICE_GENERATION_H

#include "core/ice/agent.h"
#include "core/ice/candidatepair.h"
#include "core/stun/integrity.h"

#include <optional>
#include <string>

namespace peer::ice {

/// One ICE session (RFC 8445 section 3: from the start or one restart to the next): the
/// credentials of both sides.
struct Generation
{
    std::uint32_t number = 0;
    Parameters local;
    stun::IntegrityKey localKey;
    std::optional<Parameters> remote;
    stun::IntegrityKey remoteKey;
    /// "theirs:ours", what our checks carry (section 7.2.2).
    std::string checkUsername;
};

/// A check that was authenticated, and answered, before the peer's parameters were known. The rest
/// of what a check brings about is made up for then (section 7.3).
struct EarlyCheck
{
    Route route;
    std::string remoteFragment;
    std::uint32_t priority = 0;
    Nomination nomination = Nomination::None;
    std::uint32_t nominationValue = 0;
};

} // namespace peer::ice

#endif // PEER_ICE_GENERATION_H
