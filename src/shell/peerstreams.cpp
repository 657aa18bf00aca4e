// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/peerstreams.h"

#include <QtCore/qpointer.h>

#include <utility>

namespace peer {

PeerStreams::PeerStreams(QObject *parent)
    : QObject(parent)
{ }

PeerStreams::~PeerStreams() = default;

void PeerStreams::setHandlers(Handlers handlers)
{
    m_handlers = std::make_shared<Handlers>(std::move(handlers));
}

void PeerStreams::open(const ice::request::Connect &wanted)
{
    auto stream = std::make_unique<DatagramStream>();
    DatagramStream *const opening = stream.get();
    listenTo(wanted.id, *opening);
    m_streams[wanted.id] = std::move(stream);
    opening->open(wanted.local, wanted.remote, wanted.localPort);
}

void PeerStreams::adopt(std::uint32_t id, std::unique_ptr<DatagramStream> stream)
{
    listenTo(id, *stream);
    m_streams[id] = std::move(stream);
}

void PeerStreams::listenTo(std::uint32_t id, DatagramStream &stream)
{
    // A stream may outlive this object by a moment.
    const std::weak_ptr<Handlers> weak = m_handlers;
    DatagramStream::Handlers handlers;
    handlers.opened = [weak, id](const Route &route) {
        if (const auto target = weak.lock())
            target->opened(id, route);
    };
    handlers.failed = [self = QPointer<PeerStreams>(this), id](const QString &) {
        if (self)
            self->failLater(id);
    };
    handlers.received = [weak](const Datagram &datagram) {
        if (const auto target = weak.lock())
            target->received(datagram);
    };
    stream.setHandlers(std::move(handlers));
}

/// From the event loop: it may be told while something is being sent.
void PeerStreams::failLater(std::uint32_t id)
{
    QMetaObject::invokeMethod(
        this,
        [this, id] {
            const auto handlers = m_handlers;
            if (m_streams.erase(id) != 0)
                handlers->failed(id);
        },
        Qt::QueuedConnection);
}

/// It may be a handler of the stream itself that leads here.
void PeerStreams::close(std::uint32_t id, bool isAbrupt)
{
    const auto found = m_streams.find(id);
    if (found == m_streams.end())
        return;
    found->second->setHandlers({});
    if (isAbrupt)
        found->second->reset();
    found->second.release()->deleteLater();
    m_streams.erase(found);
}

bool PeerStreams::send(const Transmit &transmit)
{
    for (const auto &[id, stream] : m_streams) {
        if (stream->route().transport == transmit.route.transport) {
            stream->send(transmit.payload);
            return true;
        }
    }
    return false;
}

} // namespace peer
