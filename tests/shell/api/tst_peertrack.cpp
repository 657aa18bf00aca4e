// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "trackcall.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <memory>
#include <utility>

using namespace Qt::StringLiterals;

using Kind = PeerTrack::Kind;
using Direction = PeerTrack::Direction;
using TrackState = PeerTrack::State;

/// How tracks come, change and go.
class PeerTrackTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesPacketsOfTracksThatWereAddedBeforeTheCall();
    void offersWhatIsWantedWhenTheCallBegins();
    void announcesATrackToACalleeThatHasAddedNone();
    void opensATrackInARunningCall_data();
    void opensATrackInARunningCall();
    void opensTracksThatBothSidesAddAtOnce();
    void opensTracksOfOneKindThatBothSidesAddAtOnce();
    void opensMoreThanOneTrackOfAKind();
    void changesDirections_data();
    void changesDirections();
    void hearsOfTheLatestTermsAloneAfterASleep();
    void refusesTracksBeforeAnApplicationThatSleeps();
    void whatIsOfferedIsKnownWhileItRings_data();
    void whatIsOfferedIsKnownWhileItRings();
    void endsForBoth_data();
    void endsForBoth();
    void endsBeforeAnybodyHasHeardOfIt();
    void refusesAKind();
    void keepsWhatATrackWasAnsweredWith();
    void refusesWithoutACommonFormat();
    void agreesOnWhatBothKnow();
    void endsWithItsConnection_data();
    void endsWithItsConnection();
    void endsWhenTheCallFails();
    void announcesNoTrackOfACallThatIsOver();
    void emitsNothingWhileItIsMade();
    void addsNoTrackToAClosedConnection();
    void keepsItsTracksWhenTheyAreTooMany();
};

void PeerTrackTest::carriesPacketsOfTracksThatWereAddedBeforeTheCall()
{
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    meeting.onIncoming = [](PeerConnection *callee) {
        callee->addTrack(Kind::Audio);
        callee->addTrack(Kind::Video);
        callee->accept();
    };
    meeting.dial();
    PeerTrack *audio = meeting.caller->addTrack(Kind::Audio);
    PeerTrack *video = meeting.caller->addTrack(Kind::Video);
    QCOMPARE(meeting.caller->tracks(), (QList<PeerTrack *>{audio, video}));
    QCOMPARE(audio->state(), TrackState::Negotiating);
    QVERIFY(audio->mid().isEmpty());
    QVERIFY(eventually([&] { return isOpen(audio) && isOpen(video); }));
    const QList<PeerTrack *> theirs = meeting.callee->tracks();
    QCOMPARE(theirs.size(), 2);
    QVERIFY(eventually([&] { return isOpen(theirs.at(0)) && isOpen(theirs.at(1)); }));
    QCOMPARE(audio->currentDirection(), Direction::SendReceive);
    QCOMPARE(audio->mid(), theirs.at(0)->mid());
    QVERIFY(!audio->isOpenedByPeer() && !theirs.at(0)->isOpenedByPeer());
    QCOMPARE(video->remoteSources(), theirs.at(1)->sources());
    QVERIFY(!video->remoteSources().at(0).cname.isEmpty());
    QVERIFY(!video->remoteStreamId().isEmpty());
    QCOMPARE(video->remoteStreamId(), audio->remoteStreamId());
    QCOMPARE(video->agreedFormats(), PeerTrack::defaultFormats(Kind::Video));
    QCOMPARE(video->agreedExtensions(), audio->agreedExtensions());
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
    QCOMPARE(audio->statistics().rtcpSent, 1U);
    QCOMPARE(video->statistics().packetsReceived, 100U);
    QCOMPARE(video->statistics().bytesReceived, 3200U);
}

