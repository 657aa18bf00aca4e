// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"
#include "support/malformed/malformed.h"

#include <PeerConnection/PeerConnection>

#include <QtCore/qbasictimer.h>
#include <QtCore/qeventloop.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qrandom.h>
#include <QtCore/qthread.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <memory>
#include <vector>

using namespace Qt::StringLiterals;

using Signaling = PeerConnection::Signaling;
using State = PeerConnection::State;

namespace {

/// RFC 863: nobody answers there.
constexpr quint16 DiscardPort = 9;

/// Two connections in one process, and what carries their signals.
struct Pair
{
    explicit Pair(Signaling signaling)
    {
        for (PeerConnection *side : {&caller, &callee}) {
            side->setSignaling(signaling);
            side->setLoopbackAllowed(true);
        }
        QObject::connect(&callee, &PeerConnection::stateChanged, &callee, [this](State state) {
            if (state == State::Ringing && accepts)
                callee.accept();
        });
        QObject::connect(&caller, &PeerConnection::textReceived, &caller,
                         [this](const QString &text) { atCaller.append(text); });
        QObject::connect(&callee, &PeerConnection::textReceived, &callee,
                         [this](const QString &text) { atCallee.append(text); });
    }
    /// As they come.
    void carry()
    {
        QObject::connect(&caller, &PeerConnection::signalReady, &callee,
                         [this](const QByteArray &signal) { callee.handleSignal(signal); });
        QObject::connect(&callee, &PeerConnection::signalReady, &caller,
                         [this](const QByteArray &signal) { caller.handleSignal(signal); });
    }
    bool areConnected() const
    {
        return caller.state() == State::Connected && callee.state() == State::Connected;
    }
    bool talks()
    {
        caller.sendText(u"question"_s);
        callee.sendText(u"answer"_s);
        return eventually([this] {
            return atCallee == QStringList{u"question"_s} && atCaller == QStringList{u"answer"_s};
        });
    }

    bool accepts = true;
    QStringList atCaller;
    QStringList atCallee;
    PeerConnection caller;
    PeerConnection callee;
};

/// Loses, doubles and reorders what it is given.
class BadCarrier : public QObject
{
public:
    BadCarrier(PeerConnection *from, PeerConnection *to, quint32 seed)
        : m_to(to)
        , m_random(seed)
    {
        connect(from, &PeerConnection::signalReady, this, [this](const QByteArray &signal) {
            ++offered;
            const quint32 fate = m_random.bounded(10);
            if (fate < 3) {
                ++lost;
                return;
            }
            m_held.push_back(signal);
            if (fate > 7)
                m_held.push_back(signal);
            // What is held goes in any order once something else has come, or soon.
            if (m_held.size() > 2)
                release();
            else if (!m_timer.isActive())
                m_timer.start(20, this);
        });
    }

    int offered = 0;
    int lost = 0;

protected:
    void timerEvent(QTimerEvent *) override
    {
        m_timer.stop();
        release();
    }

private:
    void release()
    {
        std::vector<QByteArray> held = std::exchange(m_held, {});
        std::shuffle(held.begin(), held.end(), m_random);
        for (const QByteArray &signal : held)
            m_to->handleSignal(signal);
    }

