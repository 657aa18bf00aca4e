// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "trackcall.h"

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

using Kind = PeerTrack::Kind;
using Direction = PeerTrack::Direction;
using TrackState = PeerTrack::State;

class PeerTrackTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void carriesPacketsOfTracksThatWereAddedBeforeTheCall();

private:
    std::unique_ptr<Meeting> m_meeting;
};

void PeerTrackTest::init()
{
    m_meeting = std::make_unique<Meeting>();
}

void PeerTrackTest::cleanup()
{
    m_meeting.reset();
}

void PeerTrackTest::carriesPacketsOfTracksThatWereAddedBeforeTheCall()
{
    QVERIFY(m_meeting->listen(false));
    m_meeting->onIncoming = [](PeerConnection *callee) {
        callee->addTrack(Kind::Audio);
        callee->addTrack(Kind::Video);
        callee->accept();
    };
    m_meeting->dial();
    PeerTrack *audio = m_meeting->caller->addTrack(Kind::Audio);
    PeerTrack *video = m_meeting->caller->addTrack(Kind::Video);
    QCOMPARE(m_meeting->caller->tracks(), (QList<PeerTrack *>{audio, video}));
    QCOMPARE(audio->state(), TrackState::Negotiating);
    QVERIFY(eventually([&] { return isOpen(audio) && isOpen(video); }));
    const QList<PeerTrack *> theirs = m_meeting->callee->tracks();
    QCOMPARE(theirs.size(), 2);
    QVERIFY(eventually([&] { return isOpen(theirs.at(0)) && isOpen(theirs.at(1)); }));
    QCOMPARE(audio->currentDirection(), Direction::SendReceive);
    QCOMPARE(audio->mid(), theirs.at(0)->mid());
    QCOMPARE(video->remoteSources(), theirs.at(1)->sources());
    QCOMPARE(video->agreedFormats().size(), 2);
    QCOMPARE(video->agreedExtensions().size(), 2);

    const PacketLog heard(theirs.at(0)->port());
    const PacketLog seen(video->port());
    for (quint16 i = 0; i < 100; ++i) {
        QVERIFY(sendOne(audio, i));
        QVERIFY(sendOne(theirs.at(1), i));
    }
    QVERIFY(audio->sendRtcp(senderReport(audio->sources().at(0).ssrc)));
    QVERIFY(eventually([&] { return heard.rtp().size() == 100 && seen.rtp().size() == 100; }));
    QVERIFY(eventually([&] { return heard.rtcp().size() == 1; }));
    for (quint16 i = 0; i < 100; ++i)
        QCOMPARE(sequenceOf(heard.rtp().at(i)), i);
    QCOMPARE(audio->statistics().packetsSent, 100U);
    QCOMPARE(video->statistics().packetsReceived, 100U);
    QCOMPARE(video->statistics().bytesReceived, 3200U);
}

QTEST_GUILESS_MAIN(PeerTrackTest)

#include "tst_peertrack.moc"