void PeerTrackTest::offersWhatIsWantedWhenTheCallBegins()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    PeerConnection caller;
    PeerTrack *changed = caller.addTrack(Kind::Audio);
    PeerTrack *ended = caller.addTrack(Kind::Audio);
    PeerTrack *deleted = caller.addTrack(Kind::Video);
    changed->setDirection(Direction::SendOnly);
    ended->end();
    delete deleted;
    caller.setDestination(meeting.listener->address());
    caller.open();
    QVERIFY(eventually([&] { return isOpen(changed); }));
    QCOMPARE(ended->state(), TrackState::Ended);
    QCOMPARE(changed->currentDirection(), Direction::SendOnly);
    QCOMPARE(caller.tracks(), QList<PeerTrack *>{changed});
    QVERIFY(eventually([&] { return meeting.callee->tracks().size() == 1; }));
}

void PeerTrackTest::announcesATrackToACalleeThatHasAddedNone()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    QPointer<PeerTrack> added;
    bool wasAgreed = false;
    meeting.onIncoming = [&](PeerConnection *callee) {
        connect(callee, &PeerConnection::trackAdded, callee, [&](PeerTrack *track) {
            added = track;
            wasAgreed = !track->mid().isEmpty() && !track->agreedFormats().isEmpty();
        });
    };
    meeting.dial();
    PeerTrack *video = meeting.caller->addTrack(Kind::Video);
    QVERIFY(eventually([&] { return isOpen(video) && isOpen(added); }));
    QVERIFY(wasAgreed);
    QVERIFY(added->isOpenedByPeer());
    QCOMPARE(added->kind(), Kind::Video);
    QCOMPARE(added->direction(), Direction::ReceiveOnly);
    QCOMPARE(added->currentDirection(), Direction::ReceiveOnly);
    QCOMPARE(added->remoteSources(), video->sources());
    QCOMPARE(video->currentDirection(), Direction::SendOnly);
    QVERIFY(video->remoteSources().isEmpty());
}

void PeerTrackTest::opensATrackInARunningCall_data()
{
    QTest::addColumn<bool>("byCaller");
    QTest::addRow("by the caller") << true;
    QTest::addRow("by the callee") << false;
}

void PeerTrackTest::opensATrackInARunningCall()
{
    QFETCH(const bool, byCaller);
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = (byCaller ? call.caller() : call.callee())->addTrack(Kind::Audio);
    const QPointer<PeerTrack> &added = byCaller ? call.calleeAdded : call.callerAdded;
    QVERIFY(eventually([&] { return isOpen(track) && isOpen(added); }));
    const PacketLog heard(added->port());
    QVERIFY(sendOne(track, 7));
    QVERIFY(eventually([&] { return heard.rtp().size() == 1; }));
    QVERIFY(!sendOne(added));

    // The other side answers by the same track, with a source of its own.
    const PacketLog answers(track->port());
    added->setDirection(Direction::SendReceive);
    QVERIFY(eventually([&] { return added->currentDirection() == Direction::SendReceive; }));
    QVERIFY(eventually([&] { return track->remoteSources() == added->sources(); }));
    QVERIFY(sendOne(added, 8));
    QVERIFY(eventually([&] { return answers.rtp().size() == 1; }));
}

void PeerTrackTest::opensTracksThatBothSidesAddAtOnce()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *audio = call.caller()->addTrack(Kind::Audio);
    PeerTrack *video = call.callee()->addTrack(Kind::Video);
    QVERIFY(eventually([&] { return isOpen(audio) && isOpen(video); }));
    QVERIFY(eventually([&] { return isOpen(call.callerAdded) && isOpen(call.calleeAdded); }));
    QCOMPARE(call.callerAdded->kind(), Kind::Video);
    QCOMPARE(call.calleeAdded->kind(), Kind::Audio);
    const PacketLog heard(call.calleeAdded->port());
    const PacketLog seen(call.callerAdded->port());
    QVERIFY(sendOne(audio));
    QVERIFY(sendOne(video));
    QVERIFY(eventually([&] { return heard.rtp().size() == 1 && seen.rtp().size() == 1; }));
}

