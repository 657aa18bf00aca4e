// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is a sequence of operations on a bare port: commands, time, datagrams of any content,
// checks of peers and answers to its own, true ones and false ones. The first octet of each operation
// chooses it, the next ones are its arguments; the input is read as zeros behind its end.
//
// Beside the port stands what a bystander knows: which addresses were named by a command, and until
// when each has proven that it wants something. Nothing may leave the port that this does not allow.

#include "core/ice/checkmessage.h"
#include "core/ice/consentport.h"
#include "core/ice/timing.h"
#include "core/stun/messagewriter.h"
#include "fuzz/expect.h"
#include "fuzz/input.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>

using namespace peer;
using namespace peer::ice;
using namespace std::chrono_literals;

namespace {

const std::string OurFragment = "oursours";
const std::string OurPassword = "ourPasswordOfManyChars0";
const std::string Fragments[] = {"peer", "another"};
const std::string Password = "passwordOfThePeer00000";
/// What payload consists of: no STUN message begins with it.
constexpr std::uint8_t PayloadOctet = 0xAA;

/// Few enough that operations meet, enough that there are too many.
TransportAddress addressOf(std::uint8_t choice)
{
    static const char *const Ips[] = {"192.0.2.1", "2001:db8::1", "127.0.0.1", "224.0.0.1"};
    return {*IpAddress::fromString(Ips[choice >= 252 ? choice - 252 : choice % 2]),
            static_cast<std::uint16_t>(choice == 251 ? 0 : 5000 + choice / 2)};
}

class Harness
{
public:
    explicit Harness(fuzz::Input input)
        : m_input(input)
        , m_port(OurFragment, OurPassword, m_random)
    { }

    void run()
    {
        for (int i = 0; i < 500 && !m_input.isAtEnd(); ++i) {
            operate();
            drain();
        }
        // Left alone it comes to rest, and has consent nowhere.
        letTimePass(timing::ConsentLifetime + timing::CheckPatience
                    + ConsentPort::MaxPeers * timing::CheckTransmissions * ConsentPort::Pacing);
        PEER_FUZZ_EXPECT(m_port.nextDeadline() == Never);
        for (const auto &[remote, peer] : m_peers)
            PEER_FUZZ_EXPECT(!m_port.isProven(m_now, remote));
    }

private:
    /// What is known of an address without asking the port.
    struct Peer
    {
        bool wasNamed = false;
        std::optional<TimePoint> consentUntil;
        bool hasSession = false;
    };
    struct Sent
    {
        Route route;
        stun::TransactionId id;
        bool isCheck;
    };

    Route route()
    {
        const std::uint8_t choice = m_input.octet();
        return {TransportId{1u + (choice == 250)}, addressOf(0), addressOf(choice)};
    }
    bool hasConsent(const TransportAddress &remote)
    {
        const auto until = m_peers[remote].consentUntil;
        return until && m_now < *until;
    }

    /// Answers to what it has asked there before say nothing any more.
    void forget(const TransportAddress &remote)
    {
        m_peers[remote] = {};
        forgetRequests(remote, m_requests.size());
    }
    /// Of the first count ones.
    void forgetRequests(const TransportAddress &remote, std::size_t count)
    {
        const auto end = m_requests.begin() + std::ptrdiff_t(count);
        m_requests.erase(
            std::remove_if(m_requests.begin(), end,
                           [&](const Sent &sent) { return sent.route.remote == remote; }),
            end);
    }

    void operate();
    void test();
    void session();
    void send();
    void receivePayload();
    void receiveCheck();
    void answer();
    void letTimePass(Duration duration);
    void drain();
    void checkTransmit(const Transmit &transmit);
    void checkEvent(const ConsentPort::Event &event);

