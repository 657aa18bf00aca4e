// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_DATAGRAMQUEUE_H
#define PEER_SHELL_DATAGRAMQUEUE_H

#include "core/base/time.h"

#include <QtCore/qbytearray.h>

#include <chrono>
#include <deque>
#include <optional>

class QAbstractSocket;

namespace peer {

/// Datagrams that wait for a TCP stream to take them, in the manner of a network: what cannot go
/// soon is dropped, the oldest first, instead of making everything behind it late.
///
/// TCP would take megabytes and deliver them seconds later. So the system's buffer is kept small
/// (limitBuffers()), little is given to Qt's (QtBuffer), and the rest waits here, bounded in octets
/// and in time.
class DatagramQueue
{
public:
    struct Options
    {
        /// Octets that wait here, at most.
        qsizetype octets = 128 * 1024;
        /// And for how long. Whoever has a congestion control takes the loss for what it is.
        std::chrono::milliseconds patience{250};
    };
    /// What Qt's socket holds before more is given to it.
    static constexpr qint64 QtBuffer = 8 * 1024;

    explicit DatagramQueue(const Options &options);

    bool isEmpty() const { return m_waiting.empty(); }
    void push(const QByteArray &datagram);
    /// The oldest one that has not waited too long; nothing when there is none.
    std::optional<QByteArray> next();
    /// Drops the oldest beyond the bound. For after what goes at once has gone.
    void trim();
    /// All that were dropped, and those that could not even be queued.
    quint64 dropped() const { return m_dropped; }
    void noteDropped() { ++m_dropped; }

    /// No delay (Nagle), a small SO_SNDBUF, and TCP_NOTSENT_LOWAT on Linux, for a connected socket.
    static void limitBuffers(QAbstractSocket &socket);

private:
    struct Waiting
    {
        QByteArray datagram;
        TimePoint since;
    };

    QByteArray take();

    Options m_options;
    std::deque<Waiting> m_waiting;
    qsizetype m_octets = 0;
    quint64 m_dropped = 0;
};

} // namespace peer

#endif // PEER_SHELL_DATAGRAMQUEUE_H
