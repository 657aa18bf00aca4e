// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rtppackets.h"
#include "support/nosrtp/nosrtp.h"
#include "support/sessionpair/sessionpair.h"
#include "support/virtualclock/virtualclock.h"
#include "trackoptions.h"

#include <QtTest/qtest.h>

#include <algorithm>

using namespace std::chrono_literals;
using namespace peer;
using peer::test::audioOptions;
using peer::test::rtcpPacket;
using peer::test::rtpPacket;
using peer::test::SessionPair;
using peer::test::videoOptions;
using sdp::Direction;

namespace {

constexpr std::uint8_t Opus = 111;
constexpr std::uint8_t Vp8 = 96;

Bytes numbered(Bytes packet, std::uint16_t sequence)
{
    writeUint16(&packet[2], sequence);
    return packet;
}

/// A call whose callee takes audio and video.
struct Call
{
    explicit Call(SessionPair::Options options = SessionPair::defaults())
        : pair([&options] {
            options.caller.peersTracks = {audioOptions(900), videoOptions(910)};
            options.callee.peersTracks = {audioOptions(800), videoOptions(810)};
            return options;
        }())
    { }

    bool connect()
    {
        pair.dial();
        return pair.runUntil([&] { return pair.caller.isConnected() && pair.callee.isConnected(); },
                             10s);
    }

    bool hasMedia(const SessionPair::End &end, std::size_t packets)
    {
        return pair.runUntil([&] { return end.media.size() >= packets; }, 5s);
    }

    /// Negotiation has come to rest.
    void settle() { pair.runFor(2s); }

    SessionPair pair;
};

std::optional<TrackTerms> lastTerms(const SessionPair::End &end, TrackId track)
{
    std::optional<TrackTerms> terms;
    for (const TrackEvent &event : end.tracks) {
        const auto *changed = std::get_if<event::TrackChanged>(&event);
        if (changed && changed->track == track)
            terms = changed->terms;
    }
    return terms;
}

std::vector<TrackId> offeredTracks(const SessionPair::End &end)
{
    std::vector<TrackId> tracks;
    for (const TrackEvent &event : end.tracks) {
        if (const auto *offered = std::get_if<event::TrackOffered>(&event))
            tracks.push_back(offered->track);
    }
    return tracks;
}

std::size_t countOffers(const SessionPair::End &end)
{
    return std::size_t(
        std::count_if(end.signalsSent.begin(), end.signalsSent.end(),
                      [](const Signal &signal) { return signal.type == Signal::Type::Offer; }));
}

} // namespace

class tst_SessionTracks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesAudioAndVideoBothWays();
    void reportsArriveWhereTheyBelong();
    void aTrackComesInARunningCall_data();
    void aTrackComesInARunningCall();
    void bothAddATrackAtTheSameTime();
    void aTrackAndARestartAtTheSameTime_data();
    void aTrackAndARestartAtTheSameTime();
    void aTrackAndThenARestartOfTheSameSide();
    void aTrackEndsInARunningCall();
    void withoutSrtpTracksEndAndTheCallGoesOn_data();
    void withoutSrtpTracksEndAndTheCallGoesOn();
    void nothingIsSentThatWasNotAgreed();
    void nothingArrivesThatIsNotReceived();
    void mediaOfStrangersIsDropped();
    void audioLeavesBeforeVideoAndVideoBeforeMessages();
    void whatWaitsIsBounded();
    void mediaKeepsThePathAlive();
};

