// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/signalexchange.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>

using namespace std::chrono_literals;
using peer::Signal;
using peer::SignalExchange;
using peer::TimePoint;

namespace {

constexpr TimePoint Start{1h};

Signal candidate(int number)
{
    Signal signal;
    signal.type = Signal::Type::Candidate;
    signal.candidate = std::to_string(number);
    return signal;
}

std::vector<Signal> drain(SignalExchange &exchange)
{
    std::vector<Signal> signals;
    while (auto next = exchange.nextSignal())
        signals.push_back(std::move(*next));
    return signals;
}

} // namespace

class tst_SignalExchange : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void numbersWhatItSends();
    void handsOverInOrderAndOnce();
    void handsOverUnnumberedSignalsAsTheyCome();
    void acknowledgesAloneWhenThereIsNothingToSay();
    void repeatsUntilAcknowledged();
    void doesNotRepeatTowardAPeerThatNeverAcknowledges();
    void startsRepeatingOnceThePeerAcknowledges();
    void repeatsAtOnceWhenTheCarrierIsBack();
    void ignoresAcknowledgementsOfWhatWasNeverSent();
    void holdsABoundedNumberOfEarlySignals();
    void survivesLossDuplicationAndReordering_data();
    void survivesLossDuplicationAndReordering();
};

void tst_SignalExchange::numbersWhatItSends()
{
    SignalExchange exchange("call", true);
    exchange.queue(Start, candidate(1));
    exchange.queue(Start, candidate(2));
    const auto sent = drain(exchange);
    QCOMPARE(sent.size(), std::size_t(2));
    QCOMPARE(sent[0].seq, std::uint64_t(1));
    QCOMPARE(sent[1].seq, std::uint64_t(2));
    QCOMPARE(sent[0].call, std::string("call"));
    QVERIFY(!sent[0].ack);
}

void tst_SignalExchange::handsOverInOrderAndOnce()
{
    SignalExchange exchange("call", true);
    Signal first = candidate(1);
    first.seq = 1;
    Signal second = candidate(2);
    second.seq = 2;
    QCOMPARE(exchange.receive(Start, second).size(), std::size_t(0));
    const auto due = exchange.receive(Start, first);
    QCOMPARE(due.size(), std::size_t(2));
    QCOMPARE(due[0].candidate, std::string("1"));
    QCOMPARE(due[1].candidate, std::string("2"));
    QVERIFY(exchange.receive(Start, first).empty());
    QVERIFY(exchange.receive(Start, second).empty());
}

void tst_SignalExchange::handsOverUnnumberedSignalsAsTheyCome()
{
    SignalExchange exchange("call", false);
    QCOMPARE(exchange.receive(Start, candidate(7)).size(), std::size_t(1));
    QCOMPARE(exchange.receive(Start, candidate(7)).size(), std::size_t(1));
    QCOMPARE(exchange.nextDeadline(), peer::Never); // nothing to acknowledge
    QVERIFY(drain(exchange).empty());
}

void tst_SignalExchange::acknowledgesAloneWhenThereIsNothingToSay()
{
    SignalExchange exchange("call", true);
    Signal first = candidate(1);
    first.seq = 1;
    exchange.receive(Start, first);
    QVERIFY(drain(exchange).empty());
    QVERIFY(exchange.nextDeadline() < Start + 50ms);
    exchange.advance(exchange.nextDeadline());
    const auto sent = drain(exchange);
    QCOMPARE(sent.size(), std::size_t(1));
    QCOMPARE(sent[0].type, Signal::Type::Ack);
    QCOMPARE(sent[0].ack, std::optional<std::uint64_t>(1));
    QCOMPARE(sent[0].seq, std::uint64_t(0));

    // A repetition says that the ack was lost.
    exchange.receive(Start + 1s, first);
    exchange.queue(Start + 1s, candidate(5));
    const auto answer = drain(exchange);
    QCOMPARE(answer.size(), std::size_t(1));
    QCOMPARE(answer[0].ack, std::optional<std::uint64_t>(1));
    QVERIFY(exchange.nextDeadline() > Start + 1s + 100ms);
}

void tst_SignalExchange::repeatsUntilAcknowledged()
{
    SignalExchange exchange("call", true);
    exchange.queue(Start, candidate(1));
    drain(exchange);
    TimePoint now = Start;
    auto lastGap = peer::Duration::zero();
    for (int repetition = 0; repetition < 8; ++repetition) {
        const TimePoint deadline = exchange.nextDeadline();
        QVERIFY(deadline - now >= lastGap);
        QVERIFY(deadline - now <= 8s);
        lastGap = deadline - now;
        now = deadline;
        exchange.advance(now);
        QCOMPARE(drain(exchange).size(), std::size_t(1));
    }
    Signal ack;
    ack.ack = 1;
    exchange.receive(now, ack);
    QVERIFY(exchange.firstHasArrived());
    QCOMPARE(exchange.nextDeadline(), peer::Never);
}

