// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/calltransport.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;

namespace {

constexpr std::size_t Size = 1000;
constexpr int Few = 10;
/// More than the window of a way that is as short as this one.
constexpr int Many = 50;

/// What the peer says of packets first to last, all of which came at one time.
TransportFeedback report(int first, int last, bool isEverySecondLost)
{
    TransportFeedback feedback;
    feedback.baseSequence = static_cast<std::uint16_t>(first);
    feedback.packetCount = static_cast<std::uint16_t>(last - first + 1);
    for (int number = first; number <= last; ++number) {
        if (!isEverySecondLost || number % 2 != 0)
            feedback.arrivals.push_back({static_cast<std::uint16_t>(number - first), 0});
    }
    return feedback;
}

/// Pictures stand still: more is under way than what the peer has said lets through.
void standStill(CallTransport &transport)
{
    for (int i = 0; i < Many; ++i) {
        transport.send(Size, TrackKind::Video);
        transport.noteSent(Size, TrackKind::Video);
    }
    transport.take(report(0, Few - 1, false));
}

} // namespace

/// Of a call's way that has become narrow; rates and times are tst_ratecontrol's and tst_pacer's.
class tst_CallTransport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsRepeatedInALongStall();
    void soundIsRepeatedAtOnceUnlessItIsLong();
    void aStallWithLossesEndsWhatWasBegun();
    void aStallWithoutLossesEndsNothing();
    void soundIsSentOnceInALongStall();
    void nobodyWaitsForWhatIsOver();
};

void tst_CallTransport::nothingIsRepeatedInALongStall()
{
    const std::atomic<bool> isOver = false;
    CallTransport transport;
    QVERIFY(transport.awaitRepeat(TrackKind::Video, isOver));
    standStill(transport);
    QVERIFY(!transport.awaitRepeat(TrackKind::Video, isOver));
    QVERIFY(!transport.awaitRepeat(TrackKind::Audio, isOver));
    transport.take(report(Few, Many - 1, true));
    QVERIFY(transport.awaitRepeat(TrackKind::Video, isOver));
}

void tst_CallTransport::soundIsRepeatedAtOnceUnlessItIsLong()
{
    const std::atomic<bool> isOver = false;
    CallTransport transport;
    for (int i = 0; i < Many; ++i) // their turn is far away
        transport.noteSent(100 * Size, TrackKind::Video);
    QVERIFY(transport.awaitRepeat(TrackKind::Audio, isOver));
}

void tst_CallTransport::aStallWithLossesEndsWhatWasBegun()
{
    const std::atomic<bool> isOver = false;
    CallTransport transport;
    const unsigned before = transport.awaitTurn(isOver);
    standStill(transport);
    QVERIFY(!transport.awaitRepeat(TrackKind::Video, isOver)); // it is long now
    transport.take(report(Few, Many - 1, true));
    QCOMPARE(transport.awaitTurn(isOver), before + 1);
    QCOMPARE(transport.awaitTurn(isOver), before + 1);
}

void tst_CallTransport::aStallWithoutLossesEndsNothing()
{
    const std::atomic<bool> isOver = false;
    CallTransport transport;
    const unsigned before = transport.awaitTurn(isOver);
    standStill(transport);
    QVERIFY(!transport.awaitRepeat(TrackKind::Video, isOver));
    transport.take(report(Few, Many - 1, false));
    QCOMPARE(transport.awaitTurn(isOver), before);
}

void tst_CallTransport::soundIsSentOnceInALongStall()
{
    const std::atomic<bool> isOver = false;
    CallTransport transport;
    transport.setSenders({true, true, true});
    QCOMPARE(transport.allocation().copies, 1);
    standStill(transport);
    QCOMPARE(transport.allocation().copies, 1);
    QVERIFY(!transport.awaitRepeat(TrackKind::Video, isOver)); // it is long now
    QTRY_COMPARE(transport.allocation().copies, 0);
    transport.take(report(Few, Many - 1, false));
    QCOMPARE(transport.allocation().copies, 1);
}

void tst_CallTransport::nobodyWaitsForWhatIsOver()
{
    const std::atomic<bool> isOver = true;
    CallTransport transport;
    standStill(transport);
    transport.awaitTurn(isOver);
    QVERIFY(!transport.awaitRepeat(TrackKind::Video, isOver));
}

QTEST_APPLESS_MAIN(tst_CallTransport)

#include "tst_calltransport.moc"
