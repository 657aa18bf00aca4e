// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "holdingrelay.h"
#include "meeting.h"

#include <QtCore/qurlquery.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

/// Policies on paths that nothing can meet.
class tst_PeerPolicy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isCheckedThoughTheAnswerComesAtOnce();
};

/// The rendezvous says that it is ready, and before anybody has looked at that the peer's answer is
/// there too.
void tst_PeerPolicy::isCheckedThoughTheAnswerComesAtOnce()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    HoldingRelay relay(meeting.server->serverPort(), "\"ready\"", "\"answer\"");
    QUrl address = meeting.listener->address();
    address.setPort(relay.serverPort());
    QUrlQuery query(address);
    query.addQueryItem(u"paths"_s, u"relay"_s);
    address.setQuery(query);

    meeting.dial(address);
    QVERIFY(eventually([&] { return meeting.callerLog->closed == 1; }));
    QVERIFY(relay.hasHeld());
    QCOMPARE(meeting.callerLog->errors, QList{PeerConnection::Error::PathPolicyUnavailable});
}

QTEST_GUILESS_MAIN(tst_PeerPolicy)

#include "tst_peerpolicy.moc"
