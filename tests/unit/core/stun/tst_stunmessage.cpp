// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/message.h"

#include "support/stunvectors.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::stun;

namespace {

Bytes fromHex(const char *hex)
{
    const QByteArray octets = QByteArray::fromHex(hex);
    return {octets.begin(), octets.end()};
}

/// A Binding request around those attributes.
Bytes withAttributes(const char *hex)
{
    const Bytes attributes = fromHex(hex);
    Bytes message = fromHex("000100002112a442000102030405060708090a0b");
    writeUint16(&message[2], static_cast<std::uint16_t>(attributes.size()));
    message.insert(message.end(), attributes.begin(), attributes.end());
    return message;
}

} // namespace

class tst_StunMessage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTheSampleRequest();
    void readsTheSampleResponses_data();
    void readsTheSampleResponses();
    void readsTheLongTermRequest();
    void readsTheSha256Request();
    void readsEveryClassAndMethod_data();
    void readsEveryClassAndMethod();
    void ignoresWhatFollowsIntegrity();
    void takesTheFirstOfTwo();
    void refusesValuesOfTheWrongShape_data();
    void refusesValuesOfTheWrongShape();
    void readsAddresses_data();
    void readsAddresses();
    void readsErrorCodes_data();
    void readsErrorCodes();
    void listsUnknownRequiredAttributesOnceAndInOrder();
    void listsKnownAttributesThatTheCallerRefuses();
    void boundsTheListOfUnknownAttributes();
    void readsUnknownAttributes();
};

void tst_StunMessage::readsTheSampleRequest()
{
    const Bytes octets = fromHex(stunvectors::Request);
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->messageClass(), Class::Request);
    QCOMPARE(message->method(), Method::Binding);
    const Bytes id(message->transactionId().begin(), message->transactionId().end());
    QCOMPARE(id, fromHex("b7e7a701bc34d686fa87dfae"));
    QCOMPARE(message->text(Attribute::Software).value_or(""), "STUN test client");
    QCOMPARE(message->text(Attribute::Username).value_or(""), "evtj:h6vY");
    QCOMPARE(message->uint32(Attribute::Priority).value_or(0), 0x6e0001ffU);
    QCOMPARE(message->uint64(Attribute::IceControlled).value_or(0), 0x932ff9b151263b36U);
    QVERIFY(!message->has(Attribute::IceControlling));
    QVERIFY(message->hasFingerprint());
    QCOMPARE(message->integrity(), Integrity::Sha1);
    QVERIFY(message->checkIntegrity(asBytes(stunvectors::ShortTermPassword), Integrity::Sha1));
    QVERIFY(!message->checkIntegrity(asBytes("VOkJxbRl1RmTxUk/WvJxBT"), Integrity::Sha1));
    QVERIFY(!message->checkIntegrity(asBytes(stunvectors::ShortTermPassword), Integrity::Sha256));
    QVERIFY(!message->checkIntegrity(asBytes(stunvectors::ShortTermPassword), Integrity::Absent));
    QVERIFY(message->unknownRequired().isEmpty());
}

void tst_StunMessage::readsTheSampleResponses_data()
{
    QTest::addColumn<QByteArray>("hex");
    QTest::addColumn<QByteArray>("address");
    QTest::newRow("RFC 5769 section 2.2")
        << QByteArray(stunvectors::ResponseV4) << QByteArray("192.0.2.1:32853");
    QTest::newRow("RFC 5769 section 2.3")
        << QByteArray(stunvectors::ResponseV6)
        << QByteArray("[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

void tst_StunMessage::readsTheSampleResponses()
{
    QFETCH(QByteArray, hex);
    QFETCH(QByteArray, address);
    const Bytes octets = fromHex(hex.constData());
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->messageClass(), Class::SuccessResponse);
    QCOMPARE(message->text(Attribute::Software).value_or(""), "test vector");
    const auto mapped = message->address(Attribute::XorMappedAddress);
    QVERIFY(mapped.has_value());
    QCOMPARE(mapped->toString(), address.toStdString());
    QVERIFY(message->checkIntegrity(asBytes(stunvectors::ShortTermPassword), Integrity::Sha1));
}

void tst_StunMessage::readsTheLongTermRequest()
{
    const Bytes octets = fromHex(stunvectors::LongTermRequest);
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QVERIFY(!message->hasFingerprint());
    QCOMPARE(message->text(Attribute::Username).value_or(""), stunvectors::LongTermUser);
    QCOMPARE(message->text(Attribute::Nonce).value_or(""), "f//499k954d6OL34oL9FSTvy64sA");
    QCOMPARE(message->text(Attribute::Realm).value_or(""), stunvectors::LongTermRealm);
    const auto key = IntegrityKey::longTerm(stunvectors::LongTermUser, stunvectors::LongTermRealm,
                                            stunvectors::LongTermPassword,
                                            IntegrityKey::PasswordAlgorithm::Md5);
    QVERIFY(message->checkIntegrity(key, Integrity::Sha1));
}

void tst_StunMessage::readsTheSha256Request()
{
    const Bytes octets = fromHex(stunvectors::LongTermSha256Request);
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->integrity(), Integrity::Sha256);
    const auto hash = userHash(stunvectors::LongTermUser, stunvectors::LongTermRealm);
    const auto sent = message->find(Attribute::UserHash);
    QVERIFY(sent && std::equal(sent->begin(), sent->end(), hash.begin(), hash.end()));
    QCOMPARE(message->uint32(Attribute::PasswordAlgorithm).value_or(0), 0x00020000U);
    const auto key = IntegrityKey::longTerm(stunvectors::LongTermUser, stunvectors::LongTermRealm,
                                            stunvectors::LongTermPassword,
                                            IntegrityKey::PasswordAlgorithm::Sha256);
    QVERIFY(message->checkIntegrity(key, Integrity::Sha256));
}

