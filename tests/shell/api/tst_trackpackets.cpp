// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "trackcall.h"

#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

using namespace Qt::StringLiterals;

using Kind = PeerTrack::Kind;
using Direction = PeerTrack::Direction;
using TrackState = PeerTrack::State;

namespace {

/// Keeps the network thread in a handler of that port, from the next packet on.
class Blockade
{
public:
    explicit Blockade(const PeerRtpPort &port)
        : m_port(port)
    {
        port.setHandler([state = m_state](PeerRtpPort::PacketKind, QByteArrayView) {
            state->entered.release();
            state->leave.acquire();
        });
    }
    ~Blockade()
    {
        lift();
        m_port.setHandler({});
    }
    Blockade(const Blockade &) = delete;
    Blockade &operator=(const Blockade &) = delete;

    /// It has begun.
    void wait() { m_state->entered.acquire(); }
    void lift() { m_state->leave.release(1'000'000); }

private:
    struct State
    {
        QSemaphore entered;
        QSemaphore leave;
    };
    PeerRtpPort m_port;
    std::shared_ptr<State> m_state = std::make_shared<State>();
};

} // namespace

Q_DECLARE_METATYPE(std::function<QByteArray(quint32)>)

/// What goes into a track and what comes out, in any thread.
class TrackPacketsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesWhatIsNotOfTheTrack_data();
    void refusesWhatIsNotOfTheTrack();
    void takesAPacketOfTheLargestSize();
    void sendsNoSequenceNumberTwice();
    void sendsRetransmissions();
    void dropsWhatIsSentWhileMuted();
    void boundsWhatWaitsToBeSent();
    void keepsTheFirstPacketsForAHandler();
    void boundsTheFirstPackets();
    void dropsWithoutAHandler();
    void callsNoHandlerThatWasTakenAway();
    void callsNoHandlerOfATrackThatHasEnded();
    void replacesAHandlerInItself();
    void endsATrackInAHandlerOfAnother();
    void letsGoOfHandlersWithTheTrack();
    void sendsFromManyThreadsWhileTheConnectionCloses();
    void sendsFromManyThreadsWhileTracksComeAndGo();
    void outlivesItsTrack();
    void doesNotWaitForTheThreadOfTheTrack();
};

void TrackPacketsTest::refusesWhatIsNotOfTheTrack_data()
{
    QTest::addColumn<bool>("isRtcp");
    QTest::addColumn<std::function<QByteArray(quint32)>>("packet");
    using Make = std::function<QByteArray(quint32)>;
    const auto row = [](const char *name, bool isRtcp, const Make &make) {
        QTest::newRow(name) << isRtcp << make;
    };
    row("nothing", false, [](quint32) { return QByteArray(); });
    row("too short for a header", false, [](quint32 ssrc) { return rtp(111, ssrc).left(11); });
    row("another version", false, [](quint32 ssrc) {
        QByteArray packet = rtp(111, ssrc);
        packet[0] = 0x40;
        return packet;
    });
    row("an SSRC of nobody", false, [](quint32 ssrc) { return rtp(111, ssrc + 1); });
    row("a payload type of nobody", false, [](quint32 ssrc) { return rtp(100, ssrc); });
    row("a payload type of another track", false, [](quint32 ssrc) { return rtp(96, ssrc); });
    row("one octet too many", false,
        [](quint32 ssrc) { return rtp(111, ssrc, 0, PeerTrack::MaxPacketSize - 12 + 1); });
    row("RTCP as RTP", false, [](quint32 ssrc) { return senderReport(ssrc); });
    row("RTP as RTCP", true, [](quint32 ssrc) { return rtp(111, ssrc); });
    row("nothing as RTCP", true, [](quint32) { return QByteArray(); });
    row("RTCP with a tail", true, [](quint32 ssrc) { return senderReport(ssrc) + "tail"; });
    row("RTCP that is cut off", true, [](quint32 ssrc) { return senderReport(ssrc).chopped(4); });
    row("RTCP that is too large", true, [](quint32 ssrc) {
        QByteArray packets;
        while (packets.size() <= PeerTrack::MaxPacketSize)
            packets += senderReport(ssrc);
        return packets;
    });
}

