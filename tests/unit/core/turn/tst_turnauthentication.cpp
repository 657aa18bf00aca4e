// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/turn/authentication.h"
#include "support/stunvectors.h"

#include <QtTest/QTest>

using namespace peer;
using namespace peer::turn;
using stun::Attribute;

namespace {

struct Challenge
{
    int code = 401;
    std::string realm = "example.org";
    std::string nonce = "abc";
    Bytes algorithms;
};

const Bytes Sha256First{0, 2, 0, 0, 0, 1, 0, 0};
const Bytes Md5First{0, 1, 0, 0, 0, 2, 0, 0};
const Bytes OnlyUnknown{0, 9, 0, 3, 1, 2, 3, 0};
const Bytes UnknownThenMd5{0, 9, 0, 3, 1, 2, 3, 0, 0, 1, 0, 0};
const Bytes CutShort{0, 9, 0, 9};

Bytes write(const Challenge &challenge)
{
    Bytes room(1500);
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::ErrorResponse, stun::Method::Allocate, {});
    writer.addErrorCode(challenge.code, "");
    if (!challenge.realm.empty())
        writer.addText(Attribute::Realm, challenge.realm);
    if (!challenge.nonce.empty())
        writer.addText(Attribute::Nonce, challenge.nonce);
    if (!challenge.algorithms.empty())
        writer.addBytes(Attribute::PasswordAlgorithms, challenge.algorithms);
    return toBytes(writer.finish());
}

Authentication::Verdict give(Authentication &authentication, const Challenge &challenge)
{
    const Bytes octets = write(challenge);
    return authentication.challenge(*stun::Message::parse(octets), authentication.attempt());
}

Bytes signedRequest(const Authentication &authentication)
{
    Bytes room(1500);
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::Request, stun::Method::Allocate, {});
    authentication.sign(writer);
    return toBytes(writer.finish());
}

} // namespace

class tst_TurnAuthentication : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void firstRequestIsBare();
    void challengeIsMet_data();
    void challengeIsMet();
    void keysAreThoseOfTheRfc_data();
    void keysAreThoseOfTheRfc();
    void weakenedOrSenselessChallengeIsNotMet_data();
    void weakenedOrSenselessChallengeIsNotMet();
    void sameChallengeAgainMeansWrongCredentials();
    void anotherRealmIsAnotherChallenge();
    void staleNonceIsReplaced();
    void staleNonceThatIsTheSameIsNoReason();
    void lateChallengeOfAnEarlierRequestIsMetAlready();
    void unsignedOrWeakerAnswerIsNotAccepted();
};

void tst_TurnAuthentication::firstRequestIsBare()
{
    const Authentication authentication("alice", "secret");
    QVERIFY(!authentication.attempt().isSigned);
    QCOMPARE(signedRequest(authentication).size(), stun::HeaderSize);
}

void tst_TurnAuthentication::challengeIsMet_data()
{
    QTest::addColumn<QByteArray>("nonce");
    QTest::addColumn<QByteArray>("algorithms");
    QTest::addColumn<bool>("isHashed");
    QTest::addColumn<int>("algorithm"); // 0: none named
    const auto octets = [](const Bytes &bytes) {
        return QByteArray(reinterpret_cast<const char *>(bytes.data()), qsizetype(bytes.size()));
    };
    QTest::newRow("RFC 5389") << QByteArray("abc") << QByteArray() << false << 0;
    QTest::newRow("cookie without features")
        << QByteArray("obMatJos2AAAAabc") << QByteArray() << false << 0;
    QTest::newRow("SHA-256") << QByteArray("obMatJos2gAAAabc") << octets(Sha256First) << false << 2;
    QTest::newRow("MD5 preferred by the server")
        << QByteArray("obMatJos2gAAAabc") << octets(Md5First) << false << 1;
    QTest::newRow("an unknown one before")
        << QByteArray("obMatJos2gAAAabc") << octets(UnknownThenMd5) << false << 1;
    QTest::newRow("anonymous") << QByteArray("obMatJos2QAAAabc") << QByteArray() << true << 0;
    QTest::newRow("anonymous and SHA-256")
        << QByteArray("obMatJos2wAAAabc") << octets(Sha256First) << true << 2;
    QTest::newRow("a cookie cut short") << QByteArray("obMatJos2gA") << QByteArray() << false << 0;
    QTest::newRow("no base64 behind the cookie")
        << QByteArray("obMatJos2g\x01\x01\x01") << QByteArray() << false << 0;
}

