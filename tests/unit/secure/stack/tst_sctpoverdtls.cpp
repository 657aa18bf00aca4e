// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/dtls/dtlstransport.h"
#include "secure/sctp/sctpassociation.h"
#include "support/lossylink/lossylink.h"
#include "support/virtualclock/virtualclock.h"

#include <QtTest/qtest.h>

#include <array>
#include <functional>
#include <memory>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using peer::Bytes;
using peer::ByteView;
using peer::Duration;
using peer::TimePoint;
using peer::test::LossyLink;
using peer::test::VirtualClock;
using SendResult = peer::sctp::Association::SendResult;
namespace dtls = peer::dtls;
namespace sctp = peer::sctp;

namespace {

/// What a session makes of the two: SCTP starts when DTLS stands.
struct End
{
    std::unique_ptr<dtls::Transport> dtls;
    std::unique_ptr<sctp::Association> sctp;
    LossyLink outgoing{{}};
    std::vector<sctp::Message> messages;
    bool isConnected = false;
    bool isClosed = false;
    std::size_t largestDatagram = 0;

    void settle()
    {
        const TimePoint now = VirtualClock::now();
        while (const auto packet = dtls->nextData())
            sctp->receive(now, *packet);
        while (dtls->nextEvent()) { }
        if (dtls->isConnected())
            sctp->start(now);
        while (auto event = sctp->nextEvent()) {
            if (auto *message = std::get_if<sctp::Message>(&*event))
                messages.push_back(std::move(*message));
            isConnected = isConnected || std::holds_alternative<sctp::Connected>(*event);
            isClosed = isClosed || std::holds_alternative<sctp::Closed>(*event);
        }
        while (const auto packet = sctp->nextTransmit()) {
            dtls->send(*packet);
            flush();
        }
        flush();
    }