void tst_SessionTracks::carriesAudioAndVideoBothWays()
{
    Call call;
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    const TrackId audio = caller.session->addTrack(call.pair.now(), audioOptions(1));
    const TrackId video = caller.session->addTrack(call.pair.now(), videoOptions(2));
    const TrackId calleesAudio = callee.session->addTrack(call.pair.now(), audioOptions(3));
    const TrackId calleesVideo = callee.session->addTrack(call.pair.now(), videoOptions(4));
    QVERIFY(call.connect());
    QCOMPARE(countOffers(caller) + countOffers(callee), 1U);

    QVERIFY(caller.session->sendMedia(call.pair.now(), audio, rtpPacket(Opus, 1)));
    QVERIFY(caller.session->sendMedia(call.pair.now(), video, rtpPacket(Vp8, 2)));
    QVERIFY(callee.session->sendMedia(call.pair.now(), calleesAudio, rtpPacket(Opus, 3)));
    QVERIFY(callee.session->sendMedia(call.pair.now(), calleesVideo, rtpPacket(Vp8, 4)));
    QVERIFY(call.hasMedia(callee, 2));
    QVERIFY(call.hasMedia(caller, 2));
    QCOMPARE(callee.media[0], std::pair(calleesAudio, rtpPacket(Opus, 1)));
    QCOMPARE(callee.media[1], std::pair(calleesVideo, rtpPacket(Vp8, 2)));
    QCOMPARE(caller.media[0], std::pair(audio, rtpPacket(Opus, 3)));
    QCOMPARE(caller.media[1], std::pair(video, rtpPacket(Vp8, 4)));
    QCOMPARE(lastTerms(caller, audio)->direction, Direction::SendReceive);
}

void tst_SessionTracks::reportsArriveWhereTheyBelong()
{
    Call call;
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    const TrackId audio = caller.session->addTrack(call.pair.now(), audioOptions(1));
    const TrackId video = caller.session->addTrack(call.pair.now(), videoOptions(2));
    QVERIFY(call.connect());
    const auto offered = offeredTracks(callee);
    QCOMPARE(offered.size(), 2U);
    QVERIFY(caller.session->sendMedia(call.pair.now(), audio, rtpPacket(Opus, 1)));
    QVERIFY(caller.session->sendMedia(call.pair.now(), video, rtpPacket(Vp8, 2)));
    QVERIFY(call.hasMedia(callee, 2));
    const Bytes report = rtcpPacket(200, 0, {2, 0, 0, 0, 0, 0});
    const Bytes wish = rtcpPacket(206, 1, {810, 2}); // a picture, please
    QVERIFY(caller.session->sendMedia(call.pair.now(), video, report));
    QVERIFY(callee.session->sendMedia(call.pair.now(), offered[1], wish));
    QVERIFY(call.hasMedia(callee, 3));
    QVERIFY(call.hasMedia(caller, 1));
    QCOMPARE(callee.media[2], std::pair(offered[1], report));
    QCOMPARE(caller.media[0], std::pair(video, wish));
}

void tst_SessionTracks::aTrackComesInARunningCall_data()
{
    QTest::addColumn<bool>("byCaller");
    QTest::newRow("the caller's") << true;
    QTest::newRow("the callee's") << false;
}

void tst_SessionTracks::aTrackComesInARunningCall()
{
    QFETCH(const bool, byCaller);
    Call call;
    QVERIFY(call.connect());
    SessionPair::End &from = byCaller ? call.pair.caller : call.pair.callee;
    SessionPair::End &to = byCaller ? call.pair.callee : call.pair.caller;
    const TrackId track = from.session->addTrack(call.pair.now(), videoOptions(2));
    QVERIFY(track != TrackId::None);
    QVERIFY(call.pair.runUntil([&] { return lastTerms(from, track).has_value(); }, 5s));
    QVERIFY(from.session->sendMedia(call.pair.now(), track, rtpPacket(Vp8, 2)));
    QVERIFY(call.hasMedia(to, 1));
    // The other one turns its camera on as well.
    const auto offered = offeredTracks(to);
    QCOMPARE(offered.size(), 1U);
    TrackOptions own = videoOptions(5);
    QVERIFY(to.session->setTrackOptions(call.pair.now(), offered[0], own));
    QVERIFY(call.pair.runUntil(
        [&] { return lastTerms(to, offered[0])->direction == Direction::SendReceive; }, 5s));
    QVERIFY(to.session->sendMedia(call.pair.now(), offered[0], rtpPacket(Vp8, 5)));
    QVERIFY(call.hasMedia(from, 1));
    QCOMPARE(from.media[0].first, track);
    QCOMPARE(lastTerms(from, track)->sources, own.sources);
}

