// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_PEERSTREAMS_H
#define PEER_SHELL_PEERSTREAMS_H

#include "session/session.h"
#include "shell/datagramstream.h"

#include <QtCore/qobject.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace peer {

/// The TCP connections of a session with its peer, as the ICE agent asks for them and as they were
/// accepted for it.
///
/// Lives in one thread with an event loop. The handlers are called from the event loop, and may
/// delete it. Bounded by the agent (ice::Config::maxConnections).
class PeerStreams final : public QObject
{
    Q_OBJECT

public:
    struct Handlers
    {
        std::function<void(std::uint32_t id, const Route &route)> opened;
        std::function<void(std::uint32_t id)> failed;
        std::function<void(const Datagram &)> received;
    };

    explicit PeerStreams(QObject *parent = nullptr);
    ~PeerStreams() override;

    void setHandlers(Handlers handlers);
    void open(const ice::request::Connect &wanted);
    /// One that was accepted, under that id.
    void adopt(std::uint32_t id, std::unique_ptr<DatagramStream> stream);
    /// isAbrupt: see ice::request::Close.
    void close(std::uint32_t id, bool isAbrupt = false);

    /// False if the transport is none of these.
    bool send(const Transmit &transmit);
    std::size_t size() const { return m_streams.size(); }

private:
    void listenTo(std::uint32_t id, DatagramStream &stream);
    void failLater(std::uint32_t id);

    std::shared_ptr<Handlers> m_handlers = std::make_shared<Handlers>();
    std::map<std::uint32_t, std::unique_ptr<DatagramStream>> m_streams;
};

} // namespace peer

#endif // PEER_SHELL_PEERSTREAMS_H
