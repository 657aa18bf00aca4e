// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "turnbench.h"

#include "core/turn/channeldata.h"
#include "core/turn/channels.h"
#include "core/turn/permissions.h"

#include <QtTest/QTest>

#include <set>

using namespace peer;
using namespace peer::turn;
using namespace std::chrono_literals;
using stun::Method;

namespace {

const TransportAddress Bob = TurnBench::peerAddress("192.0.2.200");
const TransportAddress BobV6 = TurnBench::peerAddress("2001:db8::200");

TransportAddress numbered(int i)
{
    return {IpAddress::fromV4(0xC0000200u + unsigned(i)), 6000};
}

} // namespace

class tst_TurnPeers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void datagramsGoBothWays_data();
    void datagramsGoBothWays();
    void firstDatagramNeedNotWaitForThePermission();
    void manyPeersArePermittedInOneRequest();
    void peersOfBeforeTheAllocationArePermittedAfterIt();
    void forbiddenPeerCostsTheOthersNothing();
    void permissionIsTriedAgainAfterAnotherError();
    void permissionsAreRefreshed();
    void permissionsAreBounded();
    void requestsUnderWayAreBounded();
    void channelIsUsedOnceItIsBound();
    void channelInUseIsRefreshedAndAnIdleOneIsNot();
    void refusedChannelLeavesIndications();
    void channelsAreBounded();
    void channelsAreNotMixedUp();
    void strangeDatagramsAreDropped_data();
    void strangeDatagramsAreDropped();
    void tooLongADatagramIsRefused();
    void peerOfAFamilyThatIsNotThereIsRefused();
};

void tst_TurnPeers::datagramsGoBothWays_data()
{
    QTest::addColumn<bool>("isV6");
    QTest::addColumn<bool>("hasChannel");
    QTest::newRow("IPv4, indications") << false << false;
    QTest::newRow("IPv6, indications") << true << false;
    QTest::newRow("IPv4, channel") << false << true;
    QTest::newRow("IPv6, channel") << true << true;
}

void tst_TurnPeers::datagramsGoBothWays()
{
    QFETCH(bool, isV6);
    QFETCH(bool, hasChannel);
    const TransportAddress &peer = isV6 ? BobV6 : Bob;
    TurnBench bench;
    bench.allocate();
    bench.allocation.permit(bench.now, peer.ip);
    if (hasChannel)
        bench.allocation.bindChannel(bench.now, peer);
    bench.runFor(100ms);
    bench.sent.clear();
    QVERIFY(bench.send(peer, "there"));
    QCOMPARE(isChannelData(bench.sent.back()[0]), hasChannel);
    bench.runFor(100ms);
    QCOMPARE(bench.atPeers.size(), std::size_t(1));
    QCOMPARE(bench.atPeers[0].from, bench.relayed(isV6 ? "6" : "4"));
    QCOMPARE(bench.atPeers[0].to, peer);
    QCOMPARE(asText(bench.atPeers[0].payload), std::string_view("there"));

    bench.sendFromPeer(peer, "and back");
    bench.runFor(100ms);
    QCOMPARE(bench.atClient.size(), std::size_t(1));
    QCOMPARE(bench.atClient[0].from, peer);
    QCOMPARE(bench.atClient[0].to, bench.relayed(isV6 ? "6" : "4"));
    QCOMPARE(asText(bench.atClient[0].payload), std::string_view("and back"));
    QVERIFY(bench.server.faults.empty());
}

void tst_TurnPeers::firstDatagramNeedNotWaitForThePermission()
{
    TurnBench bench;
    bench.allocate();
    bench.allocation.permit(bench.now, Bob.ip);
    QVERIFY(bench.send(Bob, "at once"));
    bench.runFor(10ms); // one way, for both
    QCOMPARE(bench.atPeers.size(), std::size_t(1));
}