void TrackPacketsTest::refusesWhatIsNotOfTheTrack()
{
    QFETCH(const bool, isRtcp);
    QFETCH(const std::function<QByteArray(quint32)>, packet);
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const PacketLog heard(call.calleeAdded->port());
    const QByteArray bad = packet(track->sources().at(0).ssrc);
    QVERIFY(!(isRtcp ? track->sendRtcp(bad) : track->sendRtp(bad)));
    QCOMPARE(track->statistics().droppedInvalid, 1U);
    QVERIFY(sendOne(track, 3));
    QVERIFY(eventually([&] { return heard.rtp().size() == 1; }));
    QCOMPARE(sequenceOf(heard.rtp().at(0)), 3);
    QVERIFY(heard.rtcp().isEmpty());
}

void TrackPacketsTest::takesAPacketOfTheLargestSize()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const PacketLog heard(call.calleeAdded->port());
    const QByteArray large = rtp(111, track->sources().at(0).ssrc, 0,
                                 PeerTrack::MaxPacketSize - 12);
    QVERIFY(track->sendRtp(large));
    QVERIFY(eventually([&] { return heard.rtp() == QList<QByteArray>{large}; }));
}

void TrackPacketsTest::sendsNoSequenceNumberTwice()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const PacketLog heard(call.calleeAdded->port());
    for (const quint16 sequence : {1, 2, 2, 3})
        QVERIFY(sendOne(track, sequence));
    QVERIFY(eventually([&] { return heard.rtp().size() == 3; }));
    QCOMPARE(track->statistics().packetsSent, 3U);
    QCOMPARE(track->statistics().droppedInvalid, 1U);
}

void TrackPacketsTest::sendsRetransmissions()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Video);
    QVERIFY(track);
    const PacketLog seen(call.calleeAdded->port());
    QCOMPARE(track->agreedFormats().at(1).repeatedPayloadType(), 96);
    QVERIFY(track->sendRtp(
        rtp(track->agreedFormats().at(1).payloadType, track->sources().at(0).retransmissionSsrc)));
    QVERIFY(eventually([&] { return seen.rtp().size() == 1; }));
}

void TrackPacketsTest::dropsWhatIsSentWhileMuted()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const QSignalSpy muted(track, &PeerTrack::mutedChanged);
    const QSignalSpy agreement(track, &PeerTrack::agreementChanged);
    const PacketLog heard(call.calleeAdded->port());
    track->setMuted(true);
    track->setMuted(true);
    QVERIFY(track->isMuted());
    QCOMPARE(muted.count(), 1);
    QVERIFY(!sendOne(track, 1));
    QVERIFY(track->sendRtcp(senderReport(track->sources().at(0).ssrc)));
    track->setMuted(false);
    QVERIFY(sendOne(track, 2));
    QVERIFY(eventually([&] { return heard.rtp().size() == 1 && heard.rtcp().size() == 1; }));
    QCOMPARE(sequenceOf(heard.rtp().at(0)), 2);
    QCOMPARE(track->statistics().droppedMuted, 1U);
    QCOMPARE(agreement.count(), 0);
}

void TrackPacketsTest::boundsWhatWaitsToBeSent()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    PeerTrack *other = call.open(Kind::Video);
    QVERIFY(track && other);
    const PacketLog heard(call.callee()->tracks().at(0)->port());
    constexpr int Beyond = 50;
    {
        Blockade blockade(call.calleeAdded->port());
        QVERIFY(sendOne(other));
        blockade.wait();
        for (quint16 i = 0; i < PeerTrack::SendQueueSize + Beyond; ++i)
            QVERIFY(sendOne(track, i));
        QCOMPARE(track->statistics().droppedLate, quint64(Beyond));
    }
    QVERIFY(eventually([&] { return heard.rtp().size() == PeerTrack::SendQueueSize; }));
    for (quint16 i = 0; i < PeerTrack::SendQueueSize; ++i)
        QCOMPARE(sequenceOf(heard.rtp().at(i)), i + Beyond);
    QCOMPARE(track->statistics().packetsSent, quint64(PeerTrack::SendQueueSize));
}

