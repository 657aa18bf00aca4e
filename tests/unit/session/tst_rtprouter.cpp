// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rtppackets.h"
#include "session/rtp/rtprouter.h"

#include <QtTest/qtest.h>

using namespace peer;
using peer::test::operator+;
using peer::test::rtcpPacket;
using peer::test::rtpPacket;
using rtp::Router;
using rtp::SectionId;
using rtp::SectionSet;

namespace {

constexpr SectionId Audio = 1;
constexpr SectionId Video = 2;
constexpr unsigned MidId = 4;
constexpr std::uint8_t Opus = 111;
constexpr std::uint8_t Vp8 = 96;
constexpr std::uint8_t Both = 100; ///< a payload type of both sections

Router router()
{
    Router router;
    router.setMidExtension(MidId);
    router.setSection(Audio, {"a", {Opus, Both}, {}});
    router.setSection(Video, {"v", {Vp8, Both}, {}});
    return router;
}

SectionSet only(SectionId id)
{
    return SectionSet().set(id);
}

} // namespace

class tst_RtpRouter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theMidDecidesFirst();
    void theSourceDecidesOnceItIsKnown();
    void sourcesInTheDescriptionAreKnown();
    void thePayloadTypeDecidesIfItIsOneSections();
    void anUnknownMidBelongsToNobody();
    void aPayloadTypeThatTheSectionHasNotIsDropped();
    void aSourceMovesWithItsMid();
    void aSectionThatIsGoneGetsNothing();
    void reportsGoWhereTheirSourceIs();
    void aCompoundMayBeForSeveral();
    void whatItDoesNotKnowIsCounted();
    void remembersABoundedNumberOfSources();
};

void tst_RtpRouter::theMidDecidesFirst()
{
    Router router = ::router();
    QCOMPARE(router.routeRtp(rtpPacket(Both, 1, MidId, "v")), Video);
    QCOMPARE(router.routeRtp(rtpPacket(Both, 2, MidId, "a")), Audio);
    // Another extension says nothing.
    QCOMPARE(router.routeRtp(rtpPacket(Opus, 3, MidId + 1, "v")), Audio);
}

void tst_RtpRouter::theSourceDecidesOnceItIsKnown()
{
    Router router = ::router();
    QCOMPARE(router.routeRtp(rtpPacket(Both, 1)), std::nullopt);
    QCOMPARE(router.routeRtp(rtpPacket(Both, 1, MidId, "v")), Video);
    QCOMPARE(router.routeRtp(rtpPacket(Both, 1)), Video);
}

void tst_RtpRouter::sourcesInTheDescriptionAreKnown()
{
    Router router = ::router();
    router.setSection(Video, {"v", {Vp8, Both}, {7, 8}});
    QCOMPARE(router.routeRtp(rtpPacket(Both, 8)), Video);
}

void tst_RtpRouter::thePayloadTypeDecidesIfItIsOneSections()
{
    Router router = ::router();
    QCOMPARE(router.routeRtp(rtpPacket(Opus, 1)), Audio);
    QCOMPARE(router.routeRtp(rtpPacket(Vp8, 2)), Video);
    QCOMPARE(router.routeRtp(rtpPacket(Both, 2)), Video); // by its source now
    QCOMPARE(router.routeRtp(rtpPacket(Both, 3)), std::nullopt);
}

void tst_RtpRouter::anUnknownMidBelongsToNobody()
{
    Router router = ::router();
    QCOMPARE(router.routeRtp(rtpPacket(Opus, 1, MidId, "x")), std::nullopt);
    QCOMPARE(router.statistics().unrouted, 1U);
}

void tst_RtpRouter::aPayloadTypeThatTheSectionHasNotIsDropped()
{
    Router router = ::router();
    QCOMPARE(router.routeRtp(rtpPacket(Vp8, 1, MidId, "a")), std::nullopt);
    QCOMPARE(router.routeRtp(rtpPacket(Opus, 2)), Audio);
    QCOMPARE(router.routeRtp(rtpPacket(Vp8, 2)), std::nullopt);
}

