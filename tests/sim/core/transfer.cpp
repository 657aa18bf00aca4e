// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "transfer.h"

#include <algorithm>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t DataKind = 0xC0;
constexpr std::uint8_t AcknowledgementKind = 0xC1;
constexpr std::size_t DataHeader = 5;
constexpr std::size_t SegmentSize = 1000;
constexpr double LeastWindow = 2;
constexpr double MostWindow = 16;
constexpr Duration FirstInterval = 300ms;
constexpr Duration LongestInterval = 1200ms;

} // namespace

Transfer::Transfer(Bytes content)
    : m_content(std::move(content))
    , m_window(MostWindow)
    , m_segments(std::max<std::size_t>(1, (m_content.size() + SegmentSize - 1) / SegmentSize))
{ }

bool Transfer::receive(TimePoint, ByteView datagram)
{
    if (datagram.size() == 3 && datagram[0] == AcknowledgementKind) {
        const std::size_t number = readUint16(&datagram[1]);
        if (number >= m_segments.size())
            return false;
        if (!m_segments[number].isAcknowledged) {
            m_segments[number].isAcknowledged = true;
            ++m_acknowledged;
            m_window = std::min(MostWindow, m_window + 1 / m_window);
            while (m_first < m_segments.size() && m_segments[m_first].isAcknowledged)
                ++m_first;
        }
        return true;
    }
    if (datagram.size() < DataHeader || datagram[0] != DataKind)
        return false;
    const std::uint16_t number = readUint16(&datagram[1]);
    const std::size_t count = readUint16(&datagram[3]);
    if (m_arrived.empty())
        m_arrived.resize(count);
    if (count != m_arrived.size() || number >= count)
        return false;
    if (!m_arrived[number]) {
        m_arrived[number] = toBytes(datagram.subspan(DataHeader));
        m_isReceived = ++m_arrivedCount == count;
    }
    m_acknowledgements.push_back(number);
    return true;
}

std::optional<ByteView> Transfer::nextDatagram(TimePoint now)
{
    if (!m_acknowledgements.empty()) {
        m_scratch.assign(3, AcknowledgementKind);
        writeUint16(&m_scratch[1], m_acknowledgements.back());
        m_acknowledgements.pop_back();
        return m_scratch;
    }
    const std::size_t end = std::min(m_segments.size(),
                                     m_first + static_cast<std::size_t>(m_window));
    for (std::size_t number = m_first; number < end; ++number) {
        Segment &segment = m_segments[number];
        if (segment.isAcknowledged || segment.dueAt > now)
            continue;
        if (segment.interval != Duration::zero())
            m_window = std::max(LeastWindow, m_window * 0.9);
        segment.interval = segment.interval == Duration::zero()
            ? FirstInterval
            : std::min<Duration>(2 * segment.interval, LongestInterval);
        segment.dueAt = now + segment.interval;
        return writeSegment(number);
    }
    return std::nullopt;
}

ByteView Transfer::writeSegment(std::size_t number)
{
    const std::size_t from = number * SegmentSize;
    const std::size_t size = std::min(SegmentSize, m_content.size() - from);
    m_scratch.assign(DataHeader, DataKind);
    writeUint16(&m_scratch[1], static_cast<std::uint16_t>(number));
    writeUint16(&m_scratch[3], static_cast<std::uint16_t>(m_segments.size()));
    const auto begin = m_content.begin() + static_cast<std::ptrdiff_t>(from);
    m_scratch.insert(m_scratch.end(), begin, begin + static_cast<std::ptrdiff_t>(size));
    return m_scratch;
}

TimePoint Transfer::nextDeadline() const
{
    if (!m_acknowledgements.empty())
        return TimePoint::min();
    TimePoint next = Never;
    const std::size_t end = std::min(m_segments.size(),
                                     m_first + static_cast<std::size_t>(m_window));
    for (std::size_t number = m_first; number < end; ++number) {
        if (!m_segments[number].isAcknowledged)
            next = std::min(next, m_segments[number].dueAt);
    }
    return next;
}

std::optional<Bytes> Transfer::received() const
{
    if (!m_isReceived)
        return std::nullopt;
    Bytes all;
    for (const auto &segment : m_arrived)
        all.insert(all.end(), segment->begin(), segment->end());
    return all;
}

} // namespace peer::sim
