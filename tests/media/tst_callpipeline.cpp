// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/rtpextensions.h"
#include "media/engine/ending.h"
#include "mediapair.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>

using namespace peer;
using namespace peer::media;
using namespace peer::test;

namespace {

constexpr std::uint16_t Alice = 3;
constexpr std::uint16_t Bob = 12;

} // namespace

class tst_CallPipeline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bothSidesSeeAndHearTheOther();
    void aSourceThatTakesOverIsSeenAtOnce();
    void lostPacketsAreSentAgain();
    void soundThatIsLostIsConcealedAndCounted();
    void soundThatIsLostComesWithAnother();
    void mutedSoundDoesNotComeWithAnother();
    void redundantSoundOfNonsenseIsRefused();
    void whatIsHeldUpIsNotTakenForLost();
    void picturesAndSoundStayTogether_data();
    void picturesAndSoundStayTogether();
    void aKeyFrameIsMadeAtOurOwnWish();
    void withoutRetransmissionAKeyFrameIsAskedFor();
    void packetsFitIntoADatagramAndCarryTheMid();
    void picturesGetSmallerWithTheRate();
    void lossBringsTheRateDown();
    void whatIsNotSentIsNotLost();
    void tracksComeAndGoInARunningCall();
    void whatIsNotAgreedIsRefused();
    void furtherSourcesAreNotDecoded();
    void survivesMutatedPackets();
    void aRequestForAReportStopsNothing();
    void aReportOfNonsenseMovesNothing();
    void whatHangsIsNotWaitedFor();
    void aLoudspeakerIsNotWaitedFor();
};

void tst_CallPipeline::bothSidesSeeAndHearTheOther()
{
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    bob.startSources();
    QVERIFY(eventually([&] {
        return alice.framesOf(Bob) >= 20 && bob.framesOf(Alice) >= 20 && alice.packetsOf(Bob) >= 40
            && bob.packetsOf(Alice) >= 40;
    }));
    QVERIFY(alice.lastSize() == (FrameSize{640, 360}));
    QCOMPARE(alice.framesOf(Alice), 0U);
    QCOMPARE(alice.packetsOf(Alice), 0);
    QCOMPARE(alice.faults().size(), 0U);
    QCOMPARE(bob.faults().size(), 0U);
}

void tst_CallPipeline::aSourceThatTakesOverIsSeenAtOnce()
{
    constexpr std::uint16_t Other = 21;
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return alice.picturesGiven() >= 120 && bob.pictures() > 0; }));
    // Its time begins at zero, as that of the first did four seconds ago.
    alice.changePicture(Other);
    QVERIFY(eventually([&] { return bob.framesOf(Other) >= 5; }));
    QVERIFY2(alice.picturesGiven() < 90, qPrintable(QString::number(alice.picturesGiven())));
}

void tst_CallPipeline::lostPacketsAreSentAgain()
{
    std::atomic<int> repeated = 0;
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.videoLink().loses = [&](ByteView packet) {
        const auto glance = glanceAtRtp(packet);
        if (glance->payloadType == 97)
            ++repeated;
        return glance->payloadType == 96 && glance->sequenceNumber % 10 == 0;
    };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 30 && repeated >= 5; }));
    QVERIFY(bob.faults().empty());
    QVERIFY(alice.video()->gate()->statistics().repeatsSent >= 5);
    QVERIFY(eventually([&] { return bob.video()->gate()->statistics().repeatsReceived >= 5; }));
}

void tst_CallPipeline::soundThatIsLostIsConcealedAndCounted()
{
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    // Two of four in a row come with others.
    alice.audioLink().loses = [](ByteView packet) {
        return glanceAtRtp(packet)->sequenceNumber % 10 < 4;
    };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    // One for each is tst_receivechain's: here a packet that comes too late is concealed as well.
    QVERIFY(eventually([&] { return bob.packetsOf(Alice) >= 200 && bob.concealed() >= 20; }));
}

