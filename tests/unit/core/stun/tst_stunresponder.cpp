// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/messagewriter.h"
#include "core/stun/responder.h"

#include "support/stunvectors.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::stun;

namespace {

constexpr TransactionId Id = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
const TransportAddress Source = *TransportAddress::fromString("192.0.2.7:40000");

/// A Binding request with what add puts into it.
template<typename Add>
Bytes request(Add add, Class messageClass = Class::Request, Method method = Method::Binding)
{
    std::array<std::uint8_t, 512> room{};
    MessageWriter writer(room);
    writer.begin(messageClass, method, Id);
    add(writer);
    return toBytes(writer.finish());
}

} // namespace

class tst_StunResponder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsTheSource_data();
    void tellsTheSource();
    void namesItself();
    void answersWithAFingerprintWhereAsked();
    void answersACheckOfIce();
    void refusesUnknownAttributes_data();
    void refusesUnknownAttributes();
    void refusesIntegrityOfNobody();
    void staysSilent_data();
    void staysSilent();
    void withTwoPortsTellsTheOther();
    void withTwoPortsAnswersFromTheOtherWhereAsked_data();
    void withTwoPortsAnswersFromTheOtherWhereAsked();
    void everyAnswerFits();
    void staysSmallTowardAForgedSource();

private:
    const Responder m_responder;
    std::array<std::uint8_t, Responder::MaxAnswerSize> m_room{};
};

void tst_StunResponder::tellsTheSource_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::newRow("v4") << QByteArray("192.0.2.7:40000");
    QTest::newRow("v6") << QByteArray("[2001:db8::7]:40000");
}

void tst_StunResponder::tellsTheSource()
{
    QFETCH(QByteArray, source);
    const auto address = TransportAddress::fromString(source.toStdString());
    const auto answer = Message::parse(
        m_responder.answer(request([](MessageWriter &) {}), *address, m_room));
    QVERIFY(answer.hasValue());
    QCOMPARE(answer->messageClass(), Class::SuccessResponse);
    QCOMPARE(answer->method(), Method::Binding);
    QCOMPARE(answer->transactionId(), Id);
    QVERIFY(answer->address(Attribute::XorMappedAddress) == address);
    QVERIFY(!answer->has(Attribute::Software));
    QVERIFY(!answer->hasFingerprint());
}

void tst_StunResponder::namesItself()
{
    const Responder named("PeerConnection");
    const auto answer = Message::parse(
        named.answer(request([](MessageWriter &) {}), Source, m_room));
    QVERIFY(answer.hasValue());
    QCOMPARE(answer->text(Attribute::Software).value_or(""), "PeerConnection");

    const Responder talkative(std::string(1000, 'x'));
    const auto cut = Message::parse(
        talkative.answer(request([](MessageWriter &) {}), Source, m_room));
    QVERIFY(cut.hasValue());
    QCOMPARE(cut->text(Attribute::Software).value_or("").size(), 64U);
}

void tst_StunResponder::answersWithAFingerprintWhereAsked()
{
    const auto answer = Message::parse(m_responder.answer(
        request([](MessageWriter &writer) { writer.addFingerprint(); }), Source, m_room));
    QVERIFY(answer.hasValue());
    QVERIFY(answer->hasFingerprint());
}

void tst_StunResponder::answersACheckOfIce()
{
    const QByteArray check = QByteArray::fromHex(stunvectors::Request);
    const auto answer = Message::parse(
        m_responder.answer(asBytes({check.data(), std::size_t(check.size())}), Source, m_room));
    QVERIFY(answer.hasValue());
    QCOMPARE(answer->messageClass(), Class::SuccessResponse);
}

void tst_StunResponder::refusesUnknownAttributes_data()
{
    QTest::addColumn<Attribute>("type");
    QTest::newRow("never heard of") << Attribute{0x7fff};
    QTest::newRow("CHANGE-REQUEST") << Attribute::ChangeRequest;
    QTest::newRow("RESPONSE-PORT") << Attribute::ResponsePort;
    QTest::newRow("PADDING") << Attribute::Padding;
}

void tst_StunResponder::refusesUnknownAttributes()
{
    QFETCH(Attribute, type);
    const auto answer = Message::parse(m_responder.answer(
        request([&](MessageWriter &writer) { writer.addUint32(type, 6); }), Source, m_room));
    QVERIFY(answer.hasValue());
    QCOMPARE(answer->messageClass(), Class::ErrorResponse);
    QCOMPARE(answer->transactionId(), Id);
    QCOMPARE(answer->errorCode().value().code, 420);
    QCOMPARE(answer->unknownAttributes().size(), 1U);
    QVERIFY(answer->unknownAttributes().contains(type));
    QVERIFY(!answer->has(Attribute::XorMappedAddress));
}

