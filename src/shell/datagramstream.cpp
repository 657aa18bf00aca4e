// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/datagramstream.h"

#include "shell/qtaddress.h"
#include "shell/udpport.h"

#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qnetworkproxy.h>

#include <array>
#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

DatagramStream::DatagramStream(QObject *parent)
    : DatagramStream(std::make_unique<QTcpSocket>(), parent)
{ }

DatagramStream::DatagramStream(std::unique_ptr<QTcpSocket> socket, QObject *parent)
    : QObject(parent)
{
    m_route.transport = newTransportId();
    take(std::move(socket));
}

void DatagramStream::take(std::unique_ptr<QTcpSocket> socket)
{
    m_socket = std::move(socket);
    m_socket->setProxy(QNetworkProxy::NoProxy);
    m_socket->setReadBufferSize(ReadBuffer);
    connect(m_socket.get(), &QAbstractSocket::connected, this, &DatagramStream::handleOpened);
    connect(m_socket.get(), &QAbstractSocket::readyRead, this, &DatagramStream::read);
    connect(m_socket.get(), &QAbstractSocket::bytesWritten, this, &DatagramStream::drain);
    connect(m_socket.get(), &QAbstractSocket::errorOccurred, this,
            [this] { fail(m_socket->errorString()); });
    if (m_socket->state() == QAbstractSocket::ConnectedState)
        handleOpened();
}

DatagramStream::~DatagramStream()
{
    if (!m_socket)
        return;
    QTcpSocket *const socket = m_socket.release();
    socket->disconnect(this);
    if (!m_isOpen) {
        socket->abort();
        socket->deleteLater();
        return;
    }
    // What was written last, such as the end of the secure session, still goes out.
    while (const auto frame = m_queue.next())
        socket->write(*frame);
    connect(socket, &QAbstractSocket::disconnected, socket, &QObject::deleteLater);
    connect(socket, &QAbstractSocket::errorOccurred, socket, &QObject::deleteLater);
    QTimer::singleShot(Linger, socket, &QObject::deleteLater);
    socket->disconnectFromHost();
}

void DatagramStream::setHandlers(Handlers handlers)
{
    m_handlers = std::make_shared<Handlers>(std::move(handlers));
}

void DatagramStream::open(const IpAddress &local, const TransportAddress &remote, quint16 localPort)
{
    if (localPort != 0) {
        dial({local, localPort}, remote);
        return;
    }
    // From the event loop, like everything else, it fails.
    bool isBound = false;
    {
        const QSignalBlocker blocker(m_socket.get());
        isBound = m_socket->bind(toQHostAddress(local));
    }
    if (isBound)
        m_socket->connectToHost(toQHostAddress(remote.ip), remote.port);
    else
        QMetaObject::invokeMethod(
            this, [this] { fail(u"there is no such address here"_s); }, Qt::QueuedConnection);
}

void DatagramStream::dial(const TransportAddress &local, const TransportAddress &remote)
{
    m_endsByReset = true;
    m_dial = std::make_unique<PortDial>();
    PortDial::Handlers handlers;
    handlers.opened = [this](std::unique_ptr<QTcpSocket> socket) {
        m_dial.release()->deleteLater(); // it is calling
        m_socket.release()->deleteLater();
        take(std::move(socket));
    };
    handlers.failed = [this](const QString &reason) {
        m_dial.release()->deleteLater();
        fail(reason);
    };
    m_dial->open(local, remote, std::move(handlers));
}

void DatagramStream::handleOpened()
{
    m_isOpen = true;
    DatagramQueue::limitBuffers(*m_socket);
    m_route.local = {toIpAddress(m_socket->localAddress()), m_socket->localPort()};
    m_route.remote = {toIpAddress(m_socket->peerAddress()), m_socket->peerPort()};
    const std::shared_ptr<Handlers> handlers = m_handlers;
    if (handlers->opened)
        handlers->opened(m_route);
}

void DatagramStream::read()
{
    const QPointer<DatagramStream> guard(this);
    std::array<char, 16 * 1024> octets;
    while (guard && m_socket) {
        const qint64 size = m_socket->read(octets.data(), qint64(octets.size()));
        if (size <= 0)
            return;
        m_framer.push({reinterpret_cast<const std::uint8_t *>(octets.data()), std::size_t(size)});
        while (guard && m_socket) {
            const auto datagram = m_framer.next();
            if (!datagram)
                break;
            const std::shared_ptr<Handlers> handlers = m_handlers;
            if (handlers->received)
                handlers->received({m_route, *datagram});
        }
        if (guard && m_framer.isBroken())
            fail(u"a frame is too long"_s);
    }
}

void DatagramStream::send(ByteView datagram)
{
    if (!m_isOpen || !m_socket || datagram.empty() || datagram.size() > DatagramFramer::MaxDatagram)
        return;
    const auto header = DatagramFramer::header(datagram.size());
    QByteArray frame;
    frame.reserve(qsizetype(header.size() + datagram.size()));
    frame.append(reinterpret_cast<const char *>(header.data()), qsizetype(header.size()));
    frame.append(reinterpret_cast<const char *>(datagram.data()), qsizetype(datagram.size()));
    m_queue.push(frame);
    drain();
    m_queue.trim();
}

void DatagramStream::drain()
{
    while (m_socket && !m_queue.isEmpty() && m_socket->bytesToWrite() < DatagramQueue::QtBuffer) {
        if (const auto frame = m_queue.next())
            m_socket->write(*frame);
    }
}

void DatagramStream::abort()
{
    if (!m_socket)
        return;
    m_isOpen = false;
    m_dial.reset();
    QTcpSocket *const socket = m_socket.release();
    socket->disconnect(this);
    if (m_endsByReset)
        PortDial::resetOnClose(*socket);
    socket->abort();
    socket->deleteLater();
}

void DatagramStream::reset()
{
    m_endsByReset = true;
    abort();
}

void DatagramStream::fail(const QString &reason)
{
    if (!m_socket)
        return;
    abort();
    const std::shared_ptr<Handlers> handlers = m_handlers;
    if (handlers->failed)
        handlers->failed(reason);
}

} // namespace peer
