// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/tracklink.h"

#include "secure/srtp/srtpsession.h"
#include "session/rtp/rtcppacket.h"
#include "session/rtp/rtppacket.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace peer {

namespace {

/// D2: a datagram has at most so many octets.
constexpr std::size_t MaxDatagram = 1200;
static_assert(PeerRtpPort::MaxPacketSize + srtp::Session::MaxOverhead == MaxDatagram);

void add(std::atomic<quint64> &counter, quint64 amount = 1)
{
    counter.fetch_add(amount, std::memory_order_relaxed);
}

quint64 value(const std::atomic<quint64> &counter)
{
    return counter.load(std::memory_order_relaxed);
}

} // namespace

TrackLink::TrackLink(std::vector<std::uint32_t> sources, Wake wake)
    : m_sources(std::move(sources))
    , m_wake(std::move(wake))
{ }

bool TrackLink::refuse(Counter &counter)
{
    add(counter);
    return false;
}

bool TrackLink::sendRtp(ByteView packet)
{
    if (m_isMuted.load(std::memory_order_relaxed))
        return refuse(m_counters.droppedMuted);
    return enqueue(false, packet);
}

bool TrackLink::sendRtcp(ByteView packet)
{
    return enqueue(true, packet);
}

/// With m_sendMutex locked.
bool TrackLink::isOfTrack(ByteView packet) const
{
    const auto header = rtp::parseHeader(packet);
    return header && !rtp::isRtcp(packet) && m_payloadTypes.test(header->payloadType)
        && std::find(m_sources.begin(), m_sources.end(), header->ssrc) != m_sources.end();
}

bool TrackLink::enqueue(bool isRtcp, ByteView packet)
{
    {
        const std::lock_guard locker(m_sendMutex);
        if (m_isClosed || !isOpen() || (!isRtcp && !m_isSending))
            return refuse(m_counters.droppedClosed);
        const bool isValid = packet.size() <= PeerRtpPort::MaxPacketSize
            && (isRtcp ? rtp::isRtcp(packet) && rtp::isWellFormedRtcp(packet) : isOfTrack(packet));
        if (!isValid)
            return refuse(m_counters.droppedInvalid);
        if (m_waiting.push(TrackId::None, isRtcp, packet))
            add(m_counters.droppedLate);
    }
    wakeOnce();
    return true;
}

void TrackLink::wakeOnce()
{
    if (!m_isWoken.exchange(true))
        m_wake();
}

void TrackLink::setHandler(PeerRtpPort::Handler handler)
{
    // What goes is destroyed with the mutex free, for its destructor is the application's.
    std::shared_ptr<const PeerRtpPort::Handler> other;
    if (handler)
        other = std::make_shared<const PeerRtpPort::Handler>(std::move(handler));
    {
        const std::lock_guard locker(m_handlerMutex);
        if (m_isClosed)
            return;
        m_handler.swap(other);
        if (!m_handler)
            dropEarly();
    }
    wakeOnce();
}

void TrackLink::close()
{
    std::shared_ptr<const PeerRtpPort::Handler> last;
    const std::lock_guard locker(m_handlerMutex);
    {
        const std::lock_guard sendLocker(m_sendMutex);
        m_isClosed = true;
        m_isOpen.store(false, std::memory_order_relaxed);
        m_waiting.clear();
    }
    m_handler.swap(last);
    dropEarly();
}

PeerTrackStatistics TrackLink::statistics() const
{
    PeerTrackStatistics statistics;
    statistics.packetsSent = value(m_counters.packetsSent);
    statistics.bytesSent = value(m_counters.bytesSent);
    statistics.rtcpSent = value(m_counters.rtcpSent);
    statistics.packetsReceived = value(m_counters.packetsReceived);
    statistics.bytesReceived = value(m_counters.bytesReceived);
    statistics.rtcpReceived = value(m_counters.rtcpReceived);
    statistics.droppedClosed = value(m_counters.droppedClosed);
    statistics.droppedMuted = value(m_counters.droppedMuted);
    statistics.droppedInvalid = value(m_counters.droppedInvalid);
    statistics.droppedLate = value(m_counters.droppedLate);
    statistics.droppedUnread = value(m_counters.droppedUnread);
    return statistics;
}

void TrackLink::setTerms(const TrackTerms &terms)
{
    const std::lock_guard locker(m_sendMutex);
    m_isSending = sends(terms.direction);
    m_payloadTypes.reset();
    for (const sdp::PayloadFormat &format : terms.formats)
        m_payloadTypes.set(format.payloadType);
}

bool TrackLink::changeTerms(const TrackTerms &terms)
{
    setTerms(terms);
    const std::lock_guard locker(m_sendMutex);
    const bool isFirst = !m_newTerms;
    m_newTerms = terms;
    return isFirst;
}

std::optional<TrackTerms> TrackLink::takeTerms()
{
    const std::lock_guard locker(m_sendMutex);
    return std::exchange(m_newTerms, std::nullopt);
}

void TrackLink::setOpen(bool isOpen)
{
    const std::lock_guard locker(m_sendMutex);
    m_isOpen.store(isOpen && !m_isClosed, std::memory_order_relaxed);
}

void TrackLink::serve(const std::function<bool(bool isRtcp, ByteView packet)> &send)
{
    m_isWoken.store(false);
    {
        const std::lock_guard locker(m_sendMutex);
        std::swap(m_waiting, m_leaving);
    }
    while (!m_leaving.isEmpty()) {
        const PacketQueue::Packet &packet = m_leaving.pop();
        if (!send(packet.isRtcp, packet.octets)) {
            // What is open and yet not sent has a sequence number that SRTP has encrypted before.
            add(isOpen() && !packet.isRtcp ? m_counters.droppedInvalid : m_counters.droppedClosed);
        } else if (packet.isRtcp) {
            add(m_counters.rtcpSent);
        } else {
            add(m_counters.packetsSent);
            add(m_counters.bytesSent, packet.octets.size());
        }
    }
    const std::lock_guard locker(m_handlerMutex);
    handOutEarly();
}

void TrackLink::deliver(bool isRtcp, ByteView packet)
{
    if (isRtcp) {
        add(m_counters.rtcpReceived);
    } else {
        add(m_counters.packetsReceived);
        add(m_counters.bytesReceived, packet.size());
    }
    const std::lock_guard locker(m_handlerMutex);
    handOutEarly();
    if (m_isEarly) {
        if (m_early.push(TrackId::None, isRtcp, packet))
            add(m_counters.droppedUnread);
        return;
    }
    handOut(isRtcp, packet);
}

/// With m_handlerMutex locked, as the next.
void TrackLink::handOutEarly()
{
    while (m_isEarly && m_handler) {
        if (m_early.isEmpty()) {
            dropEarly();
            return;
        }
        const PacketQueue::Packet packet = m_early.pop(); // a copy: the handler may drop the rest
        handOut(packet.isRtcp, packet.octets);
    }
}

/// From now on none wait.
void TrackLink::dropEarly()
{
    add(m_counters.droppedUnread, m_early.size());
    m_early.clear();
    m_isEarly = false;
}

void TrackLink::handOut(bool isRtcp, ByteView packet)
{
    // It may set another one, and thereby go.
    const auto handler = m_handler;
    if (!handler) {
        add(m_counters.droppedUnread);
        return;
    }
    (*handler)(isRtcp ? PeerRtpPort::PacketKind::Rtcp : PeerRtpPort::PacketKind::Rtp,
               QByteArrayView(packet.data(), qsizetype(packet.size())));
}

} // namespace peer
