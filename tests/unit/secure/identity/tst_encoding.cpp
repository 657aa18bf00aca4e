// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/identity/encoding.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using peer::Bytes;

namespace {

peer::ByteView view(const QByteArray &octets)
{
    return {reinterpret_cast<const std::uint8_t *>(octets.data()), std::size_t(octets.size())};
}

QByteArray array(const Bytes &octets)
{
    return {reinterpret_cast<const char *>(octets.data()), qsizetype(octets.size())};
}

std::string_view text(const QByteArray &octets)
{
    return {octets.data(), std::size_t(octets.size())};
}

} // namespace

class tst_Encoding : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void base32HasTheValuesOfRfc4648_data();
    void base32HasTheValuesOfRfc4648();
    void base64UrlHasTheValuesOfRfc4648_data();
    void base64UrlHasTheValuesOfRfc4648();
    void refusesOtherBase32_data();
    void refusesOtherBase32();
    void refusesOtherBase64Url_data();
    void refusesOtherBase64Url();
    void everyLengthRoundTrips();
};

void tst_Encoding::base32HasTheValuesOfRfc4648_data()
{
    QTest::addColumn<QByteArray>("octets");
    QTest::addColumn<QByteArray>("encoded");

    // RFC 4648 section 10, in lower case and without padding
    QTest::newRow("nothing") << ""_ba
                             << ""_ba;
    QTest::newRow("f") << "f"_ba
                       << "my"_ba;
    QTest::newRow("fo") << "fo"_ba
                        << "mzxq"_ba;
    QTest::newRow("foo") << "foo"_ba
                         << "mzxw6"_ba;
    QTest::newRow("foob") << "foob"_ba
                          << "mzxw6yq"_ba;
    QTest::newRow("fooba") << "fooba"_ba
                           << "mzxw6ytb"_ba;
    QTest::newRow("foobar") << "foobar"_ba
                            << "mzxw6ytboi"_ba;
}

void tst_Encoding::base32HasTheValuesOfRfc4648()
{
    QFETCH(QByteArray, octets);
    QFETCH(QByteArray, encoded);
    QCOMPARE(QByteArray::fromStdString(peer::toBase32(view(octets))), encoded);
    const auto decoded = peer::fromBase32(text(encoded));
    QVERIFY(decoded);
    QCOMPARE(array(*decoded), octets);
}

void tst_Encoding::base64UrlHasTheValuesOfRfc4648_data()
{
    QTest::addColumn<QByteArray>("octets");
    QTest::addColumn<QByteArray>("encoded");

    QTest::newRow("nothing") << ""_ba
                             << ""_ba;
    QTest::newRow("f") << "f"_ba
                       << "Zg"_ba;
    QTest::newRow("fo") << "fo"_ba
                        << "Zm8"_ba;
    QTest::newRow("foo") << "foo"_ba
                         << "Zm9v"_ba;
    QTest::newRow("foob") << "foob"_ba
                          << "Zm9vYg"_ba;
    QTest::newRow("fooba") << "fooba"_ba
                           << "Zm9vYmE"_ba;
    QTest::newRow("foobar") << "foobar"_ba
                            << "Zm9vYmFy"_ba;
    QTest::newRow("both URL digits") << "\xfb\xff"_ba
                                     << "-_8"_ba;
}

void tst_Encoding::base64UrlHasTheValuesOfRfc4648()
{
    QFETCH(QByteArray, octets);
    QFETCH(QByteArray, encoded);
    QCOMPARE(QByteArray::fromStdString(peer::toBase64Url(view(octets))), encoded);
    const auto decoded = peer::fromBase64Url(text(encoded));
    QVERIFY(decoded);
    QCOMPARE(array(*decoded), octets);
}

void tst_Encoding::refusesOtherBase32_data()
{
    QTest::addColumn<QByteArray>("encoded");

    QTest::newRow("one digit") << "a"_ba;
    QTest::newRow("three digits") << "aaa"_ba;
    QTest::newRow("six digits") << "aaaaaa"_ba;
    QTest::newRow("stray bits") << "mz"_ba;
    QTest::newRow("padding") << "my======"_ba;
    QTest::newRow("upper case") << "MY"_ba;
    QTest::newRow("digit one") << "m1"_ba;
    QTest::newRow("white space") << "my "_ba;
    QTest::newRow("line feed within") << "mzx\nq"_ba;
    QTest::newRow("zero octet") << QByteArray("m\0", 2);
    QTest::newRow("octet above 127") << "m\xff"_ba;
}

void tst_Encoding::refusesOtherBase32()
{
    QFETCH(QByteArray, encoded);
    QVERIFY(!peer::fromBase32(text(encoded)));
}

void tst_Encoding::refusesOtherBase64Url_data()
{
    QTest::addColumn<QByteArray>("encoded");

    QTest::newRow("one digit") << "Z"_ba;
    QTest::newRow("five digits") << "Zm9vY"_ba;
    QTest::newRow("stray bits") << "Zh"_ba;
    QTest::newRow("padding") << "Zg=="_ba;
    QTest::newRow("plus") << "+w"_ba;
    QTest::newRow("slash") << "/w"_ba;
    QTest::newRow("white space") << "Zg "_ba;
    QTest::newRow("zero octet") << QByteArray("Z\0", 2);
    QTest::newRow("octet above 127") << "Z\xff"_ba;
}

void tst_Encoding::refusesOtherBase64Url()
{
    QFETCH(QByteArray, encoded);
    QVERIFY(!peer::fromBase64Url(text(encoded)));
}

void tst_Encoding::everyLengthRoundTrips()
{
    for (std::size_t size = 0; size < 100; ++size) {
        Bytes octets(size);
        for (std::size_t i = 0; i < size; ++i)
            octets[i] = static_cast<std::uint8_t>(i * 151 + size * 31);
        QCOMPARE(peer::fromBase32(peer::toBase32(octets)), std::optional(octets));
        QCOMPARE(peer::fromBase64Url(peer::toBase64Url(octets)), std::optional(octets));
    }
}

QTEST_APPLESS_MAIN(tst_Encoding)

#include "tst_encoding.moc"
