// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_UDPPORT_H
#define PEER_SHELL_UDPPORT_H

#include "core/base/address.h"
#include "shell/udpsendqueue.h"

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace peer {

struct UdpPortOptions
{
    IpAddress::Family family = IpAddress::Family::V4;
    /// 0 = a random one of the system's.
    quint16 port = 0;
    /// Asked from the system, which gives less where it has a lower limit. To receive: what comes
    /// while the event loop is busy for 30 ms at 1 Gbit/s. To send: what is written in one turn;
    /// more would only be a longer queue before the network.
    int receiveBuffer = 4 * 1024 * 1024;
    int sendBuffer = 1024 * 1024;
    /// UDP_SEGMENT and UDP_GRO, where the kernel has them. Off for comparison.
    bool segmentation = true;
    bool coalescing = true;
};

struct UdpPortStatistics
{
    quint64 sent = 0; ///< datagrams that the system took
    quint64 received = 0;
    quint64 sendCalls = 0; ///< to the system, with one or more datagrams each
    quint64 receiveCalls = 0;
    /// Dropped at sending: the network was not there for a moment, or a buffer was full.
    quint64 sendDropped = 0;
    quint64 sendFailed = 0; ///< refused for good, and reported
    /// Dropped at receiving: cut short, without destination, or to a multicast address.
    quint64 receiveDropped = 0;
};

/// One UDP socket on the wildcard address of one family: whole datagrams in and out in batches,
/// with the local address of each by packet info.
///
/// Lives in one thread with an event loop. Its handlers are called from the event loop, from
/// readPending() and flush(), and may delete the port. Nothing that the network does is fatal.
///
/// Failures of sending are of three kinds. The system's buffer is full (EAGAIN): the queue waits
/// and is written when there is room. The network is not there for a moment, as during renumbering
/// (ENETUNREACH, EADDRNOTAVAIL, ENOBUFS …): the datagram is dropped like any that the network
/// loses. The route is refused (EHOSTUNREACH, EPERM, EMSGSIZE …): dropped and reported.
///
/// Link-local IPv6 addresses are ambiguous without an interface, which a Route does not have. The
/// interface of our own address stands for both ends; without setInterface() for it the system
/// refuses the datagram, which is dropped.
class UdpPort : public QObject
{
    Q_OBJECT

public:
    /// Larger payloads are dropped and reported as failed: ours have 1200 octets at most (D2).
    static constexpr std::size_t MaxPayload = 2048;
    /// Local addresses whose interface is known.
    static constexpr std::size_t MaxInterfaces = 32;

    static constexpr std::chrono::milliseconds StallLimit{500};

    using Receiver = std::function<void(std::span<const Datagram>)>;
    using FailureHandler = std::function<void(SenderId, const Route &)>;

    ~UdpPort() override;

    TransportId id() const { return m_id; }
    IpAddress::Family family() const { return m_family; }
    quint16 localPort() const { return m_localPort; }

    /// Gets every batch; the datagrams are borrowed for the call. To be set before the event loop
    /// runs.
    void setReceiver(Receiver receiver);
    /// Called when the system takes datagrams again and half of the queue is free.
    void setWritableHandler(std::function<void()> handler);
    void setFailureHandler(FailureHandler handler);

    /// The interface that owns a local address; 0 forgets it. Datagrams from that address leave
    /// by it, whatever the routing table would prefer, so that several networks are used at once.
    void setInterface(const IpAddress &local, quint32 index);

    /// Whether send() will take a datagram of MaxPayload; flushes if that helps. If not, wait for
    /// the writable handler.
    bool makeRoom();
    /// Queues a datagram for the next flush(). False, and nothing taken, when there is no room
    /// even after a flush. The local IP of the route may be null, the system chooses then.
    ///
    /// When the system has taken nothing for StallLimit, what waits is dropped to make room: one
    /// dead interface must not hold up what goes by the others.
    bool send(const Route &route, ByteView payload, SenderId sender = SenderId::None);
    /// Gives the system what it takes of the queue.
    void flush();
    /// Receives what has arrived, a bounded number of batches, without waiting for the event loop:
    /// after a stall, before timers are believed.
    virtual void readPending() = 0;

    const UdpPortStatistics &statistics() const { return m_statistics; }

protected:
    /// What the handlers may destroy while they run; whoever calls them holds a copy.
    struct Handlers
    {
        Receiver received;
        std::function<void()> writable;
        FailureHandler failed;
    };

    explicit UdpPort(const UdpPortOptions &options);

    void setLocalPort(quint16 port) { m_localPort = port; }
    quint32 interfaceOf(const IpAddress &local) const;
    /// Writes m_queue until it is empty or setBlocked() was called.
    virtual void writeQueue() = 0;
    /// The system takes no more for now; whoever calls it sees to resume().
    void setBlocked();
    /// The system has room again.
    void resume();
    /// To be reported when the queue was written.
    void noteFailed(SenderId sender, const Route &route);
    void deliver(std::span<const Datagram> datagrams);

    UdpSendQueue m_queue;
    UdpPortStatistics m_statistics;

private:
    bool hasRightFamily(const Route &route) const;
    bool makeRoom(std::size_t octets);
    void reportFailures();

    const TransportId m_id;
    const IpAddress::Family m_family;
    quint16 m_localPort = 0;
    std::shared_ptr<Handlers> m_handlers = std::make_shared<Handlers>();
    std::vector<std::pair<IpAddress, quint32>> m_interfaces;
    /// At most MaxFailures until they are reported; more of them are the same news.
    static constexpr std::size_t MaxFailures = 16;
    std::vector<std::pair<SenderId, Route>> m_failures;
    bool m_isBlocked = false;
    QElapsedTimer m_blockedSince;
};

/// Opens the best port that this system has. Null if the family is not there or the port is taken;
/// error then says why.
std::unique_ptr<UdpPort> openUdpPort(const UdpPortOptions &options, QString *error = nullptr);

/// A number that no other transport of this process had (Route::transport). From any thread.
TransportId newTransportId();

} // namespace peer

#endif // PEER_SHELL_UDPPORT_H