    PeerConnection *m_to;
    QRandomGenerator m_random;
    std::vector<QByteArray> m_held;
    QBasicTimer m_timer;
};

/// A signal without the candidates in its description, and these as signals of their own, which
/// name no call. Of a candidate it makes one that stands alone, likewise.
struct Parted
{
    QByteArray description;
    QList<QByteArray> candidates;
};

QByteArray candidateSignal(const QString &candidate)
{
    return QJsonDocument({{u"type"_s, u"candidate"_s}, {u"candidate"_s, candidate}})
        .toJson(QJsonDocument::Compact);
}

Parted withoutCandidates(const QByteArray &signal)
{
    QJsonObject object = QJsonDocument::fromJson(signal).object();
    if (object.value("type"_L1) == "candidate"_L1) {
        const QString candidate = object.value("candidate"_L1).toString();
        // In its place, for the signals after it wait for their turn: one that says nothing.
        object.insert("candidate"_L1,
                      u"candidate:1 1 udp 1 192.0.2.1 %1 typ host"_s.arg(DiscardPort));
        return {QJsonDocument(object).toJson(QJsonDocument::Compact), {candidateSignal(candidate)}};
    }
    Parted parted;
    QStringList kept;
    for (const QString &line : object.value("sdp"_L1).toString().split("\r\n"_L1)) {
        if (line.startsWith("a=candidate:"_L1))
            parted.candidates.append(candidateSignal(line.sliced(2)));
        else if (line != "a=end-of-candidates"_L1)
            kept.append(line);
    }
    if (object.contains("sdp"_L1))
        object.insert("sdp"_L1, kept.join("\r\n"_L1));
    parted.description = QJsonDocument(object).toJson(QJsonDocument::Compact);
    return parted;
}

QString typeOf(const QByteArray &signal)
{
    return QJsonDocument::fromJson(signal).object().value("type"_L1).toString();
}

/// As of a peer that does not number its signals: each is taken as new.
QByteArray withoutNumber(const QByteArray &signal)
{
    QJsonObject object = QJsonDocument::fromJson(signal).object();
    object.remove("seq"_L1);
    object.remove("ack"_L1);
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

/// The network thread does what it was asked to before, while this thread handles no events: one
/// more connection, of another thread, is served after that.
bool networkThreadGetsThere()
{
    const std::unique_ptr<QThread> thread(QThread::create([] {
        QEventLoop loop;
        PeerConnection probe;
        probe.setSignaling(Signaling::Jsep);
        QObject::connect(&probe, &PeerConnection::signalReady, &loop, &QEventLoop::quit);
        probe.open();
        loop.exec();
    }));
    thread->start();
    return thread->wait(30'000);
}

QByteArray candidateOf(const QString &call, int number)
{
    return QJsonDocument(
               {{u"type"_s, u"candidate"_s},
                {u"call"_s, call},
                {u"seq"_s, number + 2},
                {u"candidate"_s, u"candidate:1 1 udp 1 192.0.2.1 %1 typ host"_s.arg(1024 + number)},
                {u"sdpMid"_s, u"0"_s}})
        .toJson(QJsonDocument::Compact);
}

} // namespace

/// Connections whose signals the application carries.
class ExternalSignalingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectsTwo_data();
    void connectsTwo();
    void connectsByDescriptionsAndCandidateLines();
    void survivesABadCarrier_data();
    void survivesABadCarrier();
    void ringsUntilSomebodyAccepts();
    void tellsTheCallerThatItWasRejected();
    void cancelsACallThatRings_data();
    void cancelsACallThatRings();
    void repeatsItsEndOnlyWhileItMayHaveToBe();
    void deliversAfterACloseWhatItsCandidatesLetThrough_data();
    void deliversAfterACloseWhatItsCandidatesLetThrough();
    void waitsForTheOfferWithCandidatesOfAnyCall();
    void keepsAFewCandidatesUntilTheOffer();
    void refusesTheSignalsOfAnotherCall();
    void takesThePeerThatItExpects_data();
    void takesThePeerThatItExpects();
    void opensTracks();
    void goesOnWithoutItsCarrier();
    void endsAtADescriptionThatCannotBeUsed();
    void refusesWhatIsNoSignal_data();
    void refusesWhatIsNoSignal();
    void nothingMalformedChangesAnything();
    void refusesSignalsThatMakeNoSense();
    void needsNoRendezvousAndTakesNoneMeanwhile();
    void failsUnderAPolicyThatNothingCanMeet();
    void signalsThatWaitAreBounded_data();
    void signalsThatWaitAreBounded();
};

void ExternalSignalingTest::connectsTwo_data()
{
    QTest::addColumn<Signaling>("signaling");
    QTest::newRow("between two of ours") << Signaling::External;
    QTest::newRow("as with any other") << Signaling::Jsep;
}

void ExternalSignalingTest::connectsTwo()
{
    QFETCH(Signaling, signaling);
    Pair pair(signaling);
    pair.carry();
    QSignalSpy states(&pair.callee, &PeerConnection::stateChanged);
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.areConnected(); }));
    QVERIFY(pair.talks());
    QCOMPARE(states.first().first().value<State>(), State::Ringing);
    QCOMPARE(pair.caller.path().kind, PeerPath::Kind::Direct);
    pair.caller.close();
    QVERIFY(eventually([&] { return pair.callee.state() == State::Closed; }));
    QCOMPARE(pair.callee.error(), PeerConnection::Error::None);
}

