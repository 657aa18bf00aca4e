// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/datachannelprotocol.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using peer::Bytes;
using peer::ChannelOptions;

class tst_DataChannelProtocol : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesOpenAsTheRfcDrawsIt();
    void openRoundTrips_data();
    void openRoundTrips();
    void refusesMalformedOpen_data();
    void refusesMalformedOpen();
};

void tst_DataChannelProtocol::writesOpenAsTheRfcDrawsIt()
{
    ChannelOptions options;
    options.label = "ab";
    options.protocol = "c";
    options.ordered = false;
    options.maxRetransmits = 3;
    const Bytes expected{0x03, 0x81, 0x01, 0x00, 0, 0, 0, 3, 0, 2, 0, 1, 'a', 'b', 'c'};
    QCOMPARE(peer::dcep::writeOpen(options), expected);
    QCOMPARE(peer::dcep::writeAck(), Bytes{0x02});
}

void tst_DataChannelProtocol::openRoundTrips_data()
{
    QTest::addColumn<QByteArray>("label");
    QTest::addColumn<bool>("ordered");
    QTest::addColumn<int>("retransmits");
    QTest::addColumn<int>("lifetime");

    QTest::newRow("reliable, in order") << "chat"_ba << true << -1 << -1;
    QTest::newRow("reliable, unordered") << "chat"_ba << false << -1 << -1;
    QTest::newRow("never sent again") << "game"_ba << false << 0 << -1;
    QTest::newRow("most retransmissions") << "game"_ba << true << 65535 << -1;
    QTest::newRow("for 150 ms") << "game"_ba << true << -1 << 150;
    QTest::newRow("no label") << ""_ba << true << -1 << -1;
    QTest::newRow("longest label") << QByteArray(65535, 'x') << true << -1 << -1;
}

void tst_DataChannelProtocol::openRoundTrips()
{
    QFETCH(QByteArray, label);
    QFETCH(bool, ordered);
    QFETCH(int, retransmits);
    QFETCH(int, lifetime);
    ChannelOptions options;
    options.label = label.toStdString();
    options.protocol = "proto";
    options.ordered = ordered;
    if (retransmits >= 0)
        options.maxRetransmits = std::uint16_t(retransmits);
    if (lifetime >= 0)
        options.maxLifetime = std::chrono::milliseconds(lifetime);
    const auto parsed = peer::dcep::parseOpen(peer::dcep::writeOpen(options));
    QVERIFY(parsed);
    QVERIFY(*parsed == options);
}

void tst_DataChannelProtocol::refusesMalformedOpen_data()
{
    QTest::addColumn<QByteArray>("message");

    const QByteArray good = "030001000000000000010001"_ba + "6162"_ba;
    QVERIFY(peer::dcep::parseOpen([&] {
        const QByteArray octets = QByteArray::fromHex(good);
        return Bytes(octets.begin(), octets.end());
    }()));
    QTest::newRow("empty") << ""_ba;
    QTest::newRow("type alone") << "03"_ba;
    QTest::newRow("header cut") << good.first(22);
    QTest::newRow("no label octets") << good.first(24);
    QTest::newRow("protocol missing") << good.first(26);
    QTest::newRow("one octet too many") << good + "00"_ba;
    QTest::newRow("ack type") << "02"_ba + good.mid(2);
    QTest::newRow("unknown type") << "04"_ba + good.mid(2);
    QTest::newRow("unknown channel type") << "0304"_ba + good.mid(4);
    QTest::newRow("unknown unordered type") << "0383"_ba + good.mid(4);
    QTest::newRow("label longer than the message") << "0300010000000000ffff00016162"_ba;
}

void tst_DataChannelProtocol::refusesMalformedOpen()
{
    QFETCH(QByteArray, message);
    const QByteArray octets = QByteArray::fromHex(message);
    QVERIFY(!peer::dcep::parseOpen(Bytes(octets.begin(), octets.end())));
}

QTEST_APPLESS_MAIN(tst_DataChannelProtocol)

#include "tst_datachannelprotocol.moc"
