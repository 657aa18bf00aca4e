// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/api/meeting.h"
#include "support/nosrtp/nosrtp.h"

#include <PeerConnection/PeerMediaCall>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

/// A program whose OpenSSL offers no SRTP: both sides of its calls are without.
class tst_CallWithoutSrtp : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { peer::test::offersSrtp = false; }
    void saysOnceThatThereIsNoMedia();
};

void tst_CallWithoutSrtp::saysOnceThatThereIsNoMedia()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    meeting.dial();
    PeerMediaCall media;
    media.setSource(PeerMediaCall::Source::Test);
    const QSignalSpy errors(&media, &PeerMediaCall::errorOccurred);
    media.setConnection(meeting.caller.get());
    QVERIFY(eventually([&] {
        return meeting.callerLog->connected == 1 && meeting.caller->tracks().isEmpty()
            && !errors.isEmpty();
    }));
    QVERIFY(meeting.caller->sendMessage("seen?"));
    QVERIFY(eventually([&] { return meeting.calleeLog->messages.contains("seen?"); }));
    QCOMPARE(errors.count(), 1);
    QCOMPARE(media.error(), PeerMediaCall::Error::NoMedia);
    QVERIFY(media.errorString().contains(QStringLiteral("SRTP")));
    QVERIFY(!media.isActive());
}

QTEST_GUILESS_MAIN(tst_CallWithoutSrtp)

#include "tst_callwithoutsrtp.moc"