void ExternalSignalingTest::connectsByDescriptionsAndCandidateLines()
{
    Pair pair(Signaling::Jsep);
    const auto carry = [](PeerConnection *from, PeerConnection *to) {
        QObject::connect(from, &PeerConnection::localDescriptionReady, to,
                         [to](const QString &type, const QString &sdp) {
                             QVERIFY(sdp.startsWith("v=0\r\n"_L1));
                             QVERIFY(to->setRemoteDescription(type, sdp));
                         });
        QObject::connect(from, &PeerConnection::localCandidateReady, to,
                         [to](const QString &candidate, const QString &mid) {
                             QVERIFY(candidate.isEmpty() || candidate.startsWith("candidate:"_L1));
                             QVERIFY(to->addRemoteCandidate(candidate, mid));
                         });
    };
    carry(&pair.caller, &pair.callee);
    carry(&pair.callee, &pair.caller);
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.areConnected(); }));
    QVERIFY(pair.talks());
}

void ExternalSignalingTest::survivesABadCarrier_data()
{
    QTest::addColumn<quint32>("seed");
    for (quint32 seed = 1; seed <= 8; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void ExternalSignalingTest::survivesABadCarrier()
{
    QFETCH(quint32, seed);
    Pair pair(Signaling::External);
    BadCarrier there(&pair.caller, &pair.callee, seed);
    BadCarrier back(&pair.callee, &pair.caller, seed + 1000);
    pair.caller.open();
    QVERIFY2(eventually([&] { return pair.areConnected(); }),
             qPrintable(u"offered %1 and %2, lost %3 and %4"_s.arg(there.offered)
                            .arg(back.offered)
                            .arg(there.lost)
                            .arg(back.lost)));
    QVERIFY(pair.talks());
}

void ExternalSignalingTest::ringsUntilSomebodyAccepts()
{
    Pair pair(Signaling::External);
    pair.accepts = false;
    pair.carry();
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.callee.state() == State::Ringing; }));
    QVERIFY(eventually([&] { return pair.caller.state() == State::Ringing; }));
    pair.callee.accept();
    QVERIFY(eventually([&] { return pair.areConnected(); }));
    QVERIFY(pair.talks());
}

void ExternalSignalingTest::tellsTheCallerThatItWasRejected()
{
    Pair pair(Signaling::External);
    pair.accepts = false;
    pair.carry();
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.callee.state() == State::Ringing; }));
    pair.callee.reject(PeerConnection::RejectReason::Busy);
    QVERIFY(eventually([&] { return pair.caller.state() == State::Closed; }));
    QCOMPARE(pair.caller.error(), PeerConnection::Error::PeerBusy);
    QVERIFY(eventually([&] { return pair.callee.state() == State::Closed; }));
}

void ExternalSignalingTest::cancelsACallThatRings_data()
{
    QTest::addColumn<int>("lost");
    QTest::addColumn<int>("lostAcknowledgements");
    QTest::newRow("nothing is lost") << 0 << 0;
    QTest::newRow("the first word of it is lost") << 1 << 0;
    QTest::newRow("two are lost") << 2 << 0;
    QTest::newRow("the first acknowledgement is lost") << 0 << 1;
}