void tst_CallPipeline::soundThatIsLostComesWithAnother()
{
    std::atomic<int> lost = 0;
    int redundant = 0;
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    bob.call().setRoundTripTime(std::chrono::seconds(1)); // a busy machine has time
    alice.audioLink().loses = [&](ByteView packet) {
        const auto glance = glanceAtRtp(packet);
        redundant += glance->payloadType == 63;
        const bool isLost = redundant > 10 && glance->sequenceNumber % 20 < 2;
        lost += isLost;
        return isLost;
    };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    // What comes too late is concealed as well, which a machine that stands still brings along; but
    // then it goes on, and of so many that are lost in a row none is.
    int concealed = 0;
    int lostBefore = 0;
    QVERIFY(eventually([&] {
        const int now = bob.concealed();
        if (now != concealed)
            lostBefore = lost;
        concealed = now;
        return bob.packetsOf(Alice) >= 200 && lost >= lostBefore + 10;
    }));
}

void tst_CallPipeline::mutedSoundDoesNotComeWithAnother()
{
    std::atomic<int> redundant = 0;
    std::atomic<bool> isMuted = false;
    std::mutex mutex;
    std::vector<int> after; // payload types
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.audioLink().loses = [&](ByteView packet) {
        const int type = glanceAtRtp(packet)->payloadType;
        redundant += type == 63;
        if (isMuted) {
            const std::lock_guard lock(mutex);
            after.push_back(type);
        }
        return false;
    };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return redundant >= 5; }));
    alice.audioLink().refuses = true;
    QVERIFY(eventually([&] { return alice.audioLink().refused >= 5; }));
    isMuted = true;
    alice.audioLink().refuses = false;
    QVERIFY(eventually([&] {
        const std::lock_guard lock(mutex);
        return after.size() >= 10;
    }));
    const std::lock_guard lock(mutex);
    // Not before there is something again that was not muted.
    QCOMPARE(std::vector(after.begin(), after.begin() + 2), (std::vector{111, 111}));
}

/// Of Alice's sound, with two blocks of this payload type (RFC 2198 section 3).
Bytes redundantPacket(std::uint16_t sequence, std::uint8_t blocksType)
{
    Bytes packet(12);
    packet[0] = 0x80;
    packet[1] = 63;
    writeUint16(&packet[2], sequence);
    writeUint32(&packet[4], sequence * 960U);
    writeUint32(&packet[8], 1000U * Alice + 3);
    const std::array<std::uint8_t, 4> octets{0xde, 0xad, 0xbe, 0xef};
    packet.push_back(static_cast<std::uint8_t>(0x80 | blocksType));
    packet.insert(packet.end(), {0x0f, 0x00, octets.size()}); // 960 ticks ago
    packet.push_back(blocksType);
    for (int block = 0; block < 2; ++block)
        packet.insert(packet.end(), octets.begin(), octets.end());
    return packet;
}

void tst_CallPipeline::redundantSoundOfNonsenseIsRefused()
{
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.connectTo(bob);
    bob.connectTo(alice);
    for (std::uint16_t sequence = 1; sequence < 128; ++sequence) {
        Bytes packet = redundantPacket(sequence, static_cast<std::uint8_t>(sequence % 128));
        alice.audioLink().sendRtp(packet);
        for (; !packet.empty(); packet.pop_back())
            alice.audioLink().sendRtp(packet);
    }
    alice.startSources();
    QVERIFY(eventually([&] { return bob.packetsOf(Alice) >= 20; }));
    QVERIFY(bob.faults().empty());
}

/// A link that keeps eight packets of fifty until the next comes: 160 ms of sound, which is longer
/// than it would be waited for if it were missing.
class HoldingUp
{
public:
    explicit HoldingUp(BackToBackLink &link)
        : m_link(link)
    { }

    bool operator()(ByteView packet)
    {
        if (m_isReleasing)
            return false;
        if (glanceAtRtp(packet)->sequenceNumber % 50 < 8) {
            m_held.push_back(toBytes(packet));
            return true;
        }
        m_isReleasing = true;
        for (const Bytes &held : std::exchange(m_held, {}))
            m_link.sendRtp(held);
        m_isReleasing = false;
        return false;
    }

private:
    BackToBackLink &m_link;
    std::vector<Bytes> m_held;
    bool m_isReleasing = false;
};

