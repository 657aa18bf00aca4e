// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "endpoints.h"
#include "parsing.h"

#include "core/sdp/sessiondescription.h"

#include <QtTest/qtest.h>

#include <algorithm>

using namespace std::chrono_literals;
using peer::sdp::Direction;
using peer::sdp::Limits;
using peer::sdp::MediaDescription;
using peer::sdp::MediaKind;
using peer::sdp::SessionDescription;
using peer::sdp::Setup;

namespace {

using Words = std::vector<std::string>;

} // namespace

class tst_SessionDescription : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyEndpointIsUnderstood_data();
    void everyEndpointIsUnderstood();
    void writtenDescriptionParsesToTheSame_data();
    void writtenDescriptionParsesToTheSame();
    void lineEndsDoNotMatter_data();
    void lineEndsDoNotMatter();
    void ourDataOfferIsWrittenInTheKnownForm();
    void callOfferIsTakenWhole();
    void staticPayloadTypesAreNamed();
    void unknownCandidatesArePassedOver();
    void unknownThingsAreIgnored();
    void otherMediaIsKeptForTheAnswer_data();
    void otherMediaIsKeptForTheAnswer();
    void legacyDataSectionIsAnsweredInItsForm();
    void transportSectionIsTheFirstOfTheBundleThatLives();
    void bundleOnlyCountsWithPortZeroAlone();
    void writerLetsNoLineEndThrough();
};

void tst_SessionDescription::everyEndpointIsUnderstood_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("ufrag");
    QTest::addColumn<QByteArray>("mids");
    QTest::addColumn<QByteArray>("options");
    QTest::addColumn<int>("setup");
    QTest::addColumn<int>("candidates");
    QTest::addColumn<bool>("isEnded");
    QTest::addColumn<quint64>("maxMessageSize"); // of the data section, 0 = none there

    const auto row = [](const char *name, const QByteArray &text, const char *ufrag,
                        const char *mids, const char *options, Setup setup, int candidates,
                        bool isEnded, quint64 maxMessageSize) {
        QTest::newRow(name) << text << QByteArray(ufrag) << QByteArray(mids) << QByteArray(options)
                            << int(setup) << candidates << isEnded << maxMessageSize;
    };
    using namespace endpoints;
    row("Chromium, data", chromiumDataOffer(), "hF6s", "0", "trickle", Setup::ActPass, 2, false,
        262144);
    row("Chromium, call", chromiumCallOffer(), "Xz4q", "0 1 2", "trickle", Setup::ActPass, 0, false,
        262144);
    row("Firefox, data", firefoxDataOffer(), "8d3f2a61", "0", "trickle", Setup::ActPass, 3, true,
        1073741823);
    row("Firefox, call", firefoxCallAnswer(), "8d3f2a61", "0 1", "trickle", Setup::Active, 0, false,
        0);
    row("libdatachannel", libdatachannelOffer(), "7n3L", "0", "ice2 trickle", Setup::ActPass, 0,
        false, 262144);
    row("aiortc", aiortcAnswer(), "u7Gd", "0", "", Setup::Active, 2, true, 65536);
    row("Pion", pionOffer(), "tWbSmqXnBvZrYkLp", "0", "", Setup::ActPass, 2, true, 1073741823);
    row("libwebrtc in Node", webrtcNodeAnswer(), "0d1F", "0", "trickle", Setup::Active, 0, false,
        262144);
    row("ice-lite server", iceLiteServerOffer(), "w1tyvtfxe8h4rcyz", "0 1", "renomination",
        Setup::ActPass, 2, true, 0);
    row("before RFC 8841", legacyDataOffer(), "Oyef7uvBlwafI3hT", "data", "", Setup::ActPass, 0,
        false, 0);
}