void ExternalSignalingTest::cancelsACallThatRings()
{
    QFETCH(int, lost);
    QFETCH(int, lostAcknowledgements);
    Pair pair(Signaling::External);
    pair.accepts = false;
    connect(&pair.caller, &PeerConnection::signalReady, &pair.callee,
            [&](const QByteArray &signal) {
                if (typeOf(signal) != "bye"_L1 || --lost < 0)
                    pair.callee.handleSignal(signal);
            });
    bool isAcknowledged = false;
    connect(&pair.callee, &PeerConnection::signalReady, &pair.caller,
            [&](const QByteArray &signal) {
                if (pair.callee.state() != State::Closed) {
                    pair.caller.handleSignal(signal);
                } else if (--lostAcknowledgements < 0) {
                    QCOMPARE(typeOf(signal), "ack"_L1);
                    QVERIFY(pair.caller.handleSignal(signal));
                    isAcknowledged = true;
                }
            });
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.callee.state() == State::Ringing; }));
    pair.caller.close();
    QVERIFY(eventually([&] { return pair.caller.state() == State::Closed; }));
    QVERIFY(eventually([&] { return pair.callee.state() == State::Closed; }));
    QCOMPARE(pair.callee.error(), PeerConnection::Error::Cancelled);
    QVERIFY(eventually([&] { return isAcknowledged; }));
}

/// Nothing stays behind for a call that has ended long ago: its signals are refused then.
void ExternalSignalingTest::repeatsItsEndOnlyWhileItMayHaveToBe()
{
    PeerConnection caller;
    caller.setSignaling(Signaling::External);
    QList<QByteArray> said;
    connect(&caller, &PeerConnection::signalReady, &caller,
            [&](const QByteArray &signal) { said.append(signal); });
    caller.open();
    QVERIFY(eventually([&] { return !said.isEmpty(); }));
    caller.close();
    QVERIFY(eventually([&] { return caller.state() == State::Closed; }));
    QString fault;
    QVERIFY(eventually([&] { return !caller.handleSignal(R"({"type":"ack","ack":1})", &fault); }));
    QCOMPARE(fault, u"The connection has ended."_s);
    QVERIFY(std::count_if(said.begin(), said.end(),
                          [](const QByteArray &signal) { return typeOf(signal) == "bye"_L1; })
            > 1);
}

void ExternalSignalingTest::deliversAfterACloseWhatItsCandidatesLetThrough_data()
{
    QTest::addColumn<Signaling>("signaling");
    QTest::newRow("between two of ours") << Signaling::External;
    QTest::newRow("as with any other") << Signaling::Jsep;
}

/// All candidates come by themselves, and only after the callee has hung up; its own are lost.
void ExternalSignalingTest::deliversAfterACloseWhatItsCandidatesLetThrough()
{
    QFETCH(Signaling, signaling);
    Pair pair(signaling);
    pair.accepts = false;
    QList<QByteArray> held;
    bool isHeld = true;
    connect(&pair.caller, &PeerConnection::signalReady, &pair.callee,
            [&](const QByteArray &signal) {
                const Parted parted = withoutCandidates(signal);
                pair.callee.handleSignal(parted.description);
                for (const QByteArray &candidate : parted.candidates) {
                    if (isHeld)
                        held.append(candidate);
                    else
                        pair.callee.handleSignal(candidate);
                }
            });
    connect(&pair.callee, &PeerConnection::signalReady, &pair.caller,
            [&](const QByteArray &signal) {
                pair.caller.handleSignal(withoutCandidates(signal).description);
            });
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.callee.state() == State::Ringing; }));
    pair.callee.accept();
    QVERIFY(eventually([&] { return pair.callee.state() == State::Connecting; }));
    pair.callee.sendText(u"answer"_s);
    pair.callee.close();
    QVERIFY(!held.isEmpty());
    isHeld = false;
    for (const QByteArray &candidate : std::as_const(held)) {
        QString fault;
        QVERIFY2(pair.callee.handleSignal(candidate, &fault), qPrintable(fault));
    }
    QVERIFY(eventually([&] { return pair.callee.state() == State::Closed; }));
    QCOMPARE(pair.callee.error(), PeerConnection::Error::None);
    QVERIFY(eventually([&] { return pair.caller.state() == State::Closed; }));
    QCOMPARE(pair.atCaller, QStringList{u"answer"_s});
}

