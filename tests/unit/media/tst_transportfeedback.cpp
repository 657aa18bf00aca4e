// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/transportfeedback.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;

using Arrivals = std::vector<TransportFeedback::Arrival>;
Q_DECLARE_METATYPE(TransportFeedback)

namespace {

Bytes fromHex(const QByteArray &hex)
{
    const QByteArray octets = QByteArray::fromHex(hex);
    return {octets.begin(), octets.end()};
}

QByteArray toHex(ByteView octets)
{
    return QByteArray(reinterpret_cast<const char *>(octets.data()), qsizetype(octets.size()))
        .toHex();
}

TransportFeedback feedback(std::uint16_t count, const Arrivals &arrivals)
{
    return {0x11111111, 0x22222222, 0x0100, count, 0x000203, 7, arrivals};
}

/// The header for so many words behind the first, with this count.
QByteArray head(const char *length, const char *count, bool hasPadding = false)
{
    return QByteArray(hasPadding ? "af" : "8f") + "cd" + length
        + "11111111"
          "22222222"
          "0100"
        + count
        + "000203"
          "07";
}

} // namespace

class tst_TransportFeedback : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isWrittenAndRead_data();
    void isWrittenAndRead();
    void otherWaysToSayTheSameAreRead_data();
    void otherWaysToSayTheSameAreRead();
    void referenceTimesHaveASign();
    void manyPacketsGoRoundUnchanged();
    void malformedOnesAreRefused_data();
    void malformedOnesAreRefused();
    void whatCannotBeSaidIsNotWritten_data();
    void whatCannotBeSaidIsNotWritten();
    void isTakenOutOfACompound();
    void whatIsNoRtcpIsLeftAlone();
};

void tst_TransportFeedback::isWrittenAndRead_data()
{
    QTest::addColumn<TransportFeedback>("content");
    QTest::addColumn<QByteArray>("packet");
    // A run of two with small deltas; 4 and 8 ticks.
    QTest::newRow("two packets") << feedback(2, {{0, 4}, {1, 12}})
                                 << head("0005", "0002")
            + "2002"
              "04"
              "08";
    QTest::newRow("none has arrived") << feedback(20, {})
                                      << head("0005", "0014", true)
            + "0014"
              "0002";
    // Status vector of one bit: 1 0 1.
    QTest::newRow("one is missing") << feedback(3, {{0, 0}, {2, 255}})
                                    << head("0005", "0003")
            + "a800"
              "00"
              "ff";
    // Status vector of two bits: 01 10 10 00 01.
    QTest::newRow("large and negative deltas")
        << feedback(5, {{0, 1}, {1, 257}, {2, 256}, {4, 256}})
        << head("0006", "0005")
            + "da10"
              "01"
              "0100"
              "ffff"
              "00";
    QTest::newRow("the largest deltas") << feedback(2, {{0, 32767}, {1, -1}})
                                        << head("0006", "0002", true)
            + "4002"
              "7fff"
              "8000"
              "0002";
    // A run of twenty, then a vector that begins with what is missing.
    Arrivals many;
    for (std::uint16_t i = 0; i < 20; ++i)
        many.push_back({i, i});
    many.push_back({21, 19});
    QTest::newRow("run and vector") << feedback(22, many)
                                    << head("000b", "0016", true)
            + "2014"
              "9000"
              "00"
            + QByteArray("01").repeated(19)
            + "00"
              "000003";
}

void tst_TransportFeedback::isWrittenAndRead()
{
    QFETCH(TransportFeedback, content);
    QFETCH(QByteArray, packet);
    const auto written = writeTransportFeedback(content);
    QVERIFY(written);
    QCOMPARE(toHex(*written), packet);
    const auto read = parseTransportFeedback(fromHex(packet));
    QVERIFY(read);
    QVERIFY(*read == content);
}

void tst_TransportFeedback::otherWaysToSayTheSameAreRead_data()
{
    QTest::addColumn<QByteArray>("packet");
    const TransportFeedback content = feedback(2, {{0, 4}, {1, 12}});
    QTest::newRow("vector of one bit") << head("0005", "0002")
            + "b000"
              "0408";
    QTest::newRow("vector of two bits") << head("0005", "0002")
            + "d400"
              "0408";
    QTest::newRow("runs of one") << head("0006", "0002", true)
            + "2001"
              "2001"
              "0408"
              "0002";
    QTest::newRow("a run for more than there are") << head("0005", "0002")
            + "3fff"
              "0408";
    QTest::newRow("statuses for more than there are") << head("0005", "0002")
            + "bfff"
              "0408";
    QTest::newRow("large delta for a small one") << head("0006", "0002", true)
            + "d800"
              "04"
              "0008"
              "000003";
    QTest::newRow("zeros behind it that no bit tells of") << head("0006", "0002")
            + "2002"
              "0408"
              "00000000";
}

void tst_TransportFeedback::otherWaysToSayTheSameAreRead()
{
    QFETCH(QByteArray, packet);
    const auto read = parseTransportFeedback(fromHex(packet));
    QVERIFY(read);
    QVERIFY(*read == feedback(2, {{0, 4}, {1, 12}}));
}

void tst_TransportFeedback::referenceTimesHaveASign()
{
    for (const std::int32_t time : {0, 1, -1, 0x7fffff, -0x800000}) {
        TransportFeedback content = feedback(1, {{0, 0}});
        content.referenceTime = time;
        const auto read = parseTransportFeedback(*writeTransportFeedback(content));
        QVERIFY(read && *read == content);
    }
}

