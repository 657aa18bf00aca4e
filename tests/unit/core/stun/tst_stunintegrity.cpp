// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/messagewriter.h"

#include <QtCore/qdir.h>
#include <QtCore/qfile.h>
#include <QtCore/qregularexpression.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace peer;
using namespace peer::stun;

namespace {

constexpr TransactionId Id = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

} // namespace

class tst_StunIntegrity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneKeySignsManyMessages();
    void noticesEveryFlippedBit_data();
    void noticesEveryFlippedBit();
    void anEmptyPasswordIsAKey();
    void aNullKeyVerifiesNothing();
    void acceptsNoTruncatedDigest();
    void movesItsKey();
    void digestsAreComparedInConstantTime();
};

void tst_StunIntegrity::oneKeySignsManyMessages()
{
    const IntegrityKey key = IntegrityKey::shortTerm("VOkJxbRl1RmTxUk/WvJxBt");
    for (std::uint32_t priority = 0; priority < 100; ++priority) {
        for (const Integrity kind : {Integrity::Sha1, Integrity::Sha256}) {
            std::array<std::uint8_t, 128> room{};
            MessageWriter writer(room);
            writer.begin(Class::Request, Method::Binding, Id);
            writer.addUint32(Attribute::Priority, priority);
            writer.addIntegrity(key, kind);
            const auto message = Message::parse(writer.finish());
            QVERIFY(message.hasValue());
            QVERIFY(message->checkIntegrity(key, kind));
            QVERIFY(message->checkIntegrity(asBytes("VOkJxbRl1RmTxUk/WvJxBt"), kind));
        }
    }
}

void tst_StunIntegrity::noticesEveryFlippedBit_data()
{
    QTest::addColumn<Integrity>("kind");
    QTest::newRow("SHA-1") << Integrity::Sha1;
    QTest::newRow("SHA-256") << Integrity::Sha256;
}

void tst_StunIntegrity::noticesEveryFlippedBit()
{
    QFETCH(Integrity, kind);
    const IntegrityKey key = IntegrityKey::shortTerm("password");
    std::array<std::uint8_t, 128> room{};
    MessageWriter writer(room);
    writer.begin(Class::Request, Method::Binding, Id);
    writer.addText(Attribute::Username, "them:us");
    writer.addIntegrity(key, kind);
    const std::size_t size = writer.finish().size();
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
        std::array<std::uint8_t, 128> flipped = room;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
        const auto message = Message::parse(ByteView(flipped).first(size));
        QVERIFY2(!message || !message->checkIntegrity(key, kind), qPrintable(QString::number(bit)));
    }
}

void tst_StunIntegrity::anEmptyPasswordIsAKey()
{
    const IntegrityKey key = IntegrityKey::shortTerm("");
    QVERIFY(!key.isNull());
    std::array<std::uint8_t, 64> room{};
    MessageWriter writer(room);
    writer.begin(Class::Request, Method::Binding, Id);
    writer.addIntegrity(key, Integrity::Sha1);
    const auto message = Message::parse(writer.finish());
    QVERIFY(message.hasValue());
    QVERIFY(message->checkIntegrity(key, Integrity::Sha1));
    QVERIFY(!message->checkIntegrity(asBytes("x"), Integrity::Sha1));
    QVERIFY(message->checkIntegrity(ByteView(), Integrity::Sha1));
}

void tst_StunIntegrity::aNullKeyVerifiesNothing()
{
    const IntegrityKey key;
    QVERIFY(key.isNull());
    const std::array<std::uint8_t, 20> message{};
    QVERIFY(!key.verify(Integrity::Sha1, message, 24, std::array<std::uint8_t, 20>{}));
    QVERIFY(!key.verify(Integrity::Absent, message, 24, {}));
    QVERIFY(!IntegrityKey::shortTerm("x").verify(Integrity::Absent, message, 24, {}));
}

void tst_StunIntegrity::acceptsNoTruncatedDigest()
{
    const IntegrityKey key = IntegrityKey::shortTerm("password");
    const std::array<std::uint8_t, 20> octets{};
    for (const Integrity kind : {Integrity::Sha1, Integrity::Sha256}) {
        std::array<std::uint8_t, 32> digest{};
        QVERIFY(key.sign(kind, octets, 24, digest));
        for (std::size_t size = 0; size <= digest.size(); ++size) {
            QCOMPARE(key.verify(kind, octets, 24, ByteView(digest).first(size)),
                     size == integritySize(kind));
        }
    }
}

void tst_StunIntegrity::movesItsKey()
{
    IntegrityKey key = IntegrityKey::shortTerm("one");
    IntegrityKey moved = std::move(key);
    std::array<std::uint8_t, 20> digest{};
    const std::array<std::uint8_t, 20> message{};
    QVERIFY(moved.sign(Integrity::Sha1, message, 24, digest));
    QVERIFY(moved.verify(Integrity::Sha1, message, 24, digest));
    moved = IntegrityKey::shortTerm("two");
    QVERIFY(!moved.verify(Integrity::Sha1, message, 24, digest));
}

// A comparison that ends at the first difference cannot be told from a constant one without
// measuring time, so the sources are looked at: no other comparison of digests stands there.
void tst_StunIntegrity::digestsAreComparedInConstantTime()
{
    const QDir sources(QStringLiteral(PEER_STUN_SOURCES));
    static const QRegularExpression variable(
        u"(?<!CRYPTO_)\\bmemcmp\\b|std::equal\\b|std::ranges"_s);
    int constant = 0;
    const QStringList names = sources.entryList({u"*.cpp"_s, u"*.h"_s});
    QVERIFY(!names.isEmpty());
    for (const QString &name : names) {
        QFile file(sources.filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        QVERIFY2(!variable.match(text).hasMatch(), qPrintable(name));
        constant += int(text.count(u"CRYPTO_memcmp("_s));
    }
    QCOMPARE(constant, 1);
}

QTEST_APPLESS_MAIN(tst_StunIntegrity)
#include "tst_stunintegrity.moc"