    fuzz::Input m_input;
    fuzz::Counting m_random;
    TimePoint m_now{1000s};
    ConsentPort m_port;
    std::map<TransportAddress, Peer> m_peers;
    /// Requests of the port that nobody has answered.
    std::deque<Sent> m_requests;
    TimePoint m_lastQuestion{};
    std::size_t m_answers = 0; ///< that may leave: one for each request
};

void Harness::operate()
{
    const std::uint8_t operation = m_input.octet();
    switch (operation % 8) {
    case 0:
        test();
        return;
    case 1:
        session();
        return;
    case 2:
        send();
        return;
    case 3:
        receivePayload();
        return;
    case 4:
        receiveCheck();
        return;
    case 5:
    case 6:
        answer();
        return;
    default:
        letTimePass((operation & 128 ? Duration(1s) : Duration(5ms)) * m_input.octet());
        return;
    }
}

void Harness::test()
{
    const Route to = route();
    const std::uint8_t choice = m_input.octet();
    using Outcome = ConsentPort::Outcome;
    const Outcome outcome = (choice & 4)
        ? m_port.ask(m_now, to)
        : m_port.test(m_now, to, (choice & 8) ? "no" : Fragments[choice & 1],
                      (choice & 16) ? "short" : Password);
    Peer &peer = m_peers[to.remote];
    switch (outcome) {
    case Outcome::Started:
        PEER_FUZZ_EXPECT(to.remote.port != 0 && !to.remote.ip.isMulticast());
        PEER_FUZZ_EXPECT(!hasConsent(to.remote));
        forget(to.remote);
        peer.wasNamed = true;
        return;
    case Outcome::Running:
    case Outcome::Barred:
        PEER_FUZZ_EXPECT(peer.wasNamed);
        return;
    case Outcome::TooMany:
    case Outcome::Malformed:
        return;
    }
}

void Harness::session()
{
    const std::uint8_t choice = m_input.octet();
    const TransportAddress remote = addressOf(m_input.octet());
    Peer &peer = m_peers[remote];
    if (choice & 1) {
        m_port.closeSession(remote);
        peer.hasSession = false;
    } else if (m_port.openSession(m_now, remote)) {
        PEER_FUZZ_EXPECT(hasConsent(remote));
        peer.hasSession = true;
    }
}

void Harness::send()
{
    const TransportAddress remote = addressOf(m_input.octet());
    const Bytes payload(m_input.octet() * std::size_t(5), PayloadOctet);
    if (m_port.send(m_now, remote, payload))
        PEER_FUZZ_EXPECT(m_peers[remote].hasSession && hasConsent(remote));
}

/// Anything: mostly no STUN.
void Harness::receivePayload()
{
    const Route from = route();
    ++m_answers;
    if (m_port.receive(m_now, {from, m_input.some()}))
        PEER_FUZZ_EXPECT(m_peers[from.remote].hasSession && hasConsent(from.remote));
}

void Harness::receiveCheck()
{
    const Route from = route();
    const std::uint8_t choice = m_input.octet();
    const bool isTrue = (choice & 3) != 0;
    CheckRequest request;
    request.id = stun::makeTransactionId(m_random);
    const std::string username = ((choice & 4) ? Fragments[1] : OurFragment) + ":"
        + ((choice & 8) ? std::string(choice, 'x') : Fragments[0]);
    request.username = username;
    if (choice & 16)
        request.role = Role::Controlling;
    const auto key = stun::IntegrityKey::shortTerm(isTrue ? OurPassword : std::string("a guess"));
    std::array<std::uint8_t, 512> room{};
    ++m_answers;
    PEER_FUZZ_EXPECT(!m_port.receive(m_now, {from, writeCheckRequest(room, request, key)}));
}

/// To one of its last requests: a success, an error, or something that only looks like one.
void Harness::answer()
{
    const std::uint8_t which = m_input.octet();
    const std::uint8_t choice = m_input.octet();
    if (m_requests.empty())
        return;
    const std::size_t index = m_requests.size() - 1 - which % m_requests.size();
    const Sent sent = m_requests[index];
    const bool isForged = (choice & 1) != 0;
    const bool isFromElsewhere = (choice & 2) != 0;
    const bool isError = (choice & 4) != 0;
    const auto key = stun::IntegrityKey::shortTerm(isForged ? std::string("a guess") : Password);
    Route from = sent.route;
    if (isFromElsewhere)
        from.remote.port ^= 0x4000;
    std::array<std::uint8_t, 512> room{};
    const ByteView message = isError
        ? ice::writeCheckError(room, sent.id, (choice & 8) ? 401 : 300, {}, key)
        : ice::writeCheckSuccess(room, sent.id, addressOf(m_input.octet()), key);
    const TransportAddress remote = sent.route.remote;
    if (!isForged && !isFromElsewhere && !isError) {
        if (sent.isCheck)
            m_peers[remote].consentUntil = m_now + timing::ConsentLifetime;
        // An answer to an older one would be late, and one to the same again says nothing.
        forgetRequests(remote, index + 1);
        std::erase_if(m_requests, [&](const Sent &each) { return each.id == sent.id; });
    }
    PEER_FUZZ_EXPECT(!m_port.receive(m_now, {from, message}));
}

void Harness::letTimePass(Duration duration)
{
    const TimePoint end = m_now + duration;
    int atOnce = 0;
    while (m_port.nextDeadline() <= end) {
        atOnce = m_port.nextDeadline() <= m_now ? atOnce + 1 : 0;
        PEER_FUZZ_EXPECT(atOnce < 3);
        m_now = std::max(m_now, m_port.nextDeadline());
        m_port.advance(m_now);
        drain();
    }
    m_now = end;
    m_port.advance(m_now);
    drain();
}

void Harness::drain()
{
    while (const auto transmit = m_port.nextTransmit())
        checkTransmit(*transmit);
    while (const auto event = m_port.nextEvent())
        checkEvent(*event);
    m_answers = 0;
}

void Harness::checkTransmit(const Transmit &transmit)
{
    const TransportAddress remote = transmit.route.remote;
    const auto message = stun::Message::parse(transmit.payload);
    if (!message) {
        PEER_FUZZ_EXPECT(transmit.payload.size() <= ConsentPort::MaxPayload);
        PEER_FUZZ_EXPECT(m_peers[remote].hasSession && hasConsent(remote));
        return;
    }
    if (message->messageClass() != stun::Class::Request) {
        PEER_FUZZ_EXPECT(m_answers-- > 0);
        return;
    }
    PEER_FUZZ_EXPECT(m_peers[remote].wasNamed);
    if (!hasConsent(remote)) {
        PEER_FUZZ_EXPECT(m_now - m_lastQuestion >= ConsentPort::Pacing);
        m_lastQuestion = m_now;
    }
    const bool isCheck = message->integrity() != stun::Integrity::Absent;
    m_requests.push_back({transmit.route, message->transactionId(), isCheck});
    if (m_requests.size() > 64)
        m_requests.pop_front();
}

void Harness::checkEvent(const ConsentPort::Event &event)
{
    if (const auto *proven = std::get_if<ConsentPort::Proven>(&event)) {
        PEER_FUZZ_EXPECT(hasConsent(proven->remote));
        PEER_FUZZ_EXPECT(m_port.isProven(m_now, proven->remote));
    } else if (const auto *lost = std::get_if<ConsentPort::ConsentLost>(&event)) {
        PEER_FUZZ_EXPECT(!hasConsent(lost->remote));
        forget(lost->remote);
        m_peers[lost->remote].wasNamed = true;
    } else if (const auto *failed = std::get_if<ConsentPort::TestFailed>(&event)) {
        PEER_FUZZ_EXPECT(!hasConsent(failed->remote));
        forget(failed->remote);
    } else if (const auto *found = std::get_if<ConsentPort::AddressFound>(&event)) {
        forget(found->server);
    } else if (const auto *tested = std::get_if<ConsentPort::Tested>(&event)) {
        PEER_FUZZ_EXPECT(tested->fragment.size() <= ConsentPort::MaxCredential);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Harness(fuzz::Input(ByteView(data, size))).run();
    return 0;
}
