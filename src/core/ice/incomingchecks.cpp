// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The peer's connectivity checks: RFC 8445 section 7.3.

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

namespace peer::ice {

namespace {

bool hasCredentials(const stun::Message &request)
{
    return request.has(stun::Attribute::Username) && request.integrity() != stun::Integrity::Absent;
}

} // namespace

bool Agent::Private::receiveRequest(TimePoint now, const Route &route, const stun::Message &message)
{
    // Only on a base of ours can there be a pair, and an answer would promise one.
    if (message.method() != stun::Method::Binding || !canSendFrom(route))
        return false;
    if (!hasCredentials(message)) {
        refuseUnauthenticated(now, route, message, stun::errorcode::BadRequest);
        return true;
    }
    const CheckRequest request = readCheckRequest(message);
    Generation *generation = nullptr;
    for (Generation &candidate : generations) {
        if (candidate.local.usernameFragment == request.receiverFragment())
            generation = &candidate; // the last is the youngest
    }
    if (!generation || !message.checkIntegrity(generation->localKey, message.integrity())) {
        refuseUnauthenticated(now, route, message, stun::errorcode::Unauthenticated);
        return true;
    }

    connections.keep(route.transport, now + timing::TcpPatience);
    const stun::AttributeTypes unknown = message.unknownRequired();
    int code = 0;
    if (!unknown.isEmpty())
        code = stun::errorcode::UnknownAttribute;
    else if (!repairRoleConflict(request))
        code = stun::errorcode::RoleConflict;
    else if (isUnacceptableNomination(*generation, route, request))
        code = stun::errorcode::BadRequest;

    const bool isOfPeer = code == 0 && generation->remote
        && generation->remote->usernameFragment == request.senderFragment();
    CandidatePair *pair = isOfPeer ? pairOfCheck(now, *generation, route, request.priority)
                                   : nullptr;
    // An answer would promise a pair; without one, what comes that way is a stranger's. That holds
    // too for a check that mixes our session of now with another of the peer's: a browser sends such
    // ones while it restarts, and chooses what is answered.
    const bool hasPair = pair || checklist.find(generation->number, route);
    const bool isEarly = generation == &current() && !generation->remote
        && !isOfPeerBefore(request);
    if (code == 0 && !hasPair && !isEarly)
        return true;

    const MutableByteView room = transmits.reserve();
    if (!room.empty()) {
        const ByteView answer = code != 0
            ? writeCheckError(room, request.id, code, unknown, generation->localKey)
            : writeCheckSuccess(room, request.id, route.remote, generation->localKey);
        if (!answer.empty())
            transmits.commit(route, answer.size());
    }
    if (code != 0)
        return true;
    if (isEarly)
        keepForLater(route, request);
    else if (pair)
        learnFromCheck(now, *pair, request);
    return true;
}

/// Whether the sender is in a session that a restart of ours has left behind.
bool Agent::Private::isOfPeerBefore(const CheckRequest &request) const
{
    return std::any_of(generations.begin(), generations.end(), [&](const Generation &generation) {
        return generation.remote && generation.remote->usernameFragment == request.senderFragment();
    });
}

/// RFC 8489 section 9.1.3: 400 without credentials, 401 with wrong ones. Neither can be signed, so
/// no ICE agent heeds them; they are for whoever looks for a fault.
void Agent::Private::refuseUnauthenticated(TimePoint now, const Route &route,
                                           const stun::Message &request, int code)
{
    if (lastErrorResponseAt + timing::ErrorResponseGap > now)
        return;
    const MutableByteView room = transmits.reserve();
    if (room.empty())
        return;
    const ByteView answer = writeCheckError(room, request.transactionId(), code, {},
                                            stun::IntegrityKey());
    // Never larger than what came in.
    if (answer.empty() || answer.size() > request.octets().size())
        return;
    lastErrorResponseAt = now;
    transmits.commit(route, answer.size());
}

/// Section 7.3.1.5: we could not use a pair that has lost our consent, so the peer should not
/// choose it.
bool Agent::Private::isUnacceptableNomination(const Generation &generation, const Route &route,
                                              const CheckRequest &request) const
{
    if (role != Role::Controlled || request.nomination == Nomination::None)
        return false;
    const CandidatePair *pair = checklist.find(generation.number, route);
    return pair && pair->isBarred;
}

/// Section 7.3.1.1. False when the request is to be answered with 487.
bool Agent::Private::repairRoleConflict(const CheckRequest &request)
{
    if (request.role != role)
        return true;
    const bool isOursLarger = tieBreaker >= request.tieBreaker;
    if (role == Role::Controlling) {
        if (isOursLarger)
            return false;
        setRole(Role::Controlled);
    } else {
        if (!isOursLarger)
            return false;
        setRole(Role::Controlling);
    }
    return true;
}

/// Sections 7.3.1.3 to 7.3.1.5, once the peer's parameters are known.
void Agent::Private::learnFromCheck(TimePoint now, CandidatePair &pair, const CheckRequest &request)
{
    const bool isPresent = checklist.isCurrent(pair);
    pair.isHeard = true;
    pair.wantedAt = now;
    noteHeard(now, pair);
    if (pair.isBarred)
        return;
    if (isPresent && pair.state != PairState::Succeeded) {
        pair.recheckDelay = {};
        pair.refusals = 0;
        checklist.trigger(pair);
    }
    if (role == Role::Controlled)
        acceptNomination(pair, request.nomination, request.nominationValue);
    else if (request.unfitNominee && isPresent)
        heedPeer(now, *request.unfitNominee);
}

/// The pair that a check came by. It is a new one if it came a way that none has yet; the peer's
/// address is then mostly a peer-reflexive candidate. Null beyond the caps, and where a former
/// session has none.
CandidatePair *Agent::Private::pairOfCheck(TimePoint now, const Generation &generation,
                                           const Route &route, std::uint32_t priority)
{
    CandidatePair *known = checklist.find(generation.number, route);
    if (known || checklist.generation() != generation.number)
        return known;
    if (isTunnel(route))
        return addTunnelPair(route);
    if (const Connection *connection = connections.find(route.transport))
        return addConnectionPair(*connection, priority);
    const LocalCandidate *local = locals.findBase(route.transport, route.local);
    if (!local)
        return nullptr;
    const RemoteCandidate *remote = remotes.find(route.remote);
    const bool isNew = !remote;
    if (isNew) {
        makeRoomForRemote(now);
        remote = remotes.addPeerReflexive(route.remote, priority);
    }
    CandidatePair *pair = remote ? addPair(*local, *remote, Checklist::Room::Needed) : nullptr;
    if (isNew && !pair)
        remotes.remove(route.remote);
    return pair;
}

} // namespace peer::ice
