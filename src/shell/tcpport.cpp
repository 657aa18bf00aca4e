// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/tcpport.h"

#include "shell/qtaddress.h"
#include "shell/udpport.h"

#include <QtCore/qpointer.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qsslsocket.h>

#include <array>
#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

TcpPort::TcpPort(const TcpPortOptions &options, QObject *parent)
    : QObject(parent)
    , m_options(options)
{
    m_route.transport = newTransportId();
    m_deadline.setSingleShot(true);
}

TcpPort::~TcpPort()
{
    if (!m_socket)
        return;
    // What was written last, such as the end of an allocation, still goes out.
    QTcpSocket *const socket = m_socket.release();
    socket->disconnect(this);
    if (m_isOpen) {
        connect(socket, &QAbstractSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QAbstractSocket::errorOccurred, socket, &QObject::deleteLater);
        QTimer::singleShot(ConnectDeadline, socket, &QObject::deleteLater);
        socket->disconnectFromHost();
    } else {
        socket->abort();
        socket->deleteLater();
    }
}

void TcpPort::open(Handlers handlers)
{
    m_handlers = std::make_shared<Handlers>(std::move(handlers));
    auto *const tls = m_options.isTls ? new QSslSocket : nullptr;
    m_socket.reset(tls ? tls : new QTcpSocket);
    m_socket->setProxy(m_options.proxy);
    m_socket->setReadBufferSize(ReadBuffer);
    connect(m_socket.get(), &QAbstractSocket::readyRead, this, &TcpPort::read);
    connect(m_socket.get(), &QAbstractSocket::errorOccurred, this,
            [this](QAbstractSocket::SocketError error) {
                m_error = error;
                fail(m_socket->errorString());
            });
    connect(&m_deadline, &QTimer::timeout, this,
            [this] { fail(u"there was no connection in time"_s); });
    m_deadline.start(ConnectDeadline);
    if (!tls) {
        connect(m_socket.get(), &QAbstractSocket::connected, this, &TcpPort::handleOpened);
        m_socket->connectToHost(m_options.host, m_options.port);
        return;
    }
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.addCaCertificates(m_options.authorities);
    configuration.setPeerVerifyMode(QSslSocket::VerifyPeer);
    tls->setSslConfiguration(configuration);
    connect(tls, &QSslSocket::sslErrors, this, &TcpPort::handleSslErrors);
    connect(tls, &QSslSocket::encrypted, this, &TcpPort::handleOpened);
    tls->connectToHostEncrypted(m_options.host, m_options.port, m_options.tlsName);
}

void TcpPort::handleSslErrors(const QList<QSslError> &errors)
{
    fail(errors.isEmpty() ? u"the server's certificate is refused"_s
                          : errors.constFirst().errorString());
}

void TcpPort::handleOpened()
{
    m_deadline.stop();
    m_isOpen = true;
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_route.local = {toIpAddress(m_socket->localAddress()), m_socket->localPort()};
    if (m_options.proxy.type() == QNetworkProxy::NoProxy)
        m_route.remote = {toIpAddress(m_socket->peerAddress()), m_socket->peerPort()};
    const std::shared_ptr<Handlers> handlers = m_handlers;
    handlers->opened(m_route);
}

void TcpPort::read()
{
    const QPointer<TcpPort> guard(this);
    const std::shared_ptr<Handlers> handlers = m_handlers;
    std::array<char, 16 * 1024> octets;
    while (guard && m_socket) {
        const qint64 size = m_socket->read(octets.data(), qint64(octets.size()));
        if (size <= 0)
            return;
        m_framer.push({reinterpret_cast<const std::uint8_t *>(octets.data()), std::size_t(size)});
        while (guard) {
            const auto message = m_framer.next();
            if (!message)
                break;
            handlers->received({m_route, *message});
        }
        if (guard && m_framer.isBroken())
            fail(u"what the server sends is not TURN"_s);
    }
}

void TcpPort::send(ByteView message)
{
    if (!m_isOpen || !m_socket || message.empty() || m_socket->bytesToWrite() > MaxQueued)
        return;
    static constexpr std::array<char, 4> zeros{};
    m_socket->write(reinterpret_cast<const char *>(message.data()), qint64(message.size()));
    m_socket->write(zeros.data(), qint64(turn::StreamFramer::padding(message[0], message.size())));
}

void TcpPort::fail(const QString &reason)
{
    if (!m_socket)
        return;
    m_deadline.stop();
    m_isOpen = false;
    QTcpSocket *const socket = m_socket.release();
    socket->disconnect(this);
    socket->abort();
    socket->deleteLater();
    const std::shared_ptr<Handlers> handlers = m_handlers;
    handlers->failed(reason);
}

} // namespace peer