void TrackPacketsTest::keepsTheFirstPacketsForAHandler()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const PeerTrack *added = call.calleeAdded;
    for (quint16 i = 0; i < 10; ++i)
        QVERIFY(sendOne(track, i));
    QVERIFY(eventually([&] { return added->statistics().packetsReceived == 10; }));
    const PacketLog heard(added->port());
    QVERIFY(eventually([&] { return heard.rtp().size() == 10; })); // without another packet
    QVERIFY(sendOne(track, 10));
    QVERIFY(eventually([&] { return heard.rtp().size() == 11; }));
    for (quint16 i = 0; i < 11; ++i)
        QCOMPARE(sequenceOf(heard.rtp().at(i)), i);
    QCOMPARE(added->statistics().droppedUnread, 0U);
}

void TrackPacketsTest::boundsTheFirstPackets()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const PeerTrack *added = call.calleeAdded;
    constexpr int Count = PeerTrack::EarlyQueueSize + 20;
    for (quint16 i = 0; i < Count; ++i)
        QVERIFY(sendOne(track, i));
    QVERIFY(eventually([&] { return added->statistics().packetsReceived == Count; }));
    QCOMPARE(added->statistics().droppedUnread, 20U);
    const PacketLog heard(added->port());
    QVERIFY(eventually([&] { return heard.rtp().size() == PeerTrack::EarlyQueueSize; }));
    QCOMPARE(sequenceOf(heard.rtp().at(0)), 20);
}

void TrackPacketsTest::dropsWithoutAHandler()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const PeerTrack *added = call.calleeAdded;
    added->setPacketHandler({});
    for (quint16 i = 0; i < 10; ++i)
        QVERIFY(sendOne(track, i));
    QVERIFY(eventually([&] { return added->statistics().packetsReceived == 10; }));
    QVERIFY(eventually([&] { return added->statistics().droppedUnread == 10; }));
    const PacketLog heard(added->port());
    QVERIFY(sendOne(track, 10));
    QVERIFY(eventually([&] { return heard.rtp().size() == 1; }));
}

void TrackPacketsTest::callsNoHandlerThatWasTakenAway()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    std::atomic<bool> isOver = false;
    std::thread sender([port = track->port(), ssrc = track->sources().at(0).ssrc, &isOver] {
        for (quint16 i = 0; !isOver; ++i) {
            port.sendRtp(rtp(111, ssrc, i));
            std::this_thread::yield();
        }
    });
    const PeerRtpPort port = call.calleeAdded->port();
    bool wasCalledAfterwards = false;
    int calls = 0;
    for (int round = 0; round < 50; ++round) {
        std::atomic<bool> isTaken = false; // on the stack: a late call would be seen by sanitizers
        std::atomic<int> heard = 0;
        std::atomic<bool> isLate = false;
        port.setHandler([&](PeerRtpPort::PacketKind, QByteArrayView) {
            isLate = isLate || isTaken;
            ++heard;
        });
        if (!eventually([&] { return heard > 0; }))
            break;
        port.setHandler({});
        isTaken = true;
        QCoreApplication::processEvents();
        wasCalledAfterwards = wasCalledAfterwards || isLate;
        calls += heard > 0;
    }
    isOver = true;
    sender.join();
    QCOMPARE(calls, 50);
    QVERIFY(!wasCalledAfterwards);
}

