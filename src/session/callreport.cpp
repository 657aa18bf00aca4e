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

template<typename Predicate>
Tally tallyWhere(const std::vector<ice::PairTrial> &trials, Predicate isMeant)
{
    Tally tally;
    for (const ice::PairTrial &trial : trials) {
        if (!isMeant(trial.info))
            continue;
        ++tally.all;
        tally.answered += trial.outcome == Outcome::Answered ? 1 : 0;
        tally.open += trial.outcome == Outcome::Waiting || trial.outcome == Outcome::Asked ? 1 : 0;
    }
    return tally;
}

Tally tallyOf(const std::vector<ice::PairTrial> &trials, std::optional<ice::PathKind> kind)
{
    return tallyWhere(trials,
                      [kind](const ice::PairInfo &info) { return !kind || info.kind == *kind; });
}

Tally tallyOfDirectUdp(const std::vector<ice::PairTrial> &trials)
{
    return tallyWhere(trials, [](const ice::PairInfo &info) {
        return info.kind == ice::PathKind::Direct && info.protocol == turn::Transport::Udp;
    });
}

/// Why that is not in use.
std::string missingText(const std::string &name, const Tally &tally)
{
    if (tally.all == 0)
        return "no " + name + ": there was none to try";
    if (tally.answered > 0)
        return "a " + name + " answers and is about to be used";
    if (tally.open > 0)
        return "no " + name + " yet: " + counted(tally.open, "pair") + " still being asked";
    return "no " + name + ": " + counted(tally.all, "pair") + " tried, none answered";
}

std::string nameWithProtocol(const ice::PairInfo &info)
{
    std::string name(nameOf(info.kind));
    if (info.kind != ice::PathKind::Tunnel)
        name += " over " + std::string(protocolOf(info));
    return name;
}

std::string lineOf(const ice::PairTrial &trial)
{
    std::string line = nameWithProtocol(trial.info) + ", " + trial.info.route.local.toString()
        + " to " + trial.info.route.remote.toString() + ": " + std::string(nameOf(trial.outcome));
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

std::string_view protocolOf(const ice::PairInfo &info)
{
    if (info.kind == ice::PathKind::Tunnel)
        return "ws";
    switch (info.protocol) {
    case turn::Transport::Udp:
        return "udp";
    case turn::Transport::Tcp:
        return "tcp";
    case turn::Transport::Tls:
        return "tls";
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
    if (present && present->info.kind == ice::PathKind::Direct
        && present->info.protocol != turn::Transport::Udp)
        texts.push_back(missingText("direct path over UDP", tallyOfDirectUdp(trials)));
    for (const ice::PathKind kind : Kinds) {
        if (present && present->info.kind >= kind)
            break;
        texts.push_back(missingText(std::string(nameOf(kind)) + " path", tallyOf(trials, kind)));
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