void tst_StunMessage::readsEveryClassAndMethod_data()
{
    QTest::addColumn<uint>("type");
    QTest::addColumn<Class>("messageClass");
    QTest::addColumn<uint>("method");
    QTest::newRow("binding request") << 0x0001U << Class::Request << 0x001U;
    QTest::newRow("binding indication") << 0x0011U << Class::Indication << 0x001U;
    QTest::newRow("binding success") << 0x0101U << Class::SuccessResponse << 0x001U;
    QTest::newRow("binding error") << 0x0111U << Class::ErrorResponse << 0x001U;
    QTest::newRow("allocate error") << 0x0113U << Class::ErrorResponse << 0x003U;
    QTest::newRow("data indication") << 0x0017U << Class::Indication << 0x007U;
    QTest::newRow("channel bind success") << 0x0109U << Class::SuccessResponse << 0x009U;
    QTest::newRow("all bits of the method") << 0x3EEFU << Class::Request << 0xFFFU;
    QTest::newRow("all bits") << 0x3FFFU << Class::ErrorResponse << 0xFFFU;
    QTest::newRow("method bit 4") << 0x0020U << Class::Request << 0x010U;
    QTest::newRow("method bit 7") << 0x0200U << Class::Request << 0x080U;
}

void tst_StunMessage::readsEveryClassAndMethod()
{
    QFETCH(uint, type);
    QFETCH(Class, messageClass);
    QFETCH(uint, method);
    Bytes octets = withAttributes("");
    writeUint16(octets.data(), static_cast<std::uint16_t>(type));
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->messageClass(), messageClass);
    QCOMPARE(static_cast<uint>(message->method()), method);
}

void tst_StunMessage::ignoresWhatFollowsIntegrity()
{
    // PRIORITY, integrity, another PRIORITY, USE-CANDIDATE and an unknown one that is required
    const Bytes octets = withAttributes("0024000400000001"
                                        "000800140000000000000000000000000000000000000000"
                                        "0024000400000002"
                                        "00250000"
                                        "7fff0000");
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->uint32(Attribute::Priority).value_or(0), 1U);
    QVERIFY(!message->has(Attribute::UseCandidate));
    QVERIFY(message->unknownRequired().isEmpty());

    // SHA-1 behind SHA-256 does not count
    const Bytes reversed = withAttributes(
        "001c00200000000000000000000000000000000000000000000000000000000000000000"
        "000800140000000000000000000000000000000000000000"
        "00250000");
    const auto second = Message::parse(reversed);
    QVERIFY(second.hasValue());
    QCOMPARE(second->integrity(), Integrity::Sha256);
    QVERIFY(!second->has(Attribute::MessageIntegrity));
    QVERIFY(!second->has(Attribute::UseCandidate));
}

void tst_StunMessage::takesTheFirstOfTwo()
{
    const Bytes octets = withAttributes("0024000400000001"
                                        "0024000400000002");
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->uint32(Attribute::Priority).value_or(0), 1U);
}

void tst_StunMessage::refusesValuesOfTheWrongShape_data()
{
    QTest::addColumn<QByteArray>("attributes");
    QTest::newRow("PRIORITY of no octets") << QByteArray("00240000");
    QTest::newRow("PRIORITY of three octets") << QByteArray("0024000300000100");
    QTest::newRow("PRIORITY of eight octets") << QByteArray("002400080000000100000001");
    QTest::newRow("ICE-CONTROLLED of four octets") << QByteArray("8029000400000001");
    QTest::newRow("XOR-MAPPED-ADDRESS of no octets") << QByteArray("00200000");
    QTest::newRow("XOR-MAPPED-ADDRESS without an address") << QByteArray("0020000400010001");
    QTest::newRow("XOR-MAPPED-ADDRESS of no family") << QByteArray("002000080000000100000001");
    QTest::newRow("XOR-MAPPED-ADDRESS of family 3") << QByteArray("002000080003000100000001");
    QTest::newRow("XOR-MAPPED-ADDRESS, IPv6 in four octets")
        << QByteArray("002000080002000100000001");
    QTest::newRow("XOR-MAPPED-ADDRESS, IPv4 in sixteen octets")
        << QByteArray("002000140001000100000001000000010000000100000001");
    QTest::newRow("ERROR-CODE of no octets") << QByteArray("00090000");
    QTest::newRow("ERROR-CODE of three octets") << QByteArray("0009000300000400");
    QTest::newRow("ERROR-CODE 200") << QByteArray("0009000400000200");
    QTest::newRow("ERROR-CODE 700") << QByteArray("0009000400000700");
    QTest::newRow("ERROR-CODE 4 and 100") << QByteArray("0009000400000464");
}

