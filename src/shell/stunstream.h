// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_STUNSTREAM_H
#define PEER_SHELL_STUNSTREAM_H

#include "core/base/address.h"
#include "core/turn/streamframer.h"
#include "session/session.h"
#include "shell/portdial.h"

#include <QtCore/qobject.h>
#include <QtNetwork/qtcpsocket.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace peer {

/// A TCP connection to a STUN server from a port that we listen on: whole messages in and out (RFC
/// 8489 section 6.2.2). Sessions that share the port share it, for there can be but one between the
/// same ends; each takes the answers that are its own.
///
/// Lives in one thread with an event loop; its signals come from there.
class StunStream final : public QObject
{
    Q_OBJECT

public:
    /// Read at a time, and kept in Qt's buffer; answers are few and small.
    static constexpr qint64 ReadBuffer = 4 * 1024;
    /// What waits to go out; further messages are dropped.
    static constexpr qint64 MaxQueued = 16 * 1024;

    StunStream(const TransportAddress &local, const TransportAddress &server);
    ~StunStream() override;

    /// Its transport is of this connection alone.
    const Route &route() const { return m_route; }
    bool isOpen() const { return m_socket != nullptr; }
    /// It could not be opened, or has come to its end.
    bool isOver() const { return m_isOver; }
    void send(ByteView message);
    /// At once, so that another can be opened between the same ends; nothing is told of it.
    void close();

Q_SIGNALS:
    void opened();
    /// The last one.
    void ended();
    /// The payload is borrowed.
    void received(const peer::Datagram &datagram);

private:
    void take(std::unique_ptr<QTcpSocket> socket);
    void read();
    void end();

    Route m_route;
    std::unique_ptr<PortDial> m_dial = std::make_unique<PortDial>();
    std::unique_ptr<QTcpSocket> m_socket;
    turn::StreamFramer m_framer;
    bool m_isOver = false;
};

/// The StunStreams of a set of ports, while somebody holds them.
class StunStreamPool
{
public:
    /// One that stands or is being opened, or a new one.
    std::shared_ptr<StunStream> stream(const TransportAddress &local,
                                       const TransportAddress &server);
    std::size_t size() const { return m_streams.size(); }

private:
    std::map<std::pair<TransportAddress, TransportAddress>, std::weak_ptr<StunStream>> m_streams;
};

/// The StunStreams that one session's ICE agent has asked for.
///
/// Lives in one thread with an event loop. The handlers are called from the event loop, and may
/// delete it. Bounded by the agent (ice::StunStreams).
class StunLinks final : public QObject
{
    Q_OBJECT

public:
    struct Handlers
    {
        std::function<void(std::uint32_t id, const Route &route)> opened;
        std::function<void(std::uint32_t id)> failed;
        std::function<void(const Datagram &)> received;
    };

    explicit StunLinks(QObject *parent = nullptr);

    void setHandlers(Handlers handlers);
    void open(const ice::request::OpenStun &wanted, StunStreamPool &pool);
    void close(std::uint32_t id);
    /// False if the transport is none of these.
    bool send(const Transmit &transmit);
    std::size_t size() const { return m_streams.size(); }

private:
    void tellOpened(std::uint32_t id);
    void tellEnded(std::uint32_t id);

    std::shared_ptr<Handlers> m_handlers = std::make_shared<Handlers>();
    std::map<std::uint32_t, std::shared_ptr<StunStream>> m_streams;
};

} // namespace peer

#endif // PEER_SHELL_STUNSTREAM_H
