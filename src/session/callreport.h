// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_CALLREPORT_H
#define PEER_SESSION_CALLREPORT_H

#include "core/base/candidate.h"
#include "core/ice/agent.h"
#include "session/callhistory.h"
#include "session/sessionevent.h"

#include <optional>
#include <string>
#include <vector>

namespace peer {

/// What a session tells of its paths (D6): what was tried, what answered, what is in use, and what
/// happened when.
struct CallReport
{
    SessionState state = SessionState::New;
    /// Where data goes now, if it is of trials.
    std::optional<Route> route;
    /// Every pair that is known, best first.
    std::vector<ice::PairTrial> trials;
    std::vector<Candidate> localCandidates;
    std::vector<Candidate> remoteCandidates;
    std::vector<CallHistory::Entry> history;

    const ice::PairTrial *used() const;
    /// One sentence: what was tried, for errors. Without a full stop.
    std::string triedText() const;
    /// Why no path of a better kind is in use, a sentence a kind; nothing on the best kind.
    std::vector<std::string> missingTexts() const;
    /// All of it, some lines.
    std::string toText() const;
};

/// "direct", "relay", "tunnel".
std::string_view nameOf(ice::PathKind kind);
std::string_view nameOf(ice::PairTrial::Outcome outcome);
/// "udp", "tcp", "tls", "ws".
std::string_view protocolOf(const ice::PairInfo &info);

} // namespace peer

#endif // PEER_SESSION_CALLREPORT_H