    void flush()
    {
        while (const auto datagram = dtls->nextTransmit()) {
            largestDatagram = std::max(largestDatagram, datagram->size());
            outgoing.send(VirtualClock::now(), *datagram);
        }
    }
};

struct Pair
{
    explicit Pair(LossyLink::Conditions conditions)
    {
        static const auto first = dtls::Certificate::generate(1'700'000'000);
        static const auto second = dtls::Certificate::generate(1'700'000'000);
        for (std::size_t i = 0; i < 2; ++i) {
            conditions.seed = conditions.seed * 31 + i;
            ends[i].outgoing = LossyLink(conditions);
            dtls::Config config;
            config.role = i == 0 ? dtls::Role::Client : dtls::Role::Server;
            config.certificate = i == 0 ? first : second;
            config.peerFingerprints = {{"sha-256", (i == 0 ? second : first)->digest()}};
            config.initialRetransmission = std::max<Duration>(50ms, 4 * conditions.delay);
            ends[i].dtls = std::make_unique<dtls::Transport>(config);
            sctp::Config sctpConfig;
            sctpConfig.pathMtu = ends[i].dtls->maxPayload();
            sctpConfig.initialRetransmission = std::max<Duration>(100ms, 4 * conditions.delay);
            ends[i].sctp = std::make_unique<sctp::Association>(sctpConfig);
        }
        for (End &end : ends) {
            end.dtls->start(VirtualClock::now());
            end.settle();
        }
    }

    bool run(Duration limit, const std::function<bool()> &isDone)
    {
        const TimePoint limitTime = VirtualClock::now() + limit;
        while (!isDone()) {
            TimePoint next = Never;
            for (const End &end : ends)
                next = std::min({next, end.dtls->nextDeadline(), end.sctp->nextDeadline(),
                                 end.outgoing.nextArrival()});
            if (next > limitTime)
                return false;
            VirtualClock::advanceTo(next);
            const TimePoint now = VirtualClock::now();
            for (std::size_t i = 0; i < 2; ++i) {
                while (const auto datagram = ends[1 - i].outgoing.take(now)) {
                    ends[i].dtls->receive(now, *datagram);
                    ends[i].settle();
                }
                if (ends[i].dtls->nextDeadline() <= now)
                    ends[i].dtls->advance(now);
                if (ends[i].sctp->nextDeadline() <= now)
                    ends[i].sctp->advance(now);
                ends[i].settle();
            }
        }
        return true;
    }

    bool areConnected() const { return ends[0].isConnected && ends[1].isConnected; }

    static constexpr TimePoint Never = peer::Never;
    std::array<End, 2> ends;
};

} // namespace

class tst_SctpOverDtls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectsInFourRoundTrips();
    void carriesMessagesBothWays_data();
    void carriesMessagesBothWays();
    void fillsDatagramsButNoMore();
    void endReachesThePeer();
};

void tst_SctpOverDtls::connectsInFourRoundTrips()
{
    Pair pair({10ms, {}, 0, 0, 1});
    const TimePoint start = VirtualClock::now();
    QVERIFY(pair.run(10s, [&] { return pair.areConnected(); }));
    QVERIFY(VirtualClock::now() - start <= 80ms);
}

void tst_SctpOverDtls::carriesMessagesBothWays_data()
{
    QTest::addColumn<int>("delay");  // ms
    QTest::addColumn<int>("jitter"); // ms
    QTest::addColumn<double>("loss");
    QTest::addColumn<double>("duplication");

    QTest::newRow("clean") << 10 << 0 << 0.0 << 0.0;
    QTest::newRow("10 ms, 2 % loss") << 10 << 0 << 0.02 << 0.0;
    QTest::newRow("50 ms, 5 % loss") << 50 << 0 << 0.05 << 0.0;
    QTest::newRow("20 % loss") << 10 << 0 << 0.2 << 0.0;
    QTest::newRow("reordering") << 10 << 10 << 0.0 << 0.0;
    QTest::newRow("everything") << 10 << 10 << 0.05 << 0.1;
}

void tst_SctpOverDtls::carriesMessagesBothWays()
{
    QFETCH(int, delay);
    QFETCH(int, jitter);
    QFETCH(double, loss);
    QFETCH(double, duplication);
    constexpr std::uint32_t count = 60;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        Pair pair({std::chrono::milliseconds(delay), std::chrono::milliseconds(jitter), loss,
                   duplication, seed});
        std::array<std::uint32_t, 2> sent{};
        const auto payload = [](std::size_t end, std::uint32_t number) {
            Bytes octets(4 + (number * 977 + end * 131) % 6000, std::uint8_t(number));
            peer::writeUint32(octets.data(), number);
            return octets;
        };
        const bool isDone = pair.run(300s, [&] {
            for (std::size_t i = 0; i < 2; ++i) {
                End &end = pair.ends[i];
                while (end.isConnected && sent[i] < count
                       && end.sctp->send(VirtualClock::now(), 7, sctp::PayloadProtocol::Binary, {},
                                         payload(i, sent[i]))
                           == SendResult::Sent) {
                    ++sent[i];
                }
                end.settle();
            }
            return pair.ends[0].messages.size() == count && pair.ends[1].messages.size() == count;
        });
        QVERIFY2(isDone, qPrintable(u"seed %1"_s.arg(seed)));
        for (std::size_t i = 0; i < 2; ++i) {
            for (std::uint32_t number = 0; number < count; ++number) {
                QCOMPARE(pair.ends[i].messages[number].stream, sctp::StreamId(7));
                QCOMPARE(pair.ends[i].messages[number].payload, payload(1 - i, number));
            }
            QVERIFY(pair.ends[i].largestDatagram <= 1200);
        }
    }
}

void tst_SctpOverDtls::fillsDatagramsButNoMore()
{
    Pair pair({10ms, {}, 0, 0, 1});
    QVERIFY(pair.run(10s, [&] { return pair.areConnected(); }));
    QCOMPARE(pair.ends[0].sctp->send(VirtualClock::now(), 0, sctp::PayloadProtocol::Binary, {},
                                     Bytes(100'000)),
             SendResult::Sent);
    pair.ends[0].settle();
    QVERIFY(pair.run(10s, [&] { return !pair.ends[1].messages.empty(); }));
    // 1163 octets fit a record; SCTP packets are multiples of four
    QCOMPARE(pair.ends[0].largestDatagram, 1197U);
}

void tst_SctpOverDtls::endReachesThePeer()
{
    Pair pair({10ms, {}, 0, 0, 1});
    QVERIFY(pair.run(10s, [&] { return pair.areConnected(); }));
    // As a session ends: the ABORT goes out before DTLS closes behind it.
    End &end = pair.ends[0];
    end.sctp->abort(VirtualClock::now());
    end.settle();
    end.dtls->close();
    end.settle();
    QVERIFY(pair.run(1s, [&] { return pair.ends[1].isClosed; }));
    QVERIFY(!pair.ends[1].dtls->isConnected());
}

QTEST_APPLESS_MAIN(tst_SctpOverDtls)

#include "tst_sctpoverdtls.moc"