void tst_TurnPeers::manyPeersArePermittedInOneRequest()
{
    TurnBench bench;
    for (int i = 1; i <= 20; ++i)
        bench.allocation.permit(bench.now, numbered(i).ip);
    bench.allocate();
    QCOMPARE(bench.count(Method::CreatePermission), 2); // MaxBatch each
    for (int i = 1; i <= 20; ++i)
        QVERIFY(bench.send(numbered(i), "x"));
    bench.runFor(100ms);
    QCOMPARE(bench.atPeers.size(), std::size_t(20));
}

void tst_TurnPeers::peersOfBeforeTheAllocationArePermittedAfterIt()
{
    TurnBench bench;
    bench.allocation.permit(bench.now, Bob.ip);
    bench.drain();
    QVERIFY(bench.sent.empty());
    bench.allocate();
    QCOMPARE(bench.count(Method::CreatePermission), 1);
}

void tst_TurnPeers::forbiddenPeerCostsTheOthersNothing()
{
    sim::TurnBehavior behavior;
    behavior.forbidden = {numbered(3).ip};
    TurnBench bench(behavior);
    bench.allocate();
    for (int i = 1; i <= 5; ++i)
        bench.allocation.permit(bench.now, numbered(i).ip);
    bench.runFor(200ms);
    QCOMPARE(bench.refused.size(), std::size_t(1));
    QCOMPARE(bench.refused[0], numbered(3).ip);
    QVERIFY(!bench.send(numbered(3), "x"));
    for (const int i : {1, 2, 4, 5})
        QVERIFY(bench.send(numbered(i), "x"));
    bench.runFor(100ms);
    QCOMPARE(bench.atPeers.size(), std::size_t(4));
    // It is not asked for again.
    const int asked = bench.count(Method::CreatePermission);
    bench.runFor(200s);
    QCOMPARE(bench.count(Method::CreatePermission), asked);
    QVERIFY(bench.ended.empty());
}

void tst_TurnPeers::permissionIsTriedAgainAfterAnotherError()
{
    sim::TurnBehavior behavior;
    behavior.errors.emplace_back(Method::CreatePermission, 500);
    TurnBench bench(behavior);
    bench.allocate();
    bench.allocation.permit(bench.now, Bob.ip);
    bench.runFor(4s);
    QCOMPARE(bench.count(Method::CreatePermission), 1);
    bench.runFor(2s);
    QCOMPARE(bench.count(Method::CreatePermission), 2);
    QVERIFY(bench.refused.empty());
    bench.sendFromPeer(Bob, "x");
    bench.runFor(100ms);
    QCOMPARE(bench.atClient.size(), std::size_t(1));
}

void tst_TurnPeers::permissionsAreRefreshed()
{
    TurnBench bench;
    bench.allocate();
    bench.allocation.permit(bench.now, Bob.ip);
    for (int i = 0; i < 20; ++i) {
        bench.runFor(1min);
        bench.sendFromPeer(Bob, "x");
    }
    bench.runFor(1s);
    QCOMPARE(bench.atClient.size(), std::size_t(20));
    QCOMPARE(bench.count(Method::CreatePermission), 6); // at first, then every 240 s
}

void tst_TurnPeers::permissionsAreBounded()
{
    Permissions permissions;
    for (int i = 0; i < 200; ++i)
        permissions.want(numbered(i).ip);
    permissions.want(numbered(150).ip);
    std::set<IpAddress> asked;
    const TimePoint now{1s};
    for (auto batch = permissions.takeBatch(now); !batch.empty();
         batch = permissions.takeBatch(now)) {
        QVERIFY(batch.size() <= Permissions::MaxBatch);
        asked.insert(batch.begin(), batch.end());
    }
    QCOMPARE(asked.size(), Permissions::MaxPeers);
    QVERIFY(asked.contains(numbered(199).ip));
    QVERIFY(!asked.contains(numbered(0).ip));
    QCOMPARE(permissions.nextDue(), Never);
}

