// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "keysamples.h"
#include "secure/identity/identitykey.h"

#include <QtTest/qtest.h>

#include <set>

using namespace Qt::StringLiterals;
using peer::Bytes;
using peer::IdentityKey;

namespace {

Bytes bytes(const QByteArray &octets)
{
    return {octets.begin(), octets.end()};
}

Bytes fromHex(const char *hex)
{
    return bytes(QByteArray::fromHex(hex));
}

/// The key of RFC 6979 section A.2.5 as SubjectPublicKeyInfo.
Bytes rfc6979PublicKey()
{
    return fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200"
                   "04"
                   "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
                   "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
}

Bytes rfc6979Signature()
{
    return fromHex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                   "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
}

} // namespace

class tst_IdentityKey : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesOnlyP256KeysFromPem_data();
    void takesOnlyP256KeysFromPem();
    void pemRoundTrips();
    void keysDiffer();
    void idIsThatOfThePublicKey();
    void verifiesTheSignaturesOfRfc6979_data();
    void verifiesTheSignaturesOfRfc6979();
    void verifiesItsOwnSignatures();
    void refusesOtherFormsOfPublicKeys_data();
    void refusesOtherFormsOfPublicKeys();
};

void tst_IdentityKey::takesOnlyP256KeysFromPem_data()
{
    QTest::addColumn<QByteArray>("pem");
    QTest::addColumn<bool>("isValid");

    using namespace keysamples;
    const QByteArray pem(KeyPem);
    QTest::newRow("PKCS#8") << pem << true;
    QTest::newRow("public point compressed") << QByteArray(CompressedPem) << true;
    QTest::newRow("text before the block") << "# alice's key\n" + pem << true;
    QTest::newRow("carriage returns") << QByteArray(pem).replace("\n", "\r\n") << true;
    QTest::newRow("SEC 1") << QByteArray(Sec1Pem) << false;
    QTest::newRow("encrypted") << QByteArray(EncryptedPem) << false;
    QTest::newRow("Ed25519") << QByteArray(Ed25519Pem) << false;
    QTest::newRow("P-384") << QByteArray(P384Pem) << false;
    QTest::newRow("explicit parameters") << QByteArray(ExplicitPem) << false;
    QTest::newRow("public key of another") << QByteArray(MismatchedPem) << false;
    QTest::newRow("empty") << ""_ba << false;
    QTest::newRow("no end line") << pem.left(pem.indexOf("-----END")) << false;
    QTest::newRow("cut short") << QByteArray(pem).remove(pem.indexOf("-----END") - 40, 39) << false;
    QTest::newRow("another label") << QByteArray(pem).replace("PRIVATE", "PUBLIC") << false;
    QTest::newRow("not base64") << QByteArray(pem).replace("MIGH", "M?GH") << false;
    QTest::newRow("two mebioctets of nothing") << QByteArray(2 << 20, 'A') << false;
}

void tst_IdentityKey::takesOnlyP256KeysFromPem()
{
    QFETCH(QByteArray, pem);
    QFETCH(bool, isValid);
    const auto key = IdentityKey::fromPem({pem.data(), std::size_t(pem.size())});
    QCOMPARE(key.has_value(), isValid);
    // sha256 and base32 of "openssl pkey -pubout -outform DER" say the same
    if (isValid)
        QCOMPARE(key->id(), "tphgzy24t3opvfwzubsv3osa76sfszb33mjhjgf522f5nq2bv7bq");
}

void tst_IdentityKey::pemRoundTrips()
{
    const auto key = IdentityKey::generate();
    QVERIFY(key);
    const auto again = IdentityKey::fromPem(key->toPem());
    QVERIFY(again);
    QCOMPARE(again->id(), key->id());
    QCOMPARE(again->publicKey(), key->publicKey());
    QVERIFY(peer::verifyIdentity(key->publicKey(), "text", again->sign("text")));
    QCOMPARE(IdentityKey::fromPem(keysamples::KeyPem)->toPem(), std::string(keysamples::KeyPem));
}

void tst_IdentityKey::keysDiffer()
{
    std::set<std::string> ids;
    for (int i = 0; i < 20; ++i)
        ids.insert(IdentityKey::generate()->id());
    QCOMPARE(ids.size(), 20U);
}