void TrackPacketsTest::callsNoHandlerOfATrackThatHasEnded()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    PeerTrack *deleted = call.open(Kind::Audio);
    QVERIFY(track && deleted);
    std::atomic<int> heard = 0;
    std::atomic<bool> isOver = false;
    std::vector<std::thread> senders;
    for (const PeerTrack *each : {track, deleted})
        senders.emplace_back([port = each->port(), ssrc = each->sources().at(0).ssrc, &isOver] {
            for (quint16 i = 0; !isOver; ++i) {
                port.sendRtp(rtp(111, ssrc, i));
                std::this_thread::yield();
            }
        });
    for (const PeerTrack *each : call.callee()->tracks())
        each->setPacketHandler([&](PeerRtpPort::PacketKind, QByteArrayView) { ++heard; });
    const bool wasHeard = eventually([&] { return heard > 100; });
    call.callee()->tracks().at(0)->end();
    delete call.calleeAdded;
    const int then = heard;
    QCoreApplication::processEvents();
    const int later = heard;
    isOver = true;
    for (std::thread &sender : senders)
        sender.join();
    QVERIFY(wasHeard);
    QCOMPARE(later, then);
}

void TrackPacketsTest::replacesAHandlerInItself()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const PeerRtpPort port = call.calleeAdded->port();
    std::atomic<int> first = 0;
    std::atomic<int> second = 0;
    // The early ones come in one go: the second packet is for the second handler.
    for (quint16 i = 0; i < 3; ++i)
        QVERIFY(sendOne(track, i));
    QVERIFY(eventually([&] { return port.statistics().packetsReceived == 3; }));
    const QByteArray kept("what the first handler keeps lives until it has returned");
    port.setHandler([&, kept, port](PeerRtpPort::PacketKind, QByteArrayView) {
        port.setHandler([&, port](PeerRtpPort::PacketKind, QByteArrayView) {
            ++second;
            port.setHandler({});
        });
        first += kept.size() > 0;
    });
    QVERIFY(eventually([&] { return second == 1; }));
    QCOMPARE(first, 1);
    QVERIFY(sendOne(track, 3));
    QVERIFY(eventually([&] { return port.statistics().droppedUnread == 2; }));
    QCOMPARE(second, 1);
}

void TrackPacketsTest::endsATrackInAHandlerOfAnother()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *audio = call.open(Kind::Audio);
    PeerTrack *video = call.open(Kind::Video);
    QVERIFY(audio && video);
    const QPointer<PeerTrack> heard = call.callee()->tracks().at(0);
    heard->setPacketHandler([video](PeerRtpPort::PacketKind, QByteArrayView) {
        QMetaObject::invokeMethod(video, &PeerTrack::end, Qt::QueuedConnection);
    });
    QVERIFY(sendOne(audio));
    QVERIFY(eventually([&] { return video->state() == TrackState::Ended; }));
    QVERIFY(eventually([&] { return !call.calleeAdded; }));
    QVERIFY(isOpen(audio));
}

void TrackPacketsTest::letsGoOfHandlersWithTheTrack()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    const auto token = std::make_shared<int>();
    const PeerRtpPort port = call.calleeAdded->port();
    // It holds the very port that holds it.
    port.setHandler([token, port](PeerRtpPort::PacketKind, QByteArrayView) {});
    QCOMPARE(token.use_count(), 2);
    track->end();
    QVERIFY(eventually([&] { return token.use_count() == 1; }));
    port.setHandler([token](PeerRtpPort::PacketKind, QByteArrayView) {});
    QCOMPARE(token.use_count(), 1);
}

