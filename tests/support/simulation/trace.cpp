// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/trace.h"

#include "support/simulation/schedule.h"

namespace peer::sim {

namespace {

std::string sinceStart(TimePoint now)
{
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now
                                                                               - Schedule::Start);
    return std::to_string(elapsed.count() / 1000) + "."
        + std::to_string(elapsed.count() % 1000 + 1000).substr(1) + " ms ";
}

} // namespace

void Hash::add(ByteView octets)
{
    for (const std::uint8_t octet : octets)
        m_value = (m_value ^ octet) * 0x100000001B3;
}

void Hash::add(std::uint64_t number)
{
    std::array<std::uint8_t, 8> octets{};
    writeUint64(octets.data(), number);
    add(octets);
}

std::string_view toString(Fate fate)
{
    switch (fate) {
    case Fate::Sent:
        return "sent";
    case Fate::Delivered:
        return "delivered";
    case Fate::Lost:
        return "lost";
    case Fate::QueueFull:
        return "queue full";
    case Fate::LinkDown:
        return "link down";
    case Fate::NoRoute:
        return "no route";
    case Fate::NoSocket:
        return "no socket";
    case Fate::Filtered:
        return "filtered";
    case Fate::Blocked:
        return "blocked";
    case Fate::Translated:
        return "translated";
    }
    return "";
}

namespace {

std::string nameOf(const Packet &packet)
{
    if (!packet.isTcp())
        return {};
    static constexpr std::string_view Names[] = {"SYN", "SYN-ACK", "data", "ACK", "RST"};
    return std::string(Names[static_cast<std::size_t>(packet.segment->kind)]) + " "
        + std::to_string(packet.segment->number) + " ";
}

} // namespace

void Trace::note(TimePoint now, std::string_view place, Fate fate, const Packet &packet)
{
    ++m_counts[static_cast<std::size_t>(fate)];
    m_hash.add(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    m_hash.add(asBytes(place));
    m_hash.add(static_cast<std::uint64_t>(fate));
    for (const TransportAddress &address : {packet.source, packet.destination}) {
        m_hash.add(address.ip.octets());
        m_hash.add(address.port);
    }
    m_hash.add(packet.payload);
    if (packet.isTcp()) {
        m_hash.add(static_cast<std::uint64_t>(packet.segment->kind));
        m_hash.add(packet.segment->number);
    }
    if (m_sink) {
        m_sink(sinceStart(now) + std::string(place) + " " + std::string(toString(fate)) + " "
               + packet.source.toString() + " > " + packet.destination.toString() + " "
               + nameOf(packet) + std::to_string(packet.payload.size()));
    }
}

void Trace::note(TimePoint now, std::string_view place, std::string_view what)
{
    m_hash.add(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    m_hash.add(asBytes(place));
    m_hash.add(asBytes(what));
    if (m_sink)
        m_sink(sinceStart(now) + std::string(place) + " " + std::string(what));
}

} // namespace peer::sim