void tst_TurnPeers::requestsUnderWayAreBounded()
{
    TurnBench bench;
    bench.allocate();
    bench.sent.clear();
    // Candidates that trickle in one by one, and a server that has stopped answering.
    bool isSilent = true;
    bench.isLost = [&](bool isFromClient, ByteView) { return isSilent && isFromClient; };
    constexpr int Peers = 60;
    for (int i = 1; i <= Peers; ++i) {
        bench.allocation.permit(bench.now, numbered(i).ip);
        bench.allocation.bindChannel(bench.now, numbered(i));
    }
    bench.drain();
    QCOMPARE(bench.sent.size(), std::size_t(32));
    // The others have their turn when it answers again.
    isSilent = false;
    bench.runFor(10s);
    QCOMPARE(bench.count(Method::ChannelBind), int(Channels::MaxChannels));
    for (int i = 1; i <= Peers; ++i)
        bench.sendFromPeer(numbered(i), "x");
    bench.runFor(100ms);
    QCOMPARE(bench.atClient.size(), std::size_t(Peers));
    QVERIFY(bench.server.faults.empty());
}

void tst_TurnPeers::channelIsUsedOnceItIsBound()
{
    TurnBench bench;
    bench.allocate();
    bench.allocation.bindChannel(bench.now, Bob);
    QVERIFY(bench.send(Bob, "before"));
    QVERIFY(!isChannelData(bench.sent.back()[0]));
    bench.runFor(20ms);
    QVERIFY(bench.send(Bob, "behind"));
    QCOMPARE(bench.sent.back().size(), std::size_t(4 + 6));
    bench.runFor(100ms);
    QCOMPARE(bench.atPeers.size(), std::size_t(2));
}

void tst_TurnPeers::channelInUseIsRefreshedAndAnIdleOneIsNot()
{
    TurnBench bench;
    bench.allocate();
    const TransportAddress idle = numbered(1);
    bench.allocation.bindChannel(bench.now, Bob);
    bench.allocation.bindChannel(bench.now, idle);
    for (int i = 0; i < 30; ++i) {
        bench.runFor(1min);
        QVERIFY(bench.send(Bob, "x"));
        QVERIFY(isChannelData(bench.sent.back()[0]));
    }
    // Both at first, then every 240 s the one that carries something.
    QCOMPARE(bench.count(Method::ChannelBind), 2 + 7);
    bench.allocation.permit(bench.now, idle.ip);
    QVERIFY(bench.send(idle, "x"));
    QVERIFY(!isChannelData(bench.sent.back()[0]));
    // Wanted again it is bound again, by whatever number it then has.
    bench.allocation.bindChannel(bench.now, idle);
    bench.runFor(100ms);
    QVERIFY(bench.send(idle, "x"));
    QVERIFY(isChannelData(bench.sent.back()[0]));
    bench.runFor(100ms);
    QVERIFY(bench.server.faults.empty());
}

void tst_TurnPeers::refusedChannelLeavesIndications()
{
    sim::TurnBehavior behavior;
    behavior.errors.emplace_back(Method::ChannelBind, 508);
    TurnBench bench(behavior);
    bench.allocate();
    bench.allocation.permit(bench.now, Bob.ip);
    bench.allocation.bindChannel(bench.now, Bob);
    bench.runFor(1min);
    bench.allocation.bindChannel(bench.now, Bob);
    bench.runFor(1min);
    QCOMPARE(bench.count(Method::ChannelBind), 1);
    QVERIFY(bench.send(Bob, "x"));
    bench.runFor(100ms);
    QCOMPARE(bench.atPeers.size(), std::size_t(1));
    QVERIFY(bench.ended.empty());
}

void tst_TurnPeers::channelsAreBounded()
{
    TurnBench bench;
    bench.allocate();
    for (int i = 1; i <= 40; ++i)
        bench.allocation.bindChannel(bench.now, numbered(i));
    bench.runFor(1s);
    QCOMPARE(bench.count(Method::ChannelBind), int(Channels::MaxChannels));
    for (int i = 1; i <= 40; ++i)
        QVERIFY(bench.send(numbered(i), "x"));
}

