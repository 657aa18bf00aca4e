// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/consentport.h"

#include "core/ice/priority.h"
#include "core/ice/timing.h"
#include "core/stun/messagewriter.h"

#include <algorithm>
#include <utility>

namespace peer::ice {

namespace {

/// Datagrams that wait to be sent; what is beyond is dropped by send(), or repeated.
constexpr std::size_t MaxTransmits = 256;
/// RFC 8445 section 5.1.2.1: the local preference of a host with one address.
constexpr std::uint16_t LocalPreference = 65535;
/// RFC 7675 section 5.1: six requests in 30 s, each at 4 to 6 s.
constexpr std::size_t MaxConsentRequests = 8;
/// Events that nobody has taken. Only a check of the peer's makes one without our doing.
constexpr std::size_t MaxEvents = 256;

constexpr stun::RetransmissionPolicy testPolicy()
{
    return {timing::CheckRto, timing::CheckTransmissions, timing::CheckFinalWait};
}

bool isIceChar(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+'
        || c == '/';
}

bool isCredential(std::string_view text, std::size_t least)
{
    return text.size() >= least && text.size() <= ConsentPort::MaxCredential
        && std::all_of(text.begin(), text.end(), isIceChar);
}

/// What may be tested at all: nobody's multicast group, nothing that has no port, and
/// each IPv4 address in one way only.
bool isPlausible(const TransportAddress &address)
{
    return !address.isNull() && address.port != 0 && !address.ip.isMulticast()
        && !address.ip.isUnspecified() && !address.ip.isV4Mapped();
}

} // namespace

ConsentPort::ConsentPort(std::string fragment, std::string password, RandomSource &random)
    : m_fragment(std::move(fragment))
    , m_key(stun::IntegrityKey::shortTerm(password))
    , m_random(random)
    , m_transmits(MaxTransmits)
{ }

bool ConsentPort::isValidFragment(std::string_view text)
{
    return isCredential(text, 4);
}

bool ConsentPort::isValidPassword(std::string_view text)
{
    return isCredential(text, 22);
}

// ---- What the owner wants

ConsentPort::Outcome ConsentPort::test(TimePoint, const Route &route, const std::string &fragment,
                                       const std::string &password)
{
    if (!isPlausible(route.remote) || !isValidFragment(fragment) || !isValidPassword(password))
        return Outcome::Malformed;
    const auto known = m_peers.find(route.remote);
    if (known != m_peers.end()) {
        if (known->second.state != State::Lost)
            return Outcome::Running;
        if (known->second.fragment == fragment)
            return Outcome::Barred;
        std::erase(m_lost, route.remote);
        m_peers.erase(known);
    }
    Peer peer;
    peer.fragment = fragment;
    peer.username = fragment + ':' + m_fragment;
    peer.key = stun::IntegrityKey::shortTerm(password);
    return add(route, std::move(peer));
}

ConsentPort::Outcome ConsentPort::ask(TimePoint, const Route &route)
{
    if (!isPlausible(route.remote))
        return Outcome::Malformed;
    if (m_peers.contains(route.remote))
        return Outcome::Running;
    Peer peer;
    peer.state = State::Asking;
    return add(route, std::move(peer));
}

ConsentPort::Outcome ConsentPort::add(const Route &route, Peer &&peer)
{
    if (!makeRoom())
        return Outcome::TooMany;
    peer.route = route;
    peer.transaction.emplace(stun::makeTransactionId(m_random), testPolicy());
    m_peers.emplace(route.remote, std::move(peer));
    return Outcome::Started;
}

bool ConsentPort::makeRoom()
{
    if (m_peers.size() < MaxPeers)
        return true;
    if (m_lost.empty())
        return false;
    m_peers.erase(m_lost.front());
    m_lost.pop_front();
    return true;
}

bool ConsentPort::isProven(TimePoint now, const TransportAddress &remote) const
{
    const auto peer = m_peers.find(remote);
    return peer != m_peers.end() && peer->second.state == State::Proven
        && now < peer->second.consentUntil;
}

bool ConsentPort::openSession(TimePoint now, const TransportAddress &remote)
{
    if (!isProven(now, remote))
        return false;
    m_peers.find(remote)->second.hasSession = true;
    return true;
}

void ConsentPort::closeSession(const TransportAddress &remote)
{
    if (const auto peer = m_peers.find(remote); peer != m_peers.end())
        peer->second.hasSession = false;
}

bool ConsentPort::send(TimePoint now, const TransportAddress &remote, ByteView payload)
{
    const auto peer = m_peers.find(remote);
    if (peer == m_peers.end() || !peer->second.hasSession || now >= peer->second.consentUntil
        || payload.size() > MaxPayload) {
        return false;
    }
    return m_transmits.push(peer->second.route, payload);
}

// ---- What comes

bool ConsentPort::receive(TimePoint now, const Datagram &datagram)
{
    const auto message = stun::Message::parse(datagram.payload);
    if (message && message->hasFingerprint()) {
        switch (message->messageClass()) {
        case stun::Class::Request:
            receiveRequest(now, datagram, *message);
            return false;
        case stun::Class::SuccessResponse:
        case stun::Class::ErrorResponse:
            receiveResponse(now, datagram, *message);
            return false;
        case stun::Class::Indication:
            return false; // RFC 8445 section 11: a keepalive
        }
    }
    const auto peer = m_peers.find(datagram.route.remote);
    // A STUN server need not sign with FINGERPRINT.
    if (message && peer != m_peers.end() && peer->second.state == State::Asking) {
        receiveResponse(now, datagram, *message);
        return false;
    }
    if (peer != m_peers.end() && peer->second.hasSession && now < peer->second.consentUntil)
        return true;
    ++m_dropped;
    return false;
}

void ConsentPort::receiveRequest(TimePoint now, const Datagram &datagram,
                                 const stun::Message &message)
{
    if (message.method() != stun::Method::Binding) {
        ++m_dropped;
        return;
    }
    const CheckRequest request = readCheckRequest(message);
    const bool hasCredentials = !request.username.empty()
        && message.integrity() != stun::Integrity::Absent;
    if (!hasCredentials || request.receiverFragment() != m_fragment
        || !message.checkIntegrity(m_key, message.integrity())) {
        refuse(now, datagram.route, message,
               hasCredentials ? stun::errorcode::Unauthenticated : stun::errorcode::BadRequest);
        return;
    }
    const MutableByteView room = m_transmits.reserve();
    if (room.empty() || !mayAnswer(now, datagram.route.remote)) {
        ++m_dropped; // it will be repeated
        return;
    }
    const stun::AttributeTypes unknown = message.unknownRequired();
    const ByteView answer = unknown.isEmpty()
        ? writeCheckSuccess(room, request.id, datagram.route.remote, m_key)
        : writeCheckError(room, request.id, stun::errorcode::UnknownAttribute, unknown, m_key);
    if (!answer.empty())
        m_transmits.commit(datagram.route, answer.size());
    if (unknown.isEmpty() && m_events.size() < MaxEvents) {
        const std::string_view fragment = request.senderFragment();
        m_events.push_back(
            Tested{datagram.route.remote,
                   isValidFragment(fragment) ? std::string(fragment) : std::string()});
    }
}

bool ConsentPort::mayAnswer(TimePoint now, const TransportAddress &remote)
{
    const auto peer = m_peers.find(remote);
    const bool isPeer = peer != m_peers.end()
        && (peer->second.state == State::Testing || peer->second.state == State::Proven);
    return (isPeer ? m_peersAnswers : m_strangersAnswers).take(now, remote);
}

/// RFC 8489 section 9.1.3. Never larger than what came in, and seldom.
void ConsentPort::refuse(TimePoint now, const Route &route, const stun::Message &request, int code)
{
    ++m_dropped;
    if (now < m_nextRefusalAt)
        return;
    const MutableByteView room = m_transmits.reserve();
    if (room.empty())
        return;
    const ByteView answer = writeCheckError(room, request.transactionId(), code, {},
                                            stun::IntegrityKey());
    if (answer.empty() || answer.size() > request.octets().size())
        return;
    m_nextRefusalAt = now + timing::ErrorResponseGap;
    m_transmits.commit(route, answer.size());
}

/// RFC 8445 section 7.2.5.2.1: it has to come from where the request went, and to where that left.
void ConsentPort::receiveResponse(TimePoint now, const Datagram &datagram,
                                  const stun::Message &message)
{
    const auto it = m_peers.find(datagram.route.remote);
    if (it == m_peers.end() || it->second.state == State::Lost
        || it->second.route.transport != datagram.route.transport) {
        ++m_dropped;
        return;
    }
    Peer &peer = it->second;
    // Whoever forges one must not end anything (RFC 8489 section 9.1.4).
    if (peer.state != State::Asking
        && (message.integrity() == stun::Integrity::Absent
            || !message.checkIntegrity(peer.key, message.integrity()))) {
        ++m_dropped;
        return;
    }
    takeAnswer(now, peer, message);
}

void ConsentPort::takeAnswer(TimePoint now, Peer &peer, const stun::Message &message)
{
    const auto reflexive = message.address(stun::Attribute::XorMappedAddress);
    const bool isSuccess = message.messageClass() == stun::Class::SuccessResponse
        && message.unknownRequired().isEmpty() && reflexive;
    if (peer.state == State::Proven) {
        const auto sent = std::find(peer.requests.begin(), peer.requests.end(),
                                    message.transactionId());
        if (sent == peer.requests.end()) {
            ++m_dropped;
        } else if (isSuccess) {
            peer.requests.erase(peer.requests.begin(), std::next(sent));
            peer.consentUntil = now + timing::ConsentLifetime;
        }
        return;
    }
    if (!peer.transaction->receive(now, message))
        return;
    const TransportAddress remote = peer.route.remote;
    if (!isSuccess) {
        m_events.push_back(TestFailed{remote, Failure::Refused});
        m_peers.erase(remote);
    } else if (peer.state == State::Asking) {
        m_events.push_back(AddressFound{remote, *reflexive});
        m_peers.erase(remote);
    } else {
        prove(now, peer, *reflexive, peer.transaction->roundTripTime());
    }
}

void ConsentPort::prove(TimePoint now, Peer &peer, const TransportAddress &reflexive,
                        std::optional<Duration> roundTrip)
{
    peer.state = State::Proven;
    peer.transaction.reset();
    peer.consentUntil = now + timing::ConsentLifetime;
    peer.nextRequestAt = now + consentWait();
    m_events.push_back(Proven{peer.route.remote, reflexive, roundTrip});
}

// ---- Time

/// RFC 7675 section 5.1: 5 s times 0.8 to 1.2.
Duration ConsentPort::consentWait()
{
    const Duration span = timing::ConsentInterval * 4 / 10;
    return timing::ConsentInterval * 8 / 10
        + Duration(static_cast<Duration::rep>(m_random.below(std::uint64_t(span.count()))));
}

void ConsentPort::sendRequest(const Peer &peer, const stun::TransactionId &id)
{
    const MutableByteView room = m_transmits.reserve();
    if (room.empty())
        return; // as if the network had lost it
    ByteView octets;
    if (peer.state == State::Asking) {
        stun::MessageWriter writer(room);
        writer.begin(stun::Class::Request, stun::Method::Binding, id);
        writer.addFingerprint();
        octets = writer.finish();
    } else {
        CheckRequest request;
        request.id = id;
        request.username = peer.username;
        request.priority = candidatePriority(CandidateType::PeerReflexive, LocalPreference);
        octets = writeCheckRequest(room, request, peer.key);
    }
    if (!octets.empty())
        m_transmits.commit(peer.route, octets.size());
}

void ConsentPort::advance(TimePoint now)
{
    renewConsents(now);
    advanceTests(now);
}

void ConsentPort::renewConsents(TimePoint now)
{
    for (auto &[remote, peer] : m_peers) {
        if (peer.state != State::Proven)
            continue;
        if (now >= peer.consentUntil) {
            peer.state = State::Lost;
            peer.hasSession = false;
            peer.requests.clear();
            m_lost.push_back(remote);
            m_events.push_back(ConsentLost{remote});
        } else if (now >= peer.nextRequestAt) {
            // Each is a transaction of its own and is not repeated.
            peer.requests.push_back(stun::makeTransactionId(m_random));
            if (peer.requests.size() > MaxConsentRequests)
                peer.requests.pop_front();
            sendRequest(peer, peer.requests.back());
            peer.nextRequestAt = now + consentWait();
        }
    }
}

/// One request in Pacing, the one that has waited longest first.
void ConsentPort::advanceTests(TimePoint now)
{
    for (auto it = m_peers.begin(); it != m_peers.end();) {
        Peer &peer = it->second;
        const bool isOver = peer.transaction
            && peer.transaction->transmissions() >= testPolicy().maxTransmissions
            && peer.transaction->advance(now) == stun::Transaction::Action::TimeOut;
        if (isOver)
            m_events.push_back(TestFailed{it->first, Failure::Unanswered});
        it = isOver ? m_peers.erase(it) : std::next(it);
    }
    if (now < m_nextTestAt)
        return;
    Peer *next = nullptr;
    for (auto &[remote, peer] : m_peers) {
        if (peer.transaction && peer.transaction->nextDeadline() <= now
            && (!next || peer.transaction->nextDeadline() < next->transaction->nextDeadline()))
            next = &peer;
    }
    if (!next || next->transaction->advance(now) != stun::Transaction::Action::Transmit)
        return;
    sendRequest(*next, next->transaction->id());
    m_nextTestAt = now + Pacing;
}

TimePoint ConsentPort::nextDeadline() const
{
    TimePoint next = Never;
    for (const auto &[remote, peer] : m_peers) {
        if (peer.state == State::Proven)
            next = std::min({next, peer.nextRequestAt, peer.consentUntil});
        else if (peer.transaction)
            next = std::min(next, std::max(peer.transaction->nextDeadline(), m_nextTestAt));
    }
    return next;
}

std::optional<Transmit> ConsentPort::nextTransmit()
{
    if (m_transmits.isEmpty())
        return std::nullopt;
    return m_transmits.pop();
}

std::optional<ConsentPort::Event> ConsentPort::nextEvent()
{
    if (m_events.empty())
        return std::nullopt;
    Event event = std::move(m_events.front());
    m_events.pop_front();
    return event;
}

} // namespace peer::ice