void tst_CallPipeline::whatIsHeldUpIsNotTakenForLost()
{
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.audioLink().loses = HoldingUp(alice.audioLink());
    alice.videoLink().loses = HoldingUp(alice.videoLink());
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return bob.packetsOf(Alice) >= 200 && bob.framesOf(Alice) >= 60; }));
    QCOMPARE(bob.concealed(), 0);
    QCOMPARE(alice.video()->gate()->statistics().repeatsSent, 0U);
}

void tst_CallPipeline::picturesAndSoundStayTogether_data()
{
    QTest::addColumn<int>("every");
    QTest::newRow("without loss") << 0;
    QTest::newRow("with a loss of 2 %") << 50;
}

void tst_CallPipeline::picturesAndSoundStayTogether()
{
    QFETCH(int, every);
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    const auto loses = [every](ByteView packet) {
        return every > 0 && glanceAtRtp(packet)->sequenceNumber % every == 0;
    };
    alice.videoLink().loses = loses;
    alice.audioLink().loses = loses;
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return bob.skews().size() >= 9; }));
    std::vector<int> skews = bob.skews();
    std::sort(skews.begin(), skews.end());
    const int middle = skews[skews.size() / 2];
    qInfo("pictures are %d ms behind the sound, from %d to %d", middle, skews.front(),
          skews.back());
    QVERIFY(std::abs(middle) <= 80);
}

void tst_CallPipeline::withoutRetransmissionAKeyFrameIsAskedFor()
{
    std::atomic<int> lost = 0;
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start(false) && bob.start(false));
    // The first key frame does not arrive whole.
    alice.videoLink().loses = [&](ByteView) { return lost++ < 2; };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 10; }));
}

void tst_CallPipeline::aKeyFrameIsMadeAtOurOwnWish()
{
    std::atomic<int> keyFrames = 0;
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.videoLink().seen = [&](ByteView packet) {
        constexpr std::array<std::uint8_t, 3> StartCode = {0x9d, 0x01, 0x2a}; // RFC 6386, 9.1
        const auto head = packet.first(std::min<std::size_t>(packet.size(), 60));
        keyFrames += std::search(head.begin(), head.end(), StartCode.begin(), StartCode.end())
            != head.end();
    };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 10; }));
    const int before = keyFrames;
    alice.video()->sending().refresh();
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 40; }));
    QCOMPARE(keyFrames, before + 1);
}

void tst_CallPipeline::packetsFitIntoADatagramAndCarryTheMid()
{
    std::atomic<std::size_t> longest = 0;
    std::atomic<int> withMid = 0;
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.videoLink().seen = [&](ByteView packet) {
        if (packet.size() > longest)
            longest = packet.size();
        // 0x10: id 1 of one octet, '1'; 0x31: id 3 of two octets
        const Bytes head = toBytes(packet.subspan(12, 7));
        withMid += head == Bytes{0xbe, 0xde, 0, 2, 0x10, '1', 0x31};
    };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 10 && withMid >= 20; }));
    QVERIFY(longest > 1000);
    QVERIFY(longest <= 1200 - 16);
}

void tst_CallPipeline::picturesGetSmallerWithTheRate()
{
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 3; }));
    alice.call().transport().setMaximum(200'000);
    QVERIFY(eventually([&] { return bob.lastSize() == FrameSize{320, 180}; }));
    const std::size_t before = bob.framesOf(Alice);
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= before + 15; }));
    alice.call().transport().setMaximum(RateControl::Max);
    QVERIFY(eventually([&] { return bob.lastSize() == FrameSize{640, 360}; }));
}

void tst_CallPipeline::lossBringsTheRateDown()
{
    std::atomic<int> packets = 0;
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.videoLink().loses = [&](ByteView) { return packets++ % 3 == 0; };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return alice.call().transport().target() < 300'000; }));
    QVERIFY(alice.call().transport().roundTripTime());
    QVERIFY(bob.packetsOf(Alice) > 0);
    QCOMPARE(bob.call().transport().target(), RateControl::Initial); // who has sent nothing
}

void tst_CallPipeline::whatIsNotSentIsNotLost()
{
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.videoLink().refuses = true; // as a track that is muted
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] {
        return alice.videoLink().refused >= 90 && bob.packetsOf(Alice) >= 100
            && alice.call().transport().roundTripTime();
    }));
    QVERIFY2(alice.call().transport().target() >= RateControl::Initial,
             qPrintable(QString::number(alice.call().transport().target())));
    QVERIFY(alice.call().transport().loss() < 0.1);
    alice.videoLink().refuses = false;
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 5; }));
}