void tst_StunMessage::refusesValuesOfTheWrongShape()
{
    QFETCH(QByteArray, attributes);
    const Bytes octets = withAttributes(attributes.constData());
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QVERIFY(!message->uint32(Attribute::Priority));
    QVERIFY(!message->uint64(Attribute::IceControlled));
    QVERIFY(!message->address(Attribute::XorMappedAddress));
    QVERIFY(!message->errorCode());
}

void tst_StunMessage::readsAddresses_data()
{
    QTest::addColumn<Attribute>("type");
    QTest::addColumn<QByteArray>("attribute");
    QTest::addColumn<QByteArray>("address");
    QTest::newRow("MAPPED-ADDRESS")
        << Attribute::MappedAddress << QByteArray("0001000800011388c0000201")
        << QByteArray("192.0.2.1:5000");
    QTest::newRow("the first octet does not matter")
        << Attribute::MappedAddress << QByteArray("00010008ff011388c0000201")
        << QByteArray("192.0.2.1:5000");
    QTest::newRow("ALTERNATE-SERVER") << Attribute::AlternateServer
                                      << QByteArray("80230014000200500000000000000000"
                                                    "0000000000000001")
                                      << QByteArray("[::1]:80");
    QTest::newRow("XOR-PEER-ADDRESS")
        << Attribute::XorPeerAddress << QByteArray("001200080001329ae112a643")
        << QByteArray("192.0.2.1:5000");
    QTest::newRow("XOR-RELAYED-ADDRESS")
        << Attribute::XorRelayedAddress << QByteArray("001600080001329ae112a643")
        << QByteArray("192.0.2.1:5000");
}

void tst_StunMessage::readsAddresses()
{
    QFETCH(Attribute, type);
    QFETCH(QByteArray, attribute);
    QFETCH(QByteArray, address);
    const Bytes octets = withAttributes(attribute.constData());
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->address(type).value_or(TransportAddress()).toString(), address.toStdString());
}

void tst_StunMessage::readsErrorCodes_data()
{
    QTest::addColumn<QByteArray>("attribute");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("reason");
    QTest::newRow("300") << QByteArray("0009000400000300") << 300 << QByteArray();
    QTest::newRow("487 with a reason")
        << QByteArray("0009000900000457526f6c652100000") + "0" << 487 << QByteArray("Role!");
    QTest::newRow("699") << QByteArray("0009000400000663") << 699 << QByteArray();
    QTest::newRow("the reserved bits do not matter")
        << QByteArray("00090004fffffc14") << 420 << QByteArray();
}

void tst_StunMessage::readsErrorCodes()
{
    QFETCH(QByteArray, attribute);
    QFETCH(int, code);
    QFETCH(QByteArray, reason);
    const Bytes octets = withAttributes(attribute.constData());
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    const auto error = message->errorCode();
    QVERIFY(error.has_value());
    QCOMPARE(error->code, code);
    QCOMPARE(error->reason, std::string_view(reason.constData(), std::size_t(reason.size())));
}

void tst_StunMessage::listsUnknownRequiredAttributesOnceAndInOrder()
{
    const Bytes octets = withAttributes("7fff0000"
                                        "00240004000000ff" // PRIORITY is known
                                        "ffff0000"         // need not be understood
                                        "00020000"         // RESPONSE-ADDRESS of RFC 3489
                                        "7fff0000");
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    const AttributeTypes unknown = message->unknownRequired();
    QCOMPARE(unknown.size(), 2U);
    QCOMPARE(unknown[0], Attribute{0x7fff});
    QCOMPARE(unknown[1], Attribute{0x0002});
}

void tst_StunMessage::listsKnownAttributesThatTheCallerRefuses()
{
    const Bytes octets = withAttributes("0003000400000006");
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QVERIFY(message->unknownRequired().isEmpty());
    QVERIFY(message->unknownRequired(std::array{Attribute::ChangeRequest})
                .contains(Attribute::ChangeRequest));
}

void tst_StunMessage::boundsTheListOfUnknownAttributes()
{
    QByteArray hex;
    for (int i = 0; i < 40; ++i)
        hex += QByteArray::number(0x7000 + i, 16) + "0000";
    const Bytes octets = withAttributes(hex.constData());
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->unknownRequired().size(), AttributeTypes::Capacity);
}

void tst_StunMessage::readsUnknownAttributes()
{
    // Three types and one octet too many
    const Bytes octets = withAttributes("000a00077fff00027ffe1200");
    const auto message = Message::parse(octets);
    QVERIFY(message.hasValue());
    const AttributeTypes types = message->unknownAttributes();
    QCOMPARE(types.size(), 3U);
    QCOMPARE(types[2], Attribute{0x7ffe});
}

QTEST_APPLESS_MAIN(tst_StunMessage)
#include "tst_stunmessage.moc"