void tst_StunResponder::refusesIntegrityOfNobody()
{
    for (const Integrity kind : {Integrity::Sha1, Integrity::Sha256}) {
        const Bytes octets = request([kind](MessageWriter &writer) {
            writer.addIntegrity(IntegrityKey::shortTerm("x"), kind);
        });
        const auto answer = Message::parse(m_responder.answer(octets, Source, m_room));
        QVERIFY(answer.hasValue());
        QCOMPARE(answer->messageClass(), Class::ErrorResponse);
        QCOMPARE(answer->errorCode().value().code, 400);
    }
}

void tst_StunResponder::staysSilent_data()
{
    QTest::addColumn<Bytes>("octets");
    const auto nothing = [](MessageWriter &) {};
    QTest::newRow("nothing") << Bytes();
    QTest::newRow("text") << toBytes(asBytes("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"));
    QTest::newRow("indication") << request(nothing, Class::Indication);
    QTest::newRow("success response") << request(nothing, Class::SuccessResponse);
    QTest::newRow("error response") << request(nothing, Class::ErrorResponse);
    QTest::newRow("allocate request") << request(nothing, Class::Request, Method::Allocate);
    QTest::newRow("unknown method") << request(nothing, Class::Request, Method{0xFFF});
    Bytes broken = request([](MessageWriter &writer) { writer.addFingerprint(); });
    broken.back() ^= 1;
    QTest::newRow("wrong fingerprint") << broken;
}

void tst_StunResponder::staysSilent()
{
    QFETCH(Bytes, octets);
    QVERIFY(m_responder.answer(octets, Source, m_room).empty());
}

void tst_StunResponder::withTwoPortsTellsTheOther()
{
    const auto other = *TransportAddress::fromString("203.0.113.1:444");
    const auto answer = m_responder.answer(request([](MessageWriter &) {}), Source, other, m_room);
    const auto message = Message::parse(answer.octets);
    QVERIFY(message.hasValue());
    QCOMPARE(message->address(Attribute::OtherAddress), other);
    QCOMPARE(message->address(Attribute::XorMappedAddress), Source);
    QVERIFY(!answer.leavesByOtherPort);
}

void tst_StunResponder::withTwoPortsAnswersFromTheOtherWhereAsked_data()
{
    QTest::addColumn<quint32>("change");
    QTest::addColumn<bool>("hasOther");
    QTest::addColumn<bool>("isRefused");
    QTest::addColumn<bool>("leavesByOther");
    QTest::newRow("nothing") << 0U << true << false << false;
    QTest::newRow("the port") << changerequest::Port << true << false << true;
    QTest::newRow("the address") << changerequest::Ip << true << true << false;
    QTest::newRow("both") << (changerequest::Ip | changerequest::Port) << true << true << false;
    QTest::newRow("the port, and there is none") << changerequest::Port << false << true << false;
}

void tst_StunResponder::withTwoPortsAnswersFromTheOtherWhereAsked()
{
    QFETCH(quint32, change);
    QFETCH(bool, hasOther);
    const auto other = hasOther ? *TransportAddress::fromString("203.0.113.1:444")
                                : TransportAddress();
    const Bytes asking = request(
        [change](MessageWriter &writer) { writer.addUint32(Attribute::ChangeRequest, change); });
    const auto answer = m_responder.answer(asking, Source, other, m_room);
    const auto message = Message::parse(answer.octets);
    QVERIFY(message.hasValue());
    QTEST(message->messageClass() == Class::ErrorResponse, "isRefused");
    QTEST(answer.leavesByOtherPort, "leavesByOther");
}

void tst_StunResponder::everyAnswerFits()
{
    const Responder named(std::string(64, 'x'));
    const Bytes worst = request([](MessageWriter &writer) {
        for (std::uint16_t i = 0; i < 40; ++i)
            writer.addFlag(Attribute{static_cast<std::uint16_t>(0x7000 + i)});
        writer.addFingerprint();
    });
    QVERIFY(!named.answer(worst, *TransportAddress::fromString("[::1]:1"), m_room).empty());
    // and where there is no room there is no answer
    QVERIFY(named.answer(worst, Source, MutableByteView(m_room).first(40)).empty());
}

void tst_StunResponder::staysSmallTowardAForgedSource()
{
    const Bytes smallest = request([](MessageWriter &) {});
    QCOMPARE(smallest.size(), 20U);
    QCOMPARE(m_responder.answer(smallest, *TransportAddress::fromString("[::1]:1"), m_room).size(),
             44U);
    QCOMPARE(m_responder
                 .answer(smallest, *TransportAddress::fromString("[::1]:1"),
                         *TransportAddress::fromString("[::1]:2"), m_room)
                 .octets.size(),
             68U);
}

QTEST_APPLESS_MAIN(tst_StunResponder)
#include "tst_stunresponder.moc"
