// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctpchunks.h"
#include "secure/sctp/tailrepeater.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using namespace peer::test;
using peer::Bytes;
using peer::TimePoint;
using peer::sctp::TailRepeater;
using peer::sctp::Tsn;

namespace {

constexpr TimePoint Start{1000s};

Bytes packetWith(Tsn tsn)
{
    return sctpPacket({dataChunk(tsn, 3, 0, 0x03, Bytes{1, 2, 3, 4})});
}

} // namespace

/// That the last data goes out again when usrsctp does not see to it.
class tst_TailRepeater : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void repeatsWhatIsNotAcknowledged();
    void waitsWhileDataIsSent();
    void isSilentOnceAllHasArrived();
    void keepsTheLastFewAlone();
    void leavesOutWhatWasGivenUp();
    void passesTheWrap();
};

void tst_TailRepeater::repeatsWhatIsNotAcknowledged()
{
    TailRepeater repeater;
    QVERIFY(!repeater.isDue(Start + 100s));
    for (const Tsn tsn : {100U, 101U, 102U})
        repeater.noteSent(Start, packetWith(tsn));
    repeater.noteArrived(100);
    QVERIFY(!repeater.isDue(Start + TailRepeater::Patience - 1ms));
    QVERIFY(repeater.isDue(Start + TailRepeater::Patience));
    const std::vector<Bytes> expected{packetWith(101), packetWith(102)};
    QCOMPARE(repeater.repeat(Start + 4s), expected);
    QVERIFY(!repeater.isDue(Start + 4s));
    QVERIFY(repeater.isDue(Start + 8s));
}

void tst_TailRepeater::waitsWhileDataIsSent()
{
    TailRepeater repeater;
    repeater.noteSent(Start, packetWith(100));
    repeater.noteSent(Start + 3s, packetWith(100)); // usrsctp's timer runs
    QVERIFY(!repeater.isDue(Start + 4s));
    QVERIFY(repeater.isDue(Start + 7s));
    QCOMPARE(repeater.repeat(Start + 7s).size(), std::size_t(1));
}

void tst_TailRepeater::isSilentOnceAllHasArrived()
{
    TailRepeater repeater;
    repeater.noteSent(Start, packetWith(100));
    repeater.noteSent(Start, packetWith(101));
    repeater.noteArrived(101);
    QVERIFY(!repeater.isDue(Start + 100s));
}

void tst_TailRepeater::keepsTheLastFewAlone()
{
    TailRepeater repeater;
    for (Tsn tsn = 1; tsn <= 100; ++tsn)
        repeater.noteSent(Start, packetWith(tsn));
    const std::vector<Bytes> packets = repeater.repeat(Start + 4s);
    QCOMPARE(packets.size(), TailRepeater::MaxPackets);
    QCOMPARE(packets.back(), packetWith(100));
    QCOMPARE(packets.front(), packetWith(101 - Tsn(TailRepeater::MaxPackets)));
}

void tst_TailRepeater::leavesOutWhatWasGivenUp()
{
    TailRepeater repeater;
    for (const Tsn tsn : {100U, 101U, 102U})
        repeater.noteSent(Start, packetWith(tsn));
    repeater.noteSent(Start, sctpPacket({forwardTsnChunk(101)}));
    QCOMPARE(repeater.repeat(Start + 4s), std::vector<Bytes>{packetWith(102)});
}

void tst_TailRepeater::passesTheWrap()
{
    TailRepeater repeater;
    for (const Tsn tsn : {0xfffffffeU, 0xffffffffU, 0U, 1U})
        repeater.noteSent(Start, packetWith(tsn));
    repeater.noteArrived(0xffffffffU);
    const std::vector<Bytes> expected{packetWith(0), packetWith(1)};
    QCOMPARE(repeater.repeat(Start + 4s), expected);
}

QTEST_APPLESS_MAIN(tst_TailRepeater)

#include "tst_tailrepeater.moc"
