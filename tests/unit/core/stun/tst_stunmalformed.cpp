// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/message.h"

#include "support/stunvectors.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::stun;

namespace {

QByteArray header(const char *typeAndLength)
{
    return QByteArray(typeAndLength) + "2112a442000102030405060708090a0b";
}

} // namespace

class tst_StunMalformed : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refuses_data();
    void refuses();
    void takesWhatIsOddButAllowed_data();
    void takesWhatIsOddButAllowed();
    void refusesEveryTruncationOfTheSampleRequest();
    void noticesEveryBitFlippedInTheSampleRequest();
};

void tst_StunMalformed::refuses_data()
{
    QTest::addColumn<QByteArray>("hex");
    QTest::addColumn<ParseError>("error");
    const auto row = [](const char *name, const QByteArray &hex, ParseError error) {
        QTest::newRow(name) << hex << error;
    };
    row("nothing", "", ParseError::TooShort);
    row("one octet", "00", ParseError::TooShort);
    row("a type alone", "0001", ParseError::TooShort);
    row("cut in the cookie", "000100002112a4", ParseError::TooShort);
    row("no transaction id", "000100002112a442", ParseError::TooShort);
    row("19 octets", header("00010000").chopped(2), ParseError::TooShort);
    row("first bit set", header("80010000"), ParseError::NotStun);
    row("second bit set", header("40010000"), ParseError::NotStun);
    row("DTLS handshake record", "16fefd0000000000000000003001000024000000", ParseError::BadCookie);
    row("RTP", "8060000100000001000000010000000000000000", ParseError::NotStun);
    row("ChannelData", "4000001000000000000000000000000000000000", ParseError::NotStun);
    row("all ones", "ffffffffffffffffffffffffffffffffffffffff", ParseError::NotStun);
    row("all zero", "0000000000000000000000000000000000000000", ParseError::BadCookie);
    row("RFC 3489, no cookie", "0001000000000000000102030405060708090a0b", ParseError::BadCookie);
    row("cookie's first octet", "000100002012a442000102030405060708090a0b", ParseError::BadCookie);
    row("cookie's last octet", "000100002112a443000102030405060708090a0b", ParseError::BadCookie);
    row("cookie in the other order", "0001000042a41221000102030405060708090a0b",
        ParseError::BadCookie);
    row("length 1", header("00010001") + "00", ParseError::BadLength);
    row("length 2", header("00010002") + "0000", ParseError::BadLength);
    row("length 3", header("00010003") + "000000", ParseError::BadLength);
    row("length 4 of nothing", header("00010004"), ParseError::BadLength);
    row("length 8 of 4", header("00010008") + "00240000", ParseError::BadLength);
    row("length 0 of 4", header("00010000") + "00240000", ParseError::BadLength);
    row("length 4 of 5", header("00010004") + "8022000000", ParseError::BadLength);
    row("length 65532 of nothing", header("0001fffc"), ParseError::BadLength);
    row("length 65535 of nothing", header("0001ffff"), ParseError::BadLength);
    row("length counts the header", header("00010014"), ParseError::BadLength);
    row("two messages in one datagram", header("00010000") + header("00010000"),
        ParseError::BadLength);
    row("attribute of 1 without its padding", header("00010004") + "80220001",
        ParseError::AttributeOverrun);
    row("attribute of 4 without a value", header("00010004") + "00240004",
        ParseError::AttributeOverrun);
    row("attribute of 5 in 4", header("00010008") + "8022000500000000",
        ParseError::AttributeOverrun);
    row("attribute of 65535", header("00010008") + "8022ffff00000000",
        ParseError::AttributeOverrun);
    row("attribute of 65533, padded beyond 16 bits", header("00010008") + "8022fffd00000000",
        ParseError::AttributeOverrun);
    row("second attribute too long", header("0001000c") + "00240004000000018022ffff",
        ParseError::AttributeOverrun);
    row("last attribute too long by one word",
        header("00010010") + "002400040000000180220008" + "00000000", ParseError::AttributeOverrun);
    row("integrity cut short", header("0001000c") + "000800140000000000000000",
        ParseError::AttributeOverrun);
    row("65 attributes", header("00010104") + QByteArray("ffff0000").repeated(65),
        ParseError::TooManyAttributes);
    row("1000 attributes", header("00010fa0") + QByteArray("00250000").repeated(1000),
        ParseError::TooManyAttributes);
    row("wrong fingerprint", header("00010008") + "8028000400000000", ParseError::BadFingerprint);
    row("fingerprint of no octets", header("00010004") + "80280000", ParseError::BadFingerprint);
    row("fingerprint of three octets", header("00010008") + "8028000300000000",
        ParseError::BadFingerprint);
    row("fingerprint of eight octets", header("0001000c") + "802800080000000000000000",
        ParseError::BadFingerprint);
    row("fingerprint without its xor", header("00010008") + "8028000412f9cd37",
        ParseError::BadFingerprint);
    row("attribute behind the fingerprint", header("0001000c") + "802800040000000000250000",
        ParseError::BadFingerprint);
    row("two fingerprints", header("00010010") + "80280004000000008028000400000000",
        ParseError::BadFingerprint);
    row("sample request with another fingerprint",
        QByteArray(stunvectors::Request).chopped(2) + "ce", ParseError::BadFingerprint);
    row("sample request and four octets more", QByteArray(stunvectors::Request) + "00000000",
        ParseError::BadLength);
}