/// Late ones of a former call, and early ones of the call that comes.
void ExternalSignalingTest::waitsForTheOfferWithCandidatesOfAnyCall()
{
    Pair pair(Signaling::External);
    QVERIFY(pair.callee.handleSignal(candidateOf(u"aFormerCall"_s, 9)));
    QVERIFY(pair.callee.handleSignal(candidateOf(u"aFormerCall"_s, 9)));
    QCOMPARE(pair.callee.state(), State::Idle);
    // The offer, without candidates, after the caller's candidates; the callee's are lost.
    connect(&pair.caller, &PeerConnection::signalReady, &pair.callee,
            [&](const QByteArray &signal) {
                const Parted parted = withoutCandidates(signal);
                for (const QByteArray &candidate : parted.candidates)
                    QVERIFY(pair.callee.handleSignal(candidate));
                pair.callee.handleSignal(parted.description);
            });
    connect(&pair.callee, &PeerConnection::signalReady, &pair.caller,
            [&](const QByteArray &signal) {
                pair.caller.handleSignal(withoutCandidates(signal).description);
            });
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.areConnected(); }));
    QVERIFY(pair.talks());
}

void ExternalSignalingTest::keepsAFewCandidatesUntilTheOffer()
{
    Pair pair(Signaling::External);
    QString fault;
    for (int number = 0; number < 64; ++number)
        QVERIFY(pair.callee.handleSignal(candidateOf(u"call"_s, number)));
    QVERIFY(pair.callee.handleSignal(candidateOf(u"call"_s, 7))); // known
    QVERIFY(!pair.callee.handleSignal(candidateOf(u"call"_s, 64), &fault));
    QCOMPARE(fault, u"Too many candidates have come before the offer."_s);
    pair.carry();
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.areConnected(); }));
    QVERIFY(pair.talks());
}

void ExternalSignalingTest::refusesTheSignalsOfAnotherCall()
{
    Pair pair(Signaling::External);
    pair.carry();
    pair.caller.open();
    const QByteArray bye(R"({"type":"bye","call":"aFormerCall","seq":1})");
    QString fault;
    QVERIFY(!pair.caller.handleSignal(bye, &fault)); // before it has said how it names the call
    QCOMPARE(fault, u"The signal belongs to another call."_s);
    QVERIFY(eventually([&] { return pair.areConnected(); }));
    for (PeerConnection *side : {&pair.caller, &pair.callee}) {
        fault.clear();
        QVERIFY(!side->handleSignal(bye, &fault));
        QCOMPARE(fault, u"The signal belongs to another call."_s);
    }
    QVERIFY(pair.talks());
}

void ExternalSignalingTest::takesThePeerThatItExpects_data()
{
    QTest::addColumn<bool>("isTheOne");
    QTest::addColumn<bool>("expectedByCaller");
    QTest::newRow("the caller, the right one") << true << true;
    QTest::newRow("the caller, another") << false << true;
    QTest::newRow("the callee, the right one") << true << false;
    QTest::newRow("the callee, another") << false << false;
}

void ExternalSignalingTest::takesThePeerThatItExpects()
{
    QFETCH(bool, isTheOne);
    QFETCH(bool, expectedByCaller);
    Pair pair(Signaling::External);
    PeerConnection &strict = expectedByCaller ? pair.caller : pair.callee;
    PeerConnection &other = expectedByCaller ? pair.callee : pair.caller;
    other.setIdentity(PeerIdentity::create());
    const PeerIdentity expected = isTheOne ? other.identity() : PeerIdentity::create();
    QVERIFY(!strict.setExpectedPeerIds({u"nobody"_s}));
    QVERIFY(strict.setExpectedPeerIds({expected.id()}));
    pair.carry();
    pair.caller.open();
    if (isTheOne) {
        QVERIFY(eventually([&] { return pair.areConnected(); }));
        QCOMPARE(strict.peerId(), expected.id());
        QVERIFY(strict.isIdentityVerified());
    } else {
        QVERIFY(eventually([&] { return strict.state() == State::Closed; }));
        QCOMPARE(strict.error(), PeerConnection::Error::IdentityMismatch);
        QVERIFY(eventually([&] { return other.state() == State::Closed; }));
    }
}

