// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/securelink.h"
#include "session/session.h"
#include "support/sessionpair/sessionpair.h"
#include "support/virtualclock/virtualclock.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <set>

using namespace std::chrono_literals;
using namespace peer;
using peer::test::SeedRandom;
using peer::test::SessionPair;
using peer::test::VirtualClock;

namespace {

const Route Here{TransportId{1}, {IpAddress::fromV4(0xC6336401), 5000}, {}};

/// A callee that was called and has not accepted yet; the test is the caller.
struct Callee
{
    Callee()
    {
        Session caller(SessionPair::defaults().caller, random);
        caller.dial(now());
        callee.addLocalAddress(now(), {Here.transport, Here.local, 65535});
        callee.endOfLocalAddresses(now());
        while (const auto event = caller.nextEvent()) {
            const auto *ready = std::get_if<event::SignalReady>(&*event);
            if (ready && ready->signal.type == Signal::Type::Offer)
                callee.handleSignal(now(), ready->signal);
        }
        drain();
    }

    static TimePoint now() { return VirtualClock::now(); }

    void drain()
    {
        while (const auto transmit = callee.nextTransmit())
            sentTo.insert(transmit->route.remote.ip.toString());
        while (const auto event = callee.nextEvent())
            isOffered = isOffered || std::holds_alternative<event::OfferAccepted>(*event);
        while (const auto request = callee.nextRequest()) {
            if (const auto *resolve = std::get_if<request::ResolveName>(&*request))
                resolving.push_back(*resolve);
        }
    }

    void accept()
    {
        callee.accept(now());
        drain();
    }

    void runFor(Duration duration)
    {
        const TimePoint end = now() + duration;
        while (callee.nextDeadline() <= end) {
            VirtualClock::advanceTo(std::max(now(), callee.nextDeadline()));
            callee.advance(now());
            drain();
        }
        VirtualClock::advanceTo(end);
    }

    /// A candidate of the caller.
    void trickle(const std::string &host)
    {
        Signal signal;
        signal.type = Signal::Type::Candidate;
        signal.call = callee.call();
        signal.candidate = "candidate:1 1 udp 2130706431 " + host + " 4000 typ host";
        callee.handleSignal(now(), signal);
        drain();
    }

    SeedRandom random{1};
    Session callee{SessionPair::defaults().callee, random};
    std::set<std::string> sentTo;
    std::vector<request::ResolveName> resolving;
    bool isOffered = false;
};

SecureLink::Config linkConfig(dtls::Role role, const SessionConfig &own, const SessionConfig &other)
{
    SecureLink::Config config;
    config.dtls.role = role;
    config.dtls.certificate = own.certificate;
    config.dtls.peerFingerprints.push_back({"sha-256", other.certificate->digest()});
    return config;
}

} // namespace

/// What a session keeps for later, at most.
class tst_SessionBounds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsAFewCandidatesUntilTheCallIsAccepted_data();
    void keepsAFewCandidatesUntilTheCallIsAccepted();
    void asksForAFewNamesAtATime();
    void keepsAFewDatagramsUntilTheHandshakeMayBegin_data();
    void keepsAFewDatagramsUntilTheHandshakeMayBegin();
};

void tst_SessionBounds::keepsAFewCandidatesUntilTheCallIsAccepted_data()
{
    QTest::addColumn<int>("before");
    QTest::addColumn<bool>("isKept");
    QTest::newRow("as many as are kept") << 63 << true;
    QTest::newRow("one more") << 64 << false;
}

void tst_SessionBounds::keepsAFewCandidatesUntilTheCallIsAccepted()
{
    QFETCH(int, before);
    QFETCH(bool, isKept);
    Callee bench;
    QVERIFY(bench.isOffered);
    // The same again and again: the agent, which has a bound of its own, would take one.
    for (int i = 0; i < before; ++i)
        bench.trickle("192.0.2.50");
    bench.trickle("192.0.2.60");
    bench.accept();
    bench.runFor(1s);
    QVERIFY(bench.sentTo.contains("192.0.2.50"));
    QCOMPARE(bench.sentTo.contains("192.0.2.60"), isKept);
}

void tst_SessionBounds::asksForAFewNamesAtATime()
{
    Callee bench;
    bench.accept();
    for (int i = 1; i <= 20; ++i)
        bench.trickle("host-" + std::to_string(i) + ".local");
    QCOMPARE(bench.resolving.size(), std::size_t(16));
    // An answer, even that there is none, makes room.
    bench.callee.nameResolved(bench.now(), bench.resolving[0].id, std::nullopt);
    bench.trickle("late.local");
    QCOMPARE(bench.resolving.size(), std::size_t(17));
    QCOMPARE(bench.resolving.back().name, std::string("late.local"));
}

void tst_SessionBounds::keepsAFewDatagramsUntilTheHandshakeMayBegin_data()
{
    QTest::addColumn<std::size_t>("before");
    QTest::addColumn<bool>("isKept");
    QTest::newRow("as many as are kept") << SecureLink::MaxEarlyDatagrams - 1 << true;
    QTest::newRow("one more") << SecureLink::MaxEarlyDatagrams << false;
}

void tst_SessionBounds::keepsAFewDatagramsUntilTheHandshakeMayBegin()
{
    QFETCH(std::size_t, before);
    QFETCH(bool, isKept);
    const SessionPair::Options options = SessionPair::defaults();
    SecureLink client;
    client.start(VirtualClock::now(),
                 linkConfig(dtls::Role::Client, options.caller, options.callee));
    const auto hello = client.nextTransmit();
    QVERIFY(hello);

    SecureLink server;
    for (std::size_t i = 0; i < before; ++i)
        server.receive(VirtualClock::now(), Bytes{22, 0xfe, 0xfd});
    server.receive(VirtualClock::now(), *hello);
    server.start(VirtualClock::now(),
                 linkConfig(dtls::Role::Server, options.callee, options.caller));
    QCOMPARE(server.nextTransmit().has_value(), isKept);
    if (!isKept) {
        // Which a repetition mends.
        server.receive(VirtualClock::now(), *hello);
        QVERIFY(server.nextTransmit());
    }
}

QTEST_APPLESS_MAIN(tst_SessionBounds)
#include "tst_sessionbounds.moc"
