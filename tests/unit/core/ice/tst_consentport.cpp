// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/consentport.h"
#include "core/ice/timing.h"
#include "core/stun/messagewriter.h"
#include "seededrandom.h"

#include <QtTest/qtest.h>

#include <memory>
#include <vector>

using namespace peer;
using namespace peer::ice;
using namespace std::chrono_literals;
using Outcome = ConsentPort::Outcome;

namespace {

const std::string AliceFragment = "alicefrag";
const std::string AlicePassword = "alicepasswordalicepassword";
const std::string BobFragment = "bobfrag";
const std::string BobPassword = "bobpasswordbobpasswordbob";

const TransportAddress AliceAt = *TransportAddress::fromString("192.0.2.1:1000");
const TransportAddress BobAt = *TransportAddress::fromString("198.51.100.2:2000");
const TransportAddress NatAt = *TransportAddress::fromString("203.0.113.3:3000");
const TransportAddress VictimAt = *TransportAddress::fromString("203.0.113.9:53");

using Octets = std::vector<std::uint8_t>;

struct Sent
{
    TimePoint at;
    Route route;
    Octets octets;

    bool isStun() const { return bool(stun::Message::parse(octets)); }
};

/// A port at an address, and what it said.
struct End
{
    End(const std::string &fragment, const std::string &password, const TransportAddress &at,
        std::uint64_t seed)
        : random(seed)
        , port(fragment, password, random)
        , address(at)
    { }

    Route to(const TransportAddress &remote) const { return {TransportId{1}, address, remote}; }

    SeededRandom random;
    ConsentPort port;
    TransportAddress address;
    std::vector<ConsentPort::Event> events;
    std::vector<Octets> payloads;
    std::vector<Sent> sent;

    template<typename Event>
    std::vector<Event> all() const
    {
        std::vector<Event> found;
        for (const auto &event : events) {
            if (const auto *one = std::get_if<Event>(&event))
                found.push_back(*one);
        }
        return found;
    }
};

/// Two ports, a network of 10 ms between them, and a clock.
struct World
{
    World()
        : alice(AliceFragment, AlicePassword, AliceAt, 1)
        , bob(BobFragment, BobPassword, BobAt, 2)
    { }

    void drain(End &end)
    {
        while (auto transmit = end.port.nextTransmit())
            end.sent.push_back(
                {now, transmit->route, {transmit->payload.begin(), transmit->payload.end()}});
        while (auto event = end.port.nextEvent())
            end.events.push_back(*event);
    }
    void deliver(End &to, const TransportAddress &from, const Octets &octets)
    {
        if (to.port.receive(now, {to.to(from), octets}))
            to.payloads.push_back(octets);
        drain(to);
    }
    /// What alice sends to bob or to herself arrives from her NAT, if there is one.
    void run(Duration time)
    {
        const TimePoint end = now + time;
        for (;;) {
            TimePoint next = std::min(alice.port.nextDeadline(), bob.port.nextDeadline());
            for (const auto &[due, flight] : flying)
                next = std::min(next, due);
            if (next > end)
                break;
            now = std::max(now, next);
            const auto arrived = takeArrived();
            for (const auto &[to, from, octets] : arrived)
                deliver(*to, from, octets);
            for (End *each : {&alice, &bob}) {
                each->port.advance(now);
                drain(*each);
            }
            launch();
        }
        now = end;
    }
    struct Flight
    {
        End *to;
        TransportAddress from;
        Octets octets;
    };
    std::vector<Flight> takeArrived()
    {
        std::vector<Flight> arrived;
        std::erase_if(flying, [&](auto &each) {
            if (each.first > now)
                return false;
            arrived.push_back(std::move(each.second));
            return true;
        });
        return arrived;
    }
    void launch()
    {
        for (End *each : {&alice, &bob}) {
            for (std::size_t &i = each == &alice ? fromAlice : fromBob; i < each->sent.size();
                 ++i) {
                const Sent &one = each->sent[i];
                const TransportAddress from = each == &alice && hasNat ? NatAt : each->address;
                if (isCut)
                    continue;
                if (one.route.remote == BobAt)
                    flying.push_back({now + 10ms, {&bob, from, one.octets}});
                else if (one.route.remote == AliceAt || (hasNat && one.route.remote == NatAt))
                    flying.push_back({now + 10ms, {&alice, from, one.octets}});
            }
        }
    }
    Outcome aliceTestsBob()
    {
        const Outcome outcome = alice.port.test(now, alice.to(BobAt), BobFragment, BobPassword);
        return outcome;
    }
    bool connect()
    {
        if (aliceTestsBob() != Outcome::Started)
            return false;
        run(200ms);
        return alice.port.openSession(now, BobAt);
    }

