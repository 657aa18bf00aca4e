// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/stunstream.h"

#include "shell/udpport.h"

#include <QtCore/qpointer.h>
#include <QtNetwork/qnetworkproxy.h>

#include <array>

namespace peer {

StunStream::StunStream(const TransportAddress &local, const TransportAddress &server)
    : m_route{newTransportId(), local, server}
{
    m_dial->open(local, server,
                 {[this](std::unique_ptr<QTcpSocket> socket) { take(std::move(socket)); },
                  [this](const QString &) { end(); }});
}

StunStream::~StunStream()
{
    close();
}

void StunStream::close()
{
    m_isOver = true;
    m_dial.reset();
    if (!m_socket)
        return;
    PortDial::resetOnClose(*m_socket);
    m_socket->disconnect(this);
    m_socket->abort();
    m_socket.release()->deleteLater(); // it may be calling
}

void StunStream::take(std::unique_ptr<QTcpSocket> socket)
{
    m_dial.release()->deleteLater(); // it is calling
    m_socket = std::move(socket);
    m_socket->setProxy(QNetworkProxy::NoProxy);
    m_socket->setReadBufferSize(ReadBuffer);
    connect(m_socket.get(), &QAbstractSocket::readyRead, this, &StunStream::read);
    connect(m_socket.get(), &QAbstractSocket::errorOccurred, this, &StunStream::end);
    Q_EMIT opened();
}

void StunStream::read()
{
    const QPointer<StunStream> guard(this);
    std::array<char, ReadBuffer> octets;
    while (guard && m_socket) {
        const qint64 size = m_socket->read(octets.data(), qint64(octets.size()));
        if (size <= 0)
            return;
        m_framer.push({reinterpret_cast<const std::uint8_t *>(octets.data()), std::size_t(size)});
        while (guard && m_socket) {
            const auto message = m_framer.next();
            if (!message)
                break;
            Q_EMIT received({m_route, *message});
        }
        if (guard && m_framer.isBroken())
            end();
    }
}

void StunStream::send(ByteView message)
{
    if (m_socket && m_socket->bytesToWrite() <= MaxQueued)
        m_socket->write(reinterpret_cast<const char *>(message.data()), qint64(message.size()));
}

void StunStream::end()
{
    if (m_isOver)
        return;
    close();
    Q_EMIT ended();
}

std::shared_ptr<StunStream> StunStreamPool::stream(const TransportAddress &local,
                                                   const TransportAddress &server)
{
    std::erase_if(m_streams, [](const auto &entry) { return entry.second.expired(); });
    std::weak_ptr<StunStream> &known = m_streams[{local, server}];
    std::shared_ptr<StunStream> stream = known.lock();
    if (!stream || stream->isOver()) {
        // It may be let go in one of its own signals.
        stream = std::shared_ptr<StunStream>(new StunStream(local, server), [](StunStream *of) {
            of->close();
            of->deleteLater();
        });
        known = stream;
    }
    return stream;
}

StunLinks::StunLinks(QObject *parent)
    : QObject(parent)
{ }

void StunLinks::setHandlers(Handlers handlers)
{
    m_handlers = std::make_shared<Handlers>(std::move(handlers));
}

void StunLinks::open(const ice::request::OpenStun &wanted, StunStreamPool &pool)
{
    const std::uint32_t id = wanted.id;
    const std::shared_ptr<StunStream> stream = pool.stream(wanted.local, wanted.server);
    m_streams[id] = stream;
    connect(stream.get(), &StunStream::opened, this, [this, id] { tellOpened(id); });
    connect(stream.get(), &StunStream::ended, this, [this, id] { tellEnded(id); });
    connect(stream.get(), &StunStream::received, this, [this, id](const Datagram &datagram) {
        const auto handlers = m_handlers;
        if (m_streams.contains(id))
            handlers->received(datagram);
    });
    if (stream->isOpen())
        QMetaObject::invokeMethod(
            this, [this, id] { tellOpened(id); }, Qt::QueuedConnection);
}

void StunLinks::tellOpened(std::uint32_t id)
{
    const auto found = m_streams.find(id);
    if (found == m_streams.end() || !found->second->isOpen())
        return;
    const auto handlers = m_handlers;
    handlers->opened(id, found->second->route());
}

void StunLinks::tellEnded(std::uint32_t id)
{
    const auto handlers = m_handlers;
    if (m_streams.erase(id) != 0)
        handlers->failed(id);
}

void StunLinks::close(std::uint32_t id)
{
    const auto found = m_streams.find(id);
    if (found == m_streams.end())
        return;
    found->second->disconnect(this);
    m_streams.erase(found);
}

bool StunLinks::send(const Transmit &transmit)
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