void tst_CallPipeline::tracksComeAndGoInARunningCall()
{
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    for (int round = 0; round < 3; ++round) {
        QVERIFY(round > 0 || (alice.start() && bob.start()));
        if (round > 0)
            QVERIFY(alice.startTracks(true) && bob.startTracks(true));
        const std::size_t before = bob.framesOf(Alice);
        const int soundsBefore = bob.packetsOf(Alice);
        alice.connectTo(bob);
        bob.connectTo(alice);
        alice.startSources();
        QVERIFY(eventually([&] {
            return bob.framesOf(Alice) >= before + 1 && bob.packetsOf(Alice) >= soundsBefore + 5;
        }));
        alice.stopTracks();
        bob.stopTracks();
    }
    QVERIFY(bob.faults().empty());
}

void tst_CallPipeline::whatIsNotAgreedIsRefused()
{
    MediaPeer alice(Alice);
    QVERIFY(alice.start());
    const auto refused = [&](const Bytes &packet) {
        const auto before = alice.video()->gate()->statistics().refused;
        alice.video()->gate()->enter(packet);
        return alice.video()->gate()->statistics().refused == before + 1;
    };
    QVERIFY(refused({}));
    QVERIFY(refused({0x80, 0x60}));
    QVERIFY(refused({0x80, 98, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0}));         // payload type 98
    QVERIFY(refused({0x16, 0xfe, 0xfd, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0})); // DTLS
    QVERIFY(!refused({0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0}));
    QVERIFY(!refused({0x80, 201, 0, 1, 0, 0, 0, 1})); // RTCP goes on; rtpbin judges it
}

void tst_CallPipeline::furtherSourcesAreNotDecoded()
{
    // Twenty of them, each with the same sound.
    std::atomic<int> sent = 0;
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.audioLink().loses = [&](ByteView packet) {
        for (std::uint8_t source = 0; source < 20; ++source) {
            Bytes copy = toBytes(packet);
            copy[8] = source;
            bob.audio()->gate()->enter(copy);
        }
        ++sent;
        return true;
    };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return sent >= 50 && bob.packetsOf(Alice) >= 20; }));
    QVERIFY(bob.audio()->decodedStreams() <= CallTrack::MaxStreams);
    QVERIFY(bob.packetsOf(Alice) <= int(CallTrack::MaxStreams) * (sent + 10));
    // No thread of Alice's may reach Bob when he has gone.
    alice.stopTracks();
}

void tst_CallPipeline::survivesMutatedPackets()
{
    std::atomic<std::uint32_t> random = 1;
    std::atomic<int> mutated = 0;
    MediaPeer bob(Bob);
    MediaPeer alice(Alice); // ends before Bob, to whom it brings what is mutated
    QVERIFY(alice.start() && bob.start());
    const auto mutate = [&](ByteView packet, media::TrackGate &gate) {
        for (int times = 0; times < 5; ++times) {
            Bytes copy = toBytes(packet);
            for (int octets = 0; octets < 3; ++octets) {
                random = random * 1664525 + 1013904223;
                // Payload type and SSRC stay, or it would not get far.
                const std::size_t at = 12 + (random >> 16) % (copy.size() - 12);
                copy[at] = std::uint8_t(random >> 8);
            }
            copy.resize(copy.size() - (random >> 20) % std::min<std::size_t>(copy.size() - 12, 8));
            gate.enter(copy);
            ++mutated;
        }
    };
    alice.videoLink().seen = [&, mutate](ByteView packet) { mutate(packet, *bob.video()->gate()); };
    alice.audioLink().seen = [&, mutate](ByteView packet) { mutate(packet, *bob.audio()->gate()); };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    QVERIFY(eventually([&] { return mutated >= 2000; }));
    alice.stopTracks();
    // Another sender after that is seen as ever.
    MediaPeer carol(21);
    QVERIFY(carol.start());
    carol.connectTo(bob);
    bob.connectTo(carol);
    carol.startSources();
    QVERIFY(eventually([&] { return bob.framesOf(21) >= 5 && bob.packetsOf(21) >= 5; }));
    QCOMPARE(bob.faults().size(), 0U);
}

