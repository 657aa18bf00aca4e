// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "parsing.h"

using namespace std::chrono_literals;
using peer::sdp::Direction;
using peer::sdp::MediaDescription;
using peer::sdp::SessionDescription;
using peer::sdp::Setup;
using Words = std::vector<std::string>;

/// What stands before the first m= line holds for all sections.
class tst_SessionLevel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sessionLevelIsFoldedIn();
    void mediaLevelOverridesTheSessionLevel();
    void sharedFeedbackIsSpread();
    void identityIsTakenFromTheSessionLevelAlone();
};

void tst_SessionLevel::sessionLevelIsFoldedIn()
{
    const SessionDescription description = parsed(
        withLines("a=ice-ufrag:sess\na=ice-pwd:sessionPasswordOf22Chars\n"
                  "a=ice-options:trickle ice2\na=ice-lite\na=ice-pacing:20\n"
                  "a=fingerprint:SHA-1 00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:"
                  "10:11:12:ff\n"
                  "a=setup:passive\na=inactive\na=end-of-candidates\na=extmap:7 urn:x\n",
                  "a=mid:a\nm=audio 9 RTP/SAVPF 0\na=mid:b\n"));
    QCOMPARE(description.media.size(), std::size_t(2));
    for (const MediaDescription &media : description.media) {
        QCOMPARE(media.ice.usernameFragment, std::string("sess"));
        QCOMPARE(media.ice.password, std::string("sessionPasswordOf22Chars"));
        QVERIFY((media.ice.options == Words{"trickle", "ice2"}));
        QVERIFY(media.ice.hasOption("ice2") && !media.ice.hasOption("ice"));
        QVERIFY(media.ice.isLite);
        QVERIFY(media.ice.pacing == 20ms);
        QCOMPARE(media.fingerprints.size(), std::size_t(1));
        QCOMPARE(media.fingerprints[0].hashFunction, std::string("sha-1"));
        QCOMPARE(int(media.fingerprints[0].digest.back()), 255);
        QVERIFY(media.setup == Setup::Passive);
        QVERIFY(media.endOfCandidates);
    }
    // What belongs to RTP is folded into RTP sections alone.
    QCOMPARE(description.media[0].direction, Direction::SendReceive);
    QVERIFY(description.media[0].extensions.empty());
    QCOMPARE(description.media[1].direction, Direction::Inactive);
    QCOMPARE(description.media[1].extensions.size(), std::size_t(1));
}

void tst_SessionLevel::mediaLevelOverridesTheSessionLevel()
{
    const SessionDescription description = parsed(
        withLines("a=ice-ufrag:sess\na=ice-pwd:sessionPasswordOf22Chars\n"
                  "a=ice-options:trickle\na=setup:passive\na=inactive\n"
                  "a=fingerprint:md5 00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f\n"
                  "a=extmap:7 urn:x\na=extmap:8/sendonly urn:y\n",
                  "a=ice-ufrag:medi\na=ice-pwd:mediaPasswordOf22Character\n"
                  "a=ice-options:renomination trickle\na=setup:active\na=recvonly\n"
                  "a=fingerprint:x-new 01\na=extmap:7 urn:z\n",
                  "m=video 9 UDP/TLS/RTP/SAVPF 96\n"));
    const MediaDescription &media = description.media.at(0);
    QCOMPARE(media.ice.usernameFragment, std::string("medi"));
    QCOMPARE(media.ice.password, std::string("mediaPasswordOf22Character"));
    QVERIFY((media.ice.options == Words{"renomination", "trickle"}));
    QVERIFY(media.setup == Setup::Active);
    QCOMPARE(media.direction, Direction::ReceiveOnly);
    QCOMPARE(media.fingerprints.size(), std::size_t(1));
    QCOMPARE(media.fingerprints[0].hashFunction, std::string("x-new"));
    QCOMPARE(media.extensions.size(), std::size_t(2));
    QCOMPARE(media.extensions[0].uri, std::string("urn:z"));
    QCOMPARE(media.extensions[1].direction, Direction::SendOnly);
}

void tst_SessionLevel::sharedFeedbackIsSpread()
{
    const SessionDescription description = parsed(
        withLines("", "a=rtcp-fb:* nack\na=rtcp-fb:96 nack\na=rtcp-fb:97 ccm fir\n",
                  "m=video 9 UDP/TLS/RTP/SAVPF 96 97 97\n"));
    const MediaDescription &media = description.media.at(0);
    QCOMPARE(media.formats.size(), std::size_t(2));
    QVERIFY((media.formats[0].feedback == Words{"nack"}));
    QVERIFY((media.formats[1].feedback == Words{"ccm fir", "nack"}));
}

void tst_SessionLevel::identityIsTakenFromTheSessionLevelAlone()
{
    const SessionDescription description = parsed(
        withLines("a=peer-identity:MFkw-_ c2ln\n", "a=mid:0\na=peer-identity:other b3RoZXI\n"));
    QVERIFY(description.identity.has_value());
    QCOMPARE(description.identity->publicKey, std::string("MFkw-_"));
    QCOMPARE(description.identity->signature, std::string("c2ln"));
    QVERIFY(!parsed(withLines("", "a=peer-identity:other b3RoZXI\n")).identity);
}

QTEST_APPLESS_MAIN(tst_SessionLevel)

#include "tst_sessionlevel.moc"
