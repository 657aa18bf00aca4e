// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_RECORDER_H
#define PEER_TESTS_RECORDER_H

#include "core/base/transmitqueue.h"
#include "support/simulation/host.h"
#include "support/simulation/process.h"

#include <string>
#include <vector>

/// A process that sends what the test tells it and remembers what arrives.
class Recorder : public peer::sim::Process
{
public:
    struct Arrival
    {
        peer::TimePoint when;
        peer::Route route;
        std::string text;
    };

    explicit Recorder(peer::sim::Host &host)
        : m_host(host)
    { }

    peer::TransportId open(const peer::TransportAddress &local)
    {
        return m_transport = m_host.openSocket(*this, local);
    }
    peer::TransportAddress local() const { return m_host.localAddress(m_transport); }

    /// By the socket opened last.
    void send(const peer::TransportAddress &remote, std::string_view text = "x",
              const peer::IpAddress &from = {})
    {
        m_host.command(*this, [&](peer::TimePoint) {
            m_queue.push({m_transport, {from, 0}, remote}, peer::asBytes(text));
        });
    }

    const std::vector<Arrival> &arrivals() const { return m_arrivals; }
    void clear() { m_arrivals.clear(); }
    const std::vector<peer::Route> &failures() const { return m_failures; }

    void receive(peer::TimePoint now, const peer::Datagram &datagram) override
    {
        m_arrivals.push_back({now, datagram.route, std::string(peer::asText(datagram.payload))});
    }
    void advance(peer::TimePoint) override { }
    std::optional<peer::Transmit> nextTransmit() override
    {
        if (m_queue.isEmpty())
            return std::nullopt;
        return m_queue.pop();
    }
    peer::TimePoint nextDeadline() const override { return peer::Never; }
    void sendFailed(peer::TimePoint, const peer::Route &route) override
    {
        m_failures.push_back(route);
    }

private:
    peer::sim::Host &m_host;
    peer::TransportId m_transport = peer::TransportId::None;
    peer::TransmitQueue m_queue;
    std::vector<Arrival> m_arrivals;
    std::vector<peer::Route> m_failures;
};

#endif // PEER_TESTS_RECORDER_H