void PeerTrackTest::opensTracksOfOneKindThatBothSidesAddAtOnce()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *callers = call.caller()->addTrack(Kind::Audio);
    PeerTrack *callees = call.callee()->addTrack(Kind::Audio);
    QVERIFY(eventually([&] { return isOpen(callers) && isOpen(callees); }));
    // One track or two: as many on either side, and each sends.
    QVERIFY(eventually(
        [&] { return call.caller()->tracks().size() == call.callee()->tracks().size(); }));
    for (const auto &[sender, receiver] :
         {std::pair{callers, call.callee()}, std::pair{callees, call.caller()}}) {
        const PeerTrack *other = nullptr;
        for (const PeerTrack *track : receiver->tracks())
            other = track->mid() == sender->mid() ? track : other;
        QVERIFY(other);
        const PacketLog heard(other->port());
        QVERIFY(sendOne(sender));
        QVERIFY(eventually([&heard] { return heard.rtp().size() == 1; }));
    }
}

void PeerTrackTest::opensMoreThanOneTrackOfAKind()
{
    TrackCall call;
    QVERIFY(call.connect());
    QList<PeerTrack *> own;
    for (int i = 0; i < 3; ++i)
        own.append(call.open(Kind::Video));
    QCOMPARE(call.callee()->tracks().size(), 3);
    QList<PacketLog> logs;
    for (PeerTrack *track : call.callee()->tracks()) {
        logs.append(PacketLog(track->port()));
        track->setDirection(Direction::SendReceive);
    }
    for (quint16 i = 0; i < 3; ++i)
        QVERIFY(own.at(i) && sendOne(own.at(i), i));
    for (quint16 i = 0; i < 3; ++i) {
        QVERIFY(eventually([&] { return logs.at(i).rtp().size() == 1; }));
        QCOMPARE(sequenceOf(logs.at(i).rtp().at(0)), i);
    }
    // Each of the answers has a source of its own.
    QSet<quint32> sources;
    for (PeerTrack *track : own) {
        QVERIFY(eventually([&] { return track->remoteSources().size() == 1; }));
        sources.insert(track->remoteSources().at(0).ssrc);
        sources.insert(track->remoteSources().at(0).retransmissionSsrc);
    }
    QCOMPARE(sources.size(), 6);
}

void PeerTrackTest::changesDirections_data()
{
    QTest::addColumn<Direction>("ours");
    QTest::addColumn<Direction>("theirs");
    QTest::addColumn<Direction>("agreed");
    QTest::newRow("held by us") << Direction::Inactive << Direction::SendReceive
                                << Direction::Inactive;
    QTest::newRow("held by them") << Direction::SendReceive << Direction::Inactive
                                  << Direction::Inactive;
    QTest::newRow("we send") << Direction::SendOnly << Direction::SendReceive
                             << Direction::SendOnly;
    QTest::newRow("they send") << Direction::SendReceive << Direction::SendOnly
                               << Direction::ReceiveOnly;
    QTest::newRow("both only send")
        << Direction::SendOnly << Direction::SendOnly << Direction::Inactive;
}

void PeerTrackTest::changesDirections()
{
    QFETCH(const Direction, ours);
    QFETCH(const Direction, theirs);
    QFETCH(const Direction, agreed);
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *own = call.open(Kind::Audio);
    QVERIFY(own);
    PeerTrack *other = call.calleeAdded;
    other->setDirection(Direction::SendReceive);
    QVERIFY(eventually([&] {
        return own->currentDirection() == Direction::SendReceive
            && other->currentDirection() == Direction::SendReceive;
    }));
    const QSignalSpy wanted(own, &PeerTrack::directionChanged);
    const QSignalSpy current(own, &PeerTrack::currentDirectionChanged);
    own->setDirection(ours);
    other->setDirection(theirs);
    QCOMPARE(wanted.count(), ours == Direction::SendReceive ? 0 : 1);
    const auto reversed = [](Direction direction) {
        if (direction == Direction::SendOnly)
            return Direction::ReceiveOnly;
        return direction == Direction::ReceiveOnly ? Direction::SendOnly : direction;
    };
    QVERIFY(eventually([&] {
        return own->currentDirection() == agreed && other->currentDirection() == reversed(agreed);
    }));
    QVERIFY(current.count() >= 1);
    QCOMPARE(sendOne(own), agreed == Direction::SendOnly);
    QCOMPARE(sendOne(other), agreed == Direction::ReceiveOnly);
    QVERIFY(own->sendRtcp(senderReport(own->sources().at(0).ssrc)));
    // And back.
    own->setDirection(Direction::SendReceive);
    other->setDirection(Direction::SendReceive);
    QVERIFY(eventually([&] {
        return own->currentDirection() == Direction::SendReceive
            && other->currentDirection() == Direction::SendReceive;
    }));
    const PacketLog heard(other->port());
    QVERIFY(sendOne(own));
    QVERIFY(eventually([&] { return heard.rtp().size() == 1; }));
}

