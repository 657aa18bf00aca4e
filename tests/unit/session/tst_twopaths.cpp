// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rtppackets.h"
#include "session/packetkind.h"
#include "session/session.h"
#include "support/sessionpair/sessionpair.h"
#include "support/virtualclock/virtualclock.h"
#include "trackoptions.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <vector>

using namespace std::chrono_literals;
using namespace peer;
using peer::test::audioOptions;
using peer::test::rtpPacket;
using peer::test::SeedRandom;
using peer::test::SessionPair;
using peer::test::VirtualClock;

namespace {

constexpr TransportId Udp{1};
constexpr TransportId Tunnel{2};

TransportAddress addressOf(bool isCaller)
{
    return {IpAddress::fromV4(isCaller ? 0xC0000201 : 0xC6336401), 5000}; // 192.0.2.1, 198.51.100.1
}

bool isStun(ByteView datagram)
{
    return packetKind(datagram) == PacketKind::Stun;
}

bool isDtls(ByteView datagram)
{
    return packetKind(datagram) == PacketKind::Dtls;
}

/// A call over a direct path and, besides it, the tunnel.
class TwoPaths
{
public:
    struct Sent
    {
        TimePoint at;
        bool isByCaller;
        bool isByTunnel;
        Bytes octets;
    };

    TwoPaths()
    {
        SessionPair::Options options = SessionPair::defaults();
        options.callee.peersTracks = {audioOptions(800)};
        caller.emplace(options.caller, m_random);
        callee.emplace(options.callee, m_random);
        for (const bool isCaller : {true, false}) {
            Session &end = session(isCaller);
            end.addLocalAddress(now(), {Udp, addressOf(isCaller), 65535});
            end.endOfLocalAddresses(now());
        }
    }

    void addTunnel()
    {
        for (const bool isCaller : {true, false})
            m_tunnel[isCaller] = session(isCaller).addTunnel(now(), Tunnel);
    }
    /// The handshake has begun on the direct path; then there is the tunnel as well.
    bool begin()
    {
        caller->dial(now());
        const bool hasBegun = runUntil(
            [&] {
                return std::any_of(sent.begin(), sent.end(),
                                   [](const Sent &each) { return isDtls(each.octets); });
            },
            10s);
        addTunnel();
        return hasBegun;
    }
    bool connect()
    {
        return begin() && runUntil([&] { return isConnected(); }, 10s);
    }
    /// What was sent at that place went by the tunnel too.
    bool isCopied(std::size_t at) const
    {
        return at + 1 < sent.size() && !sent[at].isByTunnel && sent[at + 1].isByTunnel
            && sent[at + 1].isByCaller == sent[at].isByCaller
            && sent[at + 1].octets == sent[at].octets;
    }

    static TimePoint now() { return VirtualClock::now(); }

    Session &session(bool isCaller) { return isCaller ? *caller : *callee; }

    bool isConnected() const
    {
        return caller->state() == SessionState::Connected
            && callee->state() == SessionState::Connected;
    }

    bool runUntil(const std::function<bool()> &done, Duration limit)
    {
        const TimePoint end = now() + limit;
        drain();
        while (!done()) {
            TimePoint next = std::min(caller->nextDeadline(), callee->nextDeadline());
            if (!m_events.empty())
                next = std::min(next, m_events.begin()->first);
            VirtualClock::advanceTo(std::min(end, std::max(next, now())));
            if (next > end)
                return false;
            step();
        }
        return true;
    }

    void runFor(Duration duration)
    {
        runUntil([] { return false; }, duration);
    }

    void drain()
    {
        drain(true);
        drain(false);
    }

    std::optional<Session> caller, callee;
    /// One way.
    Duration delay = 10ms, tunnelDelay = 10ms;
    std::function<bool(bool isByTunnel, ByteView)> passes;
    std::vector<Sent> sent;

private:
    void step()
    {
        while (!m_events.empty() && m_events.begin()->first <= now()) {
            const auto event = std::move(m_events.begin()->second);
            m_events.erase(m_events.begin());
            event();
            drain();
        }
        for (const bool isCaller : {true, false}) {
            if (session(isCaller).nextDeadline() <= now())
                session(isCaller).advance(now());
            drain();
        }
    }

    void drain(bool isCaller)
    {
        Session &end = session(isCaller);
        while (const auto transmit = end.nextTransmit()) {
            const bool isByTunnel = transmit->route.transport == Tunnel;
            const Bytes octets = toBytes(transmit->payload);
            sent.push_back({now(), isCaller, isByTunnel, octets});
            if (!passes || passes(isByTunnel, octets))
                carry(!isCaller, isByTunnel, octets);
        }
        while (auto event = end.nextEvent()) {
            if (const auto *ready = std::get_if<event::SignalReady>(&*event)) {
                m_events.emplace(now() + 10ms, [this, isCaller, signal = ready->signal] {
                    session(!isCaller).handleSignal(now(), signal);
                });
            } else if (std::holds_alternative<event::OfferAccepted>(*event)) {
                end.accept(now());
            }
        }
        while (end.nextTrackEvent() || end.nextMedia() || end.nextRequest())
            continue;
    }