    TimePoint now{1h};
    End alice, bob;
    bool hasNat = false;
    bool isCut = false;
    std::vector<std::pair<TimePoint, Flight>> flying;
    std::size_t fromAlice = 0, fromBob = 0;
};

const Octets Payload{'h', 'e', 'l', 'l', 'o'};

Octets checkFor(const std::string &username, const std::string &password,
                stun::Attribute further = stun::Attribute::Priority)
{
    SeededRandom random(9);
    Octets room(600);
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::Request, stun::Method::Binding, stun::makeTransactionId(random));
    writer.addText(stun::Attribute::Username, username);
    writer.addUint32(further, 1);
    writer.addIntegrity(stun::IntegrityKey::shortTerm(password), stun::Integrity::Sha1);
    writer.addFingerprint();
    room.resize(writer.finish().size());
    return room;
}

/// An address from which nobody else sends.
TransportAddress stranger(int number)
{
    TransportAddress at = VictimAt;
    at.port = std::uint16_t(1000 + number);
    return at;
}

} // namespace

class tst_ConsentPort : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void provesWhoHasTheCredentials();
    void tellsTheReflexiveAddress();
    void sendsNothingButStunBeforeConsent();
    void opensNoSessionWithAnAddressThatIsNotProven();
    void carriesPayloadBothWaysInSessions();
    void payloadOfStrangersIsDropped();
    void payloadThatLooksLikeStunIsPayload();
    void renewsItsConsent();
    void stopsWhenConsentEnds();
    void isNotAskedAgainWithCredentialsWhoseConsentIsLost();
    void givesUpAfterSevenRequests();
    void requestsToStrangersArePaced();
    void answersOnlyWhoHasThePassword_data();
    void answersOnlyWhoHasThePassword();
    void answersToAnAddressAreLimitedInRate();
    void answersToStrangersAreLimitedInRate();
    void refusalsAreLimitedInRate();
    void aBatchGetsNoMoreAnswersThanItsTime_data();
    void aBatchGetsNoMoreAnswersThanItsTime();
    void allWhoAreTestedAreAnsweredInOneBatch();
    void strangersTakeNoAnswersFromThePeer();
    void forgedResponsesProveNothing_data();
    void forgedResponsesProveNothing();
    void asksAStunServerForItsAddress();
    void refusesWhatIsNoAddressOrCredential_data();
    void refusesWhatIsNoAddressOrCredential();
    void peersAreFew();
    void lostPeersGiveWay();
    void garbageIsCountedAndDropped();
    void payloadIsBounded();
};

void tst_ConsentPort::provesWhoHasTheCredentials()
{
    World world;
    QCOMPARE(world.aliceTestsBob(), Outcome::Started);
    QCOMPARE(world.aliceTestsBob(), Outcome::Running);
    world.run(200ms);
    const auto proven = world.alice.all<ConsentPort::Proven>();
    QCOMPARE(proven.size(), 1U);
    QVERIFY(proven[0].remote == BobAt);
    QVERIFY(proven[0].roundTrip == Duration(20ms));
    const auto tested = world.bob.all<ConsentPort::Tested>();
    QCOMPARE(tested.size(), 1U);
    QVERIFY(tested[0].from == AliceAt);
    QCOMPARE(tested[0].fragment, AliceFragment);
    // That alice may send to bob does not mean that bob may send to alice.
    QVERIFY(world.alice.port.isProven(world.now, BobAt));
    QVERIFY(!world.bob.port.isProven(world.now, AliceAt));
}

void tst_ConsentPort::tellsTheReflexiveAddress()
{
    World world;
    world.hasNat = true;
    QCOMPARE(world.aliceTestsBob(), Outcome::Started);
    world.run(200ms);
    const auto proven = world.alice.all<ConsentPort::Proven>();
    QCOMPARE(proven.size(), 1U);
    QVERIFY(proven[0].reflexive == NatAt);
    QVERIFY(world.bob.all<ConsentPort::Tested>().at(0).from == NatAt);
}

