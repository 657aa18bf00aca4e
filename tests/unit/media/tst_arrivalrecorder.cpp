// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/arrivalrecorder.h"
#include "media/congestion/senthistory.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint Start = TimePoint(1000h);

/// A way between the two halves: what the sender learns of its packets.
class Way
{
public:
    void send(TimePoint sentAt, std::optional<TimePoint> arrivesAt, std::size_t size = 1000)
    {
        const std::uint16_t sequence = history.send(sentAt, size, true);
        if (arrivesAt)
            recorder.record(*arrivesAt, sequence, 5);
    }

    std::vector<PacketResult> results(TimePoint now)
    {
        std::vector<PacketResult> all;
        while (const auto packet = recorder.nextFeedback(now, 7)) {
            const auto feedback = parseTransportFeedback(*packet);
            if (!feedback)
                return {};
            const auto some = history.take(*feedback);
            all.insert(all.end(), some.begin(), some.end());
        }
        return all;
    }

    ArrivalRecorder recorder;
    SentHistory history;
};

} // namespace

class tst_ArrivalRecorder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhenPacketsHaveArrived();
    void tellsOfLostPackets();
    void aLatePacketIsNotLostAfterAll();
    void sequenceNumbersAndTimesWrap();
    void feedbackIsDueAfterItsInterval();
    void namesBothSources();
    void remembersABoundedNumber();
    void aFeedbackFitsIntoADatagram();
    void aLongPauseIsBridged();
    void aSenderThatBeginsAnewIsFollowed();
    void historyIsBounded();
    void feedbackOnWhatWasNeverSentSaysNothing();
    void whatIsTakenBackIsNeverLost();
};

void tst_ArrivalRecorder::tellsWhenPacketsHaveArrived()
{
    Way way;
    way.send(Start, Start + 50ms, 100);
    way.send(Start + 10ms, Start + 65ms, 200);
    way.send(Start + 10ms, Start + 65ms + 250us, 300);
    const auto results = way.results(Start + 100ms);
    QCOMPARE(results.size(), 3U);
    QCOMPARE(results[0].sentAt, Start);
    QCOMPARE(results[2].size, 300U);
    QVERIFY(results[0].arrivedAt && results[1].arrivedAt && results[2].arrivedAt);
    QVERIFY(*results[1].arrivedAt - *results[0].arrivedAt == 15ms);
    QVERIFY(*results[2].arrivedAt - *results[1].arrivedAt == 250us);
    QVERIFY(way.results(Start + 200ms).empty());
}

void tst_ArrivalRecorder::tellsOfLostPackets()
{
    Way way;
    for (int i = 0; i < 30; ++i)
        way.send(Start + i * 1ms,
                 i % 3 == 1 ? std::nullopt : std::optional(Start + i * 1ms + 20ms));
    const auto results = way.results(Start + 100ms);
    QCOMPARE(results.size(), 30U);
    for (std::size_t i = 0; i < 30; ++i)
        QCOMPARE(results[i].arrivedAt.has_value(), i % 3 != 1);
    // Between two feedbacks, too.
    way.send(Start + 200ms, {});
    way.send(Start + 201ms, Start + 210ms);
    QCOMPARE(way.results(Start + 300ms).size(), 2U);
}

void tst_ArrivalRecorder::aLatePacketIsNotLostAfterAll()
{
    Way way;
    const std::uint16_t late = way.history.send(Start, 1000, true);
    way.send(Start + 1ms, Start + 20ms);
    QCOMPARE(way.results(Start + 100ms).size(), 1U); // nobody knows that there was one before
    const std::uint16_t alsoLate = way.history.send(Start + 100ms, 1000, true);
    way.send(Start + 101ms, Start + 120ms);
    const auto lost = way.results(Start + 200ms);
    QCOMPARE(lost.size(), 2U);
    QVERIFY(!lost[0].arrivedAt);
    way.recorder.record(Start + 210ms, alsoLate, 5);
    way.recorder.record(Start + 211ms, late, 5);
    way.send(Start + 212ms, Start + 230ms);
    const auto results = way.results(Start + 300ms);
    QCOMPARE(results.size(), 3U);
    for (const PacketResult &result : results)
        QVERIFY(result.arrivedAt);
}

void tst_ArrivalRecorder::sequenceNumbersAndTimesWrap()
{
    // 300,000 packets in 25 days: both wrap.
    Way way;
    std::optional<Duration> last;
    for (int i = 0; i < 300'000; ++i) {
        const TimePoint now = Start + i * 7200ms;
        way.send(now, now + 50ms);
        if (i % 100 != 99)
            continue;
        const auto results = way.results(now);
        QCOMPARE(results.size(), 100U);
        for (const PacketResult &result : results) {
            QVERIFY(result.arrivedAt);
            QVERIFY(!last || *result.arrivedAt - *last == 7200ms);
            last = result.arrivedAt;
        }
    }
}