void TrackPacketsTest::sendsFromManyThreadsWhileTheConnectionCloses()
{
    for (const bool byDeletion : {false, true}) {
        TrackCall call;
        QVERIFY(call.connect());
        PeerTrack *track = call.open(Kind::Audio);
        QVERIFY(track);
        call.calleeAdded->setDirection(Direction::SendReceive);
        QVERIFY(eventually([&] { return track->currentDirection() == Direction::SendReceive; }));
        const PacketLog heard(call.calleeAdded->port());
        std::atomic<bool> isOver = false;
        std::vector<std::thread> senders;
        for (const PeerTrack *each : {track, track, call.calleeAdded.data(), track}) {
            senders.emplace_back([port = each->port(), ssrc = each->sources().at(0).ssrc, &isOver] {
                for (quint16 i = 0; !isOver; ++i) {
                    port.sendRtp(rtp(111, ssrc, i));
                    port.sendRtcp(senderReport(ssrc));
                    std::this_thread::yield();
                }
            });
        }
        const bool wasHeard = eventually([&] { return heard.rtp().size() > 200; });
        const PeerRtpPort port = track->port();
        const PeerRtpPort other = call.calleeAdded->port();
        if (byDeletion)
            call.meeting().caller.reset();
        else
            call.caller()->close();
        const bool isClosed = eventually([&] { return !port.isOpen() && !other.isOpen(); });
        isOver = true;
        for (std::thread &sender : senders)
            sender.join();
        QVERIFY(wasHeard);
        QVERIFY(isClosed);
        QVERIFY(eventually([&] { return call.meeting().calleeLog->closed == 1; }));
    }
}

void TrackPacketsTest::sendsFromManyThreadsWhileTracksComeAndGo()
{
    TrackCall call;
    QVERIFY(call.connect());
    for (int round = 0; round < 5; ++round) {
        PeerTrack *track = call.open(round % 2 == 0 ? Kind::Audio : Kind::Video);
        QVERIFY(track);
        const PacketLog heard(call.calleeAdded->port());
        std::atomic<bool> isOver = false;
        std::array<std::thread, 2> senders;
        for (std::thread &sender : senders) {
            sender = std::thread([port = track->port(), ssrc = track->sources().at(0).ssrc,
                                  type = track->agreedFormats().at(0).payloadType, &isOver] {
                for (quint16 i = 0; !isOver; ++i) {
                    port.sendRtp(rtp(type, ssrc, i));
                    std::this_thread::yield();
                }
            });
        }
        const bool wasHeard = eventually([&] { return heard.rtp().size() > 50; });
        track->setMuted(true);
        track->setDirection(Direction::Inactive);
        track->setMuted(false);
        delete track;
        isOver = true;
        for (std::thread &sender : senders)
            sender.join();
        QVERIFY(wasHeard);
        QVERIFY(eventually([&] { return call.callee()->tracks().isEmpty(); }));
    }
}

void TrackPacketsTest::outlivesItsTrack()
{
    PeerRtpPort port;
    QVERIFY(port.isNull());
    QVERIFY(!port.isOpen());
    QVERIFY(!port.sendRtp(rtp(111, 1)));
    QVERIFY(!port.sendRtcp(senderReport(1)));
    port.setHandler([](PeerRtpPort::PacketKind, QByteArrayView) {});
    QCOMPARE(port.statistics().droppedClosed, 0U);
    {
        PeerConnection connection;
        port = connection.addTrack(Kind::Audio)->port();
        QVERIFY(!port.isNull());
    }
    QVERIFY(!port.isOpen());
    QVERIFY(!port.sendRtp(rtp(111, 1)));
    port.setHandler([](PeerRtpPort::PacketKind, QByteArrayView) {});
    QCOMPARE(port.statistics().droppedClosed, 1U);
}

void TrackPacketsTest::doesNotWaitForTheThreadOfTheTrack()
{
    TrackCall call;
    QVERIFY(call.connect());
    PeerTrack *track = call.open(Kind::Audio);
    QVERIFY(track);
    // This thread, in which both tracks live, runs no event loop meanwhile.
    QSemaphore heard;
    call.calleeAdded->setPacketHandler(
        [&](PeerRtpPort::PacketKind, QByteArrayView) { heard.release(); });
    std::thread sender([port = track->port(), ssrc = track->sources().at(0).ssrc] {
        for (quint16 i = 0; i < 100; ++i)
            port.sendRtp(rtp(111, ssrc, i));
    });
    const bool hasCome = heard.tryAcquire(100, 30'000);
    sender.join();
    call.calleeAdded->setPacketHandler({});
    QVERIFY(hasCome);
}

QTEST_GUILESS_MAIN(TrackPacketsTest)

#include "tst_trackpackets.moc"