void ExternalSignalingTest::opensTracks()
{
    Pair pair(Signaling::Jsep);
    pair.carry();
    PeerTrack *const offered = pair.caller.addTrack(PeerTrack::Kind::Audio);
    PeerTrack *const answered = pair.callee.addTrack(PeerTrack::Kind::Audio);
    pair.caller.open();
    QVERIFY(eventually([&] {
        return offered->state() == PeerTrack::State::Open
            && answered->state() == PeerTrack::State::Open;
    }));
    // And once more in the running call, from the other side.
    QSignalSpy added(&pair.caller, &PeerConnection::trackAdded);
    PeerTrack *const later = pair.callee.addTrack(PeerTrack::Kind::Video);
    QVERIFY(eventually([&] { return later->state() == PeerTrack::State::Open; }));
    QCOMPARE(added.count(), 1);
}

/// The connection does not live by its carrier.
void ExternalSignalingTest::goesOnWithoutItsCarrier()
{
    Pair pair(Signaling::External);
    pair.carry();
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.areConnected(); }));
    QObject::disconnect(&pair.caller, &PeerConnection::signalReady, nullptr, nullptr);
    QObject::disconnect(&pair.callee, &PeerConnection::signalReady, nullptr, nullptr);
    QVERIFY(pair.talks());
    pair.callee.close();
    QVERIFY(eventually([&] { return pair.caller.state() == State::Closed; }));
    QCOMPARE(pair.caller.error(), PeerConnection::Error::None);
}

void ExternalSignalingTest::endsAtADescriptionThatCannotBeUsed()
{
    PeerConnection callee;
    callee.setSignaling(Signaling::Jsep);
    QVERIFY(callee.setRemoteDescription(u"offer"_s, u"v=0\r\nthis is no description\r\n"_s));
    QVERIFY(eventually([&] { return callee.state() == State::Closed; }));
    QCOMPARE(callee.error(), PeerConnection::Error::BadDescription);
    QVERIFY2(callee.errorString().contains("line 2"_L1), qPrintable(callee.errorString()));
    QString fault;
    QVERIFY(!callee.addRemoteCandidate({}, {}, &fault));
    QCOMPARE(fault, u"The connection has ended."_s);
}

void ExternalSignalingTest::refusesWhatIsNoSignal_data()
{
    QTest::addColumn<QByteArray>("signal");
    QTest::addColumn<QString>("fault");
    QTest::newRow("nothing") << QByteArray() << u"The signal is not JSON: illegal value."_s;
    QTest::newRow("text") << QByteArray("hello") << u"The signal is not JSON: illegal value."_s;
    QTest::newRow("a list") << QByteArray("[]") << u"The signal is not a JSON object."_s;
    QTest::newRow("no type") << QByteArray("{}") << u"The signal has no type."_s;
    QTest::newRow("a type of its own")
        << QByteArray(R"({"type":"song"})") << u"The signal is of an unknown type."_s;
    QTest::newRow("an offer without a description")
        << QByteArray(R"({"type":"offer"})") << u"The description has no \"sdp\"."_s;
    QTest::newRow("a number for a candidate")
        << QByteArray(R"({"candidate":7})") << u"The signal's \"candidate\" is not a string."_s;
    QTest::newRow("too long") << QByteArray(R"({"type":")" + QByteArray(70'000, 'x') + R"("})")
                              << u"The signal is longer than 64 KiB."_s;
}