void tst_ArrivalRecorder::feedbackIsDueAfterItsInterval()
{
    ArrivalRecorder recorder;
    QVERIFY(!recorder.isFeedbackDue(Start));
    recorder.record(Start, 1, 5);
    QVERIFY(!recorder.isFeedbackDue(Start + 99ms));
    QVERIFY(recorder.isFeedbackDue(Start + 100ms));
    QVERIFY(recorder.nextFeedback(Start + 100ms, 7));
    QVERIFY(!recorder.isFeedbackDue(Start + 300ms));
    recorder.record(Start + 300ms, 2, 5);
    QVERIFY(recorder.isFeedbackDue(Start + 300ms));
}

void tst_ArrivalRecorder::namesBothSources()
{
    ArrivalRecorder recorder;
    recorder.record(Start, 1, 5);
    const auto one = parseTransportFeedback(*recorder.nextFeedback(Start, 7));
    recorder.record(Start, 2, 5);
    const auto next = parseTransportFeedback(*recorder.nextFeedback(Start, 7));
    QVERIFY(one && next);
    QCOMPARE(one->senderSsrc, 7U);
    QCOMPARE(one->mediaSsrc, 5U);
    QCOMPARE(one->feedbackCount + 1, int(next->feedbackCount));
}

void tst_ArrivalRecorder::remembersABoundedNumber()
{
    Way way;
    for (int i = 0; i < 2000; ++i)
        way.send(Start + i * 1ms, Start + i * 1ms);
    std::size_t arrived = 0;
    for (const PacketResult &result : way.results(Start + 3s))
        arrived += result.arrivedAt.has_value();
    QCOMPARE(arrived, ArrivalRecorder::MaxUnreported);
}

void tst_ArrivalRecorder::aFeedbackFitsIntoADatagram()
{
    Way way;
    for (int i = 0; i < 512; ++i) // steps of 100 ms need two octets each
        way.send(Start + i * 100ms, Start + i * 100ms);
    while (const auto packet = way.recorder.nextFeedback(Start + 60s, 7))
        QVERIFY(packet->size() <= 1180);
}

void tst_ArrivalRecorder::aLongPauseIsBridged()
{
    Way way;
    way.send(Start, Start);
    way.send(Start + 1min, Start + 1min); // more than a delta can say
    const auto results = way.results(Start + 1min);
    QCOMPARE(results.size(), 2U);
    QVERIFY(*results[1].arrivedAt - *results[0].arrivedAt == 1min);
}

void tst_ArrivalRecorder::aSenderThatBeginsAnewIsFollowed()
{
    ArrivalRecorder recorder;
    recorder.record(Start, 100, 5);
    recorder.record(Start, 40'000, 5);
    const auto feedback = parseTransportFeedback(*recorder.nextFeedback(Start, 7));
    QVERIFY(feedback);
    QCOMPARE(feedback->baseSequence, 40'000);
    QVERIFY(!recorder.nextFeedback(Start, 7));
}

void tst_ArrivalRecorder::historyIsBounded()
{
    SentHistory history;
    for (int i = 0; i < 5000; ++i)
        history.send(Start, 1, true);
    TransportFeedback feedback;
    feedback.packetCount = 5000;
    QCOMPARE(history.take(feedback).size(), SentHistory::MaxPackets);
}

void tst_ArrivalRecorder::feedbackOnWhatWasNeverSentSaysNothing()
{
    SentHistory history;
    for (int i = 0; i < 10; ++i)
        history.send(Start, 1, true);
    TransportFeedback feedback;
    feedback.baseSequence = 10;
    feedback.packetCount = 65535;
    QCOMPARE(history.take(feedback).size(), 0U);
    feedback.baseSequence = 65000; // ends within what was sent
    feedback.packetCount = 540;
    feedback.arrivals = {{0, 0}, {538, 1}};
    const auto results = history.take(feedback);
    QCOMPARE(results.size(), 4U);
    QVERIFY(results[2].arrivedAt && !results[3].arrivedAt);
    QVERIFY(history.take(feedback).empty());
}

void tst_ArrivalRecorder::whatIsTakenBackIsNeverLost()
{
    SentHistory history;
    history.takeBack(0); // nothing was sent
    const std::uint16_t first = history.send(Start, 1, true);
    const std::uint16_t second = history.send(Start, 2, true);
    history.takeBack(second);
    QCOMPARE(history.send(Start, 3, true), second); // its number is that of the next
    const std::uint16_t third = history.send(Start, 4, true);
    QCOMPARE(third, 2);
    history.takeBack(second); // too late for that
    history.takeBack(9);      // has not been sent
    TransportFeedback feedback;
    feedback.baseSequence = first;
    feedback.packetCount = 3;
    const auto results = history.take(feedback);
    QCOMPARE(results.size(), 2U);
    QCOMPARE(results[0].size, 1U);
    QCOMPARE(results[1].size, 4U);
    feedback.arrivals = {{1, 0}}; // nor may the peer have it
    QVERIFY(history.take(feedback).empty());
}

QTEST_APPLESS_MAIN(tst_ArrivalRecorder)
#include "tst_arrivalrecorder.moc"