void tst_SessionTracks::bothAddATrackAtTheSameTime()
{
    Call call;
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    QVERIFY(call.connect());
    const TrackId video = caller.session->addTrack(call.pair.now(), videoOptions(2));
    const TrackId audio = callee.session->addTrack(call.pair.now(), audioOptions(3));
    call.settle();
    QVERIFY(lastTerms(caller, video));
    QVERIFY(lastTerms(callee, audio));
    QVERIFY(caller.session->sendMedia(call.pair.now(), video, rtpPacket(Vp8, 2)));
    QVERIFY(callee.session->sendMedia(call.pair.now(), audio, rtpPacket(Opus, 3)));
    QVERIFY(call.hasMedia(callee, 1));
    QVERIFY(call.hasMedia(caller, 1));
    QVERIFY(!caller.failure && !callee.failure);
}

void tst_SessionTracks::aTrackAndARestartAtTheSameTime_data()
{
    QTest::addColumn<bool>("callerRestarts");
    QTest::newRow("the caller restarts") << true;
    QTest::newRow("the callee restarts") << false;
}

void tst_SessionTracks::aTrackAndARestartAtTheSameTime()
{
    QFETCH(const bool, callerRestarts);
    Call call;
    QVERIFY(call.connect());
    SessionPair::End &restarting = callerRestarts ? call.pair.caller : call.pair.callee;
    SessionPair::End &adding = callerRestarts ? call.pair.callee : call.pair.caller;
    const std::string fragment = restarting.session->localUsernameFragment();
    const std::string otherFragment = adding.session->localUsernameFragment();
    restarting.session->restartIce(call.pair.now());
    const TrackId track = adding.session->addTrack(call.pair.now(), audioOptions(3));
    call.settle();
    QVERIFY(restarting.session->localUsernameFragment() != fragment);
    QVERIFY(adding.session->localUsernameFragment() != otherFragment);
    QVERIFY(lastTerms(adding, track));
    QVERIFY(adding.session->sendMedia(call.pair.now(), track, rtpPacket(Opus, 3)));
    QVERIFY(call.hasMedia(restarting, 1));
    call.pair.runFor(40s); // consent is by the new parameters
    QVERIFY(restarting.isConnected() && adding.isConnected());
}

/// The answer to the first offer comes when the second is out.
void tst_SessionTracks::aTrackAndThenARestartOfTheSameSide()
{
    Call call;
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    QVERIFY(call.connect());
    const TrackId track = caller.session->addTrack(call.pair.now(), audioOptions(3));
    call.pair.drain();
    caller.session->restartIce(call.pair.now());
    call.settle();
    QVERIFY(lastTerms(caller, track));
    QVERIFY(caller.session->sendMedia(call.pair.now(), track, rtpPacket(Opus, 3)));
    QVERIFY(call.hasMedia(callee, 1));
    // Checks go by the name that the callee has now.
    const std::string &fragment = callee.session->localUsernameFragment();
    bool isNamed = false;
    call.pair.letsPass = [&](bool fromCaller, ByteView payload) {
        isNamed |= fromCaller && payload[0] <= 3
            && asText(payload).find(fragment + ':') != std::string_view::npos;
        return true;
    };
    call.pair.runFor(40s);
    QVERIFY(isNamed);
    QVERIFY(caller.isConnected() && callee.isConnected());
}

void tst_SessionTracks::aTrackEndsInARunningCall()
{
    Call call;
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    const TrackId audio = caller.session->addTrack(call.pair.now(), audioOptions(1));
    QVERIFY(call.connect());
    QVERIFY(caller.session->endTrack(call.pair.now(), audio));
    const auto hasEnded = [](const SessionPair::End &end) {
        return !end.tracks.empty() && std::holds_alternative<event::TrackEnded>(end.tracks.back());
    };
    QVERIFY(call.pair.runUntil([&] { return hasEnded(caller) && hasEnded(callee); }, 5s));
    QVERIFY(!caller.session->sendMedia(call.pair.now(), audio, rtpPacket(Opus, 1)));
    QVERIFY(caller.isConnected() && callee.isConnected());
}

void tst_SessionTracks::withoutSrtpTracksEndAndTheCallGoesOn_data()
{
    QTest::addColumn<bool>("isCallers");
    QTest::newRow("the caller's program knows none") << true;
    QTest::newRow("the callee's program knows none") << false;
}

