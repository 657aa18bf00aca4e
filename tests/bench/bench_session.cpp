// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What a session costs on real sockets: both ends of a call in one thread move data over loopback,
// through driver, UDP port, ICE, DTLS and SCTP. Prints the rate per wall clock and per processor
// time, and how many datagrams a call to the system carries.
//
//     bench_session [MEBIBYTES [OCTETS_A_MESSAGE]]

#include "shell/sessiondriver.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdatetime.h>
#include <QtCore/qelapsedtimer.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

using namespace peer;

namespace {

struct End
{
    End(SessionConfig::Role role, std::shared_ptr<const dtls::Certificate> certificate)
        : ports(std::make_shared<OwnedPorts>(PortSetOptions{{true, 8}, 0}))
    {
        ports->open();
        SessionConfig config;
        config.role = role;
        config.call = std::string(22, 'x');
        config.certificate = std::move(certificate);
        config.peerAcknowledges = true;
        driver = std::make_unique<SessionDriver>(config, ports);
        driver->setObserver([this](SessionEvent &&event) {
            if (auto *const message = std::get_if<event::ChannelMessage>(&event)) {
                received += message->payload.size();
                driver->run([&](Session &session, TimePoint now) {
                    session.messagesTaken(now, message->channel, 1, message->payload.size());
                });
            } else if (const auto *const signal = std::get_if<event::SignalReady>(&event)) {
                other->driver->run([&](Session &session, TimePoint now) {
                    session.handleSignal(now, signal->signal);
                });
            } else if (std::holds_alternative<event::OfferAccepted>(event)) {
                driver->run([](Session &session, TimePoint now) { session.accept(now); });
            } else if (std::holds_alternative<event::ChannelOpened>(event)) {
                isOpen = true;
            }
            if (onEvent)
                onEvent();
        });
        driver->start();
    }

    void count(quint64 &datagrams, quint64 &calls) const
    {
        for (const auto family : {IpAddress::Family::V4, IpAddress::Family::V6}) {
            if (const UdpPort *const port = ports->port(family)) {
                datagrams += port->statistics().sent;
                calls += port->statistics().sendCalls;
            }
        }
    }

    std::shared_ptr<PortSet> ports;
    End *other = nullptr;
    std::function<void()> onEvent;
    bool isOpen = false;
    std::size_t received = 0;
    std::unique_ptr<SessionDriver> driver;
};

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const std::size_t total = (argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 256) << 20;
    const std::size_t size = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 16384;
    const auto certificate = dtls::Certificate::generate(QDateTime::currentSecsSinceEpoch());
    End caller(SessionConfig::Role::Caller, certificate);
    End callee(SessionConfig::Role::Callee, certificate);
    caller.other = &callee;
    callee.other = &caller;
    ChannelId channel = ChannelId::None;
    QElapsedTimer wall;
    wall.start();
    caller.driver->run([&](Session &session, TimePoint now) {
        channel = session.openChannel(now, {"bench", "", true, {}, {}, {}});
        session.dial(now);
    });
    while (!caller.isOpen || !callee.isOpen)
        application.processEvents(QEventLoop::WaitForMoreEvents);
    std::printf("connected after %.1f ms\n", double(wall.nsecsElapsed()) / 1e6);

    const Bytes payload(size, 1);
    std::size_t sent = 0;
    caller.onEvent = [&] {
        caller.driver->run([&](Session &session, TimePoint now) {
            while (sent < total
                   && session.send(now, channel, MessageKind::Binary, payload)
                       == ChannelSendResult::Queued)
                sent += size;
        });
    };
    quint64 datagramsBefore = 0, callsBefore = 0;
    caller.count(datagramsBefore, callsBefore);
    wall.restart();
    const std::clock_t start = std::clock();
    caller.onEvent();
    while (callee.received < total)
        application.processEvents(QEventLoop::WaitForMoreEvents);
    const double seconds = double(wall.nsecsElapsed()) / 1e9;
    const double spent = double(std::clock() - start) / CLOCKS_PER_SEC;
    quint64 datagrams = 0, calls = 0;
    caller.count(datagrams, calls);
    std::printf("%zu MiB in messages of %zu: %.0f MB/s of wall clock, %.0f MB/s of processor time, "
                "%.1f datagrams a call\n",
                total >> 20, size, double(total) / seconds / 1e6, double(total) / spent / 1e6,
                double(datagrams - datagramsBefore)
                    / double(std::max<quint64>(1, calls - callsBefore)));
    return 0;
}