void tst_ConsentPort::sendsNothingButStunBeforeConsent()
{
    World world;
    world.isCut = true;
    QCOMPARE(world.aliceTestsBob(), Outcome::Started);
    QVERIFY(!world.alice.port.send(world.now, BobAt, Payload));
    QVERIFY(!world.alice.port.send(world.now, VictimAt, Payload));
    world.run(20s);
    QVERIFY(!world.alice.port.send(world.now, BobAt, Payload));
    QVERIFY(!world.alice.sent.empty());
    for (const Sent &one : world.alice.sent)
        QVERIFY(one.isStun());
}

void tst_ConsentPort::opensNoSessionWithAnAddressThatIsNotProven()
{
    World world;
    QVERIFY(!world.alice.port.openSession(world.now, BobAt));
    QCOMPARE(world.aliceTestsBob(), Outcome::Started);
    QVERIFY(!world.alice.port.openSession(world.now, BobAt));
    world.run(200ms);
    QVERIFY(!world.alice.port.openSession(world.now, VictimAt));
    // The proof is for the port too.
    TransportAddress other = BobAt;
    ++other.port;
    QVERIFY(!world.alice.port.openSession(world.now, other));
    // Proven, and yet nothing goes there before the session is open.
    QVERIFY(!world.alice.port.send(world.now, BobAt, Payload));
    QVERIFY(world.alice.port.openSession(world.now, BobAt));
    QVERIFY(world.alice.port.openSession(world.now, BobAt));
    QVERIFY(world.alice.port.send(world.now, BobAt, Payload));
    world.alice.port.closeSession(BobAt);
    QVERIFY(!world.alice.port.send(world.now, BobAt, Payload));
}

void tst_ConsentPort::carriesPayloadBothWaysInSessions()
{
    World world;
    QVERIFY(world.connect());
    QCOMPARE(world.bob.port.test(world.now, world.bob.to(AliceAt), AliceFragment, AlicePassword),
             Outcome::Started);
    world.run(200ms);
    QVERIFY(world.bob.port.openSession(world.now, AliceAt));
    QVERIFY(world.alice.port.send(world.now, BobAt, Payload));
    QVERIFY(world.bob.port.send(world.now, AliceAt, Payload));
    world.drain(world.alice);
    world.drain(world.bob);
    world.launch();
    world.run(100ms);
    QCOMPARE(world.bob.payloads.size(), 1U);
    QVERIFY(world.bob.payloads[0] == Payload);
    QCOMPARE(world.alice.payloads.size(), 1U);
}

void tst_ConsentPort::payloadOfStrangersIsDropped()
{
    World world;
    QVERIFY(world.connect());
    const auto before = world.alice.port.dropped();
    world.deliver(world.alice, VictimAt, Payload);
    world.deliver(world.bob, AliceAt, Payload); // who has proven nothing to bob
    QVERIFY(world.alice.payloads.empty());
    QVERIFY(world.bob.payloads.empty());
    QCOMPARE(world.alice.port.dropped(), before + 1);
}

/// RFC 8489 section 14.7: FINGERPRINT tells them apart.
void tst_ConsentPort::payloadThatLooksLikeStunIsPayload()
{
    World world;
    QVERIFY(world.connect());
    SeededRandom random(3);
    Octets room(100);
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::Request, stun::Method::Binding, stun::makeTransactionId(random));
    room.resize(writer.finish().size());
    world.deliver(world.alice, BobAt, room);
    QCOMPARE(world.alice.payloads.size(), 1U);
    QVERIFY(world.alice.all<ConsentPort::Tested>().empty());
}

/// RFC 7675 section 5.1: a request each 4 to 6 s.
void tst_ConsentPort::renewsItsConsent()
{
    World world;
    QVERIFY(world.connect());
    const std::size_t before = world.alice.sent.size();
    world.run(120s);
    QVERIFY(world.alice.port.isProven(world.now, BobAt));
    QVERIFY(world.alice.port.send(world.now, BobAt, Payload));
    const std::size_t requests = world.alice.sent.size() - before;
    QVERIFY2(requests >= 19 && requests <= 31, qPrintable(QString::number(requests)));
    for (std::size_t i = before + 1; i < world.alice.sent.size(); ++i) {
        const Duration gap = world.alice.sent[i].at - world.alice.sent[i - 1].at;
        QVERIFY(gap >= 4s && gap <= 6s);
    }
}

