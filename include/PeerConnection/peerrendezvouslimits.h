// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERRENDEZVOUSLIMITS_H
#define PEERRENDEZVOUSLIMITS_H

#include <QtCore/qglobal.h>

#include <chrono>

// A token bucket: so many at once, and so many a second in the long run.
struct PeerRendezvousRate
{
    double perSecond;
    int burst;
};

// What a stranger can cost a PeerRendezvousServer, at most. "Address" is an IPv4 address or an
// IPv6 /64 prefix. Rates of addresses are kept in a fixed number of buckets, by a keyed hash: so
// nobody can fill a table, and rarely two addresses share a bucket.
struct PeerRendezvousLimits
{
    using Rate = PeerRendezvousRate;

    // Before the WebSocket stands
    int headSize = 8 * 1024;                    // octets of the HTTP head
    std::chrono::milliseconds headTime{5'000};  // from accept to the whole head, TLS included
    std::chrono::milliseconds helloTime{5'000}; // from there to a valid hello
    int connections = 10'000;
    int connectionsPerAddress = 1024;
    Rate connectionRate{100, 2048}; // new ones, for each address
    int rateBuckets = 16'384;       // for each kind of rate

    // On one WebSocket
    int messageSize = 80 * 1024; // octets of one message: a signal of 64 KiB and what is around it
    Rate messageRate{500, 16'384};                 // what is beyond is dropped
    Rate octetRate{512.0 * 1024, 8 * 1024 * 1024}; // likewise
    Rate droppedRate{10, 4096};                    // dropped ones; beyond: closed
    int sendQueue = 8 * 1024 * 1024; // octets that wait for a slow reader; beyond: closed
    std::chrono::milliseconds pingInterval{20'000};
    std::chrono::milliseconds silence{50'000}; // asked, and nothing heard, not even a pong: closed

    // Names
    int namesPerConnection = 16;
    int namesPerKey = 32;
    int names = 100'000;
    Rate claimRate{0.1, 128};                  // names never claimed before, for each address
    std::chrono::hours nameRetention{30 * 24}; // after the last use

    // Presence of names
    int watchesPerConnection = 256;
    int watchesPerAddress = 8192;
    int watchersPerName = 1024;
    int watchersPerNameAndAddress = 256;
    int watches = 131'072;
    Rate watchRate{20, 4096};                       // for each address
    std::chrono::milliseconds presenceDelay{1'000}; // offline for so long: told

    // Calls
    int callsPerConnection = 1024; // as caller, and as many as callee
    int calls = 65'536;
    Rate callRate{20, 1024};                       // new ones, for each address
    std::chrono::milliseconds resumeTime{300'000}; // a client without a socket is kept
    std::chrono::hours callIdle{12};               // a call without a signal is kept

    // Tunnels: WebSockets too, beside what is above
    int tunnels = 4096; // 0: calls have none
    int tunnelEndsPerAddress = 512;
    int datagramSize = 1500;                       // octets; beyond: closed
    Rate datagramRate{16'384, 65'536};             // of one end; what is beyond is dropped
    Rate tunnelRate{8.0 * 1024 * 1024, 16 << 20};  // octets of one end; likewise
    qint64 tunnelOctets = qint64(64) << 30;        // both ways in all; beyond: closed
    int tunnelQueue = 128 * 1024;                  // octets that wait; the oldest are dropped
    std::chrono::milliseconds tunnelIdle{120'000}; // without a datagram: closed
    std::chrono::hours tunnelTokenLife{12};

    // STUN and TURN
    std::chrono::seconds turnLifetime{3'600}; // of the credentials that are handed out
    Rate stunRate{50, 256};                   // answers, for each address
};

#endif // PEERRENDEZVOUSLIMITS_H