/// RFC 6051 section 3.2; rtpbin would lock itself out.
void tst_CallPipeline::aRequestForAReportStopsNothing()
{
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    bob.startSources();
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 5 && bob.packetsOf(Alice) >= 5; }));
    for (const auto &track : {bob.video(), bob.audio()}) {
        const bool isVideo = track == bob.video();
        Bytes request = {0x80 | 5, 205, 0, 2};
        for (const auto *config :
             {isVideo ? &alice.video()->config() : &alice.audio()->config(), &track->config()}) {
            for (const int shift : {24, 16, 8, 0})
                request.push_back(std::uint8_t(config->ssrc >> shift));
        }
        track->gate()->enter(request);
    }
    const std::size_t frames = bob.framesOf(Alice);
    const int sounds = bob.packetsOf(Alice);
    QVERIFY(eventually(
        [&] { return bob.framesOf(Alice) >= frames + 30 && bob.packetsOf(Alice) >= sounds + 50; }));
}

/// That says the pictures are two seconds late; they would be held back, and then be dropped.
void tst_CallPipeline::aReportOfNonsenseMovesNothing()
{
    std::atomic<int> reports = 0;
    Bytes report; // of the link's thread, which ends with Alice
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    QVERIFY(alice.start() && bob.start());
    alice.videoLink().seen = [&](ByteView packet) {
        constexpr std::size_t Seconds = 8; // of the NTP timestamp, RFC 3550 section 6.4.1
        if (packet[1] == 200 && packet.size() >= Seconds + 4) {
            report = toBytes(packet);
            writeUint32(report.data() + Seconds, readUint32(report.data() + Seconds) + 2);
        }
        if (report.empty())
            return;
        bob.video()->gate()->enter(report);
        ++reports;
    };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    bob.startSources();
    QVERIFY(eventually([&] { return reports >= 60; }));
    const std::size_t frames = bob.framesOf(Alice);
    const int sounds = bob.packetsOf(Alice);
    QVERIFY(eventually(
        [&] { return bob.framesOf(Alice) >= frames + 30 && bob.packetsOf(Alice) >= sounds + 50; }));
}

/// As an element does that has locked itself out; here it is what takes Alice's packets.
void tst_CallPipeline::whatHangsIsNotWaitedFor()
{
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::atomic<bool> hangs = false;
    {
        MediaPeer alice(Alice);
        MediaPeer bob(Bob);
        QVERIFY(alice.start() && bob.start());
        alice.videoLink().loses = [&](ByteView) {
            hangs = true;
            released.wait();
            return true;
        };
        alice.connectTo(bob);
        bob.connectTo(alice);
        alice.startSources();
        bob.startSources();
        QVERIFY(eventually([&] { return hangs && alice.pictures() > 0; }));
        alice.call().stop();
        QCOMPARE(endingsUnderWay(), 1);
        const int pictures = alice.pictures();
        release.set_value();
        QVERIFY(eventually([] { return endingsUnderWay() == 0; }));
        QCOMPARE(alice.pictures(), pictures); // nobody was called any more
    }
    QCOMPARE(endingsUnderWay(), 0);
}

/// As long as it is being opened; here it hangs in saying that it cannot be.
void tst_CallPipeline::aLoudspeakerIsNotWaitedFor()
{
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::atomic<bool> hangs = false;
    {
        MediaPeer alice(Alice);
        QVERIFY(alice.start());
        GstPointer<GstElement> device(gst_element_factory_make("fakesink", nullptr));
        gst_object_ref_sink(device.get());
        gst_util_set_object_arg(G_OBJECT(device.get()), "state-error", "ready-to-paused");
        QVERIFY(alice.call().setSpeaker(std::move(device), {}, [&](const Fault &) {
            hangs = true;
            released.wait();
        }));
        QVERIFY(eventually([&] { return hangs.load(); }));
        alice.call().removeSpeaker();
        QCOMPARE(endingsUnderWay(), 1);
        release.set_value();
        QVERIFY(eventually([] { return endingsUnderWay() == 0; }));
    }
}

QTEST_GUILESS_MAIN(tst_CallPipeline)
#include "tst_callpipeline.moc"