void tst_ConsentPort::stopsWhenConsentEnds()
{
    World world;
    QVERIFY(world.connect());
    world.isCut = true;
    world.run(29s);
    QVERIFY(world.alice.all<ConsentPort::ConsentLost>().empty());
    QVERIFY(world.alice.port.send(world.now, BobAt, Payload));
    world.run(2s);
    QCOMPARE(world.alice.all<ConsentPort::ConsentLost>().size(), 1U);
    QVERIFY(!world.alice.port.isProven(world.now, BobAt));
    QVERIFY(!world.alice.port.send(world.now, BobAt, Payload));
    QVERIFY(!world.alice.port.openSession(world.now, BobAt));
    world.drain(world.alice);
    const std::size_t before = world.alice.sent.size();
    world.isCut = false;
    world.run(60s);
    QCOMPARE(world.alice.sent.size(), before);
    world.deliver(world.alice, BobAt, Payload);
    QVERIFY(world.alice.payloads.empty());
    // Not even where nobody has called advance() yet.
    World late;
    QVERIFY(late.connect());
    late.now += 31s;
    QVERIFY(!late.alice.port.send(late.now, BobAt, Payload));
}

void tst_ConsentPort::isNotAskedAgainWithCredentialsWhoseConsentIsLost()
{
    World world;
    QVERIFY(world.connect());
    world.isCut = true;
    world.run(31s);
    QCOMPARE(world.aliceTestsBob(), Outcome::Barred);
    QCOMPARE(world.alice.port.test(world.now, world.alice.to(BobAt), "another", BobPassword),
             Outcome::Started);
}

void tst_ConsentPort::givesUpAfterSevenRequests()
{
    World world;
    world.isCut = true;
    QCOMPARE(world.aliceTestsBob(), Outcome::Started);
    world.run(timing::CheckPatience - 1ms);
    QVERIFY(world.alice.all<ConsentPort::TestFailed>().empty());
    world.run(2ms);
    const auto failed = world.alice.all<ConsentPort::TestFailed>();
    QCOMPARE(failed.size(), 1U);
    QVERIFY(failed[0].failure == ConsentPort::Failure::Unanswered);
    QCOMPARE(world.alice.sent.size(), 7U);
    QCOMPARE(world.alice.port.nextDeadline(), Never);
    world.isCut = false;
    QVERIFY(world.connect());
}

/// Somebody who is made to test many addresses is of no use to flood one of them.
void tst_ConsentPort::requestsToStrangersArePaced()
{
    World world;
    for (std::size_t i = 0; i < ConsentPort::MaxPeers; ++i) {
        TransportAddress at = VictimAt;
        at.port = std::uint16_t(1000 + i);
        QCOMPARE(world.alice.port.test(world.now, world.alice.to(at), BobFragment, BobPassword),
                 Outcome::Started);
    }
    world.run(30s);
    QVERIFY(world.alice.sent.size() > ConsentPort::MaxPeers);
    for (std::size_t i = 1; i < world.alice.sent.size(); ++i)
        QVERIFY(world.alice.sent[i].at - world.alice.sent[i - 1].at >= ConsentPort::Pacing);
    QCOMPARE(world.alice.all<ConsentPort::TestFailed>().size(), ConsentPort::MaxPeers);
}

void tst_ConsentPort::answersOnlyWhoHasThePassword_data()
{
    QTest::addColumn<QByteArray>("octets");
    QTest::addColumn<int>("code");
    const auto bytes = [](const Octets &octets) {
        return QByteArray(reinterpret_cast<const char *>(octets.data()), qsizetype(octets.size()));
    };
    const std::string right = AliceFragment + ':' + BobFragment;
    QTest::newRow("right") << bytes(checkFor(right, AlicePassword)) << 0;
    QTest::newRow("another password") << bytes(checkFor(right, BobPassword)) << 401;
    QTest::newRow("another fragment")
        << bytes(checkFor("carolfrag:" + BobFragment, AlicePassword)) << 401;
    QTest::newRow("a beginning of ours")
        << bytes(checkFor("alice:" + BobFragment, AlicePassword)) << 401;
    QTest::newRow("an unknown attribute that must be understood")
        << bytes(checkFor(right, AlicePassword, stun::Attribute(0x7ffe))) << 420;
}