void tst_TurnPeers::channelsAreNotMixedUp()
{
    Channels channels;
    TimePoint now{1000s};
    std::set<ChannelNumber> numbers;
    for (int i = 0; i < 3; ++i) {
        channels.want(now, numbered(i));
        const auto binding = channels.takeDue(now);
        QVERIFY(binding);
        QVERIFY(numbers.insert(binding->number).second);
        QVERIFY(!channels.numberFor(numbered(i)));
        QCOMPARE(channels.peerOf(now, binding->number), numbered(i));
        channels.noteBound(now, binding->number);
        QCOMPARE(channels.numberFor(numbered(i)), binding->number);
    }
    // Unused for two rounds, they expire; and only long after that the numbers mean nothing.
    for (const Duration wait : {241s, 241s, 600s, 300s}) {
        now += wait;
        while (const auto binding = channels.takeDue(now))
            channels.noteBound(now, binding->number);
    }
    QCOMPARE(channels.nextDue(), Never);
    for (const ChannelNumber number : numbers)
        QVERIFY(!channels.peerOf(now, number));
}

void tst_TurnPeers::strangeDatagramsAreDropped_data()
{
    QTest::addColumn<QByteArray>("octets");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("a channel that is not bound") << QByteArray("4100000141");
    QTest::newRow("ChannelData cut short") << QByteArray("40000009") + "41";
    QTest::newRow("an octet") << QByteArray("40");
    QTest::newRow("DTLS") << QByteArray("16feff000000");
    QTest::newRow("no STUN") << QByteArray("0017000000000000");
    QTest::newRow("Data without attributes")
        << QByteArray("001700002112a442000102030405060708090a0b");
    QTest::newRow("Data without a peer")
        << QByteArray("001700082112a442000102030405060708090a0b0013000441414141");
    QTest::newRow("Data without data")
        << QByteArray("0017000c2112a442000102030405060708090a0b001200080001a147e112a643");
    QTest::newRow("Data from port 0")
        << QByteArray("001700142112a442000102030405060708090a0b001200080001211200000000")
            + "0013000441414141";
    QTest::newRow("a request") << QByteArray("000100002112a442000102030405060708090a0b");
    QTest::newRow("an answer to nothing") << QByteArray("010300002112a442000102030405060708090a0b");
    QTest::newRow("a Send indication") << QByteArray("001600002112a442000102030405060708090a0b");
}

void tst_TurnPeers::strangeDatagramsAreDropped()
{
    QFETCH(QByteArray, octets);
    TurnBench bench;
    bench.allocate();
    bench.allocation.bindChannel(bench.now, Bob);
    bench.runFor(100ms);
    const QByteArray raw = QByteArray::fromHex(octets);
    bench.deliver({reinterpret_cast<const std::uint8_t *>(raw.data()), std::size_t(raw.size())});
    QVERIFY(bench.atClient.empty());
    QVERIFY(bench.ended.empty());
}

void tst_TurnPeers::tooLongADatagramIsRefused()
{
    TurnBench bench;
    bench.allocate();
    QVERIFY(bench.allocation.send(bench.now, Bob, Bytes(1500)));
    QVERIFY(!bench.allocation.send(bench.now, Bob, Bytes(1600)));
}

void tst_TurnPeers::peerOfAFamilyThatIsNotThereIsRefused()
{
    sim::TurnBehavior behavior;
    behavior.hasV6 = false;
    TurnBench bench(behavior);
    bench.allocate();
    QVERIFY(!bench.allocation.send(bench.now, BobV6, asBytes("x")));
    bench.allocation.bindChannel(bench.now, BobV6);
    bench.runFor(1s);
    QCOMPARE(bench.count(Method::ChannelBind), 0);
}

QTEST_APPLESS_MAIN(tst_TurnPeers)
#include "tst_turnpeers.moc"
