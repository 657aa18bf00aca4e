// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/gatherer.h"
#include "core/ice/timing.h"
#include "core/stun/messagewriter.h"
#include "loneagent.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <array>

using namespace peer;
using namespace std::chrono_literals;

namespace {

Bytes serverAnswer(const LoneAgent::Sent &request, const TransportAddress &mapped,
                   stun::Attribute attribute = stun::Attribute::XorMappedAddress)
{
    std::array<std::uint8_t, 128> room{};
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::SuccessResponse, stun::Method::Binding,
                 request.message().transactionId());
    writer.addAddress(attribute, mapped);
    return toBytes(writer.finish());
}

const TransportAddress Server = {IpAddress::fromV4(0xC6336401), 3478}; // 198.51.100.1
const TransportAddress OtherServer = {IpAddress::fromV4(0xC6336402), 3478};

} // namespace

class tst_Gathering : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hostCandidatesComeAtOnce();
    void addressesAreCapped();
    void unusableAndDoubledAddressesAreIgnored();
    void everyBaseAsksEveryServerOfItsFamily();
    void questionsArePaced();
    void answerMakesAServerReflexiveCandidate();
    void plainMappedAddressIsTaken();
    void redundantReflexiveCandidatesAreDropped();
    void answerFromElsewhereIsIgnored();
    void unansweredQuestionsAreRepeatedAndGivenUp();
    void serverThatRefusesIsGivenUp();
    void serverThatCannotBeReachedIsGivenUp();
    void completesWhenServersHaveAnswered();
    void completesAtOnceWithoutServers();
    void bindingsAreKeptAliveUntilTheChecksAreOver();
    void changedMappingIsANewCandidate();
    void removedAddressAsksNoMore();
    void serversAreCapped();
    void linkLocalAddressesAskNobody();
};

void tst_Gathering::hostCandidatesComeAtOnce()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1", 65535);
    lone.addLocal("2001:db8::1", 65534);
    QCOMPARE(lone.candidates.size(), std::size_t(2));
    const Candidate &first = lone.candidates[0];
    QVERIFY(first.type == CandidateType::Host);
    QVERIFY(first.address == address("192.0.2.1", 5000));
    QCOMPARE(first.priority, 2130706431u);
    QCOMPARE(first.component, std::uint16_t(1));
    QVERIFY(first.relatedAddress.isNull());
    QCOMPARE(first.usernameFragment, lone.agent.localParameters().usernameFragment);
    QVERIFY(first.foundation != lone.candidates[1].foundation);
    QCOMPARE(lone.candidates[1].priority, 2130706431u - 256);
}

void tst_Gathering::addressesAreCapped()
{
    LoneAgent lone;
    for (int i = 1; i <= 12; ++i)
        lone.addLocal(qPrintable(QStringLiteral("192.0.2.%1").arg(i)));
    QCOMPARE(lone.candidates.size(), std::size_t(8));
}

void tst_Gathering::unusableAndDoubledAddressesAreIgnored()
{
    LoneAgent lone;
    lone.addLocal("0.0.0.0");
    lone.addLocal("224.0.0.1");
    lone.addLocal("192.0.2.1");
    lone.addLocal("192.0.2.1");
    lone.agent.addLocalAddress(lone.now, {TransportId::None, address("192.0.2.2", 5000), 1});
    lone.drain();
    QCOMPARE(lone.candidates.size(), std::size_t(1));
}

void tst_Gathering::everyBaseAsksEveryServerOfItsFamily()
{
    LoneAgent lone;
    lone.agent.addStunServer(lone.now, Server);
    lone.addLocal("192.0.2.1");
    lone.addLocal("192.0.2.2");
    lone.addLocal("2001:db8::1");
    lone.agent.addStunServer(lone.now, OtherServer);
    lone.agent.addStunServer(lone.now, address("2001:db8::9", 3478));
    lone.runFor(100ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(2 * 2 + 1));
    for (const LoneAgent::Sent &request : lone.sent) {
        QCOMPARE(request.route.local.ip.family(), request.route.remote.ip.family());
        QVERIFY(request.message().integrity() == stun::Integrity::Absent);
        QVERIFY(request.message().hasFingerprint());
    }
}

