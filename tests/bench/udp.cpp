// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// One of the two processes of a measurement with a bare UDP socket, one system call a datagram:
// what the machine gives without encryption, reliability or a library.
//
//     bench_udp listen
//     bench_udp dial PORT
//
// bench.py says which commands it takes.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

// The first octet of a datagram says what is wanted of its receiver.
constexpr std::uint8_t Echo = 1;
constexpr std::uint8_t Count = 2;

std::int64_t nanoseconds()
{
    return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
}

/// The number behind "name": in a line of JSON that bench.py wrote.
double number(const std::string &line, const std::string &name)
{
    const auto at = line.find("\"" + name + "\":");
    return at == std::string::npos ? 0 : std::strtod(line.c_str() + at + name.size() + 3, nullptr);
}

void tell(const std::string &answer)
{
    std::cout << answer << std::endl;
}

struct Counters
{
    std::atomic<std::uint64_t> messages = 0, octets = 0;
    std::atomic<std::int64_t> first = 0, last = 0;
};

int makeSocket()
{
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    const int octets = 4 << 20;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets);
    return socket;
}

void serve(int socket, Counters &counters)
{
    std::array<std::uint8_t, 2048> buffer;
    for (;;) {
        sockaddr_in from{};
        socklen_t length = sizeof from;
        auto *address = reinterpret_cast<sockaddr *>(&from);
        const ssize_t size = ::recvfrom(socket, buffer.data(), buffer.size(), 0, address, &length);
        if (size <= 0)
            return;
        if (buffer[0] == Echo) {
            ::sendto(socket, buffer.data(), static_cast<std::size_t>(size), 0, address, length);
            continue;
        }
        const std::int64_t time = nanoseconds();
        if (counters.messages++ == 0)
            counters.first = time;
        counters.octets += static_cast<std::uint64_t>(size);
        counters.last = time;
    }
}

std::string roundTrips(int socket, int count, std::size_t size)
{
    std::vector<std::uint8_t> payload(size, Echo);
    std::string times;
    for (int i = 0; i < count; ++i) {
        const std::int64_t start = nanoseconds();
        ::send(socket, payload.data(), payload.size(), 0);
        ::recv(socket, payload.data(), payload.size(), 0);
        times += (i ? "," : "") + std::to_string(nanoseconds() - start);
    }
    return "{\"times\":[" + times + "]}";
}

std::string sendFor(int socket, double seconds, std::size_t size)
{
    const std::vector<std::uint8_t> payload(size, Count);
    const std::int64_t end = nanoseconds() + static_cast<std::int64_t>(seconds * 1e9);
    std::uint64_t messages = 0;
    for (; nanoseconds() < end; ++messages)
        ::send(socket, payload.data(), payload.size(), 0);
    return "{\"messages\":" + std::to_string(messages) + "}";
}

std::string counted(const Counters &counters)
{
    return "{\"messages\":" + std::to_string(counters.messages) + ",\"octets\":"
        + std::to_string(counters.octets) + ",\"first\":" + std::to_string(counters.first)
        + ",\"last\":" + std::to_string(counters.last) + "}";
}

std::string obey(const std::string &line, int socket, Counters &counters)
{
    const auto has = [&](const char *name) { return line.find(name) != std::string::npos; };
    const auto size = static_cast<std::size_t>(number(line, "size"));
    if (has("\"roundtrips\""))
        return roundTrips(socket, static_cast<int>(number(line, "count")), size);
    if (has("\"send\""))
        return sendFor(socket, number(line, "seconds"), size);
    if (has("\"count\""))
        return counted(counters);
    if (has("\"reset\""))
        counters.messages = counters.octets = 0;
    return "{}";
}

} // namespace

int main(int argc, char **argv)
{
    const bool listens = argc == 2;
    const int socket = makeSocket();
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto *address = reinterpret_cast<sockaddr *>(&local);
    socklen_t length = sizeof local;
    Counters counters;
    if (listens) {
        ::bind(socket, address, length);
        ::getsockname(socket, address, &length);
        std::thread(serve, socket, std::ref(counters)).detach();
        tell("{\"address\":\"" + std::to_string(ntohs(local.sin_port)) + "\"}");
    } else {
        local.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[2])));
        ::connect(socket, address, length);
        tell("{}");
    }
    for (std::string line; std::getline(std::cin, line);) {
        if (line.find("\"quit\"") != std::string::npos)
            break;
        tell(obey(line, socket, counters));
    }
    std::_Exit(0);
}