void PeerTrackTest::hearsOfTheLatestTermsAloneAfterASleep()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    QSemaphore asleep;
    QSemaphore awake;
    QList<Direction> heard;
    const std::unique_ptr<QThread> sleeper(QThread::create([&, to = meeting.listener->address()] {
        PeerConnection caller(to);
        PeerTrack *track = caller.addTrack(Kind::Audio);
        const bool wasOpen = eventually([&] { return isOpen(track); });
        connect(track, &PeerTrack::currentDirectionChanged, track,
                [&](Direction direction) { heard.append(direction); });
        asleep.release();
        awake.acquire();
        if (wasOpen && !eventually([&] { return heard.contains(Direction::SendReceive); }))
            heard.clear();
    }));
    sleeper->start();
    bool isDone = eventually([&] {
        return meeting.callee && !meeting.callee->tracks().isEmpty() && asleep.tryAcquire();
    });
    PeerTrack *track = isDone ? meeting.callee->tracks().value(0) : nullptr;
    for (int i = 0; track && isDone && i < 10; ++i) {
        const Direction next = i % 2 == 0 ? Direction::Inactive : Direction::SendReceive;
        track->setDirection(next);
        isDone = eventually([&] { return track->currentDirection() == next; });
    }
    awake.release();
    sleeper->wait();
    QVERIFY(track && isDone);
    QCOMPARE(heard, QList<Direction>{Direction::SendReceive});
}

