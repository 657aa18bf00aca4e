// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/malformed/malformed.h"
#include "support/sessionpair/sessionpair.h"
#include "support/virtualclock/virtualclock.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using peer::ChannelId;
using peer::MessageKind;
using peer::SessionError;
using peer::SessionState;
using peer::Signal;
using peer::test::SessionPair;

namespace {

/// As of a peer that does not number its signals: it is taken as it comes.
Signal unnumbered(Signal::Type type, const QByteArray &text)
{
    Signal signal;
    signal.type = type;
    signal.call = SessionPair::defaults().caller.call;
    (type == Signal::Type::Candidate ? signal.candidate : signal.sdp) = text.toStdString();
    return signal;
}

std::string without(std::string sdp, const char *attribute)
{
    for (std::size_t at; (at = sdp.find(attribute)) != std::string::npos;)
        sdp.erase(at, sdp.find('\n', at) + 1 - at);
    return sdp;
}

std::string replaced(std::string sdp, const std::string &what, const std::string &by)
{
    const std::size_t at = sdp.find(what);
    return at == std::string::npos ? sdp : sdp.replace(at, what.size(), by);
}

/// What can be read, and cannot be used: made of a description that can.
std::vector<Signal> unusable(const Signal &good)
{
    std::vector<Signal> all;
    const auto add = [&](std::string sdp) {
        Signal signal = unnumbered(good.type, {});
        signal.sdp = std::move(sdp);
        all.push_back(std::move(signal));
    };
    add(without(good.sdp, "a=fingerprint"));
    add(without(without(good.sdp, "a=ice-ufrag"), "a=ice-pwd"));
    add(without(good.sdp, "a=sctp-port"));
    add(without(good.sdp, "a=peer-identity"));
    add(replaced(good.sdp, "webrtc-datachannel", "something-else"));
    add(replaced(good.sdp, "m=application", "m=audio"));
    add(replaced(replaced(good.sdp, "a=setup:actpass", "a=setup:holdconn"), "a=setup:active",
                 "a=setup:holdconn"));
    // Somebody else's certificate, and with it new parameters for ICE.
    std::string another = replaced(good.sdp, "a=ice-ufrag:", "a=ice-ufrag:abcd");
    const std::size_t digest = another.find("a=fingerprint:sha-256 ") + 22;
    another[digest] = another[digest] == '0' ? '1' : '0';
    add(another);
    add(without(another, "a=peer-identity"));
    return all;
}

/// A call that stands, with a channel.
struct Call
{
    Call()
        : pair(SessionPair::defaults())
    {
        channel = pair.caller.session->openChannel(pair.now(), {.label = "talk"});
        pair.dial();
        isUp = pair.runUntil(
            [this] {
                return pair.caller.isConnected() && pair.callee.isConnected()
                    && !pair.callee.opened.empty();
            },
            30s);
        // Nothing is under way any more.
        pair.runFor(20s);
    }

    void tell(SessionPair::End &end, const Signal &signal)
    {
        end.session->handleSignal(pair.now(), signal);
        pair.drain();
    }
    /// Both ways.
    bool talks()
    {
        const std::size_t before = pair.callee.messages.size();
        const std::size_t back = pair.caller.messages.size();
        pair.caller.session->send(pair.now(), channel, MessageKind::Text, peer::asBytes("there"));
        pair.callee.session->send(pair.now(), pair.callee.opened[0].channel, MessageKind::Text,
                                  peer::asBytes("back"));
        return pair.runUntil(
            [&] {
                return pair.callee.messages.size() == before + 1
                    && pair.caller.messages.size() == back + 1;
            },
            5s);
    }
    /// A good description makes of it what it would have without the others.
    bool restarts(SessionPair::End &end)
    {
        const std::string before = end.session->localUsernameFragment();
        const std::size_t said = pair.caller.signalsSent.size() + pair.callee.signalsSent.size();
        end.session->restartIce(pair.now());
        pair.runFor(5s);
        return end.session->localUsernameFragment() != before
            && pair.caller.signalsSent.size() + pair.callee.signalsSent.size() > said + 1
            && isAsItWas();
    }
    bool isAsItWas() const
    {
        return pair.caller.isConnected() && pair.callee.isConnected() && !pair.caller.failure
            && !pair.callee.failure;
    }

    SessionPair pair;
    ChannelId channel = ChannelId::None;
    bool isUp = false;
};

void addDescriptionRows()
{
    QTest::addColumn<QByteArray>("sdp");
    QTest::addColumn<int>("line");
    QTest::addColumn<QByteArray>("fault");
    for (const auto &row : peer::test::malformedDescriptions())
        QTest::newRow(row.name) << row.text << row.line << QByteArray(row.fault);
}

} // namespace

/// What a peer says that no peer may say: the call that it was to set up ends with the fault by
/// name, and one that stands is none the worse for it.
class tst_MalformedSignals : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anOfferEndsTheCallWithItsFault_data() { addDescriptionRows(); }
    void anOfferEndsTheCallWithItsFault();
    void anAnswerEndsTheCallWithItsFault_data() { addDescriptionRows(); }
    void anAnswerEndsTheCallWithItsFault();
    void descriptionsChangeNothingInACallThatStands();
    void anAnswerToARestartIsWaitedFor();
    void candidatesArePassedOver();

private:
    void checkFailure(const SessionPair::End &end);
};

void tst_MalformedSignals::checkFailure(const SessionPair::End &end)
{
    QFETCH(int, line);
    QFETCH(QByteArray, fault);
    QVERIFY(end.failure);
    QCOMPARE(end.failure->error, SessionError::BadDescription);
    const QByteArray text = QByteArray::fromStdString(end.failure->text);
    const QByteArray where = line == 0 ? QByteArray() : "line " + QByteArray::number(line) + ": ";
    QVERIFY2(text.startsWith(where), text.constData());
    QVERIFY2(line != 0 || !text.contains("line 0"), text.constData());
    QVERIFY2(text.contains(fault), text.constData());
    QVERIFY(end.isClosed());
}