void tst_RtpRouter::aSourceMovesWithItsMid()
{
    Router router = ::router();
    QCOMPARE(router.routeRtp(rtpPacket(Both, 1, MidId, "a")), Audio);
    QCOMPARE(router.routeRtp(rtpPacket(Both, 1, MidId, "v")), Video);
    QCOMPARE(router.routeRtp(rtpPacket(Both, 1)), Video);
}

void tst_RtpRouter::aSectionThatIsGoneGetsNothing()
{
    Router router = ::router();
    QCOMPARE(router.routeRtp(rtpPacket(Vp8, 1, MidId, "v")), Video);
    router.noteSent(Video, 70);
    router.removeSection(Video);
    QCOMPARE(router.routeRtp(rtpPacket(Vp8, 1)), std::nullopt);
    QCOMPARE(router.routeRtp(rtpPacket(Vp8, 1, MidId, "v")), std::nullopt);
    QVERIFY(router.routeRtcp(rtcpPacket(206, 1, {1, 70})).none());
    QCOMPARE(router.routeRtp(rtpPacket(Both, 1)), Audio); // its payload type is one section's now
}

void tst_RtpRouter::reportsGoWhereTheirSourceIs()
{
    Router router = ::router();
    router.noteSent(Audio, 60);
    router.noteSent(Video, 70);
    QVERIFY(router.routeRtp(rtpPacket(Vp8, 1)));
    const std::vector<std::uint32_t> senderReport{1, 0, 0, 0, 0, 0};
    QCOMPARE(router.routeRtcp(rtcpPacket(200, 0, senderReport)), only(Video));
    QCOMPARE(router.routeRtcp(rtcpPacket(206, 1, {1, 70})), only(Video));
    QCOMPARE(router.routeRtcp(rtcpPacket(206, 1, {1, 60})), only(Audio));
    // What we send and what the peer sends may bear the same number.
    router.noteSent(Audio, 1);
    QCOMPARE(router.routeRtcp(rtcpPacket(200, 0, senderReport)), only(Video));
    QCOMPARE(router.routeRtcp(rtcpPacket(206, 1, {9, 1})), only(Audio));
}

void tst_RtpRouter::aCompoundMayBeForSeveral()
{
    Router router = ::router();
    router.noteSent(Audio, 60);
    router.noteSent(Video, 70);
    const Bytes compound = rtcpPacket(206, 1, {1, 70}) + rtcpPacket(205, 1, {1, 60, 0});
    QCOMPARE(router.routeRtcp(compound), only(Video) | only(Audio));
}

void tst_RtpRouter::whatItDoesNotKnowIsCounted()
{
    Router router = ::router();
    QVERIFY(router.routeRtcp(rtcpPacket(206, 1, {1, 99})).none());
    QVERIFY(router.routeRtcp(Bytes{0x80}).none());
    QVERIFY(!router.routeRtp(Bytes{0x80}));
    QCOMPARE(router.statistics(), (Router::Statistics{2, 1}));
}

void tst_RtpRouter::remembersABoundedNumberOfSources()
{
    Router router = ::router();
    for (std::uint32_t ssrc = 0; ssrc < Router::MaxSources; ++ssrc)
        QCOMPARE(router.routeRtp(rtpPacket(Vp8, ssrc)), Video);
    const std::uint32_t oneMore = Router::MaxSources;
    QCOMPARE(router.routeRtp(rtpPacket(Vp8, oneMore, MidId, "v")), Video);
    QCOMPARE(router.routeRtp(rtpPacket(Both, oneMore)), std::nullopt); // was not remembered
    QCOMPARE(router.routeRtp(rtpPacket(Both, 0)), Video);
}

QTEST_APPLESS_MAIN(tst_RtpRouter)

#include "tst_rtprouter.moc"
