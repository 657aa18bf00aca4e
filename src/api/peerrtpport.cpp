// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peerrtpport.h>

#include "api/tracklink.h"

#include <utility>

/*!
    \class PeerRtpPort
    \inmodule PeerConnection
    \brief Where the packets of a PeerTrack go in and come out, in any thread.

    RTP and RTCP go straight between the thread that makes them and the network thread, whatever the
    thread of the PeerTrack is doing. A port is a value: copies are the same port, and it may be
    kept after its track, and even its connection, is gone; then it takes nothing any more. So a
    media engine takes a port with PeerTrack::port() and uses that in its own threads.

    All functions are thread-safe and none waits for the network. Packets are whole datagrams of RTP
    (RFC 3550) or RTCP (reduced-size too, RFC 5506) without SRTP, which is the connection's
    business; payload types, SSRCs and the ids of header extensions are those that the track has
    agreed on.

    \section1 Memory
    At most SendQueueSize packets wait for the network thread and as many are being sent; the
    connection itself holds 256 packets of audio and 256 of video while the network takes none. The
    oldest make way for new ones, for media that comes late is worth nothing.

    \sa PeerTrack
*/

/*!
    \enum PeerRtpPort::PacketKind
    \value Rtp   One packet of RTP.
    \value Rtcp  A chain of RTCP packets.
*/

PeerRtpPort::PeerRtpPort() = default;
PeerRtpPort::~PeerRtpPort() = default;
PeerRtpPort::PeerRtpPort(const PeerRtpPort &other) = default;
PeerRtpPort::PeerRtpPort(PeerRtpPort &&other) noexcept = default;
PeerRtpPort &PeerRtpPort::operator=(const PeerRtpPort &other) = default;
PeerRtpPort &PeerRtpPort::operator=(PeerRtpPort &&other) noexcept = default;

PeerRtpPort::PeerRtpPort(std::shared_ptr<peer::TrackLink> link)
    : m_link(std::move(link))
{ }

namespace {

peer::ByteView toBytes(QByteArrayView packet)
{
    return {reinterpret_cast<const std::uint8_t *>(packet.data()), std::size_t(packet.size())};
}

} // namespace

/*! True for a port that belongs to no track. */
bool PeerRtpPort::isNull() const
{
    return !m_link;
}

/*! True while the network thread takes packets; PeerTrack::state may tell of it a little later. */
bool PeerRtpPort::isOpen() const
{
    return m_link && m_link->isOpen();
}

/*!
    Sends one RTP packet of at most MaxPacketSize octets. Its payload type must be one of
    PeerTrack::agreedFormats() and its SSRC one of PeerTrack::sources(), retransmissions included.

    Returns false, and the packet is counted in statistics() and dropped, if

    \list
    \li the track is not open, or was agreed on without our sending (\c droppedClosed),
    \li the track is muted (\c droppedMuted),
    \li it is no RTP packet, too large, or not of this track (\c droppedInvalid).
    \endlist

    When SendQueueSize packets wait, the oldest of them is dropped (\c droppedLate), and this one is
    taken. One that is taken may still be dropped in the network thread: if the track has been
    closed or held meanwhile, or if a packet of the same source with that sequence number was sent
    before, for SRTP must not encrypt two by one number (\c droppedInvalid).
*/
bool PeerRtpPort::sendRtp(QByteArrayView packet) const
{
    return m_link && m_link->sendRtp(toBytes(packet));
}

/*!
    Sends a chain of RTCP packets, of at most MaxPacketSize octets in all, also while the track is
    muted or only receives. Otherwise as sendRtp().
*/
bool PeerRtpPort::sendRtcp(QByteArrayView packet) const
{
    return m_link && m_link->sendRtcp(toBytes(packet));
}

/*!
    Has \a handler called with each packet that the peer sends for this track, authentic and in the
    order of arrival; RTCP that is about several tracks comes to each. An empty handler takes the
    present one away.

    It is called in the network thread (which is the calling thread if PeerRuntime says so), and
    holds up all connections of the process: it should hand the packet on and return. It must not
    wait for another thread, nor run an event loop. It may use any port, this one included. The
    octets are valid during the call.

    When this function returns, the handler before is not running and is not called any more; but if
    it is called from within that handler, it returns at once. So do not hold a mutex that the
    handler takes. The same holds for PeerTrack::end() and the destruction of the track. A handler
    is destroyed when it is replaced or the track has ended, whichever thread does that.

    What comes before the first handler waits for it: the last EarlyQueueSize packets, for the
    oldest of them make way for new ones (\c droppedUnread). Once a handler was set or taken away
    nothing waits any more.
*/
void PeerRtpPort::setHandler(Handler handler) const
{
    if (m_link)
        m_link->setHandler(std::move(handler));
}

/*! Counters, as they are now. */
PeerTrackStatistics PeerRtpPort::statistics() const
{
    return m_link ? m_link->statistics() : PeerTrackStatistics();
}
