// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/nosrtp/nosrtp.h"
#include "trackcall.h"

#include <QtCore/qcoreapplication.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

using Kind = PeerTrack::Kind;
using TrackState = PeerTrack::State;

/// A program whose OpenSSL offers no SRTP: both sides of its calls are without.
class TracksWithoutSrtpTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { peer::test::offersSrtp = false; }
    void endWithWordsAndTheCallGoesOn();
    void endAtOnceInACallThatStands();
};

namespace {

const QString Fault = u"the peer offers no SRTP profile that we know"_s;

} // namespace

void TracksWithoutSrtpTest::endWithWordsAndTheCallGoesOn()
{
    TrackCall call;
    Meeting &meeting = call.meeting();
    QVERIFY(meeting.listen());
    QStringList callees;
    meeting.onIncoming = [&](PeerConnection *callee) {
        connect(callee, &PeerConnection::trackAdded, this, [&callees](PeerTrack *track) {
            connect(track, &PeerTrack::ended, track,
                    [&callees, track] { callees.append(track->errorString()); });
        });
    };
    meeting.dial();
    PeerTrack *audio = meeting.caller->addTrack(Kind::Audio);
    PeerTrack *video = meeting.caller->addTrack(Kind::Video);
    const QSignalSpy opened(audio, &PeerTrack::opened);
    QString told;
    connect(audio, &PeerTrack::stateChanged, this, [&] { told = audio->errorString(); });
    QVERIFY(eventually([&] {
        return audio->state() == TrackState::Ended && video->state() == TrackState::Ended;
    }));
    QCOMPARE(told, Fault);
    QCOMPARE(video->errorString(), Fault);
    QCOMPARE(opened.count(), 0);
    QVERIFY(eventually([&] { return callees == QStringList({Fault, Fault}); }));

    QVERIFY(eventually([&] { return meeting.calleeLog->connected == 1; }));
    QVERIFY(meeting.caller->state() == PeerConnection::State::Connected
            || eventually([&] { return meeting.callerLog->connected == 1; }));
    QVERIFY(meeting.caller->sendMessage("still here"));
    QVERIFY(eventually([&] { return meeting.calleeLog->messages.contains("still here"); }));
    QVERIFY(meeting.callerLog->errors.isEmpty() && meeting.calleeLog->errors.isEmpty());
}

void TracksWithoutSrtpTest::endAtOnceInACallThatStands()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.callee()->addTrack(Kind::Audio);
    QVERIFY(eventually([&] { return track->state() == TrackState::Ended; }));
    QCOMPARE(track->errorString(), Fault);
    QVERIFY(call.caller()->tracks().isEmpty());
}

QTEST_GUILESS_MAIN(TracksWithoutSrtpTest)

#include "tst_trackswithoutsrtp.moc"