void tst_Gathering::questionsArePaced()
{
    LoneAgent lone;
    for (int i = 1; i <= 8; ++i)
        lone.addLocal(qPrintable(QStringLiteral("192.0.2.%1").arg(i)));
    lone.agent.addStunServer(lone.now, Server);
    lone.runFor(1s);
    const auto requests = lone.newRequests();
    QVERIFY(requests.size() >= 8);
    for (std::size_t i = 1; i < requests.size(); ++i)
        QVERIFY(requests[i].at - requests[i - 1].at >= 5ms);
}

void tst_Gathering::answerMakesAServerReflexiveCandidate()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1", 300);
    lone.agent.addStunServer(lone.now, Server);
    lone.drain();
    const auto request = lone.newRequests().at(0);
    QVERIFY(lone.receive(request.route, serverAnswer(request, address("192.0.2.77", 6000))));
    QCOMPARE(lone.candidates.size(), std::size_t(2));
    const Candidate &candidate = lone.candidates[1];
    QVERIFY(candidate.type == CandidateType::ServerReflexive);
    QVERIFY(candidate.address == address("192.0.2.77", 6000));
    QVERIFY(candidate.relatedAddress == address("10.0.0.1", 5000));
    QCOMPARE(candidate.priority, (100u << 24) + (300u << 8) + 255u);
    QVERIFY(candidate.foundation != lone.candidates[0].foundation);
}

void tst_Gathering::plainMappedAddressIsTaken()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.drain();
    const auto request = lone.newRequests().at(0);
    lone.receive(
        request.route,
        serverAnswer(request, address("192.0.2.77", 6000), stun::Attribute::MappedAddress));
    QCOMPARE(lone.candidates.size(), std::size_t(2));
}

void tst_Gathering::redundantReflexiveCandidatesAreDropped()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.agent.addStunServer(lone.now, OtherServer);
    lone.runFor(10ms);
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(2));
    // No NAT: the same as the host candidate.
    lone.receive(requests[0].route, serverAnswer(requests[0], address("192.0.2.1", 5000)));
    QCOMPARE(lone.candidates.size(), std::size_t(1));
    // Two servers that see the same.
    lone.agent.restart(lone.now);
    lone.candidates.clear();
    lone.runFor(10ms);
    const auto again = lone.newRequests();
    QCOMPARE(again.size(), std::size_t(2));
    for (const auto &request : again)
        lone.receive(request.route, serverAnswer(request, address("203.0.113.1", 7)));
    QCOMPARE(lone.candidates.size(), std::size_t(2));
}

void tst_Gathering::answerFromElsewhereIsIgnored()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.drain();
    const auto request = lone.newRequests().at(0);
    Route forged = request.route;
    forged.remote.port = 1;
    lone.receive(forged, serverAnswer(request, address("203.0.113.1", 7)));
    QCOMPARE(lone.candidates.size(), std::size_t(1));
    lone.receive(request.route, serverAnswer(request, address("203.0.113.1", 7)));
    QCOMPARE(lone.candidates.size(), std::size_t(2));
}

void tst_Gathering::unansweredQuestionsAreRepeatedAndGivenUp()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.agent.endOfLocalAddresses(lone.now);
    const TimePoint start = lone.now;
    lone.runFor(60s);
    std::vector<int> at;
    for (const auto &request : lone.newRequests())
        at.push_back(int((request.at - start) / 1ms));
    QCOMPARE(at, (std::vector<int>{0, 250, 750, 1750, 3750, 7750}));
    QCOMPARE(lone.gatheringCompletions, 1);
    QCOMPARE(lone.candidates.size(), std::size_t(1));
}

void tst_Gathering::serverThatRefusesIsGivenUp()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.agent.endOfLocalAddresses(lone.now);
    lone.drain();
    const auto request = lone.newRequests().at(0);
    lone.receive(request.route, lone.errorTo(request, 500, false));
    QCOMPARE(lone.gatheringCompletions, 1);
    lone.runFor(60s);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
}

void tst_Gathering::serverThatCannotBeReachedIsGivenUp()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.agent.endOfLocalAddresses(lone.now);
    lone.drain();
    lone.agent.noteSendFailed(lone.now, lone.newRequests().at(0).route);
    lone.drain();
    QCOMPARE(lone.gatheringCompletions, 1);
    lone.runFor(60s);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
}

