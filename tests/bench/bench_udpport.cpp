// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What the UDP ports cost: datagrams of 1200 octets over loopback, sent in bursts and received in
// the same thread, so that neither scheduling nor loss blurs the figure. Prints datagrams a second
// of processor time (one sent and received) of each port, and how many times that of QUdpSocket.
//
//     bench_udpport [SECONDS]

#include "shell/qudpsocketport.h"
#include "shell/udpport.h"

#ifdef Q_OS_LINUX
#    include "shell/batchedudpport.h"
#endif

#include <QtCore/qcoreapplication.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

using namespace peer;

namespace {

struct Contestant
{
    const char *name;
    bool isBatched;
    bool segmentation;
    bool coalescing;
};

constexpr Contestant Contestants[] = {
    {"QUdpSocket", false, false, false},
    {"sendmmsg, recvmmsg", true, false, false},
    {"the same with UDP_SEGMENT", true, true, false},
    {"the same with UDP_SEGMENT and UDP_GRO", true, true, true},
};

std::unique_ptr<UdpPort> open(const Contestant &contestant)
{
    UdpPortOptions options;
    options.segmentation = contestant.segmentation;
    options.coalescing = contestant.coalescing;
#ifdef Q_OS_LINUX
    if (contestant.isBatched)
        return BatchedUdpPort::open(options);
#endif
    return contestant.isBatched ? nullptr : QUdpSocketPort::open(options);
}

/// Datagrams a second of processor time; 0 if the port is not to be had, or something was lost.
double measure(const Contestant &contestant, std::size_t burst, double seconds)
{
    const auto from = open(contestant);
    const auto to = open(contestant);
    if (!from || !to)
        return 0;
    std::size_t received = 0;
    to->setReceiver([&](std::span<const Datagram> datagrams) { received += datagrams.size(); });
    const IpAddress loopback = IpAddress::fromV4(0x7f000001);
    const Route route{from->id(), {loopback, from->localPort()}, {loopback, to->localPort()}};
    const Bytes payload(1200, 1);
    std::size_t sent = 0;
    const std::clock_t start = std::clock();
    const auto spent = [start] { return double(std::clock() - start) / CLOCKS_PER_SEC; };
    while (spent() < seconds) {
        for (std::size_t at = 0; at < burst; ++at)
            from->send(route, payload);
        from->flush();
        sent += burst;
        for (int attempt = 0; received < sent && attempt < 1000; ++attempt)
            to->readPending();
        if (received < sent)
            return 0;
    }
    return double(sent) / spent();
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const double seconds = argc > 1 ? std::max(0.01, std::atof(argv[1])) : 1;
    for (const std::size_t burst : {std::size_t(1), std::size_t(8), std::size_t(64)}) {
        std::printf("bursts of %zu\n", burst);
        double reference = 0;
        for (const Contestant &contestant : Contestants) {
            const double rate = measure(contestant, burst, seconds);
            if (rate <= 0) {
                std::printf("  %-40s not to be had\n", contestant.name);
                continue;
            }
            reference = reference > 0 ? reference : rate;
            std::printf("  %-40s %10.0f a second, %6.2f Gbit/s, x %.1f\n", contestant.name, rate,
                        rate * 1200 * 8 / 1e9, rate / reference);
        }
    }
    return 0;
}