void tst_SessionDescription::everyEndpointIsUnderstood()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, ufrag);
    QFETCH(QByteArray, mids);
    QFETCH(QByteArray, options);
    QFETCH(int, setup);
    QFETCH(int, candidates);
    QFETCH(bool, isEnded);
    QFETCH(quint64, maxMessageSize);

    const SessionDescription description = parsed(text);
    QVERIFY(!description.media.empty());
    QVERIFY(description.sessionId > 1000);
    const MediaDescription &first = description.media.front();
    QCOMPARE(description.transportSection(), &first);
    QCOMPARE(QByteArray::fromStdString(first.ice.usernameFragment), ufrag);
    QVERIFY(first.ice.password.size() >= 22);
    QVERIFY(!first.fingerprints.empty());
    QCOMPARE(first.fingerprints.front().hashFunction, std::string("sha-256"));
    QCOMPARE(first.fingerprints.front().digest.size(), std::size_t(32));
    QVERIFY(first.setup.has_value());
    QCOMPARE(int(*first.setup), setup);
    QCOMPARE(int(first.candidates.size()), candidates);
    QCOMPARE(first.endOfCandidates, isEnded);
    QByteArray joined;
    for (const std::string &option : first.ice.options)
        joined += (joined.isEmpty() ? "" : " ") + QByteArray::fromStdString(option);
    QCOMPARE(joined, options);

    joined.clear();
    for (const MediaDescription &media : description.media) {
        joined += (joined.isEmpty() ? "" : " ") + QByteArray::fromStdString(media.mid);
        QCOMPARE(description.find(media.mid), &media);
        if (media.kind == MediaKind::Application) {
            QCOMPARE(quint64(media.maxMessageSize.value_or(0)), maxMessageSize);
            QCOMPARE(media.sctpPort.value_or(0), std::uint16_t(5000));
        }
    }
    QCOMPARE(joined, mids);
    QCOMPARE(description.bundle.size(), description.media.size());
}

void tst_SessionDescription::writtenDescriptionParsesToTheSame_data()
{
    everyEndpointIsUnderstood_data();
}

void tst_SessionDescription::writtenDescriptionParsesToTheSame()
{
    QFETCH(QByteArray, text);
    const SessionDescription description = parsed(text);
    const std::string written = description.toString();
    const SessionDescription again = parsed(QByteArray::fromStdString(written));
    QVERIFY(again == description);
    QCOMPARE(QByteArray::fromStdString(again.toString()), QByteArray::fromStdString(written));
}

void tst_SessionDescription::lineEndsDoNotMatter_data()
{
    QTest::addColumn<QByteArray>("text");

    const QByteArray text = endpoints::firefoxDataOffer();
    QTest::newRow("LF") << QByteArray(text).replace("\r\n", "\n");
    QTest::newRow("none behind the last line") << text.chopped(2);
    QTest::newRow("CR alone behind the last line") << text.chopped(1);
    QTest::newRow("empty lines at the end") << text + "\r\n\r\n";
    QTest::newRow("an empty line between") << QByteArray(text).replace("m=", "\r\nm=");
}

void tst_SessionDescription::lineEndsDoNotMatter()
{
    QFETCH(QByteArray, text);
    QVERIFY(parsed(text) == parsed(endpoints::firefoxDataOffer()));
}

void tst_SessionDescription::ourDataOfferIsWrittenInTheKnownForm()
{
    SessionDescription description;
    description.sessionId = 4611731400430051336;
    description.sessionVersion = 2;
    description.bundle = {"0"};
    description.identity = {"AbC-_", "dEf"};
    MediaDescription &media = description.media.emplace_back();
    media.mid = "0";
    media.ice = {"uFrg", "aPasswordOf22Character", {"trickle", "renomination"}, false, 5ms};
    media.fingerprints = {{"sha-256", std::vector<std::uint8_t>(32, 0xA5)}};
    media.setup = Setup::ActPass;
    media.sctpPort = 5000;
    media.maxMessageSize = 262144;
    peer::Candidate candidate;
    candidate.foundation = "1";
    candidate.priority = 2130706431;
    candidate.address = {*peer::IpAddress::fromString("192.0.2.1"), 5000};
    media.candidates = {candidate};
    media.endOfCandidates = true;

    const QByteArray digest = QByteArray("A5:").repeated(32).chopped(1);
    const QByteArray expected = QByteArray(
                                    "v=0\n"
                                    "o=- 4611731400430051336 2 IN IP4 127.0.0.1\n"
                                    "s=-\n"
                                    "t=0 0\n"
                                    "a=group:BUNDLE 0\n"
                                    "a=msid-semantic:WMS *\n"
                                    "a=ice-pacing:5\n"
                                    "a=peer-identity:AbC-_ dEf\n"
                                    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n"
                                    "c=IN IP4 0.0.0.0\n"
                                    "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\n"
                                    "a=end-of-candidates\n"
                                    "a=ice-ufrag:uFrg\n"
                                    "a=ice-pwd:aPasswordOf22Character\n"
                                    "a=ice-options:trickle renomination\n"
                                    "a=fingerprint:sha-256 @\n"
                                    "a=setup:actpass\n"
                                    "a=mid:0\n"
                                    "a=sctp-port:5000\n"
                                    "a=max-message-size:262144\n")
                                    .replace("@", digest)
                                    .replace("\n", "\r\n");
    QCOMPARE(QByteArray::fromStdString(description.toString()), expected);
    QVERIFY(parsed(expected) == description);
}