void tst_ConsentPort::answersOnlyWhoHasThePassword()
{
    QFETCH(QByteArray, octets);
    QFETCH(int, code);
    World world;
    world.deliver(world.alice, VictimAt, Octets(octets.begin(), octets.end()));
    QCOMPARE(world.alice.sent.size(), 1U);
    const Sent &answer = world.alice.sent[0];
    QVERIFY(answer.route.remote == VictimAt);
    // Who has no password gets no more than he sent.
    QVERIFY(code != 401 || answer.octets.size() <= std::size_t(octets.size()));
    const auto message = stun::Message::parse(answer.octets);
    QVERIFY(bool(message));
    const auto error = message->errorCode();
    QCOMPARE(error ? error->code : 0, code);
    QCOMPARE(world.alice.all<ConsentPort::Tested>().size(), code == 0 ? 1U : 0U);
    QVERIFY(!world.alice.port.isProven(world.now, VictimAt));
}

/// Who repeats a check of the peer's, with the source address of somebody else.
void tst_ConsentPort::answersToAnAddressAreLimitedInRate()
{
    World world;
    const Octets good = checkFor(AliceFragment + ':' + BobFragment, AlicePassword);
    for (int i = 0; i < 1000; ++i) {
        world.now += 100us;
        world.deliver(world.alice, VictimAt, good);
    }
    QCOMPARE(world.alice.sent.size(), 5U);
    for (std::size_t i = 1; i < world.alice.sent.size(); ++i)
        QVERIFY(world.alice.sent[i].at - world.alice.sent[i - 1].at >= AnswerBudget::AddressGap);
}

void tst_ConsentPort::answersToStrangersAreLimitedInRate()
{
    World world;
    const Octets good = checkFor(AliceFragment + ':' + BobFragment, AlicePassword);
    for (int i = 0; i < 10'000; ++i) {
        world.now += 100us;
        world.deliver(world.alice, stranger(i), good);
    }
    QCOMPARE(world.alice.sent.size(),
             std::size_t(1s / ConsentPort::StrangersAnswers.gap)
                 + std::size_t(ConsentPort::StrangersAnswers.burst) - 1);
}

void tst_ConsentPort::refusalsAreLimitedInRate()
{
    World world;
    const Octets bad = checkFor(AliceFragment + ':' + BobFragment, BobPassword);
    for (int i = 0; i < 1000; ++i) {
        world.now += 100us;
        world.deliver(world.alice, stranger(i), bad);
    }
    QCOMPARE(world.alice.sent.size(), 5U);
}

/// What comes together has one time.
void tst_ConsentPort::aBatchGetsNoMoreAnswersThanItsTime_data()
{
    QTest::addColumn<QByteArray>("password");
    QTest::addColumn<std::size_t>("answers");
    QTest::newRow("right") << QByteArray::fromStdString(AlicePassword)
                           << std::size_t(ConsentPort::StrangersAnswers.burst);
    QTest::newRow("wrong") << QByteArray::fromStdString(BobPassword) << std::size_t(1);
}

void tst_ConsentPort::aBatchGetsNoMoreAnswersThanItsTime()
{
    QFETCH(QByteArray, password);
    QFETCH(std::size_t, answers);
    World world;
    const Octets check = checkFor(AliceFragment + ':' + BobFragment, password.toStdString());
    for (int i = 0; i < 1000; ++i)
        world.deliver(world.alice, stranger(i), check);
    QCOMPARE(world.alice.sent.size(), answers);
    // Nor does a clock that runs back, and forth again.
    world.now -= 1h;
    for (int i = 0; i < 1000; ++i)
        world.deliver(world.alice, stranger(i), check);
    world.now += 1h;
    for (int i = 0; i < 1000; ++i)
        world.deliver(world.alice, stranger(i), check);
    QCOMPARE(world.alice.sent.size(), answers);
}

/// Consent is asked for every 5 s, and not repeated: it must not depend on who comes first.
void tst_ConsentPort::allWhoAreTestedAreAnsweredInOneBatch()
{
    World world;
    const Octets check = checkFor(AliceFragment + ':' + BobFragment, AlicePassword);
    for (int i = 0; i < int(ConsentPort::MaxPeers); ++i) {
        QCOMPARE(
            world.alice.port.test(world.now, world.alice.to(stranger(i)), BobFragment, BobPassword),
            Outcome::Started);
    }
    for (int i = 0; i < int(ConsentPort::MaxPeers); ++i)
        world.deliver(world.alice, stranger(i), check);
    QCOMPARE(world.alice.all<ConsentPort::Tested>().size(), ConsentPort::MaxPeers);
}