void tst_TransportFeedback::manyPacketsGoRoundUnchanged()
{
    std::uint32_t random = 1;
    const auto next = [&random](std::uint32_t below) {
        random = random * 1664525 + 1013904223;
        return (random >> 16) % below;
    };
    for (int round = 0; round < 500; ++round) {
        const std::uint32_t howMany = 1 + next(8);
        TransportFeedback content = feedback(std::uint16_t(1 + next(400) * howMany), {});
        std::int64_t ticks = 0;
        for (std::uint32_t offset = next(20); offset < content.packetCount;
             offset += 1 + next(howMany) * next(30)) {
            ticks += std::int64_t(next(2) ? next(300) : next(60'000)) - 20;
            content.arrivals.push_back({std::uint16_t(offset), ticks});
            if (next(3) == 0)
                ticks -= next(250);
        }
        const auto written = writeTransportFeedback(content);
        if (!written)
            continue; // a step of more than 15 bits
        const auto read = parseTransportFeedback(*written);
        QVERIFY(read);
        QVERIFY(*read == content);
    }
}

void tst_TransportFeedback::malformedOnesAreRefused_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("header alone") << head("0004", "0002");
    QTest::newRow("shorter than it says") << head("0006", "0002")
            + "2002"
              "0408";
    QTest::newRow("longer than it says") << head("0004", "0002")
            + "2002"
              "0408";
    QTest::newRow("version 1") << "4f"
            + (head("0005", "0002")
               + "2002"
                 "0408")
                  .mid(2);
    QTest::newRow("another format") << "8e"
            + (head("0005", "0002")
               + "2002"
                 "0408")
                  .mid(2);
    QTest::newRow("payload-specific") << "8fce"
            + (head("0005", "0002")
               + "2002"
                 "0408")
                  .mid(4);
    QTest::newRow("of no packets") << head("0005", "0000")
            + "2002"
              "0408";
    QTest::newRow("run of none") << head("0005", "0002")
            + "2000"
              "0408";
    QTest::newRow("run of what is reserved") << head("0005", "0002")
            + "6002"
              "0408";
    QTest::newRow("reserved in a vector") << head("0005", "0002")
            + "dc00"
              "0408";
    QTest::newRow("chunks end early") << head("0005", "0040")
            + "2002"
              "2002";
    QTest::newRow("deltas end early") << head("0005", "0003")
            + "2003"
              "0408";
    QTest::newRow("half a large delta") << head("0005", "0002")
            + "d800"
              "0400";
    QTest::newRow("padding of nothing") << head("0005", "0002", true)
            + "2002"
              "0400";
    QTest::newRow("padding beyond the body") << head("0005", "0002", true)
            + "2002"
              "0405";
    QTest::newRow("padding over deltas") << head("0005", "0002", true)
            + "2002"
              "0401";
}

void tst_TransportFeedback::malformedOnesAreRefused()
{
    QFETCH(QByteArray, packet);
    QVERIFY(!parseTransportFeedback(fromHex(packet)));
}

void tst_TransportFeedback::whatCannotBeSaidIsNotWritten_data()
{
    QTest::addColumn<TransportFeedback>("content");
    QTest::newRow("no packets") << feedback(0, {});
    QTest::newRow("twice the same") << feedback(2, {{0, 0}, {0, 1}});
    QTest::newRow("backwards") << feedback(2, {{1, 0}, {0, 1}});
    QTest::newRow("beyond the count") << feedback(2, {{2, 0}});
    QTest::newRow("too late") << feedback(2, {{0, 32768}});
    QTest::newRow("too early") << feedback(2, {{0, -32769}});
}

void tst_TransportFeedback::whatCannotBeSaidIsNotWritten()
{
    QFETCH(TransportFeedback, content);
    QVERIFY(!writeTransportFeedback(content));
}

void tst_TransportFeedback::isTakenOutOfACompound()
{
    const QByteArray receiverReport = "80c90001"
                                      "33333333";
    const QByteArray feedbackPacket = head("0005", "0002")
        + "2002"
          "0408";
    const QByteArray malformed = head("0005", "0000")
        + "2002"
          "0408";
    int taken = 0;
    Bytes others;
    takeTransportFeedback(
        fromHex(receiverReport + feedbackPacket + malformed + receiverReport),
        [&](const TransportFeedback &one) {
            ++taken;
            QVERIFY(one == feedback(2, {{0, 4}, {1, 12}}));
        },
        others);
    QCOMPARE(taken, 1);
    QCOMPARE(toHex(others), receiverReport + receiverReport);
    takeTransportFeedback(
        fromHex(feedbackPacket), [&](const TransportFeedback &) { ++taken; }, others);
    QCOMPARE(taken, 2);
    QVERIFY(others.empty());
}

void tst_TransportFeedback::whatIsNoRtcpIsLeftAlone()
{
    for (const char *packet :
         {"", "80", "80c9", "80c9ffff00000000", "8fcd0009112233", "00000000"}) {
        Bytes others;
        takeTransportFeedback(
            fromHex(packet), [](const TransportFeedback &) { QFAIL("there is none"); }, others);
        if (qstrncmp(packet, "8fcd", 4) != 0 || qstrlen(packet) < 40)
            QCOMPARE(toHex(others), QByteArray(packet));
    }
}

QTEST_APPLESS_MAIN(tst_TransportFeedback)
#include "tst_transportfeedback.moc"
