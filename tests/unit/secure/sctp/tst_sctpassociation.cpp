// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctppair.h"

#include <QtTest/qtest.h>

#include <deque>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using peer::Bytes;
using peer::Duration;
using peer::TimePoint;
using peer::sctp::Association;
using peer::sctp::PayloadProtocol;
using peer::sctp::Reliability;
using peer::sctp::StreamId;
using peer::test::LossyLink;
using peer::test::SctpEnd;
using peer::test::SctpPair;
using peer::test::VirtualClock;
using SendResult = peer::sctp::Association::SendResult;

namespace {

/// A payload that tells its number and cannot be taken for another.
Bytes payload(std::uint32_t number, std::size_t size)
{
    Bytes octets(std::max<std::size_t>(size, 4));
    std::uint32_t value = number * 2654435761U + 1;
    for (std::uint8_t &octet : octets)
        octet = static_cast<std::uint8_t>((value = value * 1664525 + 1013904223) >> 24);
    peer::writeUint32(octets.data(), number);
    return octets;
}

/// Sends count messages as fast as the association takes them.
struct Transfer
{
    Transfer(SctpPair &ofPair, SctpEnd &by, std::uint32_t count, std::size_t messageSize)
        : pair(ofPair)
        , sender(by)
        , total(count)
        , size(messageSize)
    { }

    bool run(Duration limit, const std::function<bool()> &isDone)
    {
        return pair.run(limit, [&] {
            while (next < total
                   && sender.send(StreamId(next % streams), payload(next, size), reliability)
                       == SendResult::Sent) {
                ++next;
            }
            return isDone();
        });
    }

    SctpPair &pair;
    SctpEnd &sender;
    std::uint32_t total;
    std::size_t size;
    std::uint32_t streams = 1;
    Reliability reliability;
    std::uint32_t next = 0;
};

} // namespace

class tst_SctpAssociation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectsFromBothSides();
    void carriesEveryKindOfMessage();
    void deliversAllInOrder_data();
    void deliversAllInOrder();
    void resetsStreamsBothWays();
    void abortIsSeenByThePeer();
    void silenceEndsTheAssociation();
    void tooLargeMessageEndsTheAssociation();
};

void tst_SctpAssociation::connectsFromBothSides()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    const TimePoint start = VirtualClock::now();
    QVERIFY(pair.connect());
    QVERIFY2(VirtualClock::now() - start <= 40ms,
             qPrintable(QString::number((VirtualClock::now() - start).count() / 1000000)));
    QCOMPARE(pair.a().connected->outgoingStreams, 2048);
    QCOMPARE(pair.b().connected->incomingStreams, 2048);
}

void tst_SctpAssociation::carriesEveryKindOfMessage()
{
    SctpPair pair;
    QVERIFY(pair.connect());
    const TimePoint now = VirtualClock::now();
    Association &a = *pair.a().association;
    const Bytes large = payload(1, 256 * 1024);
    QCOMPARE(a.send(now, 0, PayloadProtocol::Control, {}, payload(2, 13)), SendResult::Sent);
    QCOMPARE(a.send(now, 1, PayloadProtocol::String, {}, peer::asBytes("text")), SendResult::Sent);
    QCOMPARE(a.send(now, 2, PayloadProtocol::EmptyString, {}, {}), SendResult::Sent);
    QCOMPARE(a.send(now, 2, PayloadProtocol::EmptyBinary, {}, {}), SendResult::Sent);
    QCOMPARE(a.send(now, 2047, PayloadProtocol::Binary, {}, large), SendResult::Sent);
    QCOMPARE(a.send(now, 2048, PayloadProtocol::Binary, {}, large), SendResult::Failed);
    QCOMPARE(a.send(now, 0, PayloadProtocol::Binary, {}, {}), SendResult::Failed);
    pair.a().drain();
    QVERIFY(pair.run(10s, [&] { return pair.b().messages.size() == 5; }));
    const auto &messages = pair.b().messages;
    QCOMPARE(messages[0].protocol, PayloadProtocol::Control);
    QCOMPARE(messages[0].payload, payload(2, 13));
    QCOMPARE(messages[1].protocol, PayloadProtocol::String);
    QCOMPARE(messages[1].stream, StreamId(1));
    QCOMPARE(messages[2].protocol, PayloadProtocol::EmptyString);
    QVERIFY(messages[2].payload.empty());
    QCOMPARE(messages[3].protocol, PayloadProtocol::EmptyBinary);
    QCOMPARE(messages[4].stream, StreamId(2047));
    QCOMPARE(messages[4].payload, large);
    QVERIFY(pair.run(1s, [&] { return a.bufferedAmount() == 0; }));
}

void tst_SctpAssociation::deliversAllInOrder_data()
{
    QTest::addColumn<int>("delay");  // ms
    QTest::addColumn<int>("jitter"); // ms
    QTest::addColumn<double>("loss");
    QTest::addColumn<double>("duplication");
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("size");

    QTest::newRow("clean, small") << 10 << 0 << 0.0 << 0.0 << 5000 << 20;
    QTest::newRow("clean, large") << 10 << 0 << 0.0 << 0.0 << 200 << 65536;
    QTest::newRow("2 % loss, 10 ms") << 10 << 0 << 0.02 << 0.0 << 500 << 16384;
    QTest::newRow("5 % loss, 50 ms") << 50 << 0 << 0.05 << 0.0 << 200 << 16384;
    QTest::newRow("reordering") << 10 << 5 << 0.0 << 0.0 << 500 << 16384;
    QTest::newRow("everything") << 10 << 10 << 0.02 << 0.02 << 300 << 10000;
    QTest::newRow("everything, largest") << 10 << 10 << 0.02 << 0.02 << 10 << 256 * 1024;
}