void ExternalSignalingTest::refusesWhatIsNoSignal()
{
    QFETCH(QByteArray, signal);
    QFETCH(QString, fault);
    Pair pair(Signaling::External);
    QString told;
    QVERIFY(!pair.callee.handleSignal(signal, &told));
    QCOMPARE(told, fault);
    QCOMPARE(pair.callee.state(), State::Idle);
    // Nothing is left half changed.
    pair.carry();
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.areConnected(); }));
    QVERIFY(!pair.callee.handleSignal(signal));
    QVERIFY(pair.talks());
}

/// Each of them is refused by its fault, before the call and in it, and the call goes on.
void ExternalSignalingTest::nothingMalformedChangesAnything()
{
    Pair pair(Signaling::Jsep);
    const auto isRefused = [](const char *name, const QString &fault, const char *words,
                              bool isTaken) {
        const bool isSo = !isTaken && fault.contains(QLatin1StringView(words))
            && fault.startsWith("The "_L1) && fault.endsWith(u'.');
        return isSo || (qWarning("%s: %s", name, qPrintable(fault)), false);
    };
    const auto refusesAll = [&](PeerConnection &side) {
        QString fault;
        for (const auto &row : peer::test::malformedSignals()) {
            const bool isTaken = side.handleSignal(row.text, &fault);
            QVERIFY(isRefused(row.name, fault, row.fault, isTaken));
        }
        for (const auto &row : peer::test::malformedCandidates()) {
            // None at all ends them, and what is too long is no signal.
            if (row.text.isEmpty() || row.text.size() > 1024)
                continue;
            const bool isTaken = side.addRemoteCandidate(QString::fromUtf8(row.text), {}, &fault);
            QVERIFY(isRefused(row.name, fault, row.fault, isTaken));
        }
    };
    const auto refusesDescriptions = [&](PeerConnection &side) {
        QString fault;
        for (const auto &row : peer::test::malformedDescriptions()) {
            // Those are no signals, and of this one QString takes the mark away.
            if (row.text.isEmpty() || row.text.size() > 60'000 || row.text.startsWith("\xef\xbb"))
                continue;
            for (const QString &type : {u"offer"_s, u"answer"_s}) {
                const bool isTaken = side.setRemoteDescription(type, QString::fromUtf8(row.text),
                                                               &fault);
                QVERIFY(isRefused(row.name, fault, row.fault, isTaken));
                QVERIFY(row.line == 0 || fault.contains(u": line %1: "_s.arg(row.line)));
            }
        }
    };
    refusesAll(pair.callee);
    refusesAll(pair.caller);
    QCOMPARE(pair.callee.state(), State::Idle);
    QCOMPARE(pair.caller.state(), State::Idle);
    pair.carry();
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.areConnected(); }));
    for (PeerConnection *side : {&pair.caller, &pair.callee}) {
        refusesAll(*side);
        refusesDescriptions(*side);
    }
    QVERIFY(pair.talks());
    // And what is to be negotiated still is.
    const PeerTrack *track = pair.callee.addTrack(PeerTrack::Kind::Audio);
    QVERIFY(eventually([&] { return track->state() == PeerTrack::State::Open; }));
    QVERIFY(pair.areConnected());
}

void ExternalSignalingTest::refusesSignalsThatMakeNoSense()
{
    PeerConnection callee;
    QString fault;
    const QByteArray bye(R"({"type":"bye"})");
    QVERIFY(!callee.handleSignal(bye, &fault));
    QCOMPARE(fault, u"The signals of this connection go by its rendezvous."_s);
    callee.setSignaling(Signaling::External);
    QVERIFY(!callee.handleSignal(bye, &fault));
    QCOMPARE(fault, u"There is no call that the signal could belong to."_s);
    QVERIFY(!callee.setRemoteDescription(u"answer"_s, u"v=0"_s, &fault));
    QCOMPARE(fault, u"There is an answer, but no offer was made."_s);
    QVERIFY(!callee.setRemoteDescription(u"bye"_s, u"v=0"_s, &fault));
    QCOMPARE(fault, u"A description is of type offer or answer."_s);
    QCOMPARE(callee.state(), State::Idle);
}

