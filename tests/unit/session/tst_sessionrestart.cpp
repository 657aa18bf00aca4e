// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/sessionpair/sessionpair.h"
#include "support/virtualclock/virtualclock.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <numeric>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using peer::Bytes;
using peer::ByteView;
using peer::ChannelId;
using peer::ChannelSendResult;
using peer::Duration;
using peer::MessageKind;
using peer::SessionError;
using peer::SessionState;
using peer::Signal;
using peer::TimePoint;
using peer::test::SessionPair;

namespace {

/// A call with a channel of the caller's, and a numbered message every 20 ms both ways.
struct Talk
{
    explicit Talk(const SessionPair::Options &options = SessionPair::defaults())
        : pair(options)
    {
        channel = pair.caller.session->openChannel(pair.now(), {.label = "talk"});
        pair.dial();
        isUp = pair.runUntil(
            [this] {
                return pair.caller.isConnected() && pair.callee.isConnected()
                    && !pair.callee.opened.empty();
            },
            30s);
    }

    /// Until done() or for so long.
    bool talkUntil(const std::function<bool()> &done, Duration limit)
    {
        const TimePoint end = pair.now() + limit;
        while (pair.now() < end && !done()) {
            say(pair.caller, channel);
            say(pair.callee, pair.callee.opened[0].channel);
            pair.runFor(20ms);
        }
        return done();
    }
    void talkFor(Duration duration)
    {
        talkUntil([] { return false; }, duration);
    }
    bool areBothConnected() const { return pair.caller.isConnected() && pair.callee.isConnected(); }

    /// Lets all arrive; true if each end got all that the other said, once and in order.
    bool isWhole()
    {
        pair.runUntil(
            [this] {
                return pair.callee.messages.size() == said && pair.caller.messages.size() == said;
            },
            30s);
        return isInOrder(pair.caller) && isInOrder(pair.callee);
    }

    SessionPair pair;
    ChannelId channel = ChannelId::None;
    bool isUp = false;
    std::size_t said = 0;

private:
    void say(SessionPair::End &end, ChannelId on)
    {
        const std::string text = std::to_string(&end == &pair.caller ? said : said++);
        if (end.session->send(pair.now(), on, MessageKind::Text, peer::asBytes(text))
            != ChannelSendResult::Queued)
            qFatal("a message of a few octets was refused");
        pair.drain();
    }

    bool isInOrder(const SessionPair::End &end) const
    {
        for (std::size_t i = 0; i < end.messages.size(); ++i) {
            if (peer::asText(end.messages[i].payload) != std::to_string(i))
                return false;
        }
        return end.messages.size() == said;
    }
};

int countOf(const std::vector<SessionState> &states, SessionState state)
{
    return static_cast<int>(std::count(states.begin(), states.end(), state));
}

int offersOf(const SessionPair::End &end)
{
    std::vector<std::uint64_t> numbers;
    for (const Signal &signal : end.signalsSent) {
        if (signal.type == Signal::Type::Offer)
            numbers.push_back(signal.seq);
    }
    std::sort(numbers.begin(), numbers.end());
    return static_cast<int>(std::unique(numbers.begin(), numbers.end()) - numbers.begin());
}

} // namespace

class tst_SessionRestart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void outlivesAnOutage_data();
    void outlivesAnOutage();
    void noticesALossWithinASecond();
    void restartMovesNothingButThePath();
    void whenBothRestartOneDoes();
    void restartWaitsForTheSignaling();
    void offerOfAnotherIsIgnored();
    void givesUpWhenPatienceIsOver();
    void givesUpSoonerWhenThePeerHasGone();
    void waitsOnWhenThePeerIsBack();
    void closesWhileReconnecting();
};

void tst_SessionRestart::outlivesAnOutage_data()
{
    QTest::addColumn<int>("milliseconds");
    QTest::addColumn<bool>("isSignalingToo");
    QTest::newRow("a moment") << 200 << false;
    QTest::newRow("two seconds") << 2000 << false;
    QTest::newRow("20 s") << 20000 << false;
    QTest::newRow("20 s, no signaling either") << 20000 << true;
    QTest::newRow("40 s: consent is over") << 40000 << false;
    QTest::newRow("40 s, no signaling either") << 40000 << true;
}

