// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/datachannels.h"
#include "support/sctppair/sctppair.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using peer::Bytes;
using peer::ChannelId;
using peer::ChannelOptions;
using peer::ChannelSendResult;
using peer::DataChannels;
using peer::MessageKind;
using peer::SessionEvent;
using peer::sctp::PayloadProtocol;
using peer::sctp::StreamId;
using peer::test::SctpPair;
using peer::test::testPayload;
using peer::test::VirtualClock;
using SendResult = peer::sctp::Association::SendResult;
namespace event = peer::event;

namespace {

constexpr DataChannels::Limits Limits{10'000, 1'000, 16};

ChannelOptions negotiated(StreamId stream)
{
    ChannelOptions options;
    options.negotiatedId = stream;
    return options;
}

/// The channels of one end; the other one is a bare association.
struct Fixture
{
    Fixture()
        : isConnected(pair.connect())
    {
        channels.attach(now(), *pair.a().association, true);
        channels.confirm(now(), 1024);
    }

    static peer::TimePoint now() { return VirtualClock::now(); }
    void receive(StreamId stream, std::size_t size)
    {
        channels.handleMessage(now(), {stream, PayloadProtocol::Binary, testPayload(0, size)});
    }
    template<typename Event>
    std::size_t count() const
    {
        return std::size_t(std::count_if(events.begin(), events.end(), [](const auto &each) {
            return std::holds_alternative<Event>(each);
        }));
    }

    SctpPair pair;
    bool isConnected;
    std::deque<SessionEvent> events;
    DataChannels channels{Limits, events};
};

} // namespace

/// The channels of a session by themselves; with all the rest, they are in tst_session.
class tst_DataChannels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fullReaderHoldsThePeerBack();
    void closedChannelDoesNotHoldOthersBack();
    void closesWhenBothDirectionsAreReset_data();
    void closesWhenBothDirectionsAreReset();
    void refusesWhatThePeerMayNotOpen_data();
    void refusesWhatThePeerMayNotOpen();
    void queueHasABound();
};

void tst_DataChannels::fullReaderHoldsThePeerBack()
{
    Fixture fixture;
    QVERIFY(fixture.isConnected);
    const ChannelId id = fixture.channels.open(fixture.now(), negotiated(1));
    fixture.receive(1, 2000);
    QCOMPARE(fixture.pair.b().send(1, testPayload(1, 10)), SendResult::Sent);
    fixture.pair.run(1s);
    QVERIFY(fixture.pair.a().messages.empty());
    fixture.channels.messagesTaken(fixture.now(), id, 1, 2000);
    fixture.pair.a().drain();
    QCOMPARE(fixture.pair.a().messages.size(), 1U);
}

void tst_DataChannels::closedChannelDoesNotHoldOthersBack()
{
    // What came last before the close has filled the reader, which takes nothing any more.
    Fixture fixture;
    QVERIFY(fixture.isConnected);
    const ChannelId full = fixture.channels.open(fixture.now(), negotiated(1));
    QVERIFY(fixture.channels.open(fixture.now(), negotiated(2)) != ChannelId::None);
    fixture.channels.close(fixture.now(), full);
    fixture.receive(1, 2000);
    fixture.channels.handleOutgoingReset(fixture.now(), 1);
    fixture.channels.handleIncomingReset(fixture.now(), 1);
    QCOMPARE(fixture.count<event::ChannelClosed>(), 1U);
    QCOMPARE(fixture.pair.b().send(2, testPayload(1, 10)), SendResult::Sent);
    fixture.pair.run(1s);
    QCOMPARE(fixture.pair.a().messages.size(), 1U);
}

void tst_DataChannels::closesWhenBothDirectionsAreReset_data()
{
    QTest::addColumn<bool>("isOursFirst");
    QTest::addColumn<bool>("wasClosedByUs");

    QTest::newRow("closed by us") << true << true;
    QTest::newRow("closed by both") << false << true;
    QTest::newRow("closed by the peer") << false << false;
}

void tst_DataChannels::closesWhenBothDirectionsAreReset()
{
    QFETCH(bool, isOursFirst);
    QFETCH(bool, wasClosedByUs);
    Fixture fixture;
    QVERIFY(fixture.isConnected);
    const ChannelId id = fixture.channels.open(fixture.now(), negotiated(1));
    if (wasClosedByUs)
        fixture.channels.close(fixture.now(), id);
    for (const bool isOurs : {isOursFirst, !isOursFirst}) {
        QCOMPARE(fixture.count<event::ChannelClosed>(), 0U);
        if (isOurs)
            fixture.channels.handleOutgoingReset(fixture.now(), 1);
        else
            fixture.channels.handleIncomingReset(fixture.now(), 1);
    }
    QCOMPARE(fixture.count<event::ChannelClosed>(), 1U);
    // Both directions were asked for, and the number is free.
    fixture.pair.a().drain();
    fixture.pair.run(1s);
    QCOMPARE(fixture.pair.b().incomingResets, (std::vector<StreamId>{1}));
    QVERIFY(fixture.channels.open(fixture.now(), negotiated(1)) != ChannelId::None);
}

void tst_DataChannels::refusesWhatThePeerMayNotOpen_data()
{
    QTest::addColumn<quint16>("stream");
    QTest::addColumn<Bytes>("open");
    QTest::addColumn<bool>("isRefused");

    const Bytes open{3, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 'x'};
    Bytes truncated = open;
    truncated.pop_back();
    QTest::newRow("odd, as the DTLS server's are") << quint16(3) << open << false;
    QTest::newRow("even, which are ours") << quint16(4) << open << true;
    QTest::newRow("malformed") << quint16(3) << truncated << true;
    QTest::newRow("an unknown message") << quint16(3) << Bytes{9} << false;
}

void tst_DataChannels::refusesWhatThePeerMayNotOpen()
{
    QFETCH(quint16, stream);
    QFETCH(Bytes, open);
    QFETCH(bool, isRefused);
    Fixture fixture;
    QVERIFY(fixture.isConnected);
    fixture.channels.handleMessage(fixture.now(), {stream, PayloadProtocol::Control, open});
    QCOMPARE(fixture.count<event::ChannelOpened>(), std::size_t(!isRefused && open.size() > 1));
    fixture.pair.a().drain();
    fixture.pair.run(1s);
    QCOMPARE(fixture.pair.b().incomingResets.size(), std::size_t(isRefused));
}

void tst_DataChannels::queueHasABound()
{
    Fixture fixture;
    QVERIFY(fixture.isConnected);
    const ChannelId id = fixture.channels.open(fixture.now(), negotiated(1));
    const Bytes payload(1000);
    std::size_t sent = 0;
    while (sent < 10'000
           && fixture.channels.send(fixture.now(), id, MessageKind::Binary, payload)
               == ChannelSendResult::Queued) {
        ++sent;
    }
    QVERIFY(sent < 10'000);
    QCOMPARE(fixture.channels.bufferedMessages(id), 9U);
    QCOMPARE(fixture.channels.bufferedAmount(id), 9000U);
    QCOMPARE(fixture.channels.totalBufferedAmount(), 9000U);
    // A close by the peer leaves nothing of it.
    fixture.channels.handleIncomingReset(fixture.now(), 1);
    QCOMPARE(fixture.channels.totalBufferedAmount(), 0U);
    std::size_t drained = 0;
    for (const SessionEvent &each : fixture.events) {
        if (const auto *gone = std::get_if<event::ChannelDrained>(&each))
            drained += gone->messages;
    }
    QCOMPARE(drained, 9U);
}

QTEST_APPLESS_MAIN(tst_DataChannels)

#include "tst_datachannels.moc"