void PeerTrackTest::refusesTracksBeforeAnApplicationThatSleeps()
{
    constexpr int Most = 31;
    Meeting meeting;
    QVERIFY(meeting.listen());
    QSemaphore asleep;
    QSemaphore awake;
    int added = 0;
    bool hearsOfOthers = false;
    const std::unique_ptr<QThread> sleeper(QThread::create([&, to = meeting.listener->address()] {
        PeerConnection caller(to);
        connect(&caller, &PeerConnection::trackAdded, &caller, [&] { ++added; });
        if (!eventually([&] { return caller.state() == PeerConnection::State::Connected; }))
            return;
        asleep.release();
        awake.acquire();
        if (!eventually([&] { return added == Most && caller.tracks().isEmpty(); }))
            return;
        asleep.release();
        hearsOfOthers = eventually([&] { return added == Most + 1; });
    }));
    sleeper->start();
    bool isDone = eventually([&] {
        return meeting.callee && meeting.callee->state() == PeerConnection::State::Connected
            && asleep.tryAcquire();
    });
    // One after the other, so that there is never more than one.
    for (int i = 0; isDone && i < Most; ++i) {
        const std::unique_ptr<PeerTrack> track(meeting.callee->addTrack(Kind::Audio));
        isDone = eventually([&] { return isOpen(track.get()); });
    }
    for (int i = 0; isDone && i < 3; ++i) {
        const std::unique_ptr<PeerTrack> refused(meeting.callee->addTrack(Kind::Audio));
        isDone = eventually([&] { return refused->state() == TrackState::Ended; });
    }
    awake.release();
    const bool isAwake = isDone && eventually([&] { return asleep.tryAcquire(); });
    const std::unique_ptr<PeerTrack> last(isAwake ? meeting.callee->addTrack(Kind::Audio)
                                                  : nullptr);
    // It waits for half a minute three times at most; the rendezvous is in this thread.
    QVERIFY(QTest::qWaitFor([&] { return sleeper->isFinished(); }, 120'000));
    QVERIFY(isDone && isAwake);
    QVERIFY(hearsOfOthers);
}

void PeerTrackTest::whatIsOfferedIsKnownWhileItRings_data()
{
    QTest::addColumn<QList<Kind>>("kinds");
    QTest::addColumn<Direction>("direction");
    QTest::addColumn<bool>("isAudio");
    QTest::addColumn<bool>("isVideo");
    QTest::newRow("sound and picture")
        << QList{Kind::Audio, Kind::Video} << Direction::SendReceive << true << true;
    QTest::newRow("sound") << QList{Kind::Audio} << Direction::SendReceive << true << false;
    QTest::newRow("picture") << QList{Kind::Video} << Direction::SendOnly << false << true;
    QTest::newRow("a picture is wanted")
        << QList{Kind::Video} << Direction::ReceiveOnly << false << true;
    QTest::newRow("tracks that are held")
        << QList{Kind::Audio, Kind::Video} << Direction::Inactive << false << false;
    QTest::newRow("neither") << QList<Kind>() << Direction::SendReceive << false << false;
}

void PeerTrackTest::whatIsOfferedIsKnownWhileItRings()
{
    QFETCH(const QList<Kind>, kinds);
    QFETCH(const Direction, direction);
    QFETCH(const bool, isAudio);
    QFETCH(const bool, isVideo);
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    meeting.onIncoming = [&](PeerConnection *callee) {
        QCOMPARE(callee->state(), PeerConnection::State::Ringing);
        QCOMPARE(callee->isAudioOffered(), isAudio);
        QCOMPARE(callee->isVideoOffered(), isVideo);
        callee->accept();
    };
    meeting.dial();
    PeerTrack::Options options;
    options.direction = direction;
    for (const Kind kind : kinds)
        meeting.caller->addTrack(kind, options);
    QVERIFY(eventually([&] {
        return meeting.calleeLog && meeting.calleeLog->connected == 1
            && meeting.callerLog->connected == 1;
    }));
    // They tell of the offer; the caller's side was offered nothing.
    QCOMPARE(meeting.callee->isVideoOffered(), isVideo);
    QVERIFY(!meeting.caller->isAudioOffered() && !meeting.caller->isVideoOffered());
}

void PeerTrackTest::endsForBoth_data()
{
    QTest::addColumn<bool>("byOpener");
    QTest::addColumn<bool>("byDeletion");
    QTest::newRow("by the side that opened it") << true << false;
    QTest::newRow("by the other side") << false << false;
    QTest::newRow("by its deletion") << true << true;
    QTest::newRow("by the deletion of the other's") << false << true;
}

void PeerTrackTest::endsForBoth()
{
    QFETCH(const bool, byOpener);
    QFETCH(const bool, byDeletion);
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *own = call.open(Kind::Audio);
    QVERIFY(own);
    PeerTrack *ending = byOpener ? own : call.calleeAdded.data();
    PeerTrack *other = byOpener ? call.calleeAdded.data() : own;
    const PeerRtpPort otherPort = other->port();
    const PeerRtpPort port = ending->port();
    const QSignalSpy endedHere(ending, &PeerTrack::ended);
    const QSignalSpy endedThere(other, &PeerTrack::ended);
    if (byDeletion) {
        delete ending;
    } else {
        ending->end();
        ending->end();
        QCOMPARE(endedHere.count(), 0);
    }
    QVERIFY(!port.isOpen());
    QVERIFY(!port.sendRtcp(senderReport(1)));
    QVERIFY(eventually([&] { return endedThere.count() == 1; }));
    QVERIFY(!otherPort.sendRtcp(senderReport(1)));
    QCOMPARE(endedHere.count(), byDeletion ? 0 : 1);
    QVERIFY((byDeletion && byOpener) || own->errorString().isEmpty());
    QVERIFY(call.caller()->tracks().isEmpty() && call.callee()->tracks().isEmpty());
    // Its place is free.
    QVERIFY(call.open(Kind::Video));
}

void PeerTrackTest::endsBeforeAnybodyHasHeardOfIt()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *ended = call.caller()->addTrack(Kind::Audio);
    ended->end();
    QVERIFY(call.open(Kind::Video));
    QCOMPARE(ended->state(), TrackState::Ended);
    QCOMPARE(call.callee()->tracks().size(), 1);
}

void PeerTrackTest::refusesAKind()
{
    TrackCall call;
    QVERIFY(call.connect());
    call.callee()->refuseTracks(Kind::Video);
    QVERIFY(call.open(Kind::Audio)); // by now the other thread knows
    PeerTrack *video = call.caller()->addTrack(Kind::Video);
    QVERIFY(eventually([&] { return video->state() == TrackState::Ended; }));
    QCOMPARE(call.callee()->tracks().size(), 1);
    QVERIFY(call.callee()->setAcceptedTracks(Kind::Video, {}));
    QVERIFY(call.open(Kind::Audio));
    QVERIFY(call.open(Kind::Video));
}

void PeerTrackTest::keepsWhatATrackWasAnsweredWith()
{
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    meeting.onIncoming = [](PeerConnection *callee) {
        callee->accept();
        callee->refuseTracks(Kind::Video);
    };
    meeting.dial();
    PeerTrack *video = meeting.caller->addTrack(Kind::Video);
    QVERIFY(eventually([&] { return isOpen(video); }));
    QVERIFY(eventually([&] { return meeting.callee->tracks().size() == 1; }));
    PeerTrack *theirs = meeting.callee->tracks().at(0);
    QCOMPARE(theirs->kind(), Kind::Video);
    QCOMPARE(theirs->formats(), PeerTrack::defaultFormats(Kind::Video));
    theirs->setDirection(Direction::SendReceive);
    QVERIFY(eventually([&] { return theirs->currentDirection() == Direction::SendReceive; }));
    QVERIFY(eventually([&] { return sendOne(theirs); }));
}

void PeerTrackTest::refusesWithoutACommonFormat()
{
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    meeting.onIncoming = [](PeerConnection *callee) {
        PeerTrack::Options h264;
        h264.formats = {PeerRtpFormat::vp8(100)};
        h264.formats[0].encodingName = u"H264"_s;
        QVERIFY(callee->setAcceptedTracks(Kind::Video, h264));
        callee->accept();
    };
    meeting.dial();
    PeerTrack *video = meeting.caller->addTrack(Kind::Video);
    PeerTrack *audio = meeting.caller->addTrack(Kind::Audio);
    QVERIFY(eventually([&] { return video->state() == TrackState::Ended && isOpen(audio); }));
}

void PeerTrackTest::agreesOnWhatBothKnow()
{
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    meeting.onIncoming = [](PeerConnection *callee) {
        PeerTrack::Options options;
        options.formats = {PeerRtpFormat::vp8(120)};
        options.formats[0].feedback = {u"nack"_s};
        options.extensions = {PeerRtpExtension::midUri()};
        QVERIFY(callee->setAcceptedTracks(Kind::Video, options));
        callee->accept();
    };
    meeting.dial();
    PeerTrack *video = meeting.caller->addTrack(Kind::Video);
    QVERIFY(eventually([&] { return isOpen(video); }));
    PeerTrack *theirs = meeting.callee->tracks().value(0);
    QVERIFY(theirs);
    for (const PeerTrack *track : {video, theirs}) {
        QCOMPARE(track->agreedFormats().size(), 1);
        QCOMPARE(track->agreedFormats().at(0).payloadType, 96);
        QCOMPARE(track->agreedFormats().at(0).feedback, QStringList{u"nack"_s});
        QCOMPARE(track->agreedExtensions().size(), 1);
        QCOMPARE(track->agreedExtensions().at(0).uri, PeerRtpExtension::midUri());
    }
}

void PeerTrackTest::endsWithItsConnection_data()
{
    QTest::addColumn<bool>("byClosing");
    QTest::newRow("that is closed") << true;
    QTest::newRow("whose peer is deleted") << false;
}

void PeerTrackTest::endsWithItsConnection()
{
    QFETCH(const bool, byClosing);
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    PeerTrack *waiting = call.caller()->addTrack(Kind::Video);
    const PeerRtpPort port = track->port();
    QStringList told;
    connect(track, &PeerTrack::ended, this, [&] { told.append(u"ended"_s); });
    connect(waiting, &PeerTrack::ended, this, [&] { told.append(u"ended"_s); });
    connect(call.caller(), &PeerConnection::closed, this, [&] { told.append(u"closed"_s); });
    if (byClosing)
        call.caller()->close();
    else
        delete call.callee();
    QVERIFY(eventually([&] { return told.contains(u"closed"_s); }));
    QCOMPARE(told, (QStringList{u"ended"_s, u"ended"_s, u"closed"_s}));
    QCOMPARE(track->state(), TrackState::Ended);
    QVERIFY(!port.isOpen());
    QVERIFY(call.caller()->tracks().isEmpty());
    call.meeting().caller.reset();
    QVERIFY(!port.sendRtcp(senderReport(1)));
    QCOMPARE(port.statistics().droppedClosed, 1U);
}

void PeerTrackTest::endsWhenTheCallFails()
{
    PeerConnection nobody;
    PeerTrack *track = nobody.addTrack(Kind::Audio);
    const QSignalSpy ended(track, &PeerTrack::ended);
    const QSignalSpy closed(&nobody, &PeerConnection::closed);
    nobody.open();
    QVERIFY(eventually([&] { return closed.count() == 1; }));
    QCOMPARE(nobody.error(), PeerConnection::Error::BadAddress);
    QCOMPARE(ended.count(), 1);
}

void PeerTrackTest::announcesNoTrackOfACallThatIsOver()
{
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    int added = 0;
    meeting.onIncoming = [&](PeerConnection *callee) {
        connect(callee, &PeerConnection::trackAdded, this, [&] { ++added; });
        callee->accept();
        callee->abort();
    };
    meeting.dial();
    meeting.caller->addTrack(Kind::Audio);
    QVERIFY(eventually([&] { return meeting.callerLog->closed == 1; }));
    QVERIFY(eventually([&] { return meeting.calleeLog->closed == 1; }));
    QCoreApplication::processEvents();
    QCOMPARE(added, 0);
}

void PeerTrackTest::emitsNothingWhileItIsMade()
{
    PeerConnection connection;
    const QSignalSpy added(&connection, &PeerConnection::trackAdded);
    PeerTrack *track = connection.addTrack(Kind::Audio);
    QCOMPARE(added.count(), 0);
    QCOMPARE(track->parent(), &connection);
    QCOMPARE(track->state(), TrackState::Negotiating);
    QCOMPARE(track->currentDirection(), Direction::Inactive);
    QCOMPARE(track->sources().size(), 1);
    QVERIFY(track->sources().at(0).ssrc != 0);
    QVERIFY(!sendOne(track));
}

void PeerTrackTest::addsNoTrackToAClosedConnection()
{
    PeerConnection connection;
    connection.close();
    QTest::ignoreMessage(QtWarningMsg, "PeerConnection::addTrack: the connection is closed");
    QVERIFY(!connection.addTrack(Kind::Audio));
}

void PeerTrackTest::keepsItsTracksWhenTheyAreTooMany()
{
    TrackCall call;
    QVERIFY(call.connect());
    QList<PeerTrack *> tracks;
    for (int i = 0; i < 31; ++i)
        tracks.append(call.caller()->addTrack(Kind::Audio));
    PeerTrack *beyond = call.caller()->addTrack(Kind::Audio);
    QVERIFY(eventually([&] { return beyond->state() == TrackState::Ended; }));
    QCOMPARE(beyond->errorString(), u"a call has 31 tracks at most"_s);
    QVERIFY(eventually([&] { return std::all_of(tracks.begin(), tracks.end(), isOpen); }));
    QVERIFY(eventually([&] { return call.callee()->tracks().size() == 31; }));
}

QTEST_GUILESS_MAIN(PeerTrackTest)

#include "tst_peertrack.moc"
