// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctpchunks.h"
#include "secure/sctp/unorderedfragments.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <array>

using peer::Bytes;
using peer::sctp::PayloadProtocol;
using peer::sctp::StreamId;
using peer::sctp::Tsn;
using peer::sctp::UnorderedFragments;
using namespace peer::test;

namespace {

// The sequence numbers that disguised fragments have.
constexpr std::uint16_t Middle = 0xfffc;
constexpr std::uint16_t Last = 0xfffd;
constexpr std::uint16_t First = 0xfffe;
constexpr std::uint16_t Whole = 0xffff;

/// The message that a fragment completes, empty if none; its payload is its TSN.
Bytes take(UnorderedFragments &fragments, Tsn tsn, std::uint16_t kind, StreamId stream = 1)
{
    const Bytes payload = uint32(tsn);
    auto result = fragments.take({tsn, stream, PayloadProtocol::Binary, kind, payload});
    if (result.isTooLarge || !result.message)
        return {};
    return result.message->stream == stream ? result.message->payload : Bytes{0};
}

Bytes payloads(Tsn first, Tsn last)
{
    Bytes all;
    for (Tsn tsn = first; tsn != last + 1; ++tsn)
        all = join({all, uint32(tsn)});
    return all;
}

} // namespace

/// How unordered messages are put together of their fragments (RFC 9260 section 6.9), and what
/// becomes of those that never will be whole (RFC 3758).
class tst_UnorderedFragments : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void disguisesUnorderedDataOnly();
    void assemblesInAnyOrder();
    void keepsNeighboursApart_data();
    void keepsNeighboursApart();
    void wrapsAround();
    void discardsWhatCannotBecomeWhole_data();
    void discardsWhatCannotBecomeWhole();
    void refusesMessagesThatAreTooLarge_data();
    void refusesMessagesThatAreTooLarge();
};

void tst_UnorderedFragments::disguisesUnorderedDataOnly()
{
    const Bytes payload{1, 2, 3, 4};
    Bytes packet = sctpPacket({dataChunk(1, 1, 9, 0x02, payload), dataChunk(2, 1, 9, 0x06, payload),
                               sackChunk(0x04040404), dataChunk(3, 1, 9, 0x04, payload),
                               dataChunk(4, 1, 9, 0x0d, payload),
                               dataChunk(5, 1, 9, 0x07, payload)});
    UnorderedFragments::disguise(packet);
    QCOMPARE(
        packet,
        sctpPacket({dataChunk(1, 1, 9, 0x02, payload), dataChunk(2, 1, First, 0x07, payload),
                    sackChunk(0x04040404), dataChunk(3, 1, Middle, 0x07, payload),
                    dataChunk(4, 1, Last, 0x0f, payload), dataChunk(5, 1, Whole, 0x07, payload)}));
    for (std::size_t size = 0; size < packet.size(); ++size)
        UnorderedFragments::disguise(peer::MutableByteView(packet).first(size));
}

void tst_UnorderedFragments::assemblesInAnyOrder()
{
    std::array<Tsn, 5> order{10, 11, 12, 13, 14};
    do {
        UnorderedFragments fragments(100);
        for (std::size_t i = 0; i < order.size(); ++i) {
            const Tsn tsn = order[i];
            const auto kind = tsn == 10 ? First : tsn == 14 ? Last : Middle;
            const Bytes message = take(fragments, tsn, kind);
            QCOMPARE(message, i + 1 < order.size() ? Bytes() : payloads(10, 14));
        }
        QVERIFY(fragments.isEmpty());
    } while (std::next_permutation(order.begin(), order.end()));
}

void tst_UnorderedFragments::keepsNeighboursApart_data()
{
    QTest::addColumn<quint16>("earlier");
    QTest::addColumn<quint16>("later");
    QTest::addColumn<quint16>("laterStream");

    QTest::newRow("another stream") << First << Last << quint16(2);
    QTest::newRow("two beginnings") << First << First << quint16(1);
    QTest::newRow("two ends") << Last << Last << quint16(1);
    QTest::newRow("an end, then a middle") << Last << Middle << quint16(1);
    QTest::newRow("a middle, then a beginning") << Middle << First << quint16(1);
}

