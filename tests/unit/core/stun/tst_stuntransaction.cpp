// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/messagewriter.h"
#include "core/stun/transaction.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::stun;

namespace {

constexpr TransactionId Id = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
constexpr TransactionId OtherId = {1};
constexpr TimePoint Start{1000s};

std::array<std::uint8_t, HeaderSize> message(Class messageClass, const TransactionId &id = Id)
{
    std::array<std::uint8_t, HeaderSize> octets{};
    MessageWriter(octets).begin(messageClass, Method::Binding, id);
    return octets;
}

/// What a transaction does that gets no answer, when it is called exactly at its deadlines: the
/// times of its transmissions, then of its failure.
std::vector<Duration> timesUntilFailure(Transaction &transaction)
{
    std::vector<Duration> times;
    TimePoint now = Start;
    while (!transaction.isFinished()) {
        now = std::max(now, transaction.nextDeadline());
        transaction.advance(now);
        times.push_back(now - Start);
    }
    return times;
}

} // namespace

class tst_StunTransaction : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void followsTheStandardsTimes();
    void followsItsPolicy_data();
    void followsItsPolicy();
    void doesNothingBeforeItsDeadline();
    void doesNotCatchUpAfterAStall();
    void takesOnlyItsOwnResponse();
    void measuresTheRoundTrip();
    void doesNotMeasureWhatWasRepeated();
    void takesAResponseLate();
    void staysFailed();
    void stopsTransmittingButListens();
    void stoppedBeforeTheStartItIsOver();
};

void tst_StunTransaction::followsTheStandardsTimes()
{
    Transaction transaction(Id);
    const std::vector<Duration> expected = {0ms,    500ms,   1500ms,  3500ms,
                                            7500ms, 15500ms, 31500ms, 39500ms};
    QCOMPARE(timesUntilFailure(transaction), expected);
    QCOMPARE(transaction.transmissions(), 7);
}

void tst_StunTransaction::followsItsPolicy_data()
{
    QTest::addColumn<RetransmissionPolicy>("policy");
    QTest::addColumn<std::vector<Duration>>("expected");
    using Times = std::vector<Duration>;
    QTest::newRow("reliable transport")
        << RetransmissionPolicy::forReliableTransport() << Times{0ms, 39500ms};
    QTest::newRow("shorter") << RetransmissionPolicy{100ms, 3, 4, 1min}
                             << Times{0ms, 100ms, 300ms, 700ms};
    QTest::newRow("bounded doubling") << RetransmissionPolicy{100ms, 6, 1, 300ms}
                                      << Times{0ms, 100ms, 300ms, 600ms, 900ms, 1200ms, 1300ms};
    QTest::newRow("bound below the first wait")
        << RetransmissionPolicy{100ms, 3, 1, 50ms} << Times{0ms, 100ms, 200ms, 300ms};
}

void tst_StunTransaction::followsItsPolicy()
{
    QFETCH(RetransmissionPolicy, policy);
    QFETCH(std::vector<Duration>, expected);
    Transaction transaction(Id, policy);
    QCOMPARE(timesUntilFailure(transaction), expected);
}

void tst_StunTransaction::doesNothingBeforeItsDeadline()
{
    Transaction transaction(Id);
    QCOMPARE(transaction.advance(Start), Transaction::Action::Transmit);
    QCOMPARE(transaction.advance(Start), Transaction::Action::Wait);
    QCOMPARE(transaction.advance(Start + 499ms), Transaction::Action::Wait);
    QCOMPARE(transaction.advance(Start + 500ms), Transaction::Action::Transmit);
}

void tst_StunTransaction::doesNotCatchUpAfterAStall()
{
    Transaction transaction(Id);
    transaction.advance(Start);
    QCOMPARE(transaction.advance(Start + 1h), Transaction::Action::Transmit);
    QCOMPARE(transaction.advance(Start + 1h), Transaction::Action::Wait);
    QCOMPARE(transaction.nextDeadline(), Start + 1h + 1s);
}

void tst_StunTransaction::takesOnlyItsOwnResponse()
{
    Transaction transaction(Id);
    const auto response = message(Class::SuccessResponse);
    QVERIFY(!transaction.receive(Start, *Message::parse(response)));
    transaction.advance(Start);
    for (const auto &other :
         {message(Class::Request), message(Class::Indication),
          message(Class::SuccessResponse, OtherId), message(Class::ErrorResponse, OtherId)}) {
        QVERIFY(!transaction.receive(Start + 1ms, *Message::parse(other)));
    }
    QVERIFY(!transaction.isFinished());
    const auto error = message(Class::ErrorResponse);
    QVERIFY(transaction.receive(Start + 1ms, *Message::parse(error)));
    QVERIFY(transaction.isFinished());
    QCOMPARE(transaction.nextDeadline(), Never);
    QVERIFY(!transaction.receive(Start + 2ms, *Message::parse(response)));
    QCOMPARE(transaction.advance(Start + 1h), Transaction::Action::Wait);
}

void tst_StunTransaction::measuresTheRoundTrip()
{
    Transaction transaction(Id);
    transaction.advance(Start);
    const auto response = message(Class::SuccessResponse);
    QVERIFY(transaction.receive(Start + 42ms, *Message::parse(response)));
    QVERIFY(transaction.roundTripTime() == Duration(42ms));
}

void tst_StunTransaction::doesNotMeasureWhatWasRepeated()
{
    Transaction transaction(Id);
    transaction.advance(Start);
    transaction.advance(Start + 500ms);
    const auto response = message(Class::SuccessResponse);
    QVERIFY(transaction.receive(Start + 542ms, *Message::parse(response)));
    QVERIFY(!transaction.roundTripTime());
}

void tst_StunTransaction::takesAResponseLate()
{
    Transaction transaction(Id);
    TimePoint now = Start;
    while (transaction.transmissions() < 7)
        transaction.advance(now = std::max(now, transaction.nextDeadline()));
    const auto response = message(Class::SuccessResponse);
    QVERIFY(transaction.receive(now + 7999ms, *Message::parse(response)));
}

void tst_StunTransaction::staysFailed()
{
    Transaction transaction(Id);
    timesUntilFailure(transaction);
    QCOMPARE(transaction.nextDeadline(), Never);
    QCOMPARE(transaction.advance(Start + 1h), Transaction::Action::Wait);
    const auto response = message(Class::SuccessResponse);
    QVERIFY(!transaction.receive(Start + 1h, *Message::parse(response)));
}

void tst_StunTransaction::stopsTransmittingButListens()
{
    Transaction transaction(Id);
    transaction.advance(Start);
    transaction.advance(Start + 500ms);
    transaction.stopTransmitting();
    QCOMPARE(transaction.nextDeadline(), Start + 39500ms);
    QCOMPARE(transaction.advance(Start + 39s), Transaction::Action::Wait);
    Transaction answered = transaction;
    QCOMPARE(transaction.advance(Start + 39500ms), Transaction::Action::TimeOut);
    const auto response = message(Class::SuccessResponse);
    QVERIFY(answered.receive(Start + 39s, *Message::parse(response)));
}

void tst_StunTransaction::stoppedBeforeTheStartItIsOver()
{
    Transaction transaction(Id);
    transaction.stopTransmitting();
    QVERIFY(transaction.isFinished());
    QCOMPARE(transaction.advance(Start), Transaction::Action::Wait);
}

QTEST_APPLESS_MAIN(tst_StunTransaction)
#include "tst_stuntransaction.moc"
