// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/tunnelurl.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace peer;

class tst_TunnelUrl : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isRelativeToTheSignaling_data();
    void isRelativeToTheSignaling();
};

void tst_TunnelUrl::isRelativeToTheSignaling_data()
{
    QTest::addColumn<bool>("isPlain");
    QTest::addColumn<QString>("reference");
    QTest::addColumn<QString>("url");
    QTest::newRow("a path") << false << u"/tunnel"_s << u"wss://[2001:db8::1]:8443/tunnel"_s;
    QTest::newRow("a path, plain") << true << u"/tunnel"_s << u"ws://[2001:db8::1]:8443/tunnel"_s;
    QTest::newRow("another host") << false << u"wss://b.example/tunnel"_s
                                  << u"wss://b.example/tunnel"_s;
    QTest::newRow("more secure") << true << u"wss://b.example/tunnel"_s
                                 << u"wss://b.example/tunnel"_s;
    QTest::newRow("less secure") << false << u"ws://b.example/tunnel"_s << QString();
    QTest::newRow("plain both") << true << u"ws://b.example/tunnel"_s << u"ws://b.example/tunnel"_s;
    QTest::newRow("no WebSocket") << false << u"https://b.example/"_s << QString();
    QTest::newRow("a file") << true << u"file:///etc/passwd"_s << QString();
    QTest::newRow("a user") << false << u"wss://me:pw@b.example/"_s << QString();
    QTest::newRow("a fragment") << false << u"/tunnel#x"_s << QString();
    QTest::newRow("no host") << false << u"wss:///tunnel"_s << QString();
    QTest::newRow("no URL") << false << u"wss://b example/%zz"_s << QString();
}

void tst_TunnelUrl::isRelativeToTheSignaling()
{
    QFETCH(bool, isPlain);
    QFETCH(QString, reference);
    RendezvousConfig config;
    config.tls = isPlain ? RendezvousConfig::Tls::Off : RendezvousConfig::Tls::Verified;
    const auto url = resolveTunnelUrl(config, {u"2001:db8::1"_s, 8443}, reference);
    QTEST(url.value_or(QUrl()).toString(), "url");
}

QTEST_APPLESS_MAIN(tst_TunnelUrl)

#include "tst_tunnelurl.moc"
