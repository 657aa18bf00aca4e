// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_SCTPPAIR_H
#define PEER_TEST_SCTPPAIR_H

#include "secure/sctp/sctpassociation.h"
#include "support/lossylink/lossylink.h"
#include "support/virtualclock/virtualclock.h"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <vector>

namespace peer::test {

/// A payload that tells its number and cannot be taken for another.
inline Bytes testPayload(std::uint32_t number, std::size_t size)
{
    Bytes octets(std::max<std::size_t>(size, 4));
    std::uint32_t value = number * 2654435761U + 1;
    for (std::uint8_t &octet : octets)
        octet = static_cast<std::uint8_t>((value = value * 1664525 + 1013904223) >> 24);
    writeUint32(octets.data(), number);
    return octets;
}

/// An association and what came out of it.
struct SctpEnd
{
    SctpEnd(const sctp::Config &config, const LossyLink::Conditions &conditions)
        : association(std::make_unique<sctp::Association>(config))
        , outgoing(conditions)
    { }

    std::unique_ptr<sctp::Association> association;
    LossyLink outgoing;
    std::size_t largestPacket = 0;
    std::optional<sctp::Connected> connected;
    std::optional<sctp::Closed> closed;
    std::vector<sctp::Message> messages;
    std::vector<sctp::StreamId> incomingResets;
    std::vector<sctp::StreamId> outgoingResets;
    int sendSpaces = 0;
    std::function<void(ByteView)> tap;      ///< sees what leaves
    std::function<bool(ByteView)> isToDrop; ///< asked about what leaves

    void drain()
    {
        const auto handle = [this](auto &event) {
            using Kind = std::decay_t<decltype(event)>;
            if constexpr (std::is_same_v<Kind, sctp::Connected>)
                connected = event;
            else if constexpr (std::is_same_v<Kind, sctp::Closed>)
                closed = event;
            else if constexpr (std::is_same_v<Kind, sctp::Message>)
                messages.push_back(std::move(event));
            else if constexpr (std::is_same_v<Kind, sctp::IncomingStreamReset>)
                incomingResets.push_back(event.stream);
            else if constexpr (std::is_same_v<Kind, sctp::OutgoingStreamReset>)
                outgoingResets.push_back(event.stream);
            else
                ++sendSpaces;
        };
        while (auto event = association->nextEvent())
            std::visit(handle, *event);
        while (const auto packet = association->nextTransmit()) {
            if (tap)
                tap(*packet);
            largestPacket = std::max(largestPacket, packet->size());
            if (!isToDrop || !isToDrop(*packet))
                outgoing.send(VirtualClock::now(), *packet);
        }
    }

    sctp::Association::SendResult send(sctp::StreamId stream, ByteView payload,
                                       const sctp::Reliability &reliability = {})
    {
        const auto result = association->send(VirtualClock::now(), stream,
                                              sctp::PayloadProtocol::Binary, reliability, payload);
        drain();
        return result;
    }
};

/// Two associations that connect to each other, on virtual time.
struct SctpPair
{
    explicit SctpPair(const LossyLink::Conditions &conditions = {}, const sctp::Config &config = {})
        : SctpPair(conditions, config, config)
    { }
    SctpPair(const LossyLink::Conditions &conditions, const sctp::Config &first,
             const sctp::Config &second)
    {
        LossyLink::Conditions back = conditions;
        back.seed ^= 0x9e3779b97f4a7c15;
        ends[0] = std::make_unique<SctpEnd>(first, conditions);
        ends[1] = std::make_unique<SctpEnd>(second, back);
    }

    SctpEnd &a() { return *ends[0]; }
    SctpEnd &b() { return *ends[1]; }

    void start()
    {
        for (auto &end : ends) {
            end->association->start(VirtualClock::now());
            end->drain();
        }
    }

    /// Until isDone, for limit at most. True if isDone.
    bool run(Duration limit, const std::function<bool()> &isDone)
    {
        const TimePoint end = VirtualClock::now() + limit;
        while (!isDone()) {
            TimePoint next = Never;
            for (const auto &each : ends) {
                next = std::min(next, each->association->nextDeadline());
                next = std::min(next, each->outgoing.nextArrival());
            }
            if (next > end) {
                VirtualClock::advanceTo(end);
                return isDone();
            }
            VirtualClock::advanceTo(next);
            const TimePoint now = VirtualClock::now();
            for (std::size_t i = 0; i < 2; ++i) {
                while (const auto packet = ends[1 - i]->outgoing.take(now)) {
                    ends[i]->association->receive(now, *packet);
                    ends[i]->drain();
                }
                if (ends[i]->association->nextDeadline() <= now) {
                    ends[i]->association->advance(now);
                    ends[i]->drain();
                }
            }
        }
        return true;
    }
    void run(Duration duration)
    {
        run(duration, [] { return false; });
    }

    bool connect()
    {
        start();
        return run(std::chrono::seconds(60), [&] { return areConnected(); });
    }
    bool areConnected() { return a().connected.has_value() && b().connected.has_value(); }

    std::array<std::unique_ptr<SctpEnd>, 2> ends;
};

} // namespace peer::test

#endif // PEER_TEST_SCTPPAIR_H
