// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/srtp/srtpsession.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <string>

using namespace peer;
using namespace peer::srtp;
using Statistics = Session::Statistics;

namespace {

constexpr std::uint32_t Ssrc = 0xcafebabe;

Bytes fromHex(const QByteArray &hex)
{
    const QByteArray octets = QByteArray::fromHex(hex);
    return {octets.begin(), octets.end()};
}

Bytes rtp(std::uint16_t sequence, std::uint32_t ssrc = Ssrc, std::size_t payload = 160)
{
    Bytes packet(12 + payload, 0xab);
    packet[0] = 0x80;
    packet[1] = 111;
    writeUint16(&packet[2], sequence);
    writeUint32(&packet[4], sequence * 960U);
    writeUint32(&packet[8], ssrc);
    return packet;
}

/// A sender report without reception blocks (RFC 3550 section 6.4.1).
Bytes senderReport(std::uint32_t ssrc = Ssrc)
{
    Bytes packet(28, 0x11);
    packet[0] = 0x80;
    packet[1] = 200;
    writeUint16(&packet[2], 6);
    writeUint32(&packet[4], ssrc);
    return packet;
}

/// Both ends of one DTLS association.
struct Ends
{
    explicit Ends(Profile profile)
    {
        Bytes material(keyingMaterialSize(profile));
        for (std::size_t i = 0; i < material.size(); ++i)
            material[i] = std::uint8_t(i * 7 + 3);
        client = Session::create(profile, *keysFrom(profile, Role::Client, material));
        server = Session::create(profile, *keysFrom(profile, Role::Server, material));
    }
    std::unique_ptr<Session> client;
    std::unique_ptr<Session> server;
};

std::optional<Bytes> owned(const std::optional<ByteView> &view)
{
    if (!view)
        return std::nullopt;
    return toBytes(*view);
}

} // namespace

class tst_SrtpSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void protectsAsTheReferencePacketsSay_data();
    void protectsAsTheReferencePacketsSay();
    void carriesPacketsBothWays_data() { profiles(); }
    void carriesPacketsBothWays();
    void refusesWhatWasSeenBefore_data() { profiles(); }
    void refusesWhatWasSeenBefore();
    void takesPacketsOutOfOrderWithinTheWindow_data() { profiles(); }
    void takesPacketsOutOfOrderWithinTheWindow();
    void followsSequenceNumbersAroundTheirEnd_data() { profiles(); }
    void followsSequenceNumbersAroundTheirEnd();
    void refusesEachOctetThatWasAltered_data() { profiles(); }
    void refusesEachOctetThatWasAltered();
    void refusesAnothersPackets_data() { profiles(); }
    void refusesAnothersPackets();
    void refusesItsOwnPacketsReflected_data() { profiles(); }
    void refusesItsOwnPacketsReflected();
    void neverUsesKeyStreamTwice_data() { profiles(); }
    void neverUsesKeyStreamTwice();
    void refusesMalformedPackets_data();
    void refusesMalformedPackets();
    void boundsTheSources_data() { profiles(); }
    void boundsTheSources();
    void strangersTakeUpNoRoom_data() { profiles(); }
    void strangersTakeUpNoRoom();
    void growsPacketsByNoMoreThanItSays_data() { profiles(); }
    void growsPacketsByNoMoreThanItSays();

private:
    static void profiles()
    {
        QTest::addColumn<Profile>("profile");
        QTest::newRow("AEAD_AES_128_GCM") << Profile::AeadAes128Gcm;
        QTest::newRow("AES_CM_128_HMAC_SHA1_80") << Profile::Aes128CmSha1_80;
    }
};

/// RFC 3711 and RFC 7714 have vectors of session keys alone; these begin at the master key, and
/// other implementations of SRTP test themselves by them.
void tst_SrtpSession::protectsAsTheReferencePacketsSay_data()
{
    QTest::addColumn<Profile>("profile");
    QTest::addColumn<QByteArray>("masterKey");
    QTest::addColumn<QByteArray>("rtpPacket");
    QTest::addColumn<QByteArray>("rtcpPacket");
    QTest::newRow("AES_CM_128_HMAC_SHA1_80")
        << Profile::Aes128CmSha1_80
        << QByteArray("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6")
        << QByteArray(
               "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb")
        << QByteArray(
               "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798");
    QTest::newRow("AEAD_AES_128_GCM")
        << Profile::AeadAes128Gcm
        << QByteArray("000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaab")
        << QByteArray("800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df31"
                      "31a127e8a392")
        << QByteArray("81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88c"
                      "e61e80000001");
}

