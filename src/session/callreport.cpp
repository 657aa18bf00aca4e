// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/callreport.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace peer {

namespace {

using Outcome = ice::PairTrial::Outcome;

/// Best first.
constexpr ice::PathKind Kinds[] = {ice::PathKind::Direct, ice::PathKind::Relayed,
                                   ice::PathKind::Tunnel};

std::string counted(std::size_t count, std::string_view noun)
{
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string milliseconds(Duration duration)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f ms",
                  std::chrono::duration<double, std::milli>(duration).count());
    return text;
}

struct Tally
{
    std::size_t all = 0, answered = 0, open = 0;
};

Tally tallyOf(const std::vector<ice::PairTrial> &trials, std::optional<ice::PathKind> kind)
{
    Tally tally;
    for (const ice::PairTrial &trial : trials) {
        if (kind && trial.info.kind != *kind)
            continue;
        ++tally.all;
        tally.answered += trial.outcome == Outcome::Answered ? 1 : 0;
        tally.open += trial.outcome == Outcome::Waiting || trial.outcome == Outcome::Asked ? 1 : 0;
    }
    return tally;
}

std::string lineOf(const ice::PairTrial &trial)
{
    std::string line = std::string(nameOf(trial.info.kind)) + ", "
        + trial.info.route.local.toString() + " to " + trial.info.route.remote.toString() + ": "
        + std::string(nameOf(trial.outcome));
    if (trial.info.smoothedRoundTrip != Duration::zero())
        line += ", " + milliseconds(trial.info.smoothedRoundTrip);
    return line;
}

} // namespace

std::string_view nameOf(SessionState state)
{
    switch (state) {
    case SessionState::New:
        return "new";
    case SessionState::Calling:
        return "calling";
    case SessionState::Ringing:
        return "ringing";
    case SessionState::Connecting:
        return "connecting";
    case SessionState::Connected:
        return "connected";
    case SessionState::Reconnecting:
        return "reconnecting";
    case SessionState::Closing:
        return "closing";
    case SessionState::Closed:
        return "closed";
    }
    return {};
}

std::string_view nameOf(ice::PathKind kind)
{
    switch (kind) {
    case ice::PathKind::Direct:
        return "direct";
    case ice::PathKind::Relayed:
        return "relay";
    case ice::PathKind::Tunnel:
        return "tunnel";
    }
    return {};
}

std::string_view nameOf(ice::PairTrial::Outcome outcome)
{
    switch (outcome) {
    case Outcome::Waiting:
        return "not asked yet";
    case Outcome::Asked:
        return "asked";
    case Outcome::Answered:
        return "answered";
    case Outcome::Silent:
        return "no answer";
    case Outcome::Lost:
        return "answered once, and no more";
    }
    return {};
}

const ice::PairTrial *CallReport::used() const
{
    const auto found = std::find_if(trials.begin(), trials.end(), [this](const auto &trial) {
        return route && trial.info.route == *route;
    });
    return found == trials.end() ? nullptr : &*found;
}

std::string CallReport::triedText() const
{
    if (trials.empty()) {
        if (remoteCandidates.empty())
            return "the peer has told no address that could be tried";
        return localCandidates.empty() ? "this host has no address to try from"
                                       : "no address of this host can reach one of the peer's";
    }
    const Tally tally = tallyOf(trials, std::nullopt);
    std::string text = counted(tally.all, "pair") + " of addresses tried, "
        + std::to_string(tally.answered) + " answered";
    for (const ice::PathKind kind : Kinds) {
        const Tally each = tallyOf(trials, kind);
        if (each.all > 0)
            text += "; " + std::string(nameOf(kind)) + ": " + std::to_string(each.answered) + " of "
                + std::to_string(each.all);
    }
    return text;
}

std::vector<std::string> CallReport::missingTexts() const
{
    std::vector<std::string> texts;
    const ice::PairTrial *present = used();
    for (const ice::PathKind kind : Kinds) {
        if (present && present->info.kind >= kind)
            break;
        const Tally tally = tallyOf(trials, kind);
        const std::string name(nameOf(kind));
        if (tally.all == 0)
            texts.push_back("no " + name + " path: there was none to try");
        else if (tally.answered > 0)
            texts.push_back("a " + name + " path answers and is about to be used");
        else if (tally.open > 0)
            texts.push_back("no " + name + " path yet: " + counted(tally.open, "pair")
                            + " still being asked");
        else
            texts.push_back("no " + name + " path: " + counted(tally.all, "pair")
                            + " tried, none answered");
    }
    return texts;
}

std::string CallReport::toText() const
{
    std::string text;
    const auto line = [&text](const std::string &of) { text += of + "\n"; };
    if (const ice::PairTrial *present = used())
        line("In use: " + lineOf(*present));
    else
        line("In use: no path");
    line("Tried: " + triedText());
    for (const std::string &missing : missingTexts())
        line("Why not better: " + missing);
    for (const ice::PairTrial &trial : trials)
        line("  " + lineOf(trial));
    line("History:");
    for (const CallHistory::Entry &entry : history)
        line("  " + milliseconds(entry.since) + "  " + entry.text);
    return text;
}

} // namespace peer