void tst_MalformedSignals::anOfferEndsTheCallWithItsFault()
{
    QFETCH(QByteArray, sdp);
    SessionPair pair(SessionPair::defaults());
    pair.callee.session->handleSignal(pair.now(), unnumbered(Signal::Type::Offer, sdp));
    pair.drain();
    checkFailure(pair.callee);
    // It is told, and has heard nothing else.
    QCOMPARE(pair.callee.signalsSent.size(), 1U);
    QCOMPARE(pair.callee.signalsSent[0].type, Signal::Type::Bye);
    QCOMPARE(pair.callee.signalsSent[0].text, pair.callee.failure->text);
    QVERIFY(pair.callee.states == std::vector<SessionState>{SessionState::Closed});
    // A good one comes too late for this call.
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed(); }, 10s));
    QVERIFY(pair.callee.isClosed());
}

void tst_MalformedSignals::anAnswerEndsTheCallWithItsFault()
{
    QFETCH(QByteArray, sdp);
    SessionPair pair(SessionPair::defaults());
    pair.carrier = [&](bool fromCaller, Signal signal) {
        if (!fromCaller && signal.type == Signal::Type::Answer)
            signal.sdp = sdp.toStdString();
        return std::optional(signal);
    };
    int datagrams = 0;
    pair.letsPass = [&](bool fromCaller, peer::ByteView) {
        datagrams += fromCaller ? 1 : 0;
        return true;
    };
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed() && pair.callee.isClosed(); }, 5s));
    checkFailure(pair.caller);
    QCOMPARE(datagrams, 0);
    QVERIFY(pair.callee.failure);
    QVERIFY(pair.callee.failure->text.ends_with(pair.caller.failure->text));
}

void tst_MalformedSignals::descriptionsChangeNothingInACallThatStands()
{
    Call call;
    QVERIFY(call.isUp);
    const auto changesNothing = [&](const Signal &signal) {
        const std::size_t said = call.pair.caller.signalsSent.size()
            + call.pair.callee.signalsSent.size();
        for (SessionPair::End *end : {&call.pair.caller, &call.pair.callee})
            call.tell(*end, signal);
        const bool isSilent = said
            == call.pair.caller.signalsSent.size() + call.pair.callee.signalsSent.size();
        return isSilent && call.isAsItWas();
    };
    for (const auto &row : peer::test::malformedDescriptions()) {
        for (const Signal::Type type : {Signal::Type::Offer, Signal::Type::Answer})
            QVERIFY2(changesNothing(unnumbered(type, row.text)), row.name);
        QVERIFY2(call.talks(), row.name);
    }
    for (const Signal &sent : {call.pair.caller.signalsSent[0], call.pair.callee.signalsSent[0]}) {
        for (const Signal &signal : unusable(sent)) {
            QVERIFY2(changesNothing(signal), signal.sdp.c_str());
            QVERIFY(call.talks());
        }
    }
    QCOMPARE(call.pair.caller.paths.size(), 1U);
    QVERIFY(call.restarts(call.pair.caller));
    QVERIFY(call.talks());
    QVERIFY(call.restarts(call.pair.callee));
    QVERIFY(call.talks());
}

/// An answer that cannot be used is none: the good one that comes after it is taken.
void tst_MalformedSignals::anAnswerToARestartIsWaitedFor()
{
    Call call;
    QVERIFY(call.isUp);
    int answers = 0;
    call.pair.carrier = [&](bool fromCaller, Signal signal) {
        if (!fromCaller && signal.type == Signal::Type::Answer) {
            ++answers;
            for (const auto &row : peer::test::malformedDescriptions())
                call.pair.caller.session->handleSignal(call.pair.now(),
                                                       unnumbered(Signal::Type::Answer, row.text));
            for (const Signal &bad : unusable(signal))
                call.pair.caller.session->handleSignal(call.pair.now(), bad);
        }
        return std::optional(signal);
    };
    QVERIFY(call.restarts(call.pair.caller));
    QCOMPARE(answers, 1);
    QVERIFY(call.talks());
    const auto report = call.pair.caller.session->report();
    QVERIFY(std::any_of(report.history.begin(), report.history.end(),
                        [](const auto &note) { return note.text == "ICE restart answered"; }));
}

void tst_MalformedSignals::candidatesArePassedOver()
{
    SessionPair pair(SessionPair::defaults());
    const auto tell = [&](SessionPair::End &end) {
        for (const auto &row : peer::test::malformedCandidates()) {
            // An empty line is none: it says that no more will come.
            if (!row.text.isEmpty())
                end.session->handleSignal(pair.now(),
                                          unnumbered(Signal::Type::Candidate, row.text));
        }
        pair.drain();
    };
    // Before there is a call, before it is answered, and while it stands.
    tell(pair.callee);
    pair.dial();
    tell(pair.caller);
    QVERIFY(
        pair.runUntil([&] { return pair.caller.isConnected() && pair.callee.isConnected(); }, 10s));
    tell(pair.caller);
    tell(pair.callee);
    pair.runFor(10s);
    QVERIFY(pair.caller.isConnected() && pair.callee.isConnected());
    QCOMPARE(pair.caller.paths.size(), 1U);
    QCOMPARE(pair.callee.paths.size(), 1U);
}

QTEST_APPLESS_MAIN(tst_MalformedSignals)

#include "tst_malformedsignals.moc"
