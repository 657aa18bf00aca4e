// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerIceServer>
#include <PeerConnection/PeerListener>
#include <PeerConnection/PeerNetworkCheck>

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

class tst_PeerIceServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsWhatIsValid_data();
    void knowsWhatIsValid();
    void isTakenAsAWholeOrNotAtAll();
};

void tst_PeerIceServer::knowsWhatIsValid_data()
{
    QTest::addColumn<QStringList>("urls");
    QTest::addColumn<QString>("username");
    QTest::addColumn<QString>("credential");
    QTest::addColumn<bool>("isValid");
    const QString user = u"bob"_s;
    const QString secret = u"secret"_s;
    const QString turn = u"turn:turn.example.org"_s;
    const QString longest(PeerIceServer::MaximumSize, u'x');
    const QString wide(PeerIceServer::MaximumSize / 2 + 1, u'é');
    QTest::newRow("STUN") << QStringList{u"stun:stun.example.org:3479"_s} << QString() << QString()
                          << true;
    QTest::newRow("TURN") << QStringList{turn} << user << secret << true;
    QTest::newRow("all ways to one server")
        << QStringList{turn, turn + u"?transport=tcp"_s, u"turns:turn.example.org:443"_s,
                       u"stun:turn.example.org"_s}
        << user << secret << true;
    QTest::newRow("an IPv6 address")
        << QStringList{u"turn:[2001:db8::1]:3478"_s} << user << secret << true;
    QTest::newRow("the longest credentials") << QStringList{turn} << longest << longest << true;
    QTest::newRow("a name too long") << QStringList{turn} << longest + u'x' << secret << false;
    QTest::newRow("a credential too long") << QStringList{turn} << user << longest + u'x' << false;
    QTest::newRow("a name too long in octets") << QStringList{turn} << wide << secret << false;
    QTest::newRow("nothing") << QStringList() << user << secret << false;
    QTest::newRow("no user name") << QStringList{turn} << QString() << secret << false;
    QTest::newRow("no credential") << QStringList{turn} << user << QString() << false;
    QTest::newRow("credentials in the URL")
        << QStringList{u"turn:bob:secret@turn.example.org"_s} << user << secret << false;
    QTest::newRow("another scheme")
        << QStringList{u"https://example.org"_s} << user << secret << false;
    QTest::newRow("one of two malformed")
        << QStringList{turn, u"turn:"_s} << user << secret << false;
    QTest::newRow("port 0") << QStringList{u"turn:turn.example.org:0"_s} << user << secret << false;
}

void tst_PeerIceServer::knowsWhatIsValid()
{
    QFETCH(QStringList, urls);
    QFETCH(QString, username);
    QFETCH(QString, credential);
    PeerIceServer server;
    server.urls = urls;
    server.username = username;
    server.credential = credential;
    QTEST(server.isValid(), "isValid");
    PeerConnection connection;
    QCOMPARE(connection.setIceServers({server}), server.isValid());
    PeerListener listener;
    QCOMPARE(listener.setIceServers({server}), server.isValid());
    PeerNetworkCheck check;
    QCOMPARE(check.setIceServers({server}), server.isValid());
}

void tst_PeerIceServer::isTakenAsAWholeOrNotAtAll()
{
    PeerIceServer good, bad;
    good.urls = QStringList{u"stun:stun.example.org"_s};
    PeerConnection connection;
    PeerListener listener;
    QVERIFY(connection.setIceServers({good}));
    QVERIFY(listener.setIceServers({good}));
    QVERIFY(!connection.setIceServers({good, bad}));
    QVERIFY(!listener.setIceServers({bad}));
    QCOMPARE(connection.iceServers(), QList{good});
    QCOMPARE(listener.iceServers(), QList{good});
    QVERIFY(connection.setIceServers({}));
    QVERIFY(connection.iceServers().isEmpty());
}

QTEST_GUILESS_MAIN(tst_PeerIceServer)
#include "tst_peericeserver.moc"