void tst_SrtpSession::protectsAsTheReferencePacketsSay()
{
    QFETCH(const Profile, profile);
    QFETCH(const QByteArray, masterKey);
    QFETCH(const QByteArray, rtpPacket);
    QFETCH(const QByteArray, rtcpPacket);
    const KeyPair keys{MasterKey(fromHex(masterKey)), MasterKey(fromHex(masterKey))};
    const auto session = Session::create(profile, keys);
    QVERIFY(session);
    const Bytes plainRtp = fromHex("800f1234decafbadcafebabeabababababababababababababababab");
    const Bytes plainRtcp = fromHex("81c8000bcafebabeabababababababababababababababab");
    QCOMPARE(owned(session->protectRtp(plainRtp)), fromHex(rtpPacket));
    QCOMPARE(owned(session->protectRtcp(plainRtcp)), fromHex(rtcpPacket));
    QCOMPARE(owned(session->openRtp(fromHex(rtpPacket))), plainRtp);
    QCOMPARE(owned(session->openRtcp(fromHex(rtcpPacket))), plainRtcp);
}

void tst_SrtpSession::carriesPacketsBothWays()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    for (std::uint16_t sequence = 1; sequence <= 100; ++sequence) {
        const Bytes packet = rtp(sequence, Ssrc, sequence);
        const auto there = owned(ends.client->protectRtp(packet));
        QVERIFY(there && *there != packet);
        QCOMPARE(owned(ends.server->openRtp(*there)), packet);
        const auto back = owned(ends.server->protectRtp(packet));
        QVERIFY(back && *back != *there); // each end has a key of its own
        QCOMPARE(owned(ends.client->openRtp(*back)), packet);
    }
    const auto report = owned(ends.client->protectRtcp(senderReport()));
    QVERIFY(report);
    QCOMPARE(owned(ends.server->openRtcp(*report)), senderReport());
    QCOMPARE(ends.client->statistics(), Statistics());
    QCOMPARE(ends.server->statistics(), Statistics());
}

void tst_SrtpSession::refusesWhatWasSeenBefore()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    const auto packet = owned(ends.client->protectRtp(rtp(7)));
    const auto report = owned(ends.client->protectRtcp(senderReport()));
    QVERIFY(ends.server->openRtp(*packet));
    QVERIFY(ends.server->openRtcp(*report));
    QVERIFY(!ends.server->openRtp(*packet));
    QVERIFY(!ends.server->openRtcp(*report));
    QCOMPARE(ends.server->statistics().replayed, 2U);
}

void tst_SrtpSession::takesPacketsOutOfOrderWithinTheWindow()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    std::vector<Bytes> packets;
    for (std::uint16_t sequence = 0; sequence <= Session::ReplayWindow; ++sequence)
        packets.push_back(*owned(ends.client->protectRtp(rtp(sequence + 1000))));
    QVERIFY(ends.server->openRtp(packets.back()));
    QVERIFY(ends.server->openRtp(packets[1])); // the oldest of the window
    QVERIFY(!ends.server->openRtp(packets[0]));
    for (std::size_t i = packets.size() - 2; i > 1; --i)
        QVERIFY(ends.server->openRtp(packets[i]));
    QCOMPARE(ends.server->statistics().replayed, 1U);
}

void tst_SrtpSession::followsSequenceNumbersAroundTheirEnd()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    for (std::uint32_t i = 65000; i < 65536 + 65536 + 500; ++i) {
        const auto packet = ends.client->protectRtp(rtp(std::uint16_t(i), Ssrc, 1));
        QVERIFY(packet);
        QVERIFY(ends.server->openRtp(*packet));
    }
}

void tst_SrtpSession::refusesEachOctetThatWasAltered()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    const Bytes packet = *owned(ends.client->protectRtp(rtp(7, Ssrc, 20)));
    const Bytes report = *owned(ends.client->protectRtcp(senderReport()));
    for (std::size_t i = 0; i < packet.size(); ++i) {
        Bytes altered = packet;
        altered[i] ^= 1;
        QVERIFY2(!ends.server->openRtp(altered), qPrintable(QString::number(i)));
    }
    for (std::size_t i = 0; i < report.size(); ++i) {
        Bytes altered = report;
        altered[i] ^= 1;
        QVERIFY2(!ends.server->openRtcp(altered), qPrintable(QString::number(i)));
    }
    // None of that spoiled the real ones.
    QVERIFY(ends.server->openRtp(packet));
    QVERIFY(ends.server->openRtcp(report));
}