void tst_StunMalformed::refuses()
{
    QFETCH(QByteArray, hex);
    QFETCH(ParseError, error);
    const QByteArray octets = QByteArray::fromHex(hex);
    QCOMPARE(octets.size() * 2, hex.size());
    const auto message = Message::parse(asBytes({octets.data(), std::size_t(octets.size())}));
    QVERIFY(!message.hasValue());
    QCOMPARE(message.error(), error);
}

void tst_StunMalformed::takesWhatIsOddButAllowed_data()
{
    QTest::addColumn<QByteArray>("hex");
    QTest::newRow("no attributes") << header("00010000");
    QTest::newRow("no known type") << header("3fff0000");
    QTest::newRow("attribute 0 of no octets") << header("00010004") + "00000000";
    QTest::newRow("padding of ones") << header("00010008") + "8022000141ffffff";
    QTest::newRow("64 attributes") << header("00010100") + QByteArray("ffff0000").repeated(64);
    QTest::newRow("integrity of no octets") << header("00010004") + "00080000";
    QTest::newRow("integrity of 32 octets")
        << header("00010024") + "00080020" + QByteArray("00").repeated(32);
    QTest::newRow("SHA-256 cut to 16 octets")
        << header("00010014") + "001c0010" + QByteArray("00").repeated(16);
    QTest::newRow("integrity twice")
        << header("00010030") + ("00080014" + QByteArray("00").repeated(20)).repeated(2);
}

void tst_StunMalformed::takesWhatIsOddButAllowed()
{
    QFETCH(QByteArray, hex);
    const QByteArray octets = QByteArray::fromHex(hex);
    const auto message = Message::parse(asBytes({octets.data(), std::size_t(octets.size())}));
    QVERIFY(message.hasValue());
    // No integrity of another than its full size verifies, and none of zeros.
    QVERIFY(!message->checkIntegrity(asBytes("key"), Integrity::Sha1));
    QVERIFY(!message->checkIntegrity(asBytes("key"), Integrity::Sha256));
}

void tst_StunMalformed::refusesEveryTruncationOfTheSampleRequest()
{
    const QByteArray octets = QByteArray::fromHex(stunvectors::Request);
    for (qsizetype size = 0; size < octets.size(); ++size) {
        // On the heap and of that size, so that a sanitizer sees a read behind it.
        const Bytes cut(octets.begin(), octets.begin() + size);
        QVERIFY(!Message::parse(cut).hasValue());
        // With a length that matches it lacks its fingerprint, or an attribute runs over.
        if (size < qsizetype(HeaderSize))
            continue;
        Bytes matching = cut;
        writeUint16(&matching[2], static_cast<std::uint16_t>(size - qsizetype(HeaderSize)));
        const auto message = Message::parse(matching);
        QVERIFY(!message || !message->hasFingerprint());
        QVERIFY(
            !message
            || !message->checkIntegrity(asBytes(stunvectors::ShortTermPassword), Integrity::Sha1)
            || size == octets.size() - 8);
    }
}

void tst_StunMalformed::noticesEveryBitFlippedInTheSampleRequest()
{
    const QByteArray octets = QByteArray::fromHex(stunvectors::Request);
    for (qsizetype bit = 0; bit < octets.size() * 8; ++bit) {
        Bytes flipped(octets.begin(), octets.end());
        flipped[std::size_t(bit / 8)] ^= static_cast<std::uint8_t>(1 << (bit % 8));
        const auto message = Message::parse(flipped);
        // The fingerprint covers all; without it (its own type flipped) integrity still does.
        QVERIFY2(!message || !message->hasFingerprint(), qPrintable(QString::number(bit)));
    }
}

QTEST_APPLESS_MAIN(tst_StunMalformed)
#include "tst_stunmalformed.moc"
