// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_TCPLISTENER_H
#define PEER_SHELL_TCPLISTENER_H

#include "core/base/address.h"
#include "shell/datagramstream.h"

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qtcpserver.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace peer {

struct TcpListenerOptions
{
    IpAddress::Family family = IpAddress::Family::V4;
    /// 0 = a random one.
    quint16 port = 0;
    /// For a connection to say whom it wants. The check goes out with the last step of TCP's
    /// handshake; three losses of it are possible.
    std::chrono::milliseconds helloDeadline{8000};
};

/// A TCP socket that listens on all addresses of one family, for passive candidates (RFC 6544). Who
/// a connection is for its first datagram tells: a Binding request that names an agent here
/// (USERNAME, before the colon). Where it is anything else, or does not come, the connection is
/// closed.
///
/// Lives in one thread with an event loop; the handler is called from there and may delete it.
///
/// What strangers can cost is bounded: MaxPending connections that have not said whom they want,
/// MaxPendingOfAddress of them from one address, each for helloDeadline and with no more memory
/// than one frame and a read takes.
class TcpListener final : public QObject
{
    Q_OBJECT

public:
    static constexpr std::size_t MaxPending = 64;
    static constexpr std::size_t MaxPendingOfAddress = 8;

    /// A connection for the agent of that user name fragment, with the request that says so.
    /// Whoever drops the stream closes the connection.
    using Handler =
        std::function<void(std::string_view fragment, std::unique_ptr<DatagramStream> stream,
                           const Datagram &request)>;

    /// Null if the system has none; error then says why.
    static std::unique_ptr<TcpListener> open(const TcpListenerOptions &options,
                                             QString *error = nullptr);
    ~TcpListener() override;

    void setHandler(Handler handler);
    /// Names its candidates; no datagram comes by it.
    TransportId id() const { return m_id; }
    /// Names the simultaneous-open candidates at its port; None where no connection can be opened
    /// from there.
    TransportId simultaneousOpenId() const { return m_simultaneousOpenId; }
    IpAddress::Family family() const { return m_options.family; }
    quint16 localPort() const { return m_server.serverPort(); }
    /// Connections that have not said whom they want.
    std::size_t pending() const { return m_pending.size(); }

private:
    struct Pending
    {
        std::unique_ptr<DatagramStream> stream;
        TimePoint deadline;
    };

    explicit TcpListener(const TcpListenerOptions &options);
    void accept();
    bool hasRoomFor(const IpAddress &remote) const;
    void greet(DatagramStream *stream, const Datagram &first);
    /// Out of m_pending; null if it is not there.
    std::unique_ptr<DatagramStream> take(const DatagramStream *stream);
    void dropOverdue();

    const TransportId m_id;
    TransportId m_simultaneousOpenId = TransportId::None;
    const TcpListenerOptions m_options;
    QTcpServer m_server;
    std::shared_ptr<Handler> m_handler = std::make_shared<Handler>();
    std::vector<Pending> m_pending;
    QTimer m_timer;
};

} // namespace peer

#endif // PEER_SHELL_TCPLISTENER_H
