// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_MESSAGENAMES_H
#define PEER_SIGNALING_MESSAGENAMES_H

#include "signaling/protocolmessages.h"

#include <array>

/// How the values of the protocol's enums are written, in the order of the enums.
namespace peer::rendezvous {

using namespace Qt::StringLiterals;

inline constexpr std::array registrationFailures{"owned"_L1, "unproven"_L1, "limit"_L1, "rate"_L1};
inline constexpr std::array mintFailures{"none"_L1, "rate"_L1};
inline constexpr std::array watchFailures{"limit"_L1, "rate"_L1};
inline constexpr std::array callFailures{"offline"_L1, "limit"_L1, "rate"_L1, "unknown"_L1};
inline constexpr std::array callSides{"caller"_L1, "callee"_L1};
inline constexpr std::array fatalErrors{"version"_L1,   "token"_L1, "proof"_L1,
                                        "malformed"_L1, "rate"_L1,  "limit"_L1};

} // namespace peer::rendezvous

#endif // PEER_SIGNALING_MESSAGENAMES_H
