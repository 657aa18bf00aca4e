// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/base/address.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using peer::IpAddress;
using peer::TransportAddress;

class tst_Address : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parsesOnlyTheStrictForm_data();
    void parsesOnlyTheStrictForm();
    void classifies_data();
    void classifies();
    void transportAddressRoundTrips_data();
    void transportAddressRoundTrips();
};

void tst_Address::parsesOnlyTheStrictForm_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("canonical"); // empty: refused

    QTest::newRow("v4") << "192.0.2.1"_ba
                        << "192.0.2.1"_ba;
    QTest::newRow("v4 zero") << "0.0.0.0"_ba
                             << "0.0.0.0"_ba;
    QTest::newRow("v4 with three octets") << "192.0.2"_ba
                                          << ""_ba;
    QTest::newRow("v4 with five octets") << "192.0.2.1.1"_ba
                                         << ""_ba;
    QTest::newRow("v4 with a leading zero") << "192.0.02.1"_ba
                                            << ""_ba;
    QTest::newRow("v4 octet of 256") << "192.0.2.256"_ba
                                     << ""_ba;
    QTest::newRow("v4 with a space") << "192.0.2.1 "_ba
                                     << ""_ba;
    QTest::newRow("v4 with a trailing dot") << "192.0.2.1."_ba
                                            << ""_ba;
    QTest::newRow("empty") << ""_ba
                           << ""_ba;
    QTest::newRow("v6 unspecified") << "::"_ba
                                    << "::"_ba;
    QTest::newRow("v6 loopback") << "::1"_ba
                                 << "::1"_ba;
    QTest::newRow("v6 full") << "2001:DB8:0:0:1:0:0:1"_ba
                             << "2001:db8::1:0:0:1"_ba;
    QTest::newRow("v6 one zero group stays") << "2001:db8:0:1:1:1:1:1"_ba
                                             << "2001:db8:0:1:1:1:1:1"_ba;
    QTest::newRow("v6 trailing gap") << "fe80::"_ba
                                     << "fe80::"_ba;
    QTest::newRow("v6 with v4 tail") << "::ffff:192.0.2.1"_ba
                                     << "::ffff:c000:201"_ba;
    QTest::newRow("v6 two gaps") << "1::2::3"_ba
                                 << ""_ba;
    QTest::newRow("v6 seven groups") << "1:2:3:4:5:6:7"_ba
                                     << ""_ba;
    QTest::newRow("v6 nine groups") << "1:2:3:4:5:6:7:8:9"_ba
                                    << ""_ba;
    QTest::newRow("v6 gap of nothing") << "1:2:3:4::5:6:7:8"_ba
                                       << ""_ba;
    QTest::newRow("v6 five digits") << "12345::"_ba
                                    << ""_ba;
    QTest::newRow("v6 trailing colon") << "1:2:3:4:5:6:7:8:"_ba
                                       << ""_ba;
    QTest::newRow("v6 leading colon") << ":1:2:3:4:5:6:7:8"_ba
                                      << ""_ba;
    QTest::newRow("v6 with zone") << "fe80::1%eth0"_ba
                                  << ""_ba;
    QTest::newRow("v6 in brackets") << "[::1]"_ba
                                    << ""_ba;
}

void tst_Address::parsesOnlyTheStrictForm()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, canonical);
    const auto address = IpAddress::fromString({text.data(), std::size_t(text.size())});
    QCOMPARE(QByteArray::fromStdString(address ? address->toString() : std::string()), canonical);
}

void tst_Address::classifies_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("kind");

    QTest::newRow("v4 loopback") << "127.1.2.3"_ba
                                 << "loopback"_ba;
    QTest::newRow("v6 loopback") << "::1"_ba
                                 << "loopback"_ba;
    QTest::newRow("v4 link-local") << "169.254.1.1"_ba
                                   << "link-local"_ba;
    QTest::newRow("v6 link-local, end of range") << "febf::1"_ba
                                                 << "link-local"_ba;
    QTest::newRow("v6 beyond link-local") << "fec0::1"_ba
                                          << "public"_ba;
    QTest::newRow("10/8") << "10.255.0.1"_ba
                          << "private"_ba;
    QTest::newRow("172.16/12 end") << "172.31.0.1"_ba
                                   << "private"_ba;
    QTest::newRow("beyond 172.16/12") << "172.32.0.1"_ba
                                      << "public"_ba;
    QTest::newRow("192.168/16") << "192.168.1.1"_ba
                                << "private"_ba;
    QTest::newRow("carrier NAT") << "100.64.0.1"_ba
                                 << "private"_ba;
    QTest::newRow("unique local") << "fd00::1"_ba
                                  << "private"_ba;
    QTest::newRow("multicast") << "224.0.0.1"_ba
                               << "multicast"_ba;
    QTest::newRow("v6 multicast") << "ff02::1"_ba
                                  << "multicast"_ba;
    QTest::newRow("mapped") << "::ffff:1.2.3.4"_ba
                            << "mapped"_ba;
    QTest::newRow("unspecified") << "::"_ba
                                 << "unspecified"_ba;
    QTest::newRow("public") << "192.0.2.1"_ba
                            << "public"_ba;
}

void tst_Address::classifies()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, kind);
    const auto address = IpAddress::fromString({text.data(), std::size_t(text.size())});
    QVERIFY(address);
    QCOMPARE(address->isLoopback(), kind == "loopback");
    QCOMPARE(address->isLinkLocal(), kind == "link-local");
    QCOMPARE(address->isPrivate(), kind == "private");
    QCOMPARE(address->isMulticast(), kind == "multicast");
    QCOMPARE(address->isV4Mapped(), kind == "mapped");
    QCOMPARE(address->isUnspecified(), kind == "unspecified");
}

void tst_Address::transportAddressRoundTrips_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isValid");

    QTest::newRow("v4") << "192.0.2.1:5000"_ba << true;
    QTest::newRow("v6") << "[2001:db8::1]:65535"_ba << true;
    QTest::newRow("v6 without brackets") << "2001:db8::1:5000"_ba << false;
    QTest::newRow("v4 in brackets") << "[192.0.2.1]:5000"_ba << false;
    QTest::newRow("port too large") << "192.0.2.1:65536"_ba << false;
    QTest::newRow("no port") << "192.0.2.1"_ba << false;
    QTest::newRow("empty port") << "192.0.2.1:"_ba << false;
}

void tst_Address::transportAddressRoundTrips()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isValid);
    const auto address = TransportAddress::fromString({text.data(), std::size_t(text.size())});
    QCOMPARE(address.has_value(), isValid);
    if (isValid)
        QCOMPARE(QByteArray::fromStdString(address->toString()), text);
}

QTEST_APPLESS_MAIN(tst_Address)

#include "tst_address.moc"