/// Nor on a flood of checks that have the password.
void tst_ConsentPort::strangersTakeNoAnswersFromThePeer()
{
    World world;
    QVERIFY(world.connect());
    const Octets check = checkFor(AliceFragment + ':' + BobFragment, AlicePassword);
    for (int second = 0; second < 10; ++second) {
        for (int i = 0; i < 1000; ++i) {
            world.now += 1ms;
            world.deliver(world.alice, stranger(i), check);
        }
        const std::size_t before = world.alice.sent.size();
        world.deliver(world.alice, BobAt, check);
        QCOMPARE(world.alice.sent.size(), before + 1);
        QVERIFY(world.alice.sent.back().route.remote == BobAt);
    }
}

void tst_ConsentPort::forgedResponsesProveNothing_data()
{
    QTest::addColumn<QString>("fault");
    for (const char *fault :
         {"unsigned", "another password", "another transaction", "another address",
          "another socket", "without an address", "an error"})
        QTest::newRow(fault) << QString::fromLatin1(fault);
}

void tst_ConsentPort::forgedResponsesProveNothing()
{
    QFETCH(QString, fault);
    World world;
    world.isCut = true;
    QCOMPARE(world.aliceTestsBob(), Outcome::Started);
    world.alice.port.advance(world.now);
    world.drain(world.alice);
    const auto request = stun::Message::parse(world.alice.sent.at(0).octets);
    QVERIFY(bool(request));
    stun::TransactionId id = request->transactionId();
    if (fault == QLatin1StringView("another transaction"))
        id[3] ^= 1;
    Octets room(300);
    stun::MessageWriter writer(room);
    const bool isError = fault == QLatin1StringView("an error");
    writer.begin(isError ? stun::Class::ErrorResponse : stun::Class::SuccessResponse,
                 stun::Method::Binding, id);
    if (isError)
        writer.addErrorCode(400, "No");
    else if (fault != QLatin1StringView("without an address"))
        writer.addAddress(stun::Attribute::XorMappedAddress, AliceAt);
    const std::string password = fault == QLatin1StringView("another password") ? AlicePassword
                                                                                : BobPassword;
    if (fault != QLatin1StringView("unsigned"))
        writer.addIntegrity(stun::IntegrityKey::shortTerm(password), stun::Integrity::Sha1);
    writer.addFingerprint();
    room.resize(writer.finish().size());
    Route route = world.alice.to(fault == QLatin1StringView("another address") ? VictimAt : BobAt);
    if (fault == QLatin1StringView("another socket"))
        route.transport = TransportId{2};
    QVERIFY(!world.alice.port.receive(world.now, {route, room}));
    world.drain(world.alice);
    QVERIFY(!world.alice.port.isProven(world.now, BobAt));
    QVERIFY(!world.alice.port.openSession(world.now, BobAt));
    // What bob has signed ends the test; what anybody can make does not.
    const bool isBobs = isError || fault == QLatin1StringView("without an address");
    QCOMPARE(world.alice.all<ConsentPort::TestFailed>().size(), isBobs ? 1U : 0U);
}

void tst_ConsentPort::asksAStunServerForItsAddress()
{
    World world;
    QCOMPARE(world.alice.port.ask(world.now, world.alice.to(VictimAt)), Outcome::Started);
    world.alice.port.advance(world.now);
    world.drain(world.alice);
    QCOMPARE(world.alice.sent.size(), 1U);
    const auto request = stun::Message::parse(world.alice.sent[0].octets);
    QVERIFY(bool(request));
    Octets room(100);
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::SuccessResponse, stun::Method::Binding, request->transactionId());
    writer.addAddress(stun::Attribute::XorMappedAddress, NatAt);
    room.resize(writer.finish().size());
    world.deliver(world.alice, VictimAt, room);
    const auto found = world.alice.all<ConsentPort::AddressFound>();
    QCOMPARE(found.size(), 1U);
    QVERIFY(found[0].reflexive == NatAt);
    QVERIFY(!world.alice.port.openSession(world.now, VictimAt));
}

