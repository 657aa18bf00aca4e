// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"

#include <PeerConnection/PeerRuntime>

#include <QtCore/qdir.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

/// PeerRuntime's other mode. It holds for a whole process, and so has a program of its own.
class CallingThreadTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void doesEverythingInOneThread();
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

QTEST_GUILESS_MAIN(CallingThreadTest)

#include "tst_callingthread.moc"