void tst_SessionDescription::callOfferIsTakenWhole()
{
    const SessionDescription description = parsed(endpoints::chromiumCallOffer());
    QVERIFY(description.extmapAllowMixed);
    QCOMPARE(description.media.size(), std::size_t(3));

    const MediaDescription &audio = description.media[0];
    QCOMPARE(audio.kind, MediaKind::Audio);
    QCOMPARE(audio.direction, Direction::SendReceive);
    QVERIFY(audio.rtcpMux && audio.rtcpReducedSize && audio.extmapAllowMixed);
    QCOMPARE(audio.formats.size(), std::size_t(8));
    const auto &opus = audio.formats[0];
    QCOMPARE(int(opus.payloadType), 111);
    QCOMPARE(opus.encodingName, std::string("opus"));
    QCOMPARE(opus.clockRate, 48000U);
    QCOMPARE(int(opus.channels), 2);
    QCOMPARE(opus.formatParameters, std::string("minptime=10;useinbandfec=1"));
    QVERIFY(opus.feedback == Words{"transport-cc"});
    QCOMPARE(audio.extensions.size(), std::size_t(4));
    QCOMPARE(int(audio.extensions[3].id), 4);
    QCOMPARE(audio.extensions[3].uri, std::string("urn:ietf:params:rtp-hdrext:sdes:mid"));
    QCOMPARE(audio.sources.size(), std::size_t(1));
    QCOMPARE(audio.sources[0].id, 1399094210U);
    QCOMPARE(audio.sources[0].cname, std::string("H3kd/Ok5Xm0Pq7vT"));
    QCOMPARE(audio.sources[0].msid, audio.msid);

    const MediaDescription &video = description.media[1];
    QCOMPARE(video.kind, MediaKind::Video);
    QCOMPARE(video.direction, Direction::SendOnly);
    QVERIFY((video.formats[0].feedback
             == Words{"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}));
    QCOMPARE(video.formats[1].formatParameters, std::string("apt=96"));
    QCOMPARE(video.retransmissionGroups.size(), std::size_t(1));
    QCOMPARE(video.retransmissionGroups[0].first, 3463951252U);
    QCOMPARE(video.retransmissionGroups[0].second, 1461041037U);
    QCOMPARE(video.sources.size(), std::size_t(2));

    const MediaDescription &data = description.media[2];
    QCOMPARE(data.kind, MediaKind::Application);
    QVERIFY(data.formats.empty() && data.msid.empty());
}

void tst_SessionDescription::staticPayloadTypesAreNamed()
{
    const SessionDescription description = parsed(
        withLines("", "a=rtpmap:8 other/16000\n", "m=audio 9 UDP/TLS/RTP/SAVPF 0 8 9 13 3 99\n"));
    const auto &formats = description.media.at(0).formats;
    QCOMPARE(formats.size(), std::size_t(6));
    QCOMPARE(formats[0].encodingName, std::string("PCMU"));
    QCOMPARE(formats[0].clockRate, 8000U);
    QCOMPARE(formats[1].encodingName, std::string("other"));
    QCOMPARE(formats[1].clockRate, 16000U);
    QCOMPARE(formats[2].encodingName, std::string("G722"));
    QCOMPARE(formats[3].encodingName, std::string("CN"));
    QVERIFY(formats[4].encodingName.empty() && formats[5].encodingName.empty());
}

void tst_SessionDescription::unknownCandidatesArePassedOver()
{
    const SessionDescription description = parsed(
        withLines("",
                  "a=candidate:1 1 quic 1 192.0.2.3 443 typ host\n"
                  "a=candidate:2 1 udp 1 192.0.2.3 443 typ host\n"
                  "a=candidate:3 1 udp 1 fe80::1%2 443 typ host\n"));
    QCOMPARE(description.media.at(0).candidates.size(), std::size_t(1));
    QCOMPARE(description.media.at(0).candidates[0].foundation, std::string("2"));
}

void tst_SessionDescription::unknownThingsAreIgnored()
{
    const SessionDescription plain = parsed(withLines("", "a=mid:0\n"));
    const SessionDescription full = parsed(
        withLines("i=an information\nu=https://example.org\nb=CT:1\nz=0 0\nx=what\n"
                  "a=tool:something\na=unheard of\na=\na=group:LS 0\na=mid:9\n"
                  "a=candidate:session level means nothing\na=sctp-port:nothing\n",
                  "i=title\nb=AS:30\nk=clear:old\na=mid:0\na=connection:new\na=tls-id:1\n"
                  "a=ice-lite\na=ice-pacing:what\na=rtpmap:what\na=group:BUNDLE 0\n"
                  "a=simulcast:send 1\na=rtcp-mux\n"));
    QVERIFY(plain == full);
}

void tst_SessionDescription::otherMediaIsKeptForTheAnswer_data()
{
    QTest::addColumn<QByteArray>("line");

    QTest::newRow("plain RTP text") << QByteArray("text 49170 RTP/AVP 98 99");
    QTest::newRow("fax") << QByteArray("image 9 udptl t38");
    QTest::newRow("screen sharing over TCP") << QByteArray("application 9 TCP/BFCP *");
    QTest::newRow("another use of SCTP") << QByteArray("application 9 UDP/DTLS/SCTP something");
    QTest::newRow("audio that is not RTP") << QByteArray("audio 9 udp opus");
    QTest::newRow("an unheard-of kind") << QByteArray("hologram 0 UDP/X/Y 1  2");
}

void tst_SessionDescription::otherMediaIsKeptForTheAnswer()
{
    QFETCH(QByteArray, line);
    const QByteArray mediaLine = "m=" + line + '\n';
    const SessionDescription description = parsed(
        withLines("", "a=mid:7\na=rtpmap:bad\na=sctp-port:1\n", mediaLine.constData()));
    const MediaDescription &media = description.media.at(0);
    QCOMPARE(media.kind, MediaKind::Other);
    QCOMPARE(media.mid, std::string("7"));
    QVERIFY(description.toString().find("\r\nm=" + line.toStdString() + "\r\n")
            != std::string::npos);
    QVERIFY(parsed(QByteArray::fromStdString(description.toString())) == description);
}

void tst_SessionDescription::legacyDataSectionIsAnsweredInItsForm()
{
    const SessionDescription offer = parsed(endpoints::legacyDataOffer());
    QCOMPARE(offer.media.at(0).kind, MediaKind::Application);
    QCOMPARE(int(offer.media[0].sctpPort.value_or(0)), 5000);
    SessionDescription answer;
    answer.media.emplace_back();
    answer.media[0].protocol = offer.media[0].protocol;
    answer.media[0].sctpPort = 5001;
    const std::string text = answer.toString();
    QVERIFY(text.find("\r\nm=application 9 DTLS/SCTP 5001\r\n") != std::string::npos);
    QVERIFY(text.find("\r\na=sctpmap:5001 webrtc-datachannel 1024\r\n") != std::string::npos);
    QVERIFY(text.find("sctp-port") == std::string::npos);
    QVERIFY(parsed(QByteArray::fromStdString(text)) == answer);
}

void tst_SessionDescription::transportSectionIsTheFirstOfTheBundleThatLives()
{
    const char *three =
        "a=mid:a\nm=audio 9 RTP/SAVPF 0\na=mid:b\nm=video 9 RTP/SAVPF 96\na=mid:c\n";
    SessionDescription description = parsed(withLines("a=group:BUNDLE c b\n", three));
    QCOMPARE(description.transportSection(), &description.media[2]);
    description.media[2].port = 0;
    QCOMPARE(description.transportSection(), &description.media[1]);
    description.media[2].isBundleOnly = true;
    QCOMPARE(description.transportSection(), &description.media[2]);
    description.media[2].isBundleOnly = false;
    description.media[1].port = 0;
    QCOMPARE(description.transportSection(), &description.media[0]);
    description.media[0].port = 0;
    QVERIFY(!description.transportSection());
    QVERIFY(!SessionDescription().transportSection());
}

void tst_SessionDescription::bundleOnlyCountsWithPortZeroAlone()
{
    const char *lines = "a=mid:a\na=bundle-only\nm=audio 0 RTP/SAVPF 0\na=mid:b\na=bundle-only\n"
                        "m=audio 0 RTP/SAVPF 0\na=mid:c\n";
    const SessionDescription description = parsed(withLines("", lines));
    QVERIFY(!description.media.at(0).isBundleOnly && !description.media[0].isRejected());
    QVERIFY(description.media.at(1).isBundleOnly && !description.media[1].isRejected());
    QVERIFY(!description.media.at(2).isBundleOnly && description.media[2].isRejected());
}

void tst_SessionDescription::writerLetsNoLineEndThrough()
{
    SessionDescription description;
    MediaDescription &media = description.media.emplace_back();
    media.kind = MediaKind::Audio;
    media.protocol = "UDP/TLS/RTP/SAVPF";
    media.formats = {{111, "opus", 48000, 2, {}, {}}};
    media.msid = "stream\r\na=setup:active";
    const SessionDescription again = parsed(QByteArray::fromStdString(description.toString()));
    QVERIFY(!again.media.at(0).setup);
    QCOMPARE(again.media[0].msid, std::string("streama=setup:active"));
}

QTEST_APPLESS_MAIN(tst_SessionDescription)

#include "tst_sessiondescription.moc"