void tst_IdentityKey::idIsThatOfThePublicKey()
{
    const auto key = IdentityKey::generate();
    QCOMPARE(key->id().size(), 52U);
    QCOMPARE(peer::identityOf(key->publicKey()), key->id());
    QCOMPARE(peer::fromBase32(key->id())->size(), 32U);
}

void tst_IdentityKey::verifiesTheSignaturesOfRfc6979_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("flippedOctet"); // of the signature; -1: none
    QTest::addColumn<bool>("isValid");

    QTest::newRow("as signed") << "sample"_ba << -1 << true;
    QTest::newRow("another text") << "sampl"_ba << -1 << false;
    QTest::newRow("r changed") << "sample"_ba << 0 << false;
    QTest::newRow("s changed") << "sample"_ba << 63 << false;
}

void tst_IdentityKey::verifiesTheSignaturesOfRfc6979()
{
    QFETCH(QByteArray, text);
    QFETCH(int, flippedOctet);
    QFETCH(bool, isValid);
    Bytes signature = rfc6979Signature();
    if (flippedOctet >= 0)
        signature[std::size_t(flippedOctet)] ^= 1;
    QCOMPARE(peer::verifyIdentity(rfc6979PublicKey(), {text.data(), std::size_t(text.size())},
                                  signature),
             isValid);
}

void tst_IdentityKey::verifiesItsOwnSignatures()
{
    const auto key = IdentityKey::generate();
    const auto other = IdentityKey::generate();
    const Bytes zeros(64);
    // Many, for now and then r or s is shorter than 32 octets.
    for (int i = 0; i < 300; ++i) {
        const std::string text = "text " + std::to_string(i);
        const Bytes signature = key->sign(text);
        QCOMPARE(signature.size(), 64U);
        QVERIFY(peer::verifyIdentity(key->publicKey(), text, signature));
        if (i > 0)
            continue;
        QVERIFY(!peer::verifyIdentity(other->publicKey(), text, signature));
        QVERIFY(!peer::verifyIdentity(key->publicKey(), text, zeros));
        QVERIFY(!peer::verifyIdentity(key->publicKey(), text, {}));
        QVERIFY(!peer::verifyIdentity(key->publicKey(), text, peer::ByteView(signature).first(63)));
        QVERIFY(!peer::verifyIdentity({}, text, signature));
    }
    QVERIFY(peer::verifyIdentity(key->publicKey(), "", key->sign("")));
}

void tst_IdentityKey::refusesOtherFormsOfPublicKeys_data()
{
    QTest::addColumn<QByteArray>("publicKey");

    const Bytes good = rfc6979PublicKey();
    const QByteArray octets(reinterpret_cast<const char *>(good.data()), qsizetype(good.size()));
    const auto changed = [&](int at, char value) {
        QByteArray copy = octets;
        copy[at] = value;
        return copy;
    };
    QTest::newRow("empty") << ""_ba;
    QTest::newRow("cut") << octets.first(90);
    QTest::newRow("an octet more") << octets + '\0';
    QTest::newRow("the bare point") << octets.sliced(26);
    QTest::newRow("compressed") << QByteArray::fromHex(
        "3039301306072a8648ce3d020106082a8648ce3d030107032200"
        "03"
        "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6");
    QTest::newRow("hybrid form of the point") << changed(26, 6);
    QTest::newRow("another curve") << changed(22, 8);
    QTest::newRow("a point off the curve") << changed(90, char(octets[90] ^ 1));
    QTest::newRow("zeros for a point") << octets.first(27) + QByteArray(64, '\0');
    QTest::newRow("coordinates beyond the field") << octets.first(27) + QByteArray(64, '\xff');
}

void tst_IdentityKey::refusesOtherFormsOfPublicKeys()
{
    QFETCH(QByteArray, publicKey);
    QCOMPARE(peer::identityOf(bytes(publicKey)), std::string());
    QVERIFY(!peer::verifyIdentity(bytes(publicKey), "sample", rfc6979Signature()));
}

QTEST_APPLESS_MAIN(tst_IdentityKey)

#include "tst_identitykey.moc"
