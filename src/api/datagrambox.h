// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_DATAGRAMBOX_H
#define PEER_API_DATAGRAMBOX_H

#include <QtCore/qbytearray.h>
#include <QtCore/qmutex.h>
#include <QtCore/qstring.h>

#include <deque>
#include <utility>

namespace peer {

/// A datagram on its way between the network thread and the application.
struct BoxedDatagram
{
    QString address; ///< where it came from or goes to; empty where that is clear
    QByteArray payload;
};

/// Datagrams from one thread to another, bounded: what is too old gives way, or what is too much is
/// refused, as whoever puts them in prefers. Its owner wakes the other side.
class DatagramBox
{
public:
    static constexpr qsizetype MaxDatagrams = 1024;
    static constexpr qsizetype MaxOctets = 1024 * 1024;

    enum class WhenFull : quint8 { DropOldest, Refuse };
    enum class Put : quint8 {
        First,  ///< it was empty: the other side is to be woken
        Behind, ///< others
        Refused
    };
    Put put(BoxedDatagram datagram, WhenFull whenFull)
    {
        const QMutexLocker locker(&m_mutex);
        const bool wasEmpty = m_datagrams.empty();
        const qsizetype size = datagram.payload.size();
        while (!m_datagrams.empty()
               && (qsizetype(m_datagrams.size()) >= MaxDatagrams || m_octets + size > MaxOctets)) {
            ++m_dropped;
            if (whenFull == WhenFull::Refuse)
                return Put::Refused;
            m_octets -= m_datagrams.front().payload.size();
            m_datagrams.pop_front();
        }
        m_octets += size;
        m_datagrams.push_back(std::move(datagram));
        return wasEmpty ? Put::First : Put::Behind;
    }

    std::deque<BoxedDatagram> takeAll()
    {
        const QMutexLocker locker(&m_mutex);
        m_octets = 0;
        return std::exchange(m_datagrams, {});
    }

    /// Dropped or refused.
    quint64 dropped() const
    {
        const QMutexLocker locker(&m_mutex);
        return m_dropped;
    }

private:
    mutable QMutex m_mutex;
    std::deque<BoxedDatagram> m_datagrams;
    qsizetype m_octets = 0;
    quint64 m_dropped = 0;
};

} // namespace peer

#endif // PEER_API_DATAGRAMBOX_H
