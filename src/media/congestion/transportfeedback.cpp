// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/transportfeedback.h"

#include <algorithm>
#include <limits>
#include <span>

namespace peer::media {

namespace {

constexpr std::uint8_t Format = 15;
constexpr std::uint8_t PayloadType = 205; // RTPFB, RFC 4585 section 6.1
constexpr std::size_t HeaderSize = 20;
constexpr std::uint16_t VectorBit = 0x8000;
constexpr std::uint16_t TwoBitsBit = 0x4000;
constexpr std::size_t MaxRun = 0x1fff;
constexpr std::size_t OneBitStatuses = 14;
constexpr std::size_t TwoBitStatuses = 7;

enum Status : std::uint8_t { NotReceived = 0, SmallDelta = 1, LargeDelta = 2, Reserved = 3 };
using Statuses = std::vector<std::uint8_t>;

bool isTransportFeedback(ByteView packet)
{
    return packet.size() >= HeaderSize && packet[0] >> 6 == 2 && (packet[0] & 0x1f) == Format
        && packet[1] == PayloadType;
}

std::size_t packetSize(ByteView packet)
{
    return std::size_t{4} * (readUint16(packet.data() + 2) + 1);
}

/// What follows the header, without padding (RFC 3550 section 6.4.1); nothing if it does not fit.
std::optional<ByteView> bodyOf(ByteView packet)
{
    if (!isTransportFeedback(packet) || packetSize(packet) != packet.size())
        return {};
    std::size_t padding = 0;
    if (packet[0] & 0x20) {
        padding = packet.back();
        if (padding == 0 || padding > packet.size() - HeaderSize)
            return {};
    }
    return packet.subspan(HeaderSize, packet.size() - HeaderSize - padding);
}

/// Takes chunks from the body until there are statuses for count packets. A run of packets that
/// have not arrived may be long; its statuses are of an octet each, and at most 65535.
bool readStatuses(ByteView &body, std::size_t count, Statuses &statuses)
{
    while (statuses.size() < count) {
        if (body.size() < 2)
            return false;
        const std::uint16_t chunk = readUint16(body.data());
        body = body.subspan(2);
        const std::size_t missing = count - statuses.size();
        if (!(chunk & VectorBit)) {
            const auto status = static_cast<std::uint8_t>(chunk >> 13);
            const std::size_t run = chunk & MaxRun;
            if (status == Reserved || run == 0)
                return false;
            statuses.insert(statuses.end(), std::min(run, missing), status);
            continue;
        }
        const bool hasTwoBits = chunk & TwoBitsBit;
        const std::size_t symbols = hasTwoBits ? TwoBitStatuses : OneBitStatuses;
        for (std::size_t i = 0; i < std::min(symbols, missing); ++i) {
            const std::size_t shift = hasTwoBits ? 12 - 2 * i : 13 - i;
            const auto status = static_cast<std::uint8_t>(chunk >> shift & (hasTwoBits ? 3U : 1U));
            if (status == Reserved)
                return false;
            statuses.push_back(status);
        }
    }
    return true;
}

bool readArrivals(ByteView body, const Statuses &statuses, TransportFeedback &feedback)
{
    std::int64_t ticks = 0;
    for (std::size_t offset = 0; offset < statuses.size(); ++offset) {
        const std::size_t size = statuses[offset];
        if (size == NotReceived)
            continue;
        if (body.size() < size)
            return false;
        ticks += size == SmallDelta
            ? std::int64_t{body[0]}
            : std::int64_t{static_cast<std::int16_t>(readUint16(body.data()))};
        body = body.subspan(size);
        feedback.arrivals.push_back({static_cast<std::uint16_t>(offset), ticks});
    }
    return true;
}

/// The chunk for the statuses at the front, and how many of them it covers.
std::pair<std::uint16_t, std::size_t> nextChunk(std::span<const std::uint8_t> statuses)
{
    const auto other = std::find_if(statuses.begin(), statuses.end(),
                                    [&](std::uint8_t status) { return status != statuses[0]; });
    const auto run = std::min(static_cast<std::size_t>(other - statuses.begin()), MaxRun);
    const auto ahead = statuses.first(std::min(statuses.size(), OneBitStatuses));
    const bool fitsOneBit = std::all_of(ahead.begin(), ahead.end(),
                                        [](std::uint8_t status) { return status <= SmallDelta; });
    const std::size_t symbols = fitsOneBit ? OneBitStatuses : TwoBitStatuses;
    if (run >= symbols || run == statuses.size())
        return {static_cast<std::uint16_t>(statuses[0] << 13 | run), run};
    std::uint16_t chunk = fitsOneBit ? VectorBit : VectorBit | TwoBitsBit;
    const std::size_t covered = std::min(symbols, statuses.size());
    for (std::size_t i = 0; i < covered; ++i) {
        const std::size_t shift = fitsOneBit ? 13 - i : 12 - 2 * i;
        chunk = static_cast<std::uint16_t>(chunk | statuses[i] << shift);
    }
    return {chunk, covered};
}

void appendUint16(Bytes &to, std::uint16_t value)
{
    to.push_back(static_cast<std::uint8_t>(value >> 8));
    to.push_back(static_cast<std::uint8_t>(value));
}

/// False if the feedback is not what it has to be.
bool statusesAndDeltas(const TransportFeedback &feedback, Statuses &statuses, Bytes &deltas)
{
    statuses.assign(feedback.packetCount, NotReceived);
    std::int64_t ticks = 0;
    int last = -1;
    for (const TransportFeedback::Arrival &arrival : feedback.arrivals) {
        const std::int64_t delta = arrival.ticks - ticks;
        if (arrival.offset <= last || arrival.offset >= feedback.packetCount
            || delta < std::numeric_limits<std::int16_t>::min()
            || delta > std::numeric_limits<std::int16_t>::max()) {
            return false;
        }
        ticks = arrival.ticks;
        last = arrival.offset;
        if (delta >= 0 && delta <= 0xff) {
            statuses[arrival.offset] = SmallDelta;
            deltas.push_back(static_cast<std::uint8_t>(delta));
        } else {
            statuses[arrival.offset] = LargeDelta;
            appendUint16(deltas, static_cast<std::uint16_t>(delta));
        }
    }
    return feedback.packetCount > 0;
}

} // namespace

std::optional<TransportFeedback> parseTransportFeedback(ByteView packet)
{
    auto body = bodyOf(packet);
    if (!body)
        return {};
    TransportFeedback feedback;
    feedback.senderSsrc = readUint32(packet.data() + 4);
    feedback.mediaSsrc = readUint32(packet.data() + 8);
    feedback.baseSequence = readUint16(packet.data() + 12);
    feedback.packetCount = readUint16(packet.data() + 14);
    const std::uint32_t last = readUint32(packet.data() + 16);
    // 24 bits with a sign
    feedback.referenceTime = static_cast<std::int32_t>(last) >> 8;
    feedback.feedbackCount = static_cast<std::uint8_t>(last);
    Statuses statuses;
    if (feedback.packetCount == 0 || !readStatuses(*body, feedback.packetCount, statuses)
        || !readArrivals(*body, statuses, feedback)) {
        return {};
    }
    return feedback;
}

std::optional<Bytes> writeTransportFeedback(const TransportFeedback &feedback)
{
    Statuses statuses;
    Bytes deltas;
    if (!statusesAndDeltas(feedback, statuses, deltas))
        return {};
    Bytes packet(HeaderSize);
    for (std::size_t i = 0; i < statuses.size();) {
        const auto [chunk, covered] = nextChunk(std::span(statuses).subspan(i));
        appendUint16(packet, chunk);
        i += covered;
    }
    packet.insert(packet.end(), deltas.begin(), deltas.end());
    // RFC 3550 section 6.4.1: padding says how long it is, or a reader takes it for deltas.
    const std::size_t padding = (4 - packet.size() % 4) % 4;
    packet[0] = Format | 2 << 6;
    if (padding > 0) {
        packet[0] |= 0x20;
        packet.resize(packet.size() + padding);
        packet.back() = static_cast<std::uint8_t>(padding);
    }
    const std::size_t words = packet.size() / 4 - 1;
    if (words > 0xffff)
        return {};
    packet[1] = PayloadType;
    writeUint16(&packet[2], static_cast<std::uint16_t>(words));
    writeUint32(&packet[4], feedback.senderSsrc);
    writeUint32(&packet[8], feedback.mediaSsrc);
    writeUint16(&packet[12], feedback.baseSequence);
    writeUint16(&packet[14], feedback.packetCount);
    writeUint32(&packet[16],
                static_cast<std::uint32_t>(feedback.referenceTime) << 8 | feedback.feedbackCount);
    return packet;
}

void takeTransportFeedback(ByteView compound,
                           const std::function<void(const TransportFeedback &)> &visit,
                           Bytes &others)
{
    others.clear();
    while (!compound.empty()) {
        const std::size_t size = compound.size() >= 4
            ? std::min(packetSize(compound), compound.size())
            : compound.size();
        const ByteView packet = compound.first(size);
        compound = compound.subspan(size);
        if (!isTransportFeedback(packet)) {
            others.insert(others.end(), packet.begin(), packet.end());
        } else if (const auto feedback = parseTransportFeedback(packet)) {
            visit(*feedback);
        }
    }
}

} // namespace peer::media