void tst_SignalExchange::doesNotRepeatTowardAPeerThatNeverAcknowledges()
{
    SignalExchange exchange("call", false);
    exchange.queue(Start, candidate(1));
    QCOMPARE(drain(exchange).size(), std::size_t(1));
    QCOMPARE(exchange.nextDeadline(), peer::Never);
}

void tst_SignalExchange::startsRepeatingOnceThePeerAcknowledges()
{
    SignalExchange exchange("call", false);
    exchange.queue(Start, candidate(1));
    exchange.queue(Start, candidate(2));
    drain(exchange);
    Signal ack;
    ack.ack = 1;
    exchange.receive(Start, ack);
    QVERIFY(exchange.nextDeadline() != peer::Never);
    exchange.advance(exchange.nextDeadline());
    const auto sent = drain(exchange);
    QCOMPARE(sent.size(), std::size_t(1));
    QCOMPARE(sent[0].seq, std::uint64_t(2));
}

void tst_SignalExchange::repeatsAtOnceWhenTheCarrierIsBack()
{
    SignalExchange exchange("call", true);
    exchange.queue(Start, candidate(1));
    drain(exchange);
    exchange.repeatNow(Start + 1ms);
    QCOMPARE(drain(exchange).size(), std::size_t(1));
}

void tst_SignalExchange::ignoresAcknowledgementsOfWhatWasNeverSent()
{
    SignalExchange exchange("call", true);
    exchange.queue(Start, candidate(1));
    drain(exchange);
    Signal ack;
    ack.ack = 99;
    exchange.receive(Start, ack);
    QVERIFY(!exchange.firstHasArrived());
    exchange.advance(exchange.nextDeadline());
    QCOMPARE(drain(exchange).size(), std::size_t(1));
}

void tst_SignalExchange::holdsABoundedNumberOfEarlySignals()
{
    SignalExchange exchange("call", true);
    const std::uint64_t beyond = SignalExchange::MaxHeld + 1;
    for (std::uint64_t seq = beyond + 10; seq >= 2; --seq) {
        Signal signal = candidate(int(seq));
        signal.seq = seq;
        QVERIFY(exchange.receive(Start, signal).empty());
    }
    Signal first = candidate(1);
    first.seq = 1;
    QCOMPARE(exchange.receive(Start, first).size(), SignalExchange::MaxHeld);
}

void tst_SignalExchange::survivesLossDuplicationAndReordering_data()
{
    QTest::addColumn<quint32>("seed");
    for (quint32 seed = 1; seed <= 50; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void tst_SignalExchange::survivesLossDuplicationAndReordering()
{
    QFETCH(quint32, seed);
    constexpr int Signals = 40;
    std::mt19937 random(seed);
    SignalExchange ends[2] = {SignalExchange("call", true), SignalExchange("call", true)};
    std::vector<Signal> carrier[2]; // toward each end
    std::vector<int> received[2];
    int queued = 0;
    TimePoint now = Start;

    for (int turn = 0; turn < 20000 && received[0].size() + received[1].size() < 2 * Signals;
         ++turn) {
        now += 5ms;
        if (queued < Signals && random() % 4 == 0) {
            ++queued;
            for (SignalExchange &end : ends)
                end.queue(now, candidate(queued));
        }
        for (int end = 0; end < 2; ++end) {
            ends[end].advance(now);
            for (const Signal &signal : drain(ends[end])) {
                for (unsigned copies = random() % 3; copies > 0; --copies) // a third is lost
                    carrier[1 - end].push_back(signal);
            }
        }
        for (int end = 0; end < 2; ++end) {
            std::shuffle(carrier[end].begin(), carrier[end].end(), random);
            while (!carrier[end].empty() && random() % 3 != 0) {
                for (const Signal &due : ends[end].receive(now, carrier[end].back()))
                    received[end].push_back(std::stoi(due.candidate));
                carrier[end].pop_back();
            }
        }
    }
    for (const auto &numbers : received) {
        QCOMPARE(numbers.size(), std::size_t(Signals));
        for (int index = 0; index < Signals; ++index)
            QCOMPARE(numbers[std::size_t(index)], index + 1);
    }
}

QTEST_APPLESS_MAIN(tst_SignalExchange)

#include "tst_signalexchange.moc"