void tst_TurnAuthentication::challengeIsMet()
{
    QFETCH(QByteArray, nonce);
    QFETCH(QByteArray, algorithms);
    QFETCH(bool, isHashed);
    QFETCH(int, algorithm);
    Authentication authentication("alice", "secret");
    const Challenge challenge{401, "example.org", nonce.toStdString(),
                              Bytes(algorithms.begin(), algorithms.end())};
    QCOMPARE(give(authentication, challenge), Authentication::Verdict::Retry);

    const Bytes octets = signedRequest(authentication);
    const auto request = stun::Message::parse(octets);
    QVERIFY(request);
    QCOMPARE(request->has(Attribute::UserHash), isHashed);
    QCOMPARE(request->has(Attribute::Username), !isHashed);
    QCOMPARE(request->text(Attribute::Nonce).value_or(""), std::string_view(challenge.nonce));
    QCOMPARE(request->text(Attribute::Realm).value_or(""), std::string_view("example.org"));
    QCOMPARE(request->text(Attribute::PasswordAlgorithms).value_or(""),
             asText(challenge.algorithms));
    QCOMPARE(int(request->uint32(Attribute::PasswordAlgorithm).value_or(0) >> 16), algorithm);
    const auto kind = algorithm == 0 ? stun::Integrity::Sha1 : stun::Integrity::Sha256;
    QCOMPARE(request->integrity(), kind);
    const auto key = stun::IntegrityKey::longTerm(
        "alice", "example.org", "secret",
        algorithm == 2 ? stun::IntegrityKey::PasswordAlgorithm::Sha256
                       : stun::IntegrityKey::PasswordAlgorithm::Md5);
    QVERIFY(request->checkIntegrity(key, kind));
}

void tst_TurnAuthentication::keysAreThoseOfTheRfc_data()
{
    QTest::addColumn<QByteArray>("vector");
    QTest::addColumn<QByteArray>("nonce");
    QTest::addColumn<bool>("isSha256");
    QTest::newRow("RFC 5769 section 2.4") << QByteArray(stunvectors::LongTermRequest)
                                          << QByteArray("f//499k954d6OL34oL9FSTvy64sA") << false;
    QTest::newRow("RFC 8489 appendix B.1, erratum 6268")
        << QByteArray(stunvectors::LongTermSha256Request)
        << QByteArray("obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA") << true;
}

/// The vector is no response, but its HMAC is made by the key that the challenge leads to.
void tst_TurnAuthentication::keysAreThoseOfTheRfc()
{
    QFETCH(QByteArray, vector);
    QFETCH(QByteArray, nonce);
    QFETCH(bool, isSha256);
    Authentication authentication(stunvectors::LongTermUser, stunvectors::LongTermPassword);
    Challenge challenge{401, stunvectors::LongTermRealm, nonce.toStdString(), {}};
    if (isSha256)
        challenge.algorithms = Sha256First;
    QCOMPARE(give(authentication, challenge), Authentication::Verdict::Retry);
    const QByteArray octets = QByteArray::fromHex(vector);
    const auto message = stun::Message::parse(
        {reinterpret_cast<const std::uint8_t *>(octets.data()), std::size_t(octets.size())});
    QVERIFY(message);
    QVERIFY(authentication.accepts(*message));
}

void tst_TurnAuthentication::weakenedOrSenselessChallengeIsNotMet_data()
{
    QTest::addColumn<QByteArray>("realm");
    QTest::addColumn<QByteArray>("nonce");
    QTest::addColumn<QByteArray>("algorithms");
    const auto octets = [](const Bytes &bytes) {
        return QByteArray(reinterpret_cast<const char *>(bytes.data()), qsizetype(bytes.size()));
    };
    QTest::newRow("no realm") << QByteArray() << QByteArray("abc") << QByteArray();
    QTest::newRow("no nonce") << QByteArray("realm") << QByteArray() << QByteArray();
    QTest::newRow("a nonce of 764 octets")
        << QByteArray("realm") << QByteArray(764, 'n') << QByteArray();
    QTest::newRow("a realm of 764 octets")
        << QByteArray(764, 'r') << QByteArray("abc") << QByteArray();
    QTest::newRow("algorithms announced and taken out")
        << QByteArray("realm") << QByteArray("obMatJos2gAAAabc") << QByteArray();
    QTest::newRow("only unknown algorithms")
        << QByteArray("realm") << QByteArray("obMatJos2gAAAabc") << octets(OnlyUnknown);
    QTest::newRow("algorithms cut short")
        << QByteArray("realm") << QByteArray("obMatJos2gAAAabc") << octets(CutShort);
    QTest::newRow("too many algorithms")
        << QByteArray("realm") << QByteArray("obMatJos2gAAAabc") << octets(Md5First).repeated(9);
}