void tst_SessionRestart::outlivesAnOutage()
{
    QFETCH(int, milliseconds);
    QFETCH(bool, isSignalingToo);
    Talk talk;
    QVERIFY(talk.isUp);
    talk.talkFor(2s);
    bool isOut = true;
    talk.pair.letsPass = [&](bool, ByteView) { return !isOut; };
    talk.pair.carrier = [&](bool, Signal signal) {
        return isOut && isSignalingToo ? std::nullopt : std::optional(std::move(signal));
    };
    talk.talkFor(std::chrono::milliseconds(milliseconds));
    if (milliseconds >= 2000) {
        QCOMPARE(talk.pair.caller.session->state(), SessionState::Reconnecting);
        QCOMPARE(talk.pair.callee.session->state(), SessionState::Reconnecting);
    }
    isOut = false;
    if (isSignalingToo) {
        talk.pair.caller.session->signalingRestored(talk.pair.now());
        talk.pair.callee.session->signalingRestored(talk.pair.now());
        talk.pair.drain();
    }
    QVERIFY(talk.talkUntil([&] { return talk.areBothConnected(); }, 1500ms));
    talk.talkFor(5s);
    QVERIFY(talk.areBothConnected());
    QVERIFY(talk.isWhole());
    QVERIFY(!talk.pair.caller.failure && !talk.pair.callee.failure);
}

void tst_SessionRestart::noticesALossWithinASecond()
{
    Talk talk;
    QVERIFY(talk.isUp);
    talk.talkFor(2s);
    talk.pair.letsPass = [](bool, ByteView) { return false; };
    const TimePoint start = talk.pair.now();
    QVERIFY(talk.talkUntil([&] { return offersOf(talk.pair.caller) == 2; }, 10s));
    QVERIFY(talk.pair.now() - start < 700ms);
}

void tst_SessionRestart::restartMovesNothingButThePath()
{
    Talk talk;
    QVERIFY(talk.isUp);
    const std::string fragment = talk.pair.caller.session->localUsernameFragment();
    for (SessionPair::End *end : {&talk.pair.callee, &talk.pair.caller, &talk.pair.callee}) {
        talk.talkFor(1s);
        end->session->restartIce(talk.pair.now());
        talk.pair.drain();
    }
    talk.talkFor(3s);
    QVERIFY(talk.pair.caller.session->localUsernameFragment() != fragment);
    QVERIFY(talk.isWhole());
    QCOMPARE(offersOf(talk.pair.caller), 2);
    QCOMPARE(offersOf(talk.pair.callee), 2);
    QCOMPARE(countOf(talk.pair.caller.states, SessionState::Reconnecting), 0);
    QCOMPARE(talk.pair.callee.opened.size(), std::size_t(1));
    // The new session has outlived the consent of the old one.
    talk.talkFor(40s);
    QCOMPARE(countOf(talk.pair.callee.states, SessionState::Reconnecting), 0);
    QVERIFY(talk.isWhole());
}

void tst_SessionRestart::whenBothRestartOneDoes()
{
    Talk talk;
    QVERIFY(talk.isUp);
    talk.pair.caller.session->restartIce(talk.pair.now());
    talk.pair.callee.session->restartIce(talk.pair.now());
    talk.pair.drain();
    talk.talkFor(45s);
    QVERIFY(talk.areBothConnected());
    QVERIFY(talk.isWhole());
    int answers = 0;
    for (const Signal &signal : talk.pair.caller.signalsSent)
        answers += signal.type == Signal::Type::Answer ? 1 : 0;
    QCOMPARE(answers, 0);
    // And the next one works, from either side.
    talk.pair.callee.session->restartIce(talk.pair.now());
    talk.pair.drain();
    talk.talkFor(45s);
    QCOMPARE(countOf(talk.pair.caller.states, SessionState::Reconnecting), 0);
    QVERIFY(talk.isWhole());
}

void tst_SessionRestart::restartWaitsForTheSignaling()
{
    Talk talk;
    QVERIFY(talk.isUp);
    bool isOut = true;
    talk.pair.carrier = [&](bool, Signal signal) {
        return isOut ? std::nullopt : std::optional(std::move(signal));
    };
    talk.pair.caller.session->restartIce(talk.pair.now());
    talk.pair.drain();
    talk.talkFor(60s); // on the old pair, which stays
    QVERIFY(talk.areBothConnected());
    QCOMPARE(countOf(talk.pair.caller.states, SessionState::Reconnecting), 0);
    isOut = false;
    talk.talkFor(45s);
    QVERIFY(talk.areBothConnected());
    QVERIFY(talk.isWhole());
}

