// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/messagewriter.h"

#include "support/stunvectors.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::stun;

namespace {

constexpr TransactionId Id = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

TransactionId idOf(const QByteArray &message)
{
    TransactionId id{};
    std::copy_n(message.begin() + 8, id.size(), id.begin());
    return id;
}

QByteArray toHex(ByteView octets)
{
    return QByteArray::fromRawData(reinterpret_cast<const char *>(octets.data()),
                                   qsizetype(octets.size()))
        .toHex();
}

} // namespace

class tst_StunWriter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesTheLongTermRequestOctetByOctet();
    void writesTheSha256RequestOctetByOctet();
    void whatItWritesIsReadBack();
    void writesBothIntegrities();
    void roundTripsAddresses_data();
    void roundTripsAddresses();
    void roundTripsClassesAndMethods();
    void remembersOverflow();
    void refusesALengthBeyondItsField();
    void writesNothingWithoutAKey();
    void startsAnew();
};

void tst_StunWriter::writesTheLongTermRequestOctetByOctet()
{
    const QByteArray expected = stunvectors::LongTermRequest;
    std::array<std::uint8_t, 256> room;
    room.fill(0xAA);
    MessageWriter writer(room);
    writer.begin(Class::Request, Method::Binding, idOf(QByteArray::fromHex(expected)));
    writer.addText(Attribute::Username, stunvectors::LongTermUser);
    writer.addText(Attribute::Nonce, "f//499k954d6OL34oL9FSTvy64sA");
    writer.addText(Attribute::Realm, stunvectors::LongTermRealm);
    writer.addIntegrity(
        IntegrityKey::longTerm(stunvectors::LongTermUser, stunvectors::LongTermRealm,
                               stunvectors::LongTermPassword, IntegrityKey::PasswordAlgorithm::Md5),
        Integrity::Sha1);
    QCOMPARE(toHex(writer.finish()), expected);
}

void tst_StunWriter::writesTheSha256RequestOctetByOctet()
{
    const QByteArray expected = stunvectors::LongTermSha256Request;
    std::array<std::uint8_t, 256> room;
    room.fill(0xAA);
    MessageWriter writer(room);
    writer.begin(Class::Request, Method::Binding, idOf(QByteArray::fromHex(expected)));
    writer.addBytes(Attribute::UserHash,
                    userHash(stunvectors::LongTermUser, stunvectors::LongTermRealm));
    writer.addText(Attribute::Nonce, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
    writer.addText(Attribute::Realm, stunvectors::LongTermRealm);
    writer.addUint32(Attribute::PasswordAlgorithm, 0x00020000);
    writer.addIntegrity(IntegrityKey::longTerm(
                            stunvectors::LongTermUser, stunvectors::LongTermRealm,
                            stunvectors::LongTermPassword, IntegrityKey::PasswordAlgorithm::Sha256),
                        Integrity::Sha256);
    QCOMPARE(toHex(writer.finish()), expected);
}

void tst_StunWriter::whatItWritesIsReadBack()
{
    const IntegrityKey key = IntegrityKey::shortTerm("password");
    std::array<std::uint8_t, 512> room{};
    MessageWriter writer(room);
    writer.begin(Class::ErrorResponse, Method::Binding, Id);
    writer.addUint32(Attribute::Priority, 0x6e0001ff);
    writer.addUint64(Attribute::IceControlling, 0x0123456789abcdef);
    writer.addFlag(Attribute::UseCandidate);
    writer.addText(Attribute::Username, "them:us");
    writer.addText(Attribute::Software, "");
    writer.addBytes(Attribute::Data, asBytes("abc"));
    writer.addErrorCode(errorcode::RoleConflict, "Role Conflict");
    writer.addUnknownAttributes(std::array{Attribute{0x7fff}, Attribute{0x7ffe}});
    writer.addIntegrity(key, Integrity::Sha1);
    writer.addFingerprint();
    const ByteView octets = writer.finish();
    QVERIFY(!octets.empty());

    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->messageClass(), Class::ErrorResponse);
    QCOMPARE(message->transactionId(), Id);
    QCOMPARE(message->uint32(Attribute::Priority).value_or(0), 0x6e0001ffU);
    QCOMPARE(message->uint64(Attribute::IceControlling).value_or(0), 0x0123456789abcdefU);
    QVERIFY(message->has(Attribute::UseCandidate));
    QCOMPARE(message->text(Attribute::Username).value_or(""), "them:us");
    QCOMPARE(message->text(Attribute::Software).value_or("x"), "");
    QCOMPARE(message->find(Attribute::Data).value_or(ByteView()).size(), 3U);
    QCOMPARE(message->errorCode().value().code, 487);
    QCOMPARE(message->errorCode().value().reason, "Role Conflict");
    QCOMPARE(message->unknownAttributes().size(), 2U);
    QVERIFY(message->hasFingerprint());
    QVERIFY(message->checkIntegrity(key, Integrity::Sha1));
}