void tst_SrtpSession::refusesAnothersPackets()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    const Bytes material(keyingMaterialSize(profile), 0x55);
    const auto stranger = Session::create(profile, *keysFrom(profile, Role::Client, material));
    QVERIFY(!ends.server->openRtp(*owned(stranger->protectRtp(rtp(1)))));
    QVERIFY(!ends.server->openRtcp(*owned(stranger->protectRtcp(senderReport()))));
    QCOMPARE(ends.server->statistics().unauthenticated, 2U);
}

void tst_SrtpSession::refusesItsOwnPacketsReflected()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    QVERIFY(!ends.client->openRtp(*owned(ends.client->protectRtp(rtp(1)))));
    QCOMPARE(ends.client->statistics().unauthenticated, 1U);
}

void tst_SrtpSession::neverUsesKeyStreamTwice()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    QVERIFY(ends.client->protectRtp(rtp(7)));
    QVERIFY(!ends.client->protectRtp(rtp(7, Ssrc, 20)));
    QVERIFY(ends.client->protectRtp(rtp(8)));
    QCOMPARE(ends.client->statistics().unprotected, 1U);
}

void tst_SrtpSession::refusesMalformedPackets_data()
{
    QTest::addColumn<Bytes>("packet");
    Bytes manySources = rtp(1, Ssrc, 8);
    manySources[0] = 0x8f; // fifteen CSRCs of four octets each
    Bytes longExtension = rtp(1, Ssrc, 8);
    longExtension[0] = 0x90;
    writeUint16(&longExtension[14], 0xffff);
    QTest::newRow("nothing") << Bytes();
    QTest::newRow("half a header") << Bytes(11, 0x80);
    QTest::newRow("more than a packet may hold") << rtp(1, Ssrc, Session::MaxPacket);
    QTest::newRow("CSRCs beyond the end") << manySources;
    QTest::newRow("a header extension beyond the end") << longExtension;
}

void tst_SrtpSession::refusesMalformedPackets()
{
    QFETCH(const Bytes, packet);
    for (const Profile profile : {Profile::AeadAes128Gcm, Profile::Aes128CmSha1_80}) {
        Ends ends(profile);
        QVERIFY(!ends.server->openRtp(packet));
        QVERIFY(!ends.server->openRtcp(
            ByteView(packet).first(std::min<std::size_t>(packet.size(), 7))));
        QVERIFY(!ends.client->protectRtp(packet));
        QCOMPARE(ends.client->statistics().unprotected, 1U);
        // And goes on.
        QVERIFY(ends.server->openRtp(*owned(ends.client->protectRtp(rtp(1)))));
    }
}

void tst_SrtpSession::boundsTheSources()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    // The sender's own bound would be in the way: two senders with one key.
    Ends others(profile);
    for (std::uint32_t ssrc = 1; ssrc <= Session::MaxSources; ++ssrc) {
        QVERIFY(ends.server->openRtp(*owned(ends.client->protectRtp(rtp(1, ssrc)))));
    }
    QVERIFY(!ends.client->protectRtp(rtp(1, 9999)));
    QVERIFY(!ends.server->openRtp(*owned(others.client->protectRtp(rtp(1, 9999)))));
    QVERIFY(!ends.server->openRtcp(*owned(others.client->protectRtcp(senderReport(9999)))));
    QCOMPARE(ends.server->statistics().excessSources, 2U);
    // Those that are known go on.
    QVERIFY(ends.server->openRtp(*owned(ends.client->protectRtp(rtp(2, 1)))));
    QVERIFY(ends.server->openRtcp(*owned(ends.client->protectRtcp(senderReport(1)))));
}

void tst_SrtpSession::strangersTakeUpNoRoom()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    for (std::uint32_t ssrc = 1; ssrc <= 2 * Session::MaxSources; ++ssrc)
        QVERIFY(!ends.server->openRtp(rtp(1, ssrc)));
    QVERIFY(ends.server->openRtp(*owned(ends.client->protectRtp(rtp(1)))));
}

void tst_SrtpSession::growsPacketsByNoMoreThanItSays()
{
    QFETCH(const Profile, profile);
    Ends ends(profile);
    const Bytes largest = rtp(1, Ssrc, Session::MaxPacket - 12);
    const auto packet = owned(ends.client->protectRtp(largest));
    QVERIFY(packet);
    QVERIFY(packet->size() <= Session::MaxPacket + Session::MaxOverhead);
    QCOMPARE(owned(ends.server->openRtp(*packet)), largest);
    const auto report = owned(ends.client->protectRtcp(senderReport()));
    QVERIFY(report->size() <= senderReport().size() + Session::MaxOverhead);
}

QTEST_APPLESS_MAIN(tst_SrtpSession)

#include "tst_srtpsession.moc"