void tst_SessionRestart::offerOfAnotherIsIgnored()
{
    // What the callee's offer would be with another certificate, carried by a liar.
    Talk other;
    QVERIFY(other.isUp);
    other.pair.callee.session->restartIce(other.pair.now());
    other.pair.drain();
    const auto isOffer = [](const Signal &signal) { return signal.type == Signal::Type::Offer; };
    const auto &sent = other.pair.callee.signalsSent;
    const auto offer = std::find_if(sent.begin(), sent.end(), isOffer);
    QVERIFY(offer != sent.end());

    auto options = SessionPair::defaults();
    options.seed = 2;
    options.callee.certificate = peer::dtls::Certificate::generate(1'700'000'000);
    Talk talk(options);
    QVERIFY(talk.isUp);
    Signal forged = *offer;
    forged.seq = 0;
    forged.ack = std::nullopt;
    const std::string fragment = talk.pair.caller.session->localUsernameFragment();
    talk.pair.caller.session->handleSignal(talk.pair.now(), forged);
    talk.pair.drain();
    talk.talkFor(10s);
    QCOMPARE(talk.pair.caller.session->localUsernameFragment(), fragment);
    QVERIFY(talk.areBothConnected());
    QVERIFY(talk.isWhole());
}

void tst_SessionRestart::givesUpWhenPatienceIsOver()
{
    Talk talk;
    QVERIFY(talk.isUp);
    talk.pair.letsPass = [](bool, ByteView) { return false; };
    const TimePoint start = talk.pair.now();
    QVERIFY(talk.pair.runUntil([&] { return talk.pair.caller.isClosed(); }, 100s));
    QVERIFY(talk.pair.now() - start >= 60s && talk.pair.now() - start < 68s);
    QVERIFY(talk.pair.caller.failure);
    QCOMPARE(talk.pair.caller.failure->error, SessionError::PathLost);
    QVERIFY2(talk.pair.caller.failure->text.find("on any path") != std::string::npos,
             talk.pair.caller.failure->text.c_str());
}

void tst_SessionRestart::givesUpSoonerWhenThePeerHasGone()
{
    Talk talk;
    QVERIFY(talk.isUp);
    // By itself it means nothing.
    talk.pair.caller.session->notePeerGone(talk.pair.now(), true);
    talk.talkFor(20s);
    QVERIFY(talk.areBothConnected());
    talk.pair.letsPass = [](bool, ByteView) { return false; };
    const TimePoint start = talk.pair.now();
    QVERIFY(talk.pair.runUntil([&] { return talk.pair.caller.isClosed(); }, 100s));
    QVERIFY(talk.pair.now() - start >= 8s && talk.pair.now() - start < 15s);
    QVERIFY(talk.pair.caller.failure->text.find("left the rendezvous") != std::string::npos);
}

void tst_SessionRestart::waitsOnWhenThePeerIsBack()
{
    Talk talk;
    QVERIFY(talk.isUp);
    bool isOut = true;
    talk.pair.letsPass = [&](bool, ByteView) { return !isOut; };
    talk.pair.runFor(10s);
    QCOMPARE(talk.pair.caller.session->state(), SessionState::Reconnecting);
    talk.pair.caller.session->notePeerGone(talk.pair.now(), true);
    talk.pair.runFor(7s);
    talk.pair.caller.session->notePeerGone(talk.pair.now(), false);
    talk.pair.runFor(20s);
    QCOMPARE(talk.pair.caller.session->state(), SessionState::Reconnecting);
    isOut = false;
    QVERIFY(talk.talkUntil([&] { return talk.areBothConnected(); }, 2s));
    QVERIFY(talk.isWhole());
}

void tst_SessionRestart::closesWhileReconnecting()
{
    Talk talk;
    QVERIFY(talk.isUp);
    talk.pair.letsPass = [](bool, ByteView) { return false; };
    talk.pair.runFor(10s);
    QCOMPARE(talk.pair.caller.session->state(), SessionState::Reconnecting);
    talk.pair.caller.session->close(talk.pair.now());
    talk.pair.drain();
    QVERIFY(talk.pair.runUntil(
        [&] { return talk.pair.caller.isClosed() && talk.pair.callee.isClosed(); }, 20s));
    QVERIFY(!talk.pair.caller.failure);
}

QTEST_APPLESS_MAIN(tst_SessionRestart)

#include "tst_sessionrestart.moc"