    void carry(bool toCaller, bool isByTunnel, const Bytes &octets)
    {
        const Route route = isByTunnel ? m_tunnel[toCaller]
                                       : Route{Udp, addressOf(toCaller), addressOf(!toCaller)};
        m_events.emplace(now() + (isByTunnel ? tunnelDelay : delay),
                         [this, toCaller, route, octets] {
                             session(toCaller).receive(now(), {route, octets});
                         });
    }

    SeedRandom m_random{1};
    Route m_tunnel[2];
    std::multimap<TimePoint, std::function<void()>> m_events;
};

} // namespace

/// What goes by a second path as well, and what it costs at most.
class tst_TwoPaths : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aSlowHandshakeGoesByEveryKindOfPath_data();
    void aSlowHandshakeGoesByEveryKindOfPath();
    void aHandshakeThatIsNotSlowGoesByOnePath();
    void copiesToTheStandbyAreBounded_data();
    void copiesToTheStandbyAreBounded();
};

void tst_TwoPaths::aSlowHandshakeGoesByEveryKindOfPath_data()
{
    QTest::addColumn<int>("roundTrip");
    QTest::addColumn<int>("slowAfter");
    QTest::newRow("a short round trip") << 20 << 250;
    QTest::newRow("a longer one: three of them") << 120 << 360;
    QTest::newRow("one that a queue pretends") << 600 << 500;
}

void tst_TwoPaths::aSlowHandshakeGoesByEveryKindOfPath()
{
    QFETCH(int, roundTrip);
    QFETCH(int, slowAfter);
    TwoPaths paths;
    paths.delay = std::chrono::milliseconds(roundTrip) / 2;
    // Checks pass, records do not: they are larger, or the queue is full.
    paths.passes = [](bool isByTunnel, ByteView octets) { return isByTunnel || !isDtls(octets); };
    QVERIFY(paths.connect());
    // Who has begun is the DTLS client.
    const auto isRecord = [](const auto &sent) { return isDtls(sent.octets); };
    const auto first = std::find_if(paths.sent.begin(), paths.sent.end(), isRecord);
    std::size_t copies = 0;
    for (std::size_t at = 0; at < paths.sent.size(); ++at) {
        const auto &sent = paths.sent[at];
        if (sent.isByCaller != first->isByCaller || sent.isByTunnel || !isRecord(sent))
            continue;
        const bool isLate = sent.at - first->at >= std::chrono::milliseconds(slowAfter);
        QCOMPARE(paths.isCopied(at), isLate);
        copies += isLate ? 1 : 0;
    }
    QVERIFY(copies > 0);
}

void tst_TwoPaths::aHandshakeThatIsNotSlowGoesByOnePath()
{
    TwoPaths paths;
    QVERIFY(paths.connect());
    paths.runFor(1s);
    const auto isByTunnel = [&](bool asStun) {
        return std::any_of(paths.sent.begin(), paths.sent.end(), [&](const auto &sent) {
            return sent.isByTunnel && isStun(sent.octets) == asStun;
        });
    };
    QVERIFY(isByTunnel(true));
    QVERIFY(!isByTunnel(false));
}

void tst_TwoPaths::copiesToTheStandbyAreBounded_data()
{
    QTest::addColumn<std::size_t>("size");
    QTest::addColumn<std::size_t>("octetsAtMost");
    QTest::newRow("by their octets") << std::size_t(1000) << std::size_t(32'000);
    QTest::newRow("by their time") << std::size_t(100) << std::size_t(15'000);
}

void tst_TwoPaths::copiesToTheStandbyAreBounded()
{
    QFETCH(std::size_t, size);
    QFETCH(std::size_t, octetsAtMost);
    TwoPaths paths;
    const TrackId track = paths.caller->addTrack(paths.now(), audioOptions(1));
    QVERIFY(paths.connect());
    paths.runFor(5s);
    // Everything is lost from now on, so that the standby does not prove itself either.
    paths.passes = [](bool, ByteView) { return false; };
    paths.sent.clear();
    Bytes packet = rtpPacket(111, 1);
    packet.resize(size);
    for (std::uint16_t i = 0; i < 300; ++i) {
        writeUint16(&packet[2], i);
        QVERIFY(paths.caller->sendMedia(paths.now(), track, packet));
        paths.runFor(10ms);
    }
    std::size_t octets = 0;
    TimePoint firstCopy = Never, lastCopy{};
    for (std::size_t at = 0; at < paths.sent.size(); ++at) {
        if (!paths.isCopied(at))
            continue;
        octets += paths.sent[at].octets.size();
        firstCopy = std::min(firstCopy, paths.sent[at].at);
        lastCopy = std::max(lastCopy, paths.sent[at].at);
    }
    QVERIFY2(octets > octetsAtMost / 2 && octets <= octetsAtMost,
             qPrintable(QString::number(octets)));
    QVERIFY(lastCopy - firstCopy <= 1s);
}

QTEST_APPLESS_MAIN(tst_TwoPaths)
#include "tst_twopaths.moc"
