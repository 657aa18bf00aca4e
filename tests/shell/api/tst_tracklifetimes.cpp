// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "arm.h"
#include "trackcall.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtTest/qtest.h>

#include <utility>

using Kind = PeerTrack::Kind;
using Direction = PeerTrack::Direction;
using TrackState = PeerTrack::State;

Q_DECLARE_METATYPE(Arm<PeerTrack>)

/// Tracks and connections that go in slots of the tracks' signals.
class TrackLifetimesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void deletesInSignalsOfATrack_data();
    void deletesInSignalsOfATrack();
    void deletesWhatIsAnnounced_data();
    void deletesWhatIsAnnounced();
    void aTrackOfThePeersGoesOnceItHasEnded_data();
    void aTrackOfThePeersGoesOnceItHasEnded();
    void addsTracksInSignals();
    void deletesEverythingInTheMiddle();

private:
    /// Another call gets through: nothing was broken.
    static void verifyThatCallsWork();
};

void TrackLifetimesTest::verifyThatCallsWork()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const PacketLog heard(call.calleeAdded->port());
    QVERIFY(sendOne(track));
    QVERIFY(eventually([&] { return heard.rtp().size() == 1; }));
}

void TrackLifetimesTest::deletesInSignalsOfATrack_data()
{
    QTest::addColumn<Arm<PeerTrack>>("arm");
    QTest::addColumn<bool>("withConnection");
    using T = PeerTrack;
    const QList<std::pair<const char *, Arm<T>>> arms{
        {"state open", byState<T>(TrackState::Open)},
        {"state ended", byState<T>(TrackState::Ended)},
        {"opened", by<T>(&T::opened)},
        {"ended", by<T>(&T::ended)},
        {"directionChanged", by<T>(&T::directionChanged)},
        {"currentDirectionChanged", by<T>(&T::currentDirectionChanged)},
        {"mutedChanged", by<T>(&T::mutedChanged)},
        {"agreementChanged", by<T>(&T::agreementChanged)},
    };
    for (const auto &[name, arm] : arms) {
        QTest::addRow("%s, the track", name) << arm << false;
        QTest::addRow("%s, its connection", name) << arm << true;
    }
}

void TrackLifetimesTest::deletesInSignalsOfATrack()
{
    QFETCH(const Arm<PeerTrack>, arm);
    QFETCH(const bool, withConnection);
    TrackCall call;
    QVERIFY(call.connect());
    const QPointer<PeerTrack> track = call.caller()->addTrack(Kind::Audio);
    PeerTrack *other = call.caller()->addTrack(Kind::Video);
    arm(track, [&] {
        if (withConnection)
            call.meeting().caller.reset();
        else
            delete track;
    });
    connect(track, &PeerTrack::opened, track, [track] {
        track->setMuted(true);
        if (track)
            track->setDirection(Direction::SendOnly);
    });
    connect(track, &PeerTrack::directionChanged, track, &PeerTrack::end);
    QVERIFY(eventually([&] { return !track; }));
    QCOMPARE(!call.caller(), withConnection);
    if (withConnection) {
        QVERIFY(eventually([&] { return call.meeting().calleeLog->closed == 1; }));
        return;
    }
    QVERIFY(eventually([&] { return isOpen(other); }));
    QCOMPARE(call.caller()->tracks(), QList<PeerTrack *>{other});
    QVERIFY(eventually([&] { return call.callee()->tracks().size() == 1; }));
}

void TrackLifetimesTest::deletesWhatIsAnnounced_data()
{
    QTest::addColumn<bool>("withConnection");
    QTest::newRow("the track") << false;
    QTest::newRow("its connection") << true;
}

void TrackLifetimesTest::deletesWhatIsAnnounced()
{
    QFETCH(const bool, withConnection);
    TrackCall call;
    QVERIFY(call.connect());
    PeerConnection *callee = call.callee();
    connect(callee, &PeerConnection::trackAdded, this, [=](PeerTrack *track) {
        if (withConnection)
            delete callee;
        else
            delete track;
    });
    PeerTrack *track = call.caller()->addTrack(Kind::Audio);
    QVERIFY(eventually([&] { return track->state() == TrackState::Ended; }));
    QCOMPARE(!call.callee(), withConnection);
    verifyThatCallsWork();
}

void TrackLifetimesTest::aTrackOfThePeersGoesOnceItHasEnded_data()
{
    QTest::addColumn<bool>("byPeer");
    QTest::newRow("by the peer") << true;
    QTest::newRow("by ourselves") << false;
}

void TrackLifetimesTest::aTrackOfThePeersGoesOnceItHasEnded()
{
    QFETCH(const bool, byPeer);
    TrackCall call;
    QVERIFY(call.connect());
    const QPointer<PeerTrack> own = call.open(Kind::Audio);
    QVERIFY(own);
    TrackState last = TrackState::Open;
    connect(call.calleeAdded, &PeerTrack::ended, this, [&] { last = call.calleeAdded->state(); });
    (byPeer ? own : call.calleeAdded)->end();
    QVERIFY(eventually([&] { return !call.calleeAdded; }));
    QCOMPARE(last, TrackState::Ended);
    QVERIFY(eventually([&] { return own->state() == TrackState::Ended; }));
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QVERIFY(own); // the application has made it
    QVERIFY(call.callee()->findChildren<PeerTrack *>().isEmpty());
}

void TrackLifetimesTest::addsTracksInSignals()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerConnection *callee = call.callee();
    connect(callee, &PeerConnection::trackAdded, callee, [callee](PeerTrack *track) {
        if (track->kind() == Kind::Audio)
            callee->addTrack(Kind::Video);
    });
    PeerTrack *audio = call.caller()->addTrack(Kind::Audio);
    connect(audio, &PeerTrack::opened, audio, [&] {
        for (PeerTrack *track : call.callee()->tracks())
            track->setDirection(Direction::SendReceive);
    });
    QVERIFY(eventually([&] { return isOpen(call.callerAdded); }));
    QCOMPARE(call.callerAdded->kind(), Kind::Video);
    QVERIFY(eventually([&] { return audio->currentDirection() == Direction::SendReceive; }));
}

void TrackLifetimesTest::deletesEverythingInTheMiddle()
{
    for (int round = 0; round < 10; ++round) {
        Meeting meeting;
        QVERIFY(meeting.listen());
        meeting.dial();
        PeerTrack *track = meeting.caller->addTrack(Kind::Audio);
        const PacketLog heard(track->port());
        meeting.caller->addTrack(Kind::Video);
        // A little further each time.
        for (int turn = 0; turn < 5 * round && !isOpen(track); ++turn)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    verifyThatCallsWork();
}

QTEST_GUILESS_MAIN(TrackLifetimesTest)

#include "tst_tracklifetimes.moc"
