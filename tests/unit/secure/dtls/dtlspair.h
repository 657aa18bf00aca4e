// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_DTLSPAIR_H
#define PEER_TEST_DTLSPAIR_H

#include "secure/dtls/dtlstransport.h"
#include "support/lossylink/lossylink.h"
#include "support/virtualclock/virtualclock.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace peer::test {

inline std::shared_ptr<const dtls::Certificate> testCertificate(int which)
{
    static const std::shared_ptr<const dtls::Certificate> certificates[] = {
        dtls::Certificate::generate(1'700'003'600),
        dtls::Certificate::generate(1'700'003'600),
        dtls::Certificate::generate(1'700'003'600),
    };
    return certificates[which];
}

/// A transport and what came out of it.
struct DtlsEnd
{
    explicit DtlsEnd(const dtls::Config &config, const LossyLink::Conditions &conditions)
        : transport(config)
        , outgoing(conditions)
    { }

    dtls::Transport transport;
    LossyLink outgoing;
    std::vector<TimePoint> sendTimes;
    std::vector<Bytes> sent;
    std::vector<std::string> received;
    std::optional<dtls::Connected> connected;
    std::optional<dtls::Failed> failed;
    bool isClosed = false;

    void drain()
    {
        while (const auto data = transport.nextData())
            received.emplace_back(asText(*data));
        while (const auto datagram = transport.nextTransmit()) {
            sendTimes.push_back(VirtualClock::now());
            sent.push_back(toBytes(*datagram));
            outgoing.send(VirtualClock::now(), *datagram);
        }
        while (const auto event = transport.nextEvent()) {
            if (const auto *fact = std::get_if<dtls::Connected>(&*event))
                connected = *fact;
            else if (const auto *reason = std::get_if<dtls::Failed>(&*event))
                failed = *reason;
            else
                isClosed = true;
        }
    }
};

/// A client (0) and a server (1) that expect each other, on virtual time.
struct DtlsPair
{
    using Change = std::function<void(dtls::Config &client, dtls::Config &server)>;

    explicit DtlsPair(const LossyLink::Conditions &conditions = {}, const Change &change = {})
    {
        dtls::Config client, server;
        client.role = dtls::Role::Client;
        client.certificate = testCertificate(0);
        client.peerFingerprints = {{"sha-256", testCertificate(1)->digest()}};
        server.role = dtls::Role::Server;
        server.certificate = testCertificate(1);
        server.peerFingerprints = {{"sha-256", testCertificate(0)->digest()}};
        if (change)
            change(client, server);
        LossyLink::Conditions back = conditions;
        back.seed ^= 0x9e3779b97f4a7c15;
        ends.push_back(std::make_unique<DtlsEnd>(client, conditions));
        ends.push_back(std::make_unique<DtlsEnd>(server, back));
    }

    DtlsEnd &client() { return *ends[0]; }
    DtlsEnd &server() { return *ends[1]; }

    void start()
    {
        for (auto &end : ends) {
            end->transport.start(VirtualClock::now());
            end->drain();
        }
    }

    /// Until isDone or nothing happens within limit. True if isDone.
    bool run(Duration limit, const std::function<bool()> &isDone)
    {
        const TimePoint end = VirtualClock::now() + limit;
        while (!isDone()) {
            TimePoint next = Never;
            for (const auto &each : ends) {
                next = std::min(next, each->transport.nextDeadline());
                next = std::min(next, each->outgoing.nextArrival());
            }
            if (next > end) {
                VirtualClock::advanceTo(end);
                return isDone();
            }
            VirtualClock::advanceTo(next);
            const TimePoint now = VirtualClock::now();
            for (std::size_t i = 0; i < 2; ++i) {
                while (const auto datagram = ends[1 - i]->outgoing.take(now)) {
                    ends[i]->transport.receive(now, *datagram);
                    ends[i]->drain();
                }
                if (ends[i]->transport.nextDeadline() <= now) {
                    ends[i]->transport.advance(now);
                    ends[i]->drain();
                }
            }
        }
        return true;
    }

    bool areConnected() const
    {
        return ends[0]->transport.isConnected() && ends[1]->transport.isConnected();
    }

    bool connect()
    {
        start();
        return run(std::chrono::seconds(60), [&] { return areConnected(); });
    }

    std::vector<std::unique_ptr<DtlsEnd>> ends;
};

} // namespace peer::test

#endif // PEER_TEST_DTLSPAIR_H
