// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/srtp/srtpkeys.h"

#include <QtTest/qtest.h>

#include <numeric>

using namespace peer;
using namespace peer::srtp;

namespace {

/// 0, 1, 2 … so that each octet tells where it stood.
Bytes countingFrom(std::uint8_t first, std::size_t size)
{
    Bytes octets(size);
    std::iota(octets.begin(), octets.end(), first);
    return octets;
}

Bytes joined(const Bytes &front, const Bytes &back)
{
    Bytes octets = front;
    octets.insert(octets.end(), back.begin(), back.end());
    return octets;
}

} // namespace

class tst_SrtpKeys : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsTheProfilesThatDtlsOffers();
    void cutsTheExportersOctets_data();
    void cutsTheExportersOctets();
    void refusesAnotherNumberOfOctets();
};

void tst_SrtpKeys::knowsTheProfilesThatDtlsOffers()
{
    QVERIFY(profileNamed("SRTP_AEAD_AES_128_GCM") == Profile::AeadAes128Gcm);
    QVERIFY(profileNamed("SRTP_AES128_CM_SHA1_80") == Profile::Aes128CmSha1_80);
    QVERIFY(!profileNamed("SRTP_AES128_CM_SHA1_32"));
    QVERIFY(!profileNamed(""));
}

void tst_SrtpKeys::cutsTheExportersOctets_data()
{
    QTest::addColumn<Profile>("profile");
    QTest::addColumn<std::size_t>("saltSize");
    QTest::newRow("AEAD_AES_128_GCM") << Profile::AeadAes128Gcm << std::size_t{12};
    QTest::newRow("AES_CM_128_HMAC_SHA1_80") << Profile::Aes128CmSha1_80 << std::size_t{14};
}

void tst_SrtpKeys::cutsTheExportersOctets()
{
    QFETCH(const Profile, profile);
    QFETCH(const std::size_t, saltSize);
    QCOMPARE(keyingMaterialSize(profile), 2 * (16 + saltSize));
    const Bytes material = countingFrom(0, keyingMaterialSize(profile));
    const Bytes client = joined(countingFrom(0, 16), countingFrom(32, saltSize));
    const Bytes server = joined(countingFrom(16, 16),
                                countingFrom(std::uint8_t(32 + saltSize), saltSize));

    const auto ofClient = keysFrom(profile, Role::Client, material);
    QVERIFY(ofClient);
    QCOMPARE(toBytes(ofClient->local.octets()), client);
    QCOMPARE(toBytes(ofClient->remote.octets()), server);
    const auto ofServer = keysFrom(profile, Role::Server, material);
    QVERIFY(ofServer);
    QCOMPARE(toBytes(ofServer->local.octets()), server);
    QCOMPARE(toBytes(ofServer->remote.octets()), client);
}

void tst_SrtpKeys::refusesAnotherNumberOfOctets()
{
    const std::size_t size = keyingMaterialSize(Profile::AeadAes128Gcm);
    QVERIFY(!keysFrom(Profile::AeadAes128Gcm, Role::Client, Bytes(size - 1)));
    QVERIFY(!keysFrom(Profile::AeadAes128Gcm, Role::Client, Bytes(size + 1)));
    QVERIFY(!keysFrom(Profile::AeadAes128Gcm, Role::Client, {}));
}

QTEST_APPLESS_MAIN(tst_SrtpKeys)

#include "tst_srtpkeys.moc"
