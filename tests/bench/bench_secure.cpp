// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What the secure layers cost, printed and never judged: both ends on one core and in memory by
// the processor's clock, then bulk transfers over paths with delay and loss on the virtual clock.
//
//     bench_secure [megabytes]

#include "secure/dtls/dtlstransport.h"
#include "secure/sctp/sctpassociation.h"
#include "support/lossylink/lossylink.h"
#include "support/virtualclock/virtualclock.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>

using namespace std::chrono_literals;
using namespace peer;
using peer::test::LossyLink;
using peer::test::VirtualClock;

namespace {

double processorSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// One end: an association, with or without DTLS below it.
struct End
{
    std::unique_ptr<dtls::Transport> dtls;
    std::unique_ptr<sctp::Association> sctp;
    LossyLink outgoing{{}};
    std::size_t receivedOctets = 0;
    std::size_t receivedMessages = 0;
    bool isConnected = false;

    void drain(TimePoint now)
    {
        while (auto event = sctp->nextEvent()) {
            if (const auto *message = std::get_if<sctp::Message>(&*event)) {
                receivedOctets += message->payload.size();
                ++receivedMessages;
            } else if (std::holds_alternative<sctp::Connected>(*event)) {
                isConnected = true;
            }
        }
        while (const auto packet = sctp->nextTransmit()) {
            if (dtls) {
                dtls->send(*packet);
                drainDtls(now);
            } else {
                outgoing.send(now, *packet);
            }
        }
        drainDtls(now);
    }

    void drainDtls(TimePoint now)
    {
        if (!dtls)
            return;
        while (const auto datagram = dtls->nextTransmit())
            outgoing.send(now, *datagram);
    }

    void receive(TimePoint now, ByteView datagram)
    {
        if (!dtls) {
            sctp->receive(now, datagram);
        } else {
            dtls->receive(now, datagram);
            while (const auto packet = dtls->nextData())
                sctp->receive(now, *packet);
            startSctp(now);
        }
        drain(now);
    }

    void startSctp(TimePoint now)
    {
        if (!dtls || dtls->isConnected())
            sctp->start(now);
    }