void ExternalSignalingTest::needsNoRendezvousAndTakesNoneMeanwhile()
{
    PeerConnection caller;
    caller.setSignaling(Signaling::External);
    QSignalSpy ready(&caller, &PeerConnection::signalReady);
    caller.open();
    caller.setSignaling(Signaling::Rendezvous); // too late
    QCOMPARE(caller.signaling(), Signaling::External);
    QVERIFY(eventually([&] { return !ready.isEmpty(); }));
    const QByteArray offer = ready.first().first().toByteArray();
    QVERIFY(!offer.contains('\n'));
    const QJsonObject signal = QJsonDocument::fromJson(offer).object();
    QCOMPARE(signal.value("type"_L1), "offer"_L1);
    QVERIFY(signal.value("sdp"_L1).toString().contains("m=application"_L1));
    QCOMPARE(caller.state(), State::Dialing);
    caller.close();
    QVERIFY(eventually([&] { return caller.state() == State::Closed; }));
    QCOMPARE(caller.error(), PeerConnection::Error::None);
}

void ExternalSignalingTest::failsUnderAPolicyThatNothingCanMeet()
{
    for (const PeerAddress::Paths paths : {PeerAddress::Paths::Relay, PeerAddress::Paths::Tunnel}) {
        PeerConnection caller;
        caller.setSignaling(Signaling::External);
        caller.setAllowedPaths(paths);
        caller.open();
        QVERIFY(eventually([&] { return caller.state() == State::Closed; }));
        QCOMPARE(caller.error(), PeerConnection::Error::PathPolicyUnavailable);
        QVERIFY(!caller.errorString().isEmpty());
    }
}

void ExternalSignalingTest::signalsThatWaitAreBounded_data()
{
    QTest::addColumn<Signaling>("signaling");
    QTest::newRow("between two of ours") << Signaling::External;
    QTest::newRow("as with any other") << Signaling::Jsep;
}

/// The application sleeps while the peer wants one answer after the other.
void ExternalSignalingTest::signalsThatWaitAreBounded()
{
    QFETCH(Signaling, signaling);
    constexpr int Bound = 512;
    Pair pair(signaling);
    QByteArray offer;
    connect(&pair.caller, &PeerConnection::signalReady, &pair.caller,
            [&](const QByteArray &signal) {
                if (offer.isEmpty() && typeOf(signal) == "offer"_L1)
                    offer = withoutNumber(signal);
            });
    pair.carry();
    pair.caller.open();
    QVERIFY(eventually([&] { return pair.areConnected(); }));

    QStringList types;
    disconnect(&pair.callee, &PeerConnection::signalReady, &pair.caller, nullptr);
    connect(&pair.callee, &PeerConnection::signalReady, &pair.callee,
            [&](const QByteArray &signal) { types.append(typeOf(signal)); });
    for (int count = 0; count < Bound + 100; ++count)
        QVERIFY(pair.callee.handleSignal(offer));
    QVERIFY(networkThreadGetsThere());
    QVERIFY(types.isEmpty());
    if (signaling == Signaling::External) {
        pair.callee.abort(); // which is told in any case
        QVERIFY(networkThreadGetsThere());
    }
    QVERIFY(eventually([&] { return types.contains("bye"_L1); }));
    QCOMPARE(types.indexOf("bye"_L1), Bound);
    QVERIFY(eventually([&] { return pair.callee.state() == State::Closed; }));
    if (signaling == Signaling::Jsep) {
        QCOMPARE(pair.callee.error(), PeerConnection::Error::ConnectionLost);
        QCOMPARE(pair.callee.errorString(),
                 u"512 signals wait for an application that does not take them"_s);
        QCOMPARE(types.size(), Bound + 1);
    }
}

QTEST_GUILESS_MAIN(ExternalSignalingTest)

#include "tst_externalsignaling.moc"