void tst_UnorderedFragments::keepsNeighboursApart()
{
    QFETCH(quint16, earlier);
    QFETCH(quint16, later);
    QFETCH(quint16, laterStream);
    UnorderedFragments fragments(100);
    QCOMPARE(take(fragments, 11, later, laterStream), Bytes());
    QCOMPARE(take(fragments, 10, earlier), Bytes());
    QCOMPARE(take(fragments, 20, Whole), payloads(20, 20));
    fragments.discard(11);
    // Only a beginning at the very end may still go on.
    QCOMPARE(fragments.isEmpty(), later != First);
    QCOMPARE(take(fragments, 12, Last), later == First ? payloads(11, 12) : Bytes());
}

void tst_UnorderedFragments::wrapsAround()
{
    UnorderedFragments fragments(100);
    QCOMPARE(take(fragments, 0, Middle), Bytes());
    QCOMPARE(take(fragments, 0xfffffffe, First), Bytes());
    QCOMPARE(take(fragments, 1, Last), Bytes());
    fragments.discard(0xfffffffe);
    QCOMPARE(take(fragments, 0xffffffff, Middle), payloads(0xfffffffe, 1));
    QVERIFY(fragments.isEmpty());
}

void tst_UnorderedFragments::discardsWhatCannotBecomeWhole_data()
{
    QTest::addColumn<quint32>("tsn"); // of a run of three without one of its ends
    QTest::addColumn<bool>("hasFirst");
    QTest::addColumn<bool>("isKept"); // when all up to 100 have arrived

    QTest::newRow("beginning, long before") << 50U << true << false;
    QTest::newRow("beginning, ends before the last") << 97U << true << false;
    QTest::newRow("beginning, ends with the last") << 98U << true << true;
    QTest::newRow("beginning, ends behind the last") << 100U << true << true;
    QTest::newRow("beginning, right behind") << 101U << true << true;
    QTest::newRow("end, long before") << 50U << false << false;
    QTest::newRow("end, reaches behind the last") << 99U << false << false;
    QTest::newRow("end, right behind the last") << 101U << false << false;
    QTest::newRow("end, behind a gap") << 102U << false << true;
}

void tst_UnorderedFragments::discardsWhatCannotBecomeWhole()
{
    QFETCH(quint32, tsn);
    QFETCH(bool, hasFirst);
    QFETCH(bool, isKept);
    UnorderedFragments fragments(100);
    take(fragments, tsn, hasFirst ? First : Middle);
    take(fragments, tsn + 1, Middle);
    take(fragments, tsn + 2, hasFirst ? Middle : Last);
    fragments.discard(100);
    QCOMPARE(fragments.isEmpty(), !isKept);
    if (!isKept)
        return;
    const Bytes message = hasFirst ? take(fragments, tsn + 3, Last)
                                   : take(fragments, tsn - 1, First);
    QCOMPARE(message, hasFirst ? payloads(tsn, tsn + 3) : payloads(tsn - 1, tsn + 2));
}

void tst_UnorderedFragments::refusesMessagesThatAreTooLarge_data()
{
    QTest::addColumn<bool>("isBackwards");

    QTest::newRow("forwards") << false;
    QTest::newRow("backwards") << true;
}

void tst_UnorderedFragments::refusesMessagesThatAreTooLarge()
{
    QFETCH(bool, isBackwards);
    UnorderedFragments fragments(100);
    const Bytes payload(60);
    const auto takeOne = [&](Tsn tsn) {
        return fragments.take({tsn, 1, PayloadProtocol::Binary, Middle, payload}).isTooLarge;
    };
    QVERIFY(!takeOne(10));
    QVERIFY(!takeOne(20));
    QVERIFY(takeOne(isBackwards ? 19 : 21));
    const Bytes large(101);
    QVERIFY(fragments.take({30, 1, PayloadProtocol::Binary, Whole, large}).isTooLarge);
}

QTEST_APPLESS_MAIN(tst_UnorderedFragments)

#include "tst_unorderedfragments.moc"