    TimePoint nextEvent() const
    {
        const TimePoint next = std::min(sctp->nextDeadline(), outgoing.nextArrival());
        return dtls ? std::min(next, dtls->nextDeadline()) : next;
    }
};

struct Pair
{
    Pair(bool withDtls, LossyLink::Conditions conditions)
    {
        static const auto first = dtls::Certificate::generate(1'700'000'000);
        static const auto second = dtls::Certificate::generate(1'700'000'000);
        for (std::size_t i = 0; i < 2; ++i) {
            conditions.seed += i;
            ends[i].outgoing = LossyLink(conditions);
            sctp::Config config;
            if (withDtls) {
                dtls::Config dtlsConfig;
                dtlsConfig.role = i == 0 ? dtls::Role::Client : dtls::Role::Server;
                dtlsConfig.certificate = i == 0 ? first : second;
                dtlsConfig.peerFingerprints = {{"sha-256", (i == 0 ? second : first)->digest()}};
                ends[i].dtls = std::make_unique<dtls::Transport>(dtlsConfig);
                config.pathMtu = ends[i].dtls->maxPayload();
            }
            ends[i].sctp = std::make_unique<sctp::Association>(config);
        }
        for (End &end : ends) {
            if (end.dtls)
                end.dtls->start(VirtualClock::now());
            end.startSctp(VirtualClock::now());
            end.drain(VirtualClock::now());
        }
    }

    void run(const std::function<bool()> &isDone)
    {
        while (!isDone()) {
            VirtualClock::advanceTo(std::min(ends[0].nextEvent(), ends[1].nextEvent()));
            const TimePoint now = VirtualClock::now();
            for (std::size_t i = 0; i < 2; ++i) {
                while (const auto datagram = ends[1 - i].outgoing.take(now))
                    ends[i].receive(now, *datagram);
                if (ends[i].dtls && ends[i].dtls->nextDeadline() <= now)
                    ends[i].dtls->advance(now);
                if (ends[i].sctp->nextDeadline() <= now)
                    ends[i].sctp->advance(now);
                ends[i].drain(now);
            }
        }
    }

    std::array<End, 2> ends;
};

void measure(const char *title, bool withDtls, const LossyLink::Conditions &conditions,
             std::size_t messageSize, std::size_t octets)
{
    Pair pair(withDtls, conditions);
    pair.run([&] { return pair.ends[0].isConnected && pair.ends[1].isConnected; });
    const Bytes message(messageSize, 7);
    const std::size_t count = std::max<std::size_t>(octets / messageSize, 1);
    std::size_t sent = 0;
    const TimePoint start = VirtualClock::now();
    const double startProcessor = processorSeconds();
    pair.run([&] {
        while (sent < count
               && pair.ends[0].sctp->send(VirtualClock::now(), 0, sctp::PayloadProtocol::Binary, {},
                                          message)
                   == sctp::Association::SendResult::Sent) {
            ++sent;
        }
        pair.ends[0].drain(VirtualClock::now());
        return pair.ends[1].receivedMessages == count;
    });
    const double processor = processorSeconds() - startProcessor;
    const double path = std::chrono::duration<double>(VirtualClock::now() - start).count();
    const double megabytes = static_cast<double>(count * messageSize) / 1e6;
    const auto statistics = pair.ends[0].sctp->statistics();
    std::printf("%-36s %7zu octets  %7.1f MB/s of a core", title, messageSize,
                megabytes / processor);
    if (conditions.delay > Duration::zero()) {
        std::printf("  %6.2f MB/s on the path, %llu chunks again", megabytes / path,
                    static_cast<unsigned long long>(statistics.retransmittedChunks));
    }
    std::printf("\n");
}

void measureHandshakes()
{
    constexpr int count = 200;
    const double start = processorSeconds();
    for (int i = 0; i < count; ++i) {
        Pair pair(true, {});
        pair.run([&] { return pair.ends[0].isConnected && pair.ends[1].isConnected; });
    }
    std::printf("%-36s %7.2f ms of a core for both ends\n", "DTLS and SCTP handshakes",
                (processorSeconds() - start) * 1e3 / count);
}

} // namespace

int main(int argc, char **argv)
{
    const std::size_t octets = static_cast<std::size_t>(argc > 1 ? std::max(1, std::atoi(argv[1]))
                                                                 : 100)
        * 1'000'000;
    measureHandshakes();
    for (const std::size_t size : {100, 1200, 16384, 262144})
        measure("SCTP in memory", false, {}, size, size < 1000 ? octets / 10 : octets);
    for (const std::size_t size : {100, 1200, 16384, 262144})
        measure("SCTP over DTLS in memory", true, {}, size, size < 1000 ? octets / 10 : octets);
    measure("SCTP over DTLS, 2 ms", true, {1ms, {}, 0, 0, 1}, 16384, octets);
    measure("SCTP over DTLS, 100 ms", true, {50ms, {}, 0, 0, 1}, 16384, octets);
    measure("SCTP over DTLS, 20 ms", true, {10ms, {}, 0, 0, 1}, 16384, octets);
    measure("the same, 100 Mbit/s, queue of 5 ms", true, {10ms, {}, 0, 0, 1, 12.5e6, 5ms}, 16384,
            octets);
    measure("the same, 100 Mbit/s, queue of 50 ms", true, {10ms, {}, 0, 0, 1, 12.5e6, 50ms}, 16384,
            octets);
    measure("the same, 10 Mbit/s, queue of 20 ms", true, {10ms, {}, 0, 0, 1, 1.25e6, 20ms}, 16384,
            octets / 5);
    measure("the same, 0.1 % lost", true, {10ms, {}, 0.001, 0, 1}, 16384, octets / 2);
    measure("the same, 2 % lost", true, {10ms, {}, 0.02, 0, 1}, 16384, octets / 10);
    return 0;
}