void tst_StunWriter::writesBothIntegrities()
{
    const IntegrityKey key = IntegrityKey::shortTerm("password");
    std::array<std::uint8_t, 128> room{};
    MessageWriter writer(room);
    writer.begin(Class::Request, Method::Binding, Id);
    writer.addIntegrity(key, Integrity::Sha1);
    writer.addIntegrity(key, Integrity::Sha256);
    writer.addFingerprint();
    const auto message = Message::parse(writer.finish());
    QVERIFY(message.hasValue());
    QCOMPARE(message->integrity(), Integrity::Sha256);
    QVERIFY(message->checkIntegrity(key, Integrity::Sha1));
    QVERIFY(message->checkIntegrity(key, Integrity::Sha256));
    QVERIFY(!message->checkIntegrity(IntegrityKey::shortTerm("other"), Integrity::Sha256));
}

void tst_StunWriter::roundTripsAddresses_data()
{
    QTest::addColumn<Attribute>("type");
    QTest::addColumn<QByteArray>("text");
    for (const char *text : {"0.0.0.0:0", "192.0.2.1:1", "255.255.255.255:65535", "[::]:0",
                             "[2001:db8::1]:443", "[ffff:ffff::ffff]:65535"}) {
        for (const Attribute type :
             {Attribute::MappedAddress, Attribute::XorMappedAddress, Attribute::XorPeerAddress,
              Attribute::XorRelayedAddress, Attribute::AlternateServer, Attribute::OtherAddress}) {
            QTest::addRow("%s in 0x%04x", text, static_cast<unsigned>(type))
                << type << QByteArray(text);
        }
    }
}

void tst_StunWriter::roundTripsAddresses()
{
    QFETCH(Attribute, type);
    QFETCH(QByteArray, text);
    const auto address = TransportAddress::fromString(text.toStdString());
    QVERIFY(address.has_value());
    std::array<std::uint8_t, 64> room{};
    MessageWriter writer(room);
    writer.begin(Class::SuccessResponse, Method::Binding, Id);
    writer.addAddress(type, *address);
    const auto message = Message::parse(writer.finish());
    QVERIFY(message.hasValue());
    QVERIFY(message->address(type) == *address);
}

void tst_StunWriter::roundTripsClassesAndMethods()
{
    std::array<std::uint8_t, 20> room{};
    for (const Class messageClass :
         {Class::Request, Class::Indication, Class::SuccessResponse, Class::ErrorResponse}) {
        for (unsigned method = 0; method <= 0xFFF; ++method) {
            MessageWriter writer(room);
            writer.begin(messageClass, Method{static_cast<std::uint16_t>(method)}, Id);
            const auto message = Message::parse(writer.finish());
            QVERIFY(message.hasValue());
            QCOMPARE(message->messageClass(), messageClass);
            QCOMPARE(static_cast<unsigned>(message->method()), method);
        }
    }
}

void tst_StunWriter::remembersOverflow()
{
    const IntegrityKey key = IntegrityKey::shortTerm("password");
    const std::size_t complete = 20 + 8 + 12 + 24 + 8;
    for (std::size_t size = 0; size <= complete + 3; ++size) {
        Bytes room(size);
        MessageWriter writer(room);
        writer.begin(Class::Request, Method::Binding, Id);
        writer.addUint32(Attribute::Priority, 1);
        writer.addText(Attribute::Username, "abcde");
        writer.addIntegrity(key, Integrity::Sha1);
        writer.addFingerprint();
        QCOMPARE(writer.finish().empty(), size < complete);
    }
    // What is small enough behind what was too big does not hide it.
    std::array<std::uint8_t, 32> room{};
    MessageWriter writer(room);
    writer.begin(Class::Request, Method::Binding, Id);
    writer.addText(Attribute::Username, "123456789");
    writer.addFlag(Attribute::UseCandidate);
    QVERIFY(writer.finish().empty());
}

void tst_StunWriter::refusesALengthBeyondItsField()
{
    Bytes room(200000);
    const Bytes value(65536);
    MessageWriter writer(room);
    writer.begin(Class::Indication, Method::Send, Id);
    writer.addBytes(Attribute::Data, value);
    QVERIFY(writer.finish().empty());

    // Each fits in an attribute, both do not fit in a message.
    writer.begin(Class::Indication, Method::Send, Id);
    writer.addBytes(Attribute::Data, ByteView(value).first(40000));
    QVERIFY(!writer.finish().empty());
    writer.addBytes(Attribute::Data, ByteView(value).first(40000));
    QVERIFY(writer.finish().empty());
}

void tst_StunWriter::writesNothingWithoutAKey()
{
    std::array<std::uint8_t, 64> room{};
    MessageWriter writer(room);
    writer.begin(Class::Request, Method::Binding, Id);
    writer.addIntegrity(IntegrityKey(), Integrity::Sha1);
    QVERIFY(writer.finish().empty());
}

void tst_StunWriter::startsAnew()
{
    std::array<std::uint8_t, 24> room{};
    MessageWriter writer(room);
    writer.begin(Class::Request, Method::Binding, Id);
    writer.addUint64(Attribute::IceControlled, 1);
    QVERIFY(writer.finish().empty());
    writer.begin(Class::Request, Method::Binding, Id);
    QCOMPARE(writer.finish().size(), HeaderSize);
}

QTEST_APPLESS_MAIN(tst_StunWriter)
#include "tst_stunwriter.moc"
