// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctpchunks.h"
#include "secure/sctp/forwardtsnrepeater.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using namespace peer::test;
using peer::Bytes;
using peer::Duration;
using peer::TimePoint;
using peer::sctp::ForwardTsnRepeater;

namespace {

constexpr TimePoint Start{1000s};

/// When it sends again what was sent at the start, as an owner that looks every 10 ms.
std::vector<Duration> repetitions(ForwardTsnRepeater &repeater, Duration timeout, Duration limit)
{
    std::vector<Duration> times;
    for (TimePoint now = Start; now <= Start + limit; now += 10ms) {
        if (!repeater.isDue(now, timeout))
            continue;
        repeater.noteSent(now, repeater.repeat());
        times.push_back(now - Start);
    }
    return times;
}

} // namespace

/// That a FORWARD TSN is repeated until the peer has answered (RFC 3758 section 3.5).
class tst_ForwardTsnRepeater : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void repeatsEverMoreRarely();
    void isSilentWhenAnswered_data();
    void isSilentWhenAnswered();
    void newOneStartsAnew();
    void repeatsTheChunkAlone();
};

void tst_ForwardTsnRepeater::repeatsEverMoreRarely()
{
    ForwardTsnRepeater repeater;
    QVERIFY(!repeater.isDue(Start + 100s, 100ms));
    repeater.noteSent(Start, sctpPacket({forwardTsnChunk(100)}));
    QVERIFY(repeater.isWaiting());
    const std::vector<Duration> expected{200ms,  600ms,   1400ms,  3000ms,
                                         6200ms, 12200ms, 18200ms, 24200ms};
    QCOMPARE(repetitions(repeater, 100ms, 30s), expected);
}

void tst_ForwardTsnRepeater::isSilentWhenAnswered_data()
{
    QTest::addColumn<quint32>("sent");
    QTest::addColumn<quint32>("arrived");
    QTest::addColumn<bool>("isAnswered");

    QTest::newRow("exactly") << 100U << 100U << true;
    QTest::newRow("beyond") << 100U << 101U << true;
    QTest::newRow("before") << 100U << 99U << false;
    QTest::newRow("beyond the wrap") << 0xffffffffU << 0U << true;
    QTest::newRow("before the wrap") << 0U << 0xffffffffU << false;
}

void tst_ForwardTsnRepeater::isSilentWhenAnswered()
{
    QFETCH(quint32, sent);
    QFETCH(quint32, arrived);
    QFETCH(bool, isAnswered);
    ForwardTsnRepeater repeater;
    repeater.noteSent(Start, sctpPacket({forwardTsnChunk(sent)}));
    repeater.noteArrived(arrived);
    QCOMPARE(repeater.isWaiting(), !isAnswered);
    QCOMPARE(repetitions(repeater, 100ms, 500ms).empty(), isAnswered);
}

void tst_ForwardTsnRepeater::newOneStartsAnew()
{
    ForwardTsnRepeater repeater;
    repeater.noteSent(Start - 20s, sctpPacket({forwardTsnChunk(90)}));
    for (int i = 0; i < 5; ++i)
        repeater.repeat();
    repeater.noteSent(Start, sctpPacket({forwardTsnChunk(100)}));
    QCOMPARE(repetitions(repeater, 100ms, 1s), (std::vector<Duration>{200ms, 600ms}));
    repeater.noteArrived(90);
    QVERIFY(repeater.isWaiting());
}

void tst_ForwardTsnRepeater::repeatsTheChunkAlone()
{
    ForwardTsnRepeater repeater;
    const Bytes forward = forwardTsnChunk(100);
    repeater.noteSent(Start,
                      sctpPacket({sackChunk(5), forward, dataChunk(101, 0, 0, 3, {1, 2, 3})}));
    QCOMPARE(repeater.repeat(), sctpPacket({forward}));
    // Another packet changes nothing, nor one that is cut off.
    repeater.noteSent(Start, sctpPacket({sackChunk(5)}));
    const Bytes packet = sctpPacket({forwardTsnChunk(200)});
    for (std::size_t size = 0; size < packet.size(); ++size)
        repeater.noteSent(Start, peer::ByteView(packet).first(size));
    QCOMPARE(repeater.repeat(), sctpPacket({forward}));
}

QTEST_APPLESS_MAIN(tst_ForwardTsnRepeater)

#include "tst_forwardtsnrepeater.moc"