void tst_Gathering::completesWhenServersHaveAnswered()
{
    LoneAgent lone;
    lone.agent.addStunServer(lone.now, Server);
    lone.addLocal("10.0.0.1");
    lone.agent.endOfLocalAddresses(lone.now);
    lone.drain();
    QCOMPARE(lone.gatheringCompletions, 0);
    const auto request = lone.newRequests().at(0);
    lone.receive(request.route, serverAnswer(request, address("203.0.113.1", 7)));
    QCOMPARE(lone.gatheringCompletions, 1);
    lone.runFor(30s);
    QCOMPARE(lone.gatheringCompletions, 1);
}

void tst_Gathering::completesAtOnceWithoutServers()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1");
    lone.agent.endOfLocalAddresses(lone.now);
    lone.drain();
    QCOMPARE(lone.gatheringCompletions, 1);
}

void tst_Gathering::bindingsAreKeptAliveUntilTheChecksAreOver()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.drain();
    const auto request = lone.newRequests().at(0);
    lone.receive(request.route, serverAnswer(request, address("203.0.113.1", 7)));
    lone.runFor(14s);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
    lone.runFor(1s);
    const auto refresh = lone.newRequests();
    QCOMPARE(refresh.size(), std::size_t(1));
    QVERIFY(refresh[0].message().transactionId() != request.message().transactionId());
    lone.receive(refresh[0].route, serverAnswer(refresh[0], address("203.0.113.1", 7)));
    QCOMPARE(lone.candidates.size(), std::size_t(2));

    lone.setUp();
    lone.makeValid(lone.route());
    lone.makeValid(lone.route());
    lone.runFor(100ms);
    for (const auto &check : lone.newRequests())
        lone.answer(check);
    QVERIFY(lone.agent.state() == ice::State::Completed);
    for (int i = 0; i < 200; ++i) {
        lone.runFor(100ms);
        for (const auto &check : lone.newRequests()) {
            QVERIFY(check.route.remote != Server);
            lone.answer(check);
        }
    }
    // And again when nothing is heard, for a mapping will be needed.
    lone.runFor(25s);
    QVERIFY(lone.agent.state() == ice::State::Disconnected);
    int questions = 0;
    for (const auto &check : lone.newRequests())
        questions += check.route.remote == Server ? 1 : 0;
    QVERIFY(questions > 0);
}

void tst_Gathering::changedMappingIsANewCandidate()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.drain();
    const auto request = lone.newRequests().at(0);
    lone.receive(request.route, serverAnswer(request, address("203.0.113.1", 7)));
    lone.runFor(15s);
    const auto refresh = lone.newRequests().at(0);
    lone.receive(refresh.route, serverAnswer(refresh, address("203.0.113.1", 8)));
    QCOMPARE(lone.candidates.size(), std::size_t(3));
    QCOMPARE(lone.candidates[1].foundation, lone.candidates[2].foundation);
}

void tst_Gathering::removedAddressAsksNoMore()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.drain();
    lone.newRequests();
    lone.agent.removeLocalAddress(lone.now, TransportId{1}, ipAddress("10.0.0.1"));
    lone.runFor(60s);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
    // The place is free again.
    lone.addLocal("10.0.0.1");
    QCOMPARE(lone.candidates.size(), std::size_t(2));
}

void tst_Gathering::serversAreCapped()
{
    LoneAgent lone;
    lone.addLocal("10.0.0.1");
    for (std::uint16_t i = 1; i <= 20; ++i)
        lone.agent.addStunServer(lone.now, address("198.51.100.1", i));
    lone.runFor(200ms);
    QCOMPARE(lone.newRequests().size(), ice::Gatherer::MaxServers);
}

void tst_Gathering::linkLocalAddressesAskNobody()
{
    LoneAgent lone;
    lone.addLocal("fe80::1");
    lone.addLocal("169.254.1.1");
    lone.agent.addStunServer(lone.now, Server);
    lone.agent.addStunServer(lone.now, address("2001:db8::9", 3478));
    lone.runFor(200ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
}

QTEST_APPLESS_MAIN(tst_Gathering)

#include "tst_gathering.moc"
