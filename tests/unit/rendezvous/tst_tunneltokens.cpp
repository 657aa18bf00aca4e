// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/tunneltokens.h"
#include "shell/systemrandom.h"
#include "signaling/protocolmessages.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer::rendezvous;
using peer::TimePoint;

class tst_TunnelTokens : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aTokenIsKnownAgainUntilItIsTooOld();
    void everyTokenIsOfAnotherTunnel();
    void aTokenOfAnotherServerIsRefused();
    void aTokenWithAnyOtherBitIsRefused();
    void whatIsNoTokenIsRefused_data();
    void whatIsNoTokenIsRefused();
    void aTokenCanBeTold();

private:
    peer::SystemRandom m_random;
    const TimePoint m_start{1000h};
};

void tst_TunnelTokens::aTokenIsKnownAgainUntilItIsTooOld()
{
    TunnelTokens tokens(m_random, 1h);
    const QString token = tokens.mint(m_start);
    const auto id = tokens.check(m_start, token);
    QVERIFY(id);
    QCOMPARE(id->size(), TunnelTokens::IdSize);
    QVERIFY(tokens.check(m_start + 59min, token) == id);
    QVERIFY(!tokens.check(m_start + 61min, token));
}

void tst_TunnelTokens::everyTokenIsOfAnotherTunnel()
{
    TunnelTokens tokens(m_random, 1h);
    const auto first = tokens.check(m_start, tokens.mint(m_start));
    const auto second = tokens.check(m_start, tokens.mint(m_start));
    QVERIFY(first && second);
    QVERIFY(*first != *second);
}

void tst_TunnelTokens::aTokenOfAnotherServerIsRefused()
{
    TunnelTokens ours(m_random, 1h);
    TunnelTokens theirs(m_random, 1h);
    QVERIFY(!ours.check(m_start, theirs.mint(m_start)));
}

void tst_TunnelTokens::aTokenWithAnyOtherBitIsRefused()
{
    TunnelTokens tokens(m_random, 1h);
    const QByteArray octets = QByteArray::fromBase64(tokens.mint(m_start).toLatin1(),
                                                     QByteArray::Base64UrlEncoding);
    for (qsizetype bit = 0; bit < octets.size() * 8; ++bit) {
        QByteArray other = octets;
        other[bit / 8] = char(other[bit / 8] ^ (1 << (bit % 8)));
        const QByteArray text = other.toBase64(QByteArray::Base64UrlEncoding
                                               | QByteArray::OmitTrailingEquals);
        QVERIFY(!tokens.check(m_start, QString::fromLatin1(text)));
    }
}

void tst_TunnelTokens::whatIsNoTokenIsRefused_data()
{
    QTest::addColumn<QString>("token");
    QTest::newRow("nothing") << QString();
    QTest::newRow("one character") << u"A"_s;
    QTest::newRow("zeros") << QString(75, u'A');
    QTest::newRow("no base64url") << QString(75, u'+');
    QTest::newRow("no ASCII") << QString(75, u'\u00e9');
    QTest::newRow("long") << QString(100'000, u'A');
}

void tst_TunnelTokens::whatIsNoTokenIsRefused()
{
    QFETCH(QString, token);
    const TunnelTokens tokens(m_random, 1h);
    QVERIFY(!tokens.check(m_start, token));
}

void tst_TunnelTokens::aTokenCanBeTold()
{
    TunnelTokens tokens(m_random, 1h);
    QVERIFY(isValidToken(tokens.mint(m_start).toLatin1()));
}

QTEST_APPLESS_MAIN(tst_TunnelTokens)

#include "tst_tunneltokens.moc"
