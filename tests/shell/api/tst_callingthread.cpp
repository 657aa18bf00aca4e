// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"
#include "trackcall.h"

#include <PeerConnection/PeerRuntime>

#include <QtCore/qdir.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

/// PeerRuntime's other mode. It holds for a whole process, and so has a program of its own.
class CallingThreadTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void doesEverythingInOneThread();
    void carriesTracksInOneThread();
};

void CallingThreadTest::doesEverythingInOneThread()
{
    QCOMPARE(PeerRuntime::threading(), PeerRuntime::Threading::NetworkThread);
    QVERIFY(PeerRuntime::setThreading(PeerRuntime::Threading::CallingThread));
    QCOMPARE(PeerRuntime::threading(), PeerRuntime::Threading::CallingThread);
    Meeting meeting;
    QVERIFY(meeting.listen());
    meeting.onIncoming = [](PeerConnection *connection) {
        connect(connection, &PeerConnection::textReceived, connection, &PeerConnection::sendText);
    };
    QVERIFY(meeting.connect());
    QVERIFY(!PeerRuntime::setThreading(PeerRuntime::Threading::NetworkThread));
    for (int i = 0; i < 100; ++i)
        QVERIFY(meeting.caller->sendText(QString::number(i)));
    QVERIFY(eventually([&] { return meeting.callerLog->texts.size() == 100; }));
    for (int i = 0; i < 100; ++i)
        QCOMPARE(meeting.callerLog->texts.at(i), QString::number(i));
    // No thread has the name of the network thread.
    const QDir tasks(u"/proc/self/task"_s);
    for (const QString &task : tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile name(tasks.filePath(task + u"/comm"_s));
        QVERIFY(name.open(QIODevice::ReadOnly));
        QVERIFY(!name.readAll().toLower().startsWith("peerconn"));
    }
    meeting.caller->close();
    QVERIFY(eventually([&] { return meeting.callerLog->closed && meeting.calleeLog->closed; }));
    QVERIFY(meeting.callerLog->errors.isEmpty());
}

void CallingThreadTest::carriesTracksInOneThread()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(PeerTrack::Kind::Audio);
    QVERIFY(track);
    const QThread *thread = nullptr;
    int answers = 0;
    track->setPacketHandler([&](PeerRtpPort::PacketKind, QByteArrayView) { ++answers; });
    const QPointer<PeerTrack> added = call.calleeAdded;
    added->setDirection(PeerTrack::Direction::SendReceive);
    QVERIFY(
        eventually([&] { return added->currentDirection() == PeerTrack::Direction::SendReceive; }));
    added->setPacketHandler([&](PeerRtpPort::PacketKind, QByteArrayView) {
        thread = QThread::currentThread();
        QVERIFY(sendOne(added, quint16(added->statistics().packetsReceived)));
    });
    // Nothing happens until the event loop runs, so the oldest make way.
    for (quint16 i = 0; i < PeerTrack::SendQueueSize + 10; ++i)
        QVERIFY(sendOne(track, i));
    QCOMPARE(track->statistics().droppedLate, 10U);
    QVERIFY(eventually([&] { return answers == PeerTrack::SendQueueSize; }));
    QCOMPARE(thread, QThread::currentThread());
    // In the handler, which is in the way of everything, the track may go.
    added->setPacketHandler([&added](PeerRtpPort::PacketKind, QByteArrayView) { delete added; });
    QVERIFY(sendOne(track));
    QVERIFY(eventually([&] { return !added && track->state() == PeerTrack::State::Ended; }));
    // And so may the connection.
    track = call.open(PeerTrack::Kind::Video);
    QVERIFY(track);
    call.calleeAdded->setPacketHandler(
        [&](PeerRtpPort::PacketKind, QByteArrayView) { delete call.callee(); });
    QVERIFY(sendOne(track));
    QVERIFY(eventually([&] { return call.meeting().callerLog->closed == 1; }));
}

QTEST_GUILESS_MAIN(CallingThreadTest)

#include "tst_callingthread.moc"
