// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_TURN_TURNBENCH_H
#define PEER_TESTS_TURN_TURNBENCH_H

#include "core/turn/allocation.h"
#include "support/simulation/seededrandom.h"
#include "support/simulation/turnservice.h"

#include <chrono>
#include <functional>
#include <string_view>
#include <vector>

/// An allocation and a server with a wire of 10 ms each way between them; the peers are the test.
class TurnBench
{
public:
    explicit TurnBench(const peer::sim::TurnBehavior &behavior = {},
                       const peer::turn::AllocationConfig &config = defaultConfig());
    static peer::turn::AllocationConfig defaultConfig();

    peer::sim::SeededRandom random{3};
    peer::TimePoint now{std::chrono::seconds(1000)};
    peer::sim::TurnService server;
    peer::turn::Allocation allocation;

    std::vector<peer::turn::Allocated> allocated;
    std::vector<peer::IpAddress> refused;
    std::vector<peer::turn::Ended> ended;
    /// What the client has sent to the server, in order.
    std::vector<peer::Bytes> sent;
    /// What came to the peers from the relay, and to the client from the peers.
    struct Arrived
    {
        peer::TransportAddress from, to;
        peer::Bytes payload;
    };
    std::vector<Arrived> atPeers, atClient;
    /// Datagrams for which it gives true are lost; null: none.
    std::function<bool(bool isFromClient, peer::ByteView)> isLost;
    /// The client's address as the server sees it.
    peer::TransportAddress mapped{*peer::IpAddress::fromString("198.51.100.9"), 40000};

    /// Until it is allocated or over.
    void allocate();
    void runFor(peer::Duration duration);
    /// By the allocation, to a peer.
    bool send(const peer::TransportAddress &to, std::string_view text);
    /// From a peer to a relayed address.
    void sendFromPeer(const peer::TransportAddress &from, std::string_view text);
    /// Gives the client that, as from the server.
    void deliver(peer::ByteView octets);
    void drain();
    int count(peer::stun::Method method) const;
    peer::TransportAddress relayed(const char *family = "4") const;

    static peer::TransportAddress peerAddress(const char *ip, std::uint16_t port = 6000);

private:
    struct InFlight
    {
        peer::TimePoint at;
        bool isFromClient;
        peer::Bytes payload;
    };
    peer::Route openRelay(peer::IpAddress::Family family);

    std::vector<InFlight> m_wire;
    std::vector<peer::Route> m_relays;
    std::uint32_t m_lastTransport = 100;
};

#endif // PEER_TESTS_TURN_TURNBENCH_H
