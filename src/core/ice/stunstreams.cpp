// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/stunstreams.h"

#include "core/ice/localcandidates.h"
#include "core/ice/timing.h"
#include "core/stun/messagewriter.h"

#include <algorithm>
#include <utility>

namespace peer::ice {

StunStreams::StunStreams(RandomSource &random, RequestQueue &requests)
    : m_random(random)
    , m_requests(requests)
{ }

void StunStreams::addBase(TransportId transport, const TransportAddress &base)
{
    m_bases.push_back({transport, base});
    for (const TransportAddress &server : m_servers)
        addQuestion(m_bases.back(), server);
}

void StunStreams::removeBases(TransportId transport, const IpAddress &ip)
{
    std::erase_if(m_bases, [&](const Base &base) {
        return base.transport == transport && base.address.ip == ip;
    });
    std::erase_if(m_questions, [&](Question &question) {
        if (question.transport != transport || question.base.ip != ip)
            return false;
        finish(question);
        return true;
    });
}

void StunStreams::addServer(const TransportAddress &server)
{
    if (!isUsableAddress(server) || m_servers.size() >= MaxServers
        || std::find(m_servers.begin(), m_servers.end(), server) != m_servers.end())
        return;
    m_servers.push_back(server);
    for (const Base &base : m_bases)
        addQuestion(base, server);
}

void StunStreams::addQuestion(const Base &base, const TransportAddress &server)
{
    if (!canReach(base.address.ip, server.ip))
        return;
    Question question;
    question.transport = base.transport;
    question.base = base.address;
    question.server = server;
    const bool isAnswered = std::any_of(
        m_questions.begin(), m_questions.end(), [&](const Question &other) {
            return other.base == question.base && other.phase == Phase::Answered;
        });
    if (isAnswered)
        question.phase = Phase::Over;
    m_questions.push_back(question);
}

void StunStreams::restart()
{
    m_isWanted = true;
    for (Question &question : m_questions) {
        finish(question);
        question.phase = Phase::Idle;
        question.tries = 0;
        question.isReached = false;
    }
}

void StunStreams::setWanted(bool isWanted)
{
    m_isWanted = isWanted;
    if (isWanted)
        return;
    for (Question &question : m_questions)
        finish(question);
}

/// AtOnce servers of a base are asked, and again so many if none of its servers was reached.
bool StunStreams::mayOpen(const Question &wanted) const
{
    std::size_t all = 0, ofBase = 0, repeated = 0;
    bool isReached = false;
    for (const Question &question : m_questions) {
        const bool isOpen = question.id != 0;
        all += isOpen ? 1 : 0;
        if (question.base != wanted.base)
            continue;
        ofBase += isOpen ? 1 : 0;
        repeated += question.tries > 1 ? 1 : 0;
        isReached = isReached || question.isReached;
    }
    const bool mayRepeat = !isReached && repeated < AtOnce;
    return all < MaxStreams && ofBase < AtOnce && (wanted.tries == 0 || mayRepeat);
}

void StunStreams::advance(TimePoint now)
{
    for (Question &question : m_questions) {
        if (!question.isPending() || question.deadline > now)
            continue;
        finish(question);
        if (question.tries < timing::StunStreamTries)
            question.phase = Phase::Idle;
    }
    if (!m_isWanted)
        return;
    // Those that have not been asked go first.
    for (int tries = 0; tries < timing::StunStreamTries; ++tries) {
        for (Question &question : m_questions) {
            if (question.phase == Phase::Idle && question.tries == tries && mayOpen(question))
                open(now, question);
        }
    }
}

void StunStreams::open(TimePoint now, Question &question)
{
    question.id = m_requests.newId();
    question.phase = Phase::Opening;
    question.deadline = now + timing::StunStreamPatience * (1 << question.tries++);
    m_requests.push(request::OpenStun{question.id, question.base, question.server});
}

TimePoint StunStreams::nextDeadline() const
{
    TimePoint next = Never;
    for (const Question &question : m_questions) {
        if (question.isPending())
            next = std::min(next, question.deadline);
    }
    return next;
}

StunStreams::Question *StunStreams::find(std::uint32_t id)
{
    const auto found = std::find_if(
        m_questions.begin(), m_questions.end(),
        [id](const Question &question) { return id != 0 && question.id == id; });
    return found == m_questions.end() ? nullptr : &*found;
}

void StunStreams::opened(std::uint32_t id, const Route &route, TransmitQueue &out)
{
    Question *question = find(id);
    if (!question || question->phase != Phase::Opening)
        return;
    question->route = route;
    question->isReached = true;
    ask(*question, out);
}

/// Once: TCP repeats (RFC 8489 section 6.2.2).
void StunStreams::ask(Question &question, TransmitQueue &out)
{
    question.phase = Phase::Asked;
    question.transaction = stun::makeTransactionId(m_random);
    const MutableByteView room = out.reserve();
    if (room.empty())
        return; // as good as unanswered
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::Request, stun::Method::Binding, question.transaction);
    writer.addFingerprint();
    out.commit(question.route, writer.finish().size());
}

void StunStreams::ended(std::uint32_t id)
{
    if (Question *question = find(id)) {
        question->id = 0;
        finish(*question);
    }
}

void StunStreams::finish(Question &question)
{
    if (question.id != 0)
        m_requests.push(request::Close{question.id});
    question.id = 0;
    question.route = {};
    question.deadline = Never;
    question.phase = Phase::Over;
}

Gatherer::Outcome StunStreams::receive(const Route &route, const stun::Message &response,
                                       std::optional<Gatherer::Mapped> &mapped)
{
    if (!owns(route.transport))
        return Gatherer::Outcome::NotOurs;
    for (Question &question : m_questions) {
        if (question.route != route || question.phase != Phase::Asked
            || question.transaction != response.transactionId())
            continue;
        const auto address = response.address(stun::Attribute::XorMappedAddress);
        if (response.messageClass() != stun::Class::SuccessResponse || !address) {
            finish(question);
            break;
        }
        question.phase = Phase::Answered;
        question.deadline = Never;
        mapped = Gatherer::Mapped{question.transport, question.base, *address, route.remote.ip};
        for (Question &other : m_questions) {
            if (&other != &question && other.base == question.base)
                finish(other);
        }
        break;
    }
    return Gatherer::Outcome::Consumed;
}

bool StunStreams::owns(TransportId transport) const
{
    return std::any_of(m_questions.begin(), m_questions.end(), [&](const Question &question) {
        return question.id != 0 && !question.route.isNull()
            && question.route.transport == transport;
    });
}

bool StunStreams::isDone() const
{
    return std::none_of(m_questions.begin(), m_questions.end(), [&](const Question &question) {
        return question.isPending()
            || (m_isWanted && question.phase == Phase::Idle && mayOpen(question));
    });
}

} // namespace peer::ice
