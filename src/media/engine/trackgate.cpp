// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/trackgate.h"

#include "media/congestion/rtpextensions.h"
#include "media/engine/gstparts.h"

#include <utility>

namespace peer::media {

namespace {

TimePoint now()
{
    return TimePoint(std::chrono::microseconds(g_get_monotonic_time()));
}

/// RFC 5761 section 4: the second octet of RTCP is 192 to 223.
bool isRtcp(ByteView packet)
{
    return packet.size() >= 8 && packet[0] >> 6 == 2 && packet[1] >= 192 && packet[1] <= 223;
}

} // namespace

TrackGate::TrackGate(const TrackConfig &config, std::shared_ptr<RtpLink> link,
                     std::shared_ptr<CallTransport> transport, std::shared_ptr<SentNumbers> numbers,
                     GstElement *rtpIn, GstElement *rtcpIn)
    : m_config(config)
    , m_link(std::move(link))
    , m_transport(std::move(transport))
    , m_numbers(std::move(numbers))
    , m_rtpIn(shared(rtpIn))
    , m_rtcpIn(shared(rtcpIn))
{
    if (m_config.redundancyType)
        m_redundancy.emplace(*m_config.redundancyType);
}

void TrackGate::leaveRtp(GstBuffer *packet)
{
    if (m_isClosed)
        return;
    const MappedBuffer mapped(packet);
    const bool isRepeat = isRepetition(mapped.octets());
    if (isRepeat && !awaitRepeat(mapped.octets()))
        return;
    RtpExtensions extensions;
    extensions.midId = m_config.midExtension;
    extensions.mid = m_config.mid;
    const ByteView leaving = withCopies(mapped.octets());
    const std::size_t size = leaving.size() + RtpExtensionsOverhead;
    if (m_config.transportExtension) {
        extensions.transportId = m_config.transportExtension;
        extensions.transportSequence = m_transport->send(size, m_config.kind);
    }
    thread_local Bytes extended; // used again by the next packet of the thread
    const bool isRtp = addExtensions(leaving, extensions, extended);
    if (isRtp)
        number(extended);
    const bool isSent = isRtp && m_link->sendRtp(extended);
    if (isSent && isRepeat)
        ++m_repeatsSent;
    if (!isSent && m_redundancy)
        m_redundancy->forget();
    if (!m_config.transportExtension)
        return;
    // A muted track, or one on hold, sends nothing, and loses nothing by it.
    if (isSent)
        m_transport->noteSent(size, m_config.kind);
    else
        m_transport->takeBack(extensions.transportSequence);
}

void TrackGate::close()
{
    m_isClosed = true;
    m_transport->wake();
}

ByteView TrackGate::withCopies(ByteView packet)
{
    thread_local Bytes redundant; // as in leaveRtp()
    const bool isSound = packet.size() > 1 && (packet[1] & 0x7f) == m_config.payloadType;
    if (!m_redundancy || !isSound
        || !m_redundancy->repeat(packet, m_transport->allocation().copies, redundant)) {
        return packet;
    }
    return redundant;
}

bool TrackGate::isRepetition(ByteView packet) const
{
    return packet.size() > 1 && (packet[1] & 0x7f) == m_config.retransmissionType;
}

bool TrackGate::awaitRepeat(ByteView packet)
{
    const auto repeated = repeatedSequenceOf(packet);
    if (!repeated || m_numbers->isAbandoned(*repeated))
        return false;
    return !m_config.transportExtension || m_transport->awaitRepeat(m_config.kind, m_isClosed);
}

void TrackGate::number(Bytes &packet)
{
    const std::uint16_t sequence = readUint16(packet.data() + 2);
    if (!isRepetition(packet)) {
        m_numbers->note(sequence, readUint32(packet.data() + 4), now());
        return;
    }
    writeUint16(packet.data() + 2, m_numbers->repeat(sequence));
}

void TrackGate::leaveRtcp(GstBuffer *compound)
{
    if (m_isClosed)
        return;
    const MappedBuffer mapped(compound);
    m_link->sendRtcp(mapped.octets());
}

void TrackGate::enter(ByteView packet)
{
    if (m_isClosed)
        return;
    if (isRtcp(packet))
        enterRtcp(packet);
    else
        enterRtp(packet);
}

void TrackGate::enterRtp(ByteView packet)
{
    const auto glance = glanceAtRtp(packet);
    if (!glance || !isAgreed(glance->payloadType) || !isAdmitted(glance->ssrc)) {
        ++m_refused;
        ++m_refusedMedia;
        return;
    }
    if (glance->payloadType == m_config.retransmissionType)
        ++m_repeatsReceived;
    if (m_config.kind == TrackKind::Audio)
        m_transport->noteSound(readUint32(packet.data() + 4));
    if (m_config.transportExtension) {
        if (const auto sequence = transportSequenceOf(packet, *m_config.transportExtension)) {
            for (const Bytes &feedback :
                 m_transport->receive(*sequence, glance->ssrc, m_config.ssrc)) {
                m_link->sendRtcp(feedback);
            }
        }
    }
    if (packet[0] & 0x0f)
        pushOctets(m_rtpIn.get(), withoutContributors(packet));
    else
        pushOctets(m_rtpIn.get(), packet);
}

void TrackGate::enterRtcp(ByteView compound)
{
    Bytes others;
    takeTransportFeedback(
        compound,
        [this](const TransportFeedback &feedback) {
            if (m_config.transportExtension)
                m_transport->take(feedback);
        },
        others);
    if (others.empty())
        return;
    const Bytes admitted = [&] {
        const std::lock_guard lock(m_mutex);
        return admittedRtcp(others, m_sources, now());
    }();
    if (admitted.size() < others.size())
        ++m_refused;
    if (!admitted.empty())
        pushOctets(m_rtcpIn.get(), admitted);
}

bool TrackGate::isAdmitted(std::uint32_t ssrc)
{
    const std::lock_guard lock(m_mutex);
    return m_sources.admits(ssrc, now());
}

bool TrackGate::isAgreed(std::uint8_t payloadType) const
{
    return payloadType == m_config.payloadType || payloadType == m_config.retransmissionType
        || payloadType == m_config.redundancyType;
}

} // namespace peer::media
