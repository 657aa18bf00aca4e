// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/checklist.h"

#include <algorithm>

namespace peer::ice {

namespace {

/// So many pairs of the best kind that waits are checked for each one of another kind.
constexpr int TurnsOfBestKind = 2;

} // namespace

Checklist::Checklist(std::size_t maximum)
    : m_maximum(maximum)
{ }

void Checklist::beginGeneration()
{
    for (const auto &pair : m_pairs) {
        pair->stopRetransmission();
        pair->isTriggered = false;
    }
    m_triggered.clear();
    ++m_generation;
}

CandidatePair *Checklist::find(std::uint32_t generation, const Route &route) const
{
    for (const auto &pair : m_pairs) {
        if (pair->generation == generation && pair->route == route)
            return pair.get();
    }
    return nullptr;
}

CandidatePair *Checklist::findCandidates(std::uint32_t generation, const Route &candidates) const
{
    for (const auto &pair : m_pairs) {
        if (pair->generation == generation && pair->candidates == candidates)
            return pair.get();
    }
    return nullptr;
}

CandidatePair *Checklist::findSentCheck(const stun::TransactionId &id, SentCheck *&check) const
{
    for (const auto &pair : m_pairs) {
        check = pair->findSentCheck(id);
        if (check)
            return pair.get();
    }
    return nullptr;
}

CandidatePair *Checklist::add(const CandidatePair &pair, Room room)
{
    if (!makeRoom(pair, room))
        return nullptr;
    bool isThawed = true;
    for (const auto &other : m_pairs) {
        if (!isCurrent(*other) || other->foundation != pair.foundation)
            continue;
        if (other->state == PairState::Succeeded) {
            isThawed = true;
            break;
        }
        if (other->state != PairState::Failed)
            isThawed = false;
    }
    CandidatePair &added = *m_pairs.emplace_back(std::make_unique<CandidatePair>(pair));
    added.generation = m_generation;
    added.state = isThawed ? PairState::Waiting : PairState::Frozen;
    return &added;
}

bool Checklist::makeRoom(const CandidatePair &pair, Room room)
{
    const CandidatePair *worst = nullptr;
    std::size_t count = 0;
    for (const auto &other : m_pairs) {
        if (!isCurrent(*other) || other->kind() != pair.kind() || other->isTcp() != pair.isTcp())
            continue;
        ++count;
        const bool isIdle = !other->isTriggered && !other->isBarred
            && (other->state == PairState::Frozen || other->state == PairState::Waiting
                || other->state == PairState::Failed);
        if (isIdle && (!worst || other->priority < worst->priority))
            worst = other.get();
    }
    if (count < m_maximum)
        return true;
    if (!worst || (room == Room::ByPriority && worst->priority >= pair.priority))
        return false;
    removeIf([&](const CandidatePair &other) { return &other == worst; });
    return true;
}

void Checklist::forget(const CandidatePair *pair)
{
    if (pair->isTriggered)
        std::erase(m_triggered, pair);
}

void Checklist::trigger(CandidatePair &pair)
{
    pair.stopRetransmission();
    pair.recheckAt = Never;
    if (pair.state != PairState::Succeeded)
        pair.state = PairState::Waiting;
    if (pair.isTriggered)
        return;
    pair.isTriggered = true;
    m_triggered.push_back(&pair);
}

CandidatePair *Checklist::takeTriggered()
{
    if (m_triggered.empty())
        return nullptr;
    CandidatePair *pair = m_triggered.front();
    m_triggered.pop_front();
    pair->isTriggered = false;
    return pair;
}

/// Of any kind but that one, if given.
CandidatePair *Checklist::bestWaiting(std::optional<PathKind> except) const
{
    CandidatePair *best = nullptr;
    for (const auto &pair : m_pairs) {
        if (isCurrent(*pair) && pair->state == PairState::Waiting && !pair->isTriggered
            && !isHeldBack(*pair) && pair->kind() != except
            && (!best || pair->priority > best->priority))
            best = pair.get();
    }
    return best;
}

CandidatePair *Checklist::nextOrdinary()
{
    if (CandidatePair *best = bestWaiting({})) {
        CandidatePair *other = m_turns >= TurnsOfBestKind ? bestWaiting(best->kind()) : nullptr;
        m_turns = other ? 0 : m_turns + 1;
        return other ? other : best;
    }
    // Highest priority first, so that it is the one of its foundation that thaws.
    std::vector<CandidatePair *> frozen;
    for (const auto &pair : m_pairs) {
        if (isCurrent(*pair) && pair->state == PairState::Frozen && !isHeldBack(*pair))
            frozen.push_back(pair.get());
    }
    std::sort(frozen.begin(), frozen.end(), [](const CandidatePair *a, const CandidatePair *b) {
        return a->priority > b->priority;
    });
    for (CandidatePair *pair : frozen) {
        if (!isFoundationBusy(pair->foundation))
            pair->state = PairState::Waiting;
    }
    return bestWaiting({});
}

bool Checklist::hasOrdinary() const
{
    return std::any_of(m_pairs.begin(), m_pairs.end(), [&](const auto &pair) {
        if (!isCurrent(*pair) || isHeldBack(*pair))
            return false;
        if (pair->state == PairState::Waiting)
            return !pair->isTriggered;
        return pair->state == PairState::Frozen && !isFoundationBusy(pair->foundation);
    });
}

/// A pair that waits, or that is checked and the answer is not overdue yet, holds back the others
/// of its foundation.
bool Checklist::isFoundationBusy(Foundation foundation) const
{
    return std::any_of(m_pairs.begin(), m_pairs.end(), [&](const auto &pair) {
        if (!isCurrent(*pair) || pair->foundation != foundation)
            return false;
        return pair->state == PairState::Waiting
            || (pair->state == PairState::InProgress && !pair->isTcp()
                && pair->sent[pair->newest].transmissions < 2);
    });
}

void Checklist::unfreeze(Foundation foundation)
{
    for (const auto &pair : m_pairs) {
        if (isCurrent(*pair) && pair->foundation == foundation && pair->state == PairState::Frozen)
            pair->state = PairState::Waiting;
    }
}

void Checklist::updatePriorities(Role role)
{
    for (const auto &pair : m_pairs)
        pair->updatePriority(role);
}

bool Checklist::isDone() const
{
    return std::all_of(m_pairs.begin(), m_pairs.end(), [&](const auto &pair) {
        return !isCurrent(*pair) || pair->state == PairState::Succeeded
            || pair->state == PairState::Failed || isHeldBack(*pair);
    });
}

} // namespace peer::ice