void tst_ConsentPort::refusesWhatIsNoAddressOrCredential_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<QString>("fragment");
    QTest::addColumn<QString>("password");
    const QString at = QString::fromStdString(BobAt.toString());
    const QString fragment = QString::fromStdString(BobFragment);
    const QString password = QString::fromStdString(BobPassword);
    QTest::newRow("port 0") << QStringLiteral("192.0.2.1:0") << fragment << password;
    QTest::newRow("multicast") << QStringLiteral("224.0.0.1:5") << fragment << password;
    QTest::newRow("multicast, IPv6") << QStringLiteral("[ff02::1]:5") << fragment << password;
    QTest::newRow("IPv4 as IPv6") << QStringLiteral("[::ffff:192.0.2.1]:5") << fragment << password;
    QTest::newRow("unspecified") << QStringLiteral("0.0.0.0:5") << fragment << password;
    QTest::newRow("short fragment") << at << QStringLiteral("abc") << password;
    QTest::newRow("colon in the fragment") << at << QStringLiteral("ab:cd") << password;
    QTest::newRow("long fragment") << at << QString(251, QLatin1Char('a')) << password;
    QTest::newRow("short password") << at << fragment << QString(21, QLatin1Char('a'));
    QTest::newRow("long password") << at << fragment << QString(251, QLatin1Char('a'));
    QTest::newRow("space in the password") << at << fragment << QString(30, QLatin1Char(' '));
}

void tst_ConsentPort::refusesWhatIsNoAddressOrCredential()
{
    QFETCH(QString, address);
    QFETCH(QString, fragment);
    QFETCH(QString, password);
    World world;
    const auto at = TransportAddress::fromString(address.toStdString());
    QVERIFY(at);
    QCOMPARE(world.alice.port.test(world.now, world.alice.to(*at), fragment.toStdString(),
                                   password.toStdString()),
             Outcome::Malformed);
    QCOMPARE(world.alice.port.nextDeadline(), Never);
}

void tst_ConsentPort::peersAreFew()
{
    World world;
    for (std::size_t i = 0; i < ConsentPort::MaxPeers; ++i) {
        TransportAddress at = VictimAt;
        at.port = std::uint16_t(1000 + i);
        QCOMPARE(world.alice.port.test(world.now, world.alice.to(at), BobFragment, BobPassword),
                 Outcome::Started);
    }
    QCOMPARE(world.aliceTestsBob(), Outcome::TooMany);
    QCOMPARE(world.alice.port.ask(world.now, world.alice.to(BobAt)), Outcome::TooMany);
}

void tst_ConsentPort::lostPeersGiveWay()
{
    World world;
    QVERIFY(world.connect());
    world.isCut = true;
    world.run(31s);
    for (std::size_t i = 0; i < ConsentPort::MaxPeers; ++i) {
        TransportAddress at = VictimAt;
        at.port = std::uint16_t(1000 + i);
        QCOMPARE(world.alice.port.test(world.now, world.alice.to(at), BobFragment, BobPassword),
                 Outcome::Started);
    }
    QCOMPARE(world.aliceTestsBob(), Outcome::TooMany);
}

void tst_ConsentPort::garbageIsCountedAndDropped()
{
    World world;
    QVERIFY(world.connect());
    SeededRandom random(4);
    for (int i = 0; i < 2000; ++i) {
        Octets octets(std::size_t(random.below(200)));
        random.fill(octets);
        world.deliver(world.alice, VictimAt, octets);
        // A check of bob's with one octet changed.
        Octets check = checkFor(AliceFragment + ':' + BobFragment, AlicePassword);
        check[std::size_t(random.below(check.size()))] ^= std::uint8_t(1 + random.below(255));
        world.deliver(world.alice, VictimAt, check);
    }
    QVERIFY(world.alice.payloads.empty());
    QVERIFY(world.alice.all<ConsentPort::Tested>().empty());
    QVERIFY(world.alice.port.isProven(world.now, BobAt));
}

void tst_ConsentPort::payloadIsBounded()
{
    World world;
    QVERIFY(world.connect());
    QVERIFY(world.alice.port.send(world.now, BobAt, Octets(ConsentPort::MaxPayload)));
    QVERIFY(!world.alice.port.send(world.now, BobAt, Octets(ConsentPort::MaxPayload + 1)));
    QVERIFY(world.alice.port.send(world.now, BobAt, Octets()));
    int taken = 0;
    while (world.alice.port.send(world.now, BobAt, Payload) && taken < 10'000)
        ++taken;
    QVERIFY(taken < 10'000);
}

QTEST_APPLESS_MAIN(tst_ConsentPort)

#include "tst_consentport.moc"