void tst_TurnAuthentication::weakenedOrSenselessChallengeIsNotMet()
{
    QFETCH(QByteArray, realm);
    QFETCH(QByteArray, nonce);
    QFETCH(QByteArray, algorithms);
    Authentication authentication("alice", "secret");
    const Challenge challenge{401, realm.toStdString(), nonce.toStdString(),
                              Bytes(algorithms.begin(), algorithms.end())};
    QCOMPARE(give(authentication, challenge), Authentication::Verdict::Invalid);
    QVERIFY(!authentication.attempt().isSigned);
}

void tst_TurnAuthentication::sameChallengeAgainMeansWrongCredentials()
{
    Authentication authentication("alice", "secret");
    QCOMPARE(give(authentication, {}), Authentication::Verdict::Retry);
    QCOMPARE(give(authentication, {}), Authentication::Verdict::Refused);
    QCOMPARE(give(authentication, {401, "example.org", "another", {}}),
             Authentication::Verdict::Refused);
}

void tst_TurnAuthentication::anotherRealmIsAnotherChallenge()
{
    Authentication authentication("alice", "secret");
    QCOMPARE(give(authentication, {}), Authentication::Verdict::Retry);
    QCOMPARE(give(authentication, {401, "example.net", "abc", {}}), Authentication::Verdict::Retry);
    const Bytes octets = signedRequest(authentication);
    const auto key = stun::IntegrityKey::longTerm("alice", "example.net", "secret",
                                                  stun::IntegrityKey::PasswordAlgorithm::Md5);
    QVERIFY(stun::Message::parse(octets)->checkIntegrity(key, stun::Integrity::Sha1));
}

void tst_TurnAuthentication::staleNonceIsReplaced()
{
    Authentication authentication("alice", "secret");
    QCOMPARE(give(authentication, {}), Authentication::Verdict::Retry);
    // Without a realm, as older servers send it
    QCOMPARE(give(authentication, {438, "", "second", {}}), Authentication::Verdict::Retry);
    const Bytes octets = signedRequest(authentication);
    QCOMPARE(stun::Message::parse(octets)->text(Attribute::Nonce).value_or(""),
             std::string_view("second"));
    QCOMPARE(stun::Message::parse(octets)->text(Attribute::Realm).value_or(""),
             std::string_view("example.org"));
}

void tst_TurnAuthentication::staleNonceThatIsTheSameIsNoReason()
{
    Authentication authentication("alice", "secret");
    QCOMPARE(give(authentication, {}), Authentication::Verdict::Retry);
    QCOMPARE(give(authentication, {438, "example.org", "abc", {}}),
             Authentication::Verdict::Invalid);
}

void tst_TurnAuthentication::lateChallengeOfAnEarlierRequestIsMetAlready()
{
    Authentication authentication("alice", "secret");
    const Authentication::Attempt early = authentication.attempt();
    const Bytes challenge = write({});
    QCOMPARE(give(authentication, {}), Authentication::Verdict::Retry);
    QCOMPARE(authentication.challenge(*stun::Message::parse(challenge), early),
             Authentication::Verdict::Retry);
    QCOMPARE(authentication.attempt().challenge, std::uint64_t(1));
}

void tst_TurnAuthentication::unsignedOrWeakerAnswerIsNotAccepted()
{
    Authentication authentication("alice", "secret");
    QCOMPARE(give(authentication, {401, "example.org", "obMatJos2gAAAabc", Sha256First}),
             Authentication::Verdict::Retry);
    const auto key = stun::IntegrityKey::longTerm("alice", "example.org", "secret",
                                                  stun::IntegrityKey::PasswordAlgorithm::Sha256);
    for (const auto kind :
         {stun::Integrity::Absent, stun::Integrity::Sha1, stun::Integrity::Sha256}) {
        Bytes room(200);
        stun::MessageWriter writer(room);
        writer.begin(stun::Class::SuccessResponse, stun::Method::Allocate, {});
        writer.addIntegrity(key, kind);
        const auto message = stun::Message::parse(writer.finish());
        QCOMPARE(authentication.accepts(*message), kind == stun::Integrity::Sha256);
    }
}

QTEST_APPLESS_MAIN(tst_TurnAuthentication)
#include "tst_turnauthentication.moc"