void tst_SctpAssociation::deliversAllInOrder()
{
    QFETCH(int, delay);
    QFETCH(int, jitter);
    QFETCH(double, loss);
    QFETCH(double, duplication);
    QFETCH(int, count);
    QFETCH(int, size);
    for (std::uint64_t seed = 1; seed <= 1; ++seed) {
        SctpPair pair({std::chrono::milliseconds(delay), std::chrono::milliseconds(jitter), loss,
                       duplication, seed});
        QVERIFY(pair.connect());
        const TimePoint start = VirtualClock::now();
        Transfer transfer(pair, pair.a(), std::uint32_t(count), std::size_t(size));
        QVERIFY2(
            transfer.run(300s, [&] { return pair.b().messages.size() == std::size_t(count); }),
            qPrintable(u"seed %1: %2 of %3"_s.arg(seed).arg(pair.b().messages.size()).arg(count)));
        for (std::size_t i = 0; i < std::size_t(count); ++i)
            QCOMPARE(pair.b().messages[i].payload, payload(std::uint32_t(i), std::size_t(size)));
        QVERIFY(pair.a().largestPacket <= 1150);
        const double seconds = std::chrono::duration<double>(VirtualClock::now() - start).count();
        qInfo("seed %d: %.3f s, %.1f MB/s", int(seed), seconds,
              double(count) * size / seconds / 1e6);
    }
}

void tst_SctpAssociation::resetsStreamsBothWays()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    QCOMPARE(pair.a().send(3, payload(0, 5000)), SendResult::Sent);
    pair.a().association->resetStream(VirtualClock::now(), 3);
    pair.a().association->resetStream(VirtualClock::now(), 4);
    QCOMPARE(pair.a().send(3, payload(1, 10)), SendResult::Failed);
    pair.a().drain();
    QVERIFY(pair.run(5s, [&] { return pair.a().outgoingResets.size() == 2; }));
    QCOMPARE(pair.b().messages.size(), 1U); // before the reset
    auto resets = pair.b().incomingResets;  // in any order
    std::sort(resets.begin(), resets.end());
    QCOMPARE(resets, (std::vector<StreamId>{3, 4}));
    pair.b().association->resetStream(VirtualClock::now(), 3);
    pair.b().drain();
    QVERIFY(pair.run(5s, [&] { return !pair.b().outgoingResets.empty(); }));
    QCOMPARE(pair.a().incomingResets, (std::vector<StreamId>{3}));
    // and the number is there again
    QCOMPARE(pair.a().send(3, payload(2, 10)), SendResult::Sent);
    QCOMPARE(pair.b().send(3, payload(3, 10)), SendResult::Sent);
    QVERIFY(
        pair.run(5s, [&] { return pair.b().messages.size() == 2 && !pair.a().messages.empty(); }));
}

void tst_SctpAssociation::abortIsSeenByThePeer()
{
    SctpPair pair;
    QVERIFY(pair.connect());
    pair.a().association->abort(VirtualClock::now());
    pair.a().drain();
    QVERIFY(pair.run(1s, [&] { return pair.b().closed.has_value(); }));
    QVERIFY(!pair.b().closed->lost);
    QVERIFY2(pair.b().closed->reason.find("closed") != std::string::npos,
             pair.b().closed->reason.c_str());
    QVERIFY(!pair.a().closed);
    QCOMPARE(pair.a().association->nextDeadline(), peer::Never);
    QCOMPARE(pair.b().association->nextDeadline(), peer::Never);
}

void tst_SctpAssociation::silenceEndsTheAssociation()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    conditions.loss = 1;
    pair.a().outgoing.setConditions(conditions);
    QCOMPARE(pair.a().send(0, payload(0, 10)), SendResult::Sent);
    const TimePoint start = VirtualClock::now();
    QVERIFY(pair.run(300s, [&] { return pair.a().closed.has_value(); }));
    QVERIFY(pair.a().closed->lost);
    const auto silence = std::chrono::duration_cast<std::chrono::seconds>(VirtualClock::now()
                                                                          - start);
    QVERIFY2(silence > 70s && silence < 130s, qPrintable(QString::number(silence.count())));
}

void tst_SctpAssociation::tooLargeMessageEndsTheAssociation()
{
    peer::sctp::Config config;
    config.maxIncomingMessage = 100000;
    SctpPair pair({}, config);
    QVERIFY(pair.connect());
    QCOMPARE(pair.a().send(0, payload(0, 100000)), SendResult::Sent);
    QCOMPARE(pair.a().send(0, payload(1, 100001)), SendResult::Sent);
    QVERIFY(pair.run(5s, [&] { return pair.a().closed && pair.b().closed; }));
    QCOMPARE(pair.b().messages.size(), 1U);
    QVERIFY(!pair.b().closed->lost);
    QVERIFY(pair.a().closed->reason.find("a message of more than 100000 octets")
            != std::string::npos);
}

QTEST_APPLESS_MAIN(tst_SctpAssociation)

#include "tst_sctpassociation.moc"
