// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/turncredentials.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer::rendezvous;

class tst_TurnCredentials : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void areWhatCoturnExpects_data();
    void areWhatCoturnExpects();
    void nameTheServersAndTheirTime();
    void haveAsManyServersAsCanBeTold();
};

void tst_TurnCredentials::areWhatCoturnExpects_data()
{
    QTest::addColumn<QByteArray>("secret");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("username");
    QTest::addColumn<QString>("password");
    // By: printf USERNAME | openssl dgst -sha1 -hmac SECRET -binary | base64
    QTest::newRow("with a name") << "north"_ba << u"alice"_s << u"1700003600:alice"_s
                                 << u"wjwSXO2ch1B6VaLTLMy2Avn5O9o="_s;
    QTest::newRow("without a name")
        << "north"_ba << QString() << u"1700003600"_s << u"xF4I6gruVt/PjGbjajGu2UlidPk="_s;
    QTest::newRow("a secret longer than a block of SHA-1")
        << QByteArray(100, 'x') << u"alice"_s << u"1700003600:alice"_s
        << u"gSMeDzPBOG1G9Snuk9BbEyZ7Y1M="_s;
}

void tst_TurnCredentials::areWhatCoturnExpects()
{
    QFETCH(QByteArray, secret);
    QFETCH(QString, name);
    const TurnCredentials credentials({u"turn:turn.example"_s}, secret, 1h);
    const message::TurnServers turn = credentials.mint(std::chrono::sys_seconds(1'700'000'000s),
                                                       name);
    QTEST(turn.username, "username");
    QTEST(turn.password, "password");
}

void tst_TurnCredentials::nameTheServersAndTheirTime()
{
    const QStringList uris{u"turn:turn.example"_s, u"turns:turn.example:443?transport=tcp"_s};
    const TurnCredentials credentials(uris, "north"_ba, 10min);
    const message::TurnServers turn = credentials.mint(std::chrono::sys_seconds(0s), {});
    QCOMPARE(turn.uris, uris);
    QCOMPARE(turn.lifetime, 600);
    QCOMPARE(turn.username, u"600"_s);
}

void tst_TurnCredentials::haveAsManyServersAsCanBeTold()
{
    const TurnCredentials credentials(QStringList(20, u"turn:turn.example"_s), "north"_ba, 10min);
    QCOMPARE(credentials.mint(std::chrono::sys_seconds(0s), {}).uris.size(), MaxTurnUris);
}

QTEST_APPLESS_MAIN(tst_TurnCredentials)

#include "tst_turncredentials.moc"
