// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_CHECKLIST_H
#define PEER_ICE_CHECKLIST_H

#include "core/ice/candidatepair.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace peer::ice {

/// The pairs (RFC 8445 section 6.1.2): those of the present ICE session, which are the checklist
/// proper, and those of earlier ones that still carry data. It decides which pair is checked next;
/// the agent sends the check.
///
/// Pairs keep their place in memory until they are removed. There are at most maximum of each kind
/// (and of direct ones over TCP) in the present session, so everything here simply looks at each.
/// The kinds do not compete: what is relayed has the lowest priority of all, and would never find a
/// place, nor soon a turn.
class Checklist
{
public:
    explicit Checklist(std::size_t maximum);

    using Pairs = std::vector<std::unique_ptr<CandidatePair>>;
    const Pairs &all() const { return m_pairs; }

    std::uint32_t generation() const { return m_generation; }
    bool isCurrent(const CandidatePair &pair) const { return pair.generation == m_generation; }
    /// A restart: a new and empty checklist. The old pairs stay, but are not checked any more.
    void beginGeneration();

    CandidatePair *find(std::uint32_t generation, const Route &route) const;
    CandidatePair *findCandidates(std::uint32_t generation, const Route &candidates) const;
    /// The pair that a response belongs to.
    CandidatePair *findSentCheck(const stun::TransactionId &id, SentCheck *&check) const;

    enum class Room : std::uint8_t {
        ByPriority, ///< only if a pair of lower priority can make place
        Needed,     ///< the worst idle pair makes place whatever its priority
    };
    /// Inserts a pair of the present session, Frozen or Waiting as RFC 8445 section 6.1.2.6 and
    /// RFC 8838 section 12 say. Null when it is not worth its place among the maximum.
    CandidatePair *add(const CandidatePair &pair, Room room);
    template<typename Predicate>
    void removeIf(Predicate predicate);

    /// Enqueues a triggered check (section 7.3.1.4); the pair's state becomes Waiting unless it is
    /// Succeeded.
    void trigger(CandidatePair &pair);
    bool hasTriggered() const { return !m_triggered.empty(); }
    CandidatePair *takeTriggered();

    /// The pair for an ordinary check (section 6.1.4.2, steps 2 and 3), unfreezing where nothing
    /// waits; null when there is none.
    CandidatePair *nextOrdinary();
    /// Whether nextOrdinary() would give one.
    bool hasOrdinary() const;
    /// Section 7.2.5.3.3: the pairs with the foundation of one that succeeded are thawed.
    void unfreeze(Foundation foundation);
    void updatePriorities(Role role);
    /// Every pair of the present session is Succeeded or Failed, or held back.
    bool isDone() const;

    /// Whether no further pair over TCP gets an ordinary check for now.
    void holdBackTcp(bool isHeldBack) { m_isTcpHeldBack = isHeldBack; }

private:
    CandidatePair *bestWaiting(std::optional<PathKind> except) const;
    bool isHeldBack(const CandidatePair &pair) const { return pair.isTcp() && m_isTcpHeldBack; }
    bool isFoundationBusy(Foundation foundation) const;
    bool makeRoom(const CandidatePair &pair, Room room);
    void forget(const CandidatePair *pair);

    std::size_t m_maximum;
    std::uint32_t m_generation = 0;
    Pairs m_pairs;
    std::deque<CandidatePair *> m_triggered;
    /// Ordinary checks of the best kind since the last one of another.
    int m_turns = 0;
    bool m_isTcpHeldBack = false;
};

template<typename Predicate>
void Checklist::removeIf(Predicate predicate)
{
    std::erase_if(m_pairs, [&](const std::unique_ptr<CandidatePair> &pair) {
        if (!predicate(*pair))
            return false;
        forget(pair.get());
        return true;
    });
}

} // namespace peer::ice

#endif // PEER_ICE_CHECKLIST_H