void tst_SessionTracks::withoutSrtpTracksEndAndTheCallGoesOn()
{
    QFETCH(const bool, isCallers);
    SessionPair::Options options = SessionPair::defaults();
    peer::test::offersSrtp = false;
    (isCallers ? options.caller : options.callee).certificate = dtls::Certificate::generate(
        1'700'000'000);
    peer::test::offersSrtp = true;
    Call call(options);
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    const TrackId audio = caller.session->addTrack(call.pair.now(), audioOptions(1));
    const TrackId video = callee.session->addTrack(call.pair.now(), videoOptions(2));
    const ChannelId channel = caller.session->openChannel(call.pair.now(), {});
    QVERIFY(call.connect());
    call.settle();

    const std::string fault = "the peer offers no SRTP profile that we know";
    for (const SessionPair::End *end : {&caller, &callee}) {
        std::vector<event::TrackEnded> ended;
        for (const TrackEvent &event : end->tracks) {
            if (const auto *each = std::get_if<event::TrackEnded>(&event))
                ended.push_back(*each);
        }
        // The callee's track was not offered yet, and is not any more.
        QCOMPARE(ended.size(), end == &caller ? 1U : 2U);
        for (const event::TrackEnded &each : ended)
            QCOMPARE(each.fault, fault);
        QCOMPARE(end->session->mediaFault(), fault);
    }
    QVERIFY(!caller.session->sendMedia(call.pair.now(), audio, rtpPacket(Opus, 1)));
    QVERIFY(!callee.session->sendMedia(call.pair.now(), video, rtpPacket(Vp8, 2)));
    QVERIFY(caller.session->addTrack(call.pair.now(), audioOptions(5)) == TrackId::None);
    QVERIFY(caller.session->send(call.pair.now(), channel, MessageKind::Binary, Bytes(10))
            == ChannelSendResult::Queued);
    QVERIFY(call.pair.runUntil([&] { return callee.messages.size() == 1; }, 5s));
    QVERIFY(caller.isConnected() && callee.isConnected());
}

void tst_SessionTracks::nothingIsSentThatWasNotAgreed()
{
    Call call;
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    const TrackId audio = caller.session->addTrack(call.pair.now(), audioOptions(1));
    QVERIFY(!caller.session->sendMedia(call.pair.now(), audio, rtpPacket(Opus, 1))); // too early
    QVERIFY(call.connect());
    QVERIFY(!caller.session->sendMedia(call.pair.now(), audio, rtpPacket(Vp8, 1)));
    QVERIFY(!caller.session->sendMedia(call.pair.now(), TrackId(99), rtpPacket(Opus, 1)));
    QVERIFY(!caller.session->sendMedia(call.pair.now(), audio, Bytes{0x80}));
    const auto offered = offeredTracks(callee);
    QVERIFY(!callee.session->sendMedia(call.pair.now(), offered.at(0), rtpPacket(Opus, 1)));
    QVERIFY(caller.session->sendMedia(call.pair.now(), audio, rtpPacket(Opus, 1)));
    QCOMPARE(caller.session->mediaStatistics().packetsDropped, 3U);
}

void tst_SessionTracks::nothingArrivesThatIsNotReceived()
{
    Call call;
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    const TrackId audio = caller.session->addTrack(call.pair.now(), audioOptions(1));
    const TrackId theirs = callee.session->addTrack(call.pair.now(), audioOptions(2));
    QVERIFY(call.connect());
    // The callee holds; what is still on its way counts no more.
    QVERIFY(callee.session->setTrackDirection(call.pair.now(), theirs, Direction::Inactive));
    call.settle();
    QVERIFY(!caller.session->sendMedia(call.pair.now(), audio, rtpPacket(Opus, 1)));
    QCOMPARE(lastTerms(caller, audio)->direction, Direction::Inactive);
}

void tst_SessionTracks::mediaOfStrangersIsDropped()
{
    Call call;
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    const TrackId audio = caller.session->addTrack(call.pair.now(), audioOptions(1));
    QVERIFY(call.connect());
    std::vector<Bytes> seen;
    call.pair.letsPass = [&](bool fromCaller, ByteView payload) {
        if (fromCaller && payload[0] >= 128)
            seen.push_back(toBytes(payload));
        return true;
    };
    QVERIFY(caller.session->sendMedia(call.pair.now(), audio, rtpPacket(Opus, 1)));
    QVERIFY(call.hasMedia(callee, 1));
    QCOMPARE(seen.size(), 1U);
    QVERIFY(seen[0] != rtpPacket(Opus, 1)); // it travels protected
    const Route route = callee.session->statistics().route;
    Bytes altered = seen[0];
    altered.back() ^= 1;
    for (const Bytes &packet : {seen[0], altered, rtpPacket(Opus, 1)})
        callee.session->receive(call.pair.now(), {route, packet});
    call.pair.drain();
    QCOMPARE(callee.media.size(), 1U);
    const auto protection = callee.session->mediaStatistics().protection;
    QCOMPARE(protection.replayed + protection.unauthenticated, 3U);
}

void tst_SessionTracks::audioLeavesBeforeVideoAndVideoBeforeMessages()
{
    Call call;
    Session &session = *call.pair.caller.session;
    const TrackId audio = session.addTrack(call.pair.now(), audioOptions(1));
    const TrackId video = session.addTrack(call.pair.now(), videoOptions(2));
    const ChannelId channel = session.openChannel(call.pair.now(), {});
    QVERIFY(call.connect());
    QVERIFY(session.send(call.pair.now(), channel, MessageKind::Binary, Bytes(1000))
            == ChannelSendResult::Queued);
    QVERIFY(session.sendMedia(call.pair.now(), video, rtpPacket(Vp8, 2)));
    QVERIFY(session.sendMedia(call.pair.now(), audio, rtpPacket(Opus, 1)));
    std::vector<std::uint8_t> order;
    while (const auto transmit = session.nextTransmit()) {
        const std::uint8_t first = transmit->payload[0];
        order.push_back(first >= 128 ? transmit->payload[1] : first);
    }
    QVERIFY(order.size() >= 3);
    QCOMPARE(order[0], Opus);
    QCOMPARE(order[1], Vp8);
    QVERIFY(order[2] >= 20 && order[2] <= 63); // DTLS
}

void tst_SessionTracks::whatWaitsIsBounded()
{
    Call call;
    Session &session = *call.pair.caller.session;
    const TrackId audio = session.addTrack(call.pair.now(), audioOptions(1));
    QVERIFY(call.connect());
    const std::size_t excess = 10;
    for (std::uint16_t i = 0; i < MediaLink::MaxWaiting + excess; ++i)
        QVERIFY(session.sendMedia(call.pair.now(), audio, numbered(rtpPacket(Opus, 1), i)));
    QCOMPARE(session.mediaStatistics().packetsDropped, excess);
    QVERIFY(call.hasMedia(call.pair.callee, MediaLink::MaxWaiting));
    // The oldest have gone.
    QCOMPARE(call.pair.callee.media.front().second, numbered(rtpPacket(Opus, 1), excess));
}

void tst_SessionTracks::mediaKeepsThePathAlive()
{
    Call call;
    SessionPair::End &caller = call.pair.caller;
    SessionPair::End &callee = call.pair.callee;
    const TrackId audio = caller.session->addTrack(call.pair.now(), audioOptions(1));
    const TrackId theirs = callee.session->addTrack(call.pair.now(), audioOptions(2));
    QVERIFY(call.connect());
    for (std::uint16_t i = 0; i < 500; ++i) {
        QVERIFY(caller.session->sendMedia(call.pair.now(), audio, numbered(rtpPacket(Opus, 1), i)));
        QVERIFY(
            callee.session->sendMedia(call.pair.now(), theirs, numbered(rtpPacket(Opus, 2), i)));
        call.pair.drain();
        call.pair.runFor(20ms);
    }
    QCOMPARE(caller.media.size(), 500U);
    QCOMPARE(callee.media.size(), 500U);
    QVERIFY(caller.isConnected() && callee.isConnected());
}

QTEST_APPLESS_MAIN(tst_SessionTracks)

#include "tst_sessiontracks.moc"
