// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/qudpsocketport.h"

#include "shell/qtaddress.h"

#include <QtCore/qpointer.h>
#include <QtCore/qvariant.h>
#include <QtNetwork/qnetworkdatagram.h>
#include <QtNetwork/qnetworkproxy.h>

#include <array>
#include <chrono>

#if defined(Q_OS_WIN)
#    include <winsock2.h>
#    include <ws2tcpip.h>
#elif defined(Q_OS_UNIX)
#    include <netinet/in.h>
#    include <sys/socket.h>
#endif

namespace peer {

namespace {

constexpr std::size_t DatagramsPerBatch = 64;
constexpr int BatchesPerWakeup = 4;
/// How soon a full buffer is tried again: at 100 Mbit/s 12 kB have gone by then.
constexpr std::chrono::milliseconds RetryInterval{1};

} // namespace

std::unique_ptr<QUdpSocketPort> QUdpSocketPort::open(const UdpPortOptions &options, QString *error)
{
    std::unique_ptr<QUdpSocketPort> port(new QUdpSocketPort(options));
    if (port->bind(options))
        return port;
    if (error)
        *error = port->m_socket->errorString();
    return nullptr;
}

QUdpSocketPort::QUdpSocketPort(const UdpPortOptions &options)
    : UdpPort(options)
    , m_socket(new QUdpSocket)
{
    // Else it would ask for one, here and now, and take it.
    m_socket->setProxy(QNetworkProxy::NoProxy);
    m_retryTimer.setSingleShot(true);
    m_retryTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_retryTimer, &QTimer::timeout, this, [this] { resume(); });
    connect(m_socket, &QUdpSocket::readyRead, this, &QUdpSocketPort::readWhatIsTold);
}

QUdpSocketPort::~QUdpSocketPort()
{
    // It may stand on the call stack.
    m_socket->disconnect();
    m_socket->close();
    m_socket->deleteLater();
}

bool QUdpSocketPort::bind(const UdpPortOptions &options)
{
    const bool isV4 = options.family == IpAddress::Family::V4;
    const QHostAddress any(isV4 ? QHostAddress::AnyIPv4 : QHostAddress::AnyIPv6);
    if (!m_socket->bind(any, options.port))
        return false;
    m_socket->setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption,
                              QVariant(options.receiveBuffer));
    m_socket->setSocketOption(QAbstractSocket::SendBufferSizeSocketOption,
                              QVariant(options.sendBuffer));
    setDontFragment();
    setLocalPort(m_socket->localPort());
    return true;
}

void QUdpSocketPort::setDontFragment()
{
    const bool isV4 = family() == IpAddress::Family::V4;
    [[maybe_unused]] const auto set = [this](int level, int name, int value) {
#if defined(Q_OS_WIN)
        setsockopt(SOCKET(m_socket->socketDescriptor()), level, name,
                   reinterpret_cast<const char *>(&value), sizeof value);
#elif defined(Q_OS_UNIX)
        setsockopt(int(m_socket->socketDescriptor()), level, name, &value, sizeof value);
#else
        Q_UNUSED(level)
        Q_UNUSED(name)
        Q_UNUSED(value)
#endif
    };
#if defined(IP_MTU_DISCOVER) && defined(IP_PMTUDISC_PROBE)
    if (isV4)
        set(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    else
        set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
#elif defined(Q_OS_WIN)
    if (isV4)
        set(IPPROTO_IP, IP_DONTFRAGMENT, 1);
#elif defined(IP_DONTFRAG)
    if (isV4)
        set(IPPROTO_IP, IP_DONTFRAG, 1);
#endif
#if defined(IPV6_DONTFRAG)
    if (!isV4)
        set(IPPROTO_IPV6, IPV6_DONTFRAG, 1);
#endif
}

/// Qt tells of nothing more until something was read. If all was, before it could tell, it must see
/// an attempt at least, which discards what may have come in this moment.
void QUdpSocketPort::readWhatIsTold()
{
    if (m_socket->hasPendingDatagrams())
        readPending();
    else if (m_socket->readDatagram(nullptr, 0) >= 0)
        ++m_statistics.receiveDropped;
}

void QUdpSocketPort::readPending()
{
    const QPointer<QUdpSocketPort> guard(this);
    std::array<QByteArray, DatagramsPerBatch> payloads;
    std::array<Datagram, DatagramsPerBatch> datagrams;
    for (int batch = 0; batch < BatchesPerWakeup; ++batch) {
        std::size_t count = 0;
        while (count < DatagramsPerBatch && m_socket->hasPendingDatagrams()) {
            const QNetworkDatagram received = m_socket->receiveDatagram();
            ++m_statistics.receiveCalls;
            if (!isWanted(received)) {
                ++m_statistics.receiveDropped;
                continue;
            }
            payloads[count] = received.data();
            datagrams[count].route = {
                id(),
                {toIpAddress(received.destinationAddress()), localPort()},
                {toIpAddress(received.senderAddress()), quint16(received.senderPort())}};
            datagrams[count].payload = ByteView(
                reinterpret_cast<const std::uint8_t *>(payloads[count].constData()),
                std::size_t(payloads[count].size()));
            ++count;
        }
        deliver(std::span(datagrams).first(count));
        if (!guard || count < DatagramsPerBatch)
            return;
    }
    // What is left waits for the next turn of the event loop: since something was read, Qt tells of
    // it.
}

bool QUdpSocketPort::isWanted(const QNetworkDatagram &datagram) const
{
    const QHostAddress destination = datagram.destinationAddress();
    return datagram.isValid() && !destination.isNull() && !destination.isMulticast()
        && !destination.isBroadcast() && toIpAddress(destination).family() == family();
}

void QUdpSocketPort::writeQueue()
{
    while (!m_queue.isEmpty()) {
        const UdpSendQueue::Message &oldest = m_queue.messages().front();
        const ByteView octets = m_queue.octets(oldest);
        QNetworkDatagram datagram(QByteArray::fromRawData(
            reinterpret_cast<const char *>(octets.data()), qsizetype(octets.size())));
        QHostAddress remote = toQHostAddress(oldest.route.remote.ip);
        const quint32 interfaceIndex = interfaceOf(oldest.route.local.ip);
        if (oldest.route.remote.ip.isLinkLocal() && interfaceIndex != 0)
            remote.setScopeId(QString::number(interfaceIndex));
        datagram.setDestination(remote, oldest.route.remote.port);
        datagram.setInterfaceIndex(interfaceIndex);
        if (!oldest.route.local.ip.isNull())
            datagram.setSender(toQHostAddress(oldest.route.local.ip));

        ++m_statistics.sendCalls;
        const qint64 written = m_socket->writeDatagram(datagram);
        if (written >= 0)
            ++m_statistics.sent;
        else if (!handleSendError(written))
            return;
        m_queue.consume(1);
    }
}

/// False if the oldest datagram has to wait.
bool QUdpSocketPort::handleSendError(qint64 written)
{
    const UdpSendQueue::Message &oldest = m_queue.messages().front();
    const QAbstractSocket::SocketError error = m_socket->error();
    // What EAGAIN looks like: for a QNetworkDatagram it is -2, with whatever error was before.
    if (written == -2 || error == QAbstractSocket::TemporaryError) {
        setBlocked();
        m_retryTimer.start(RetryInterval);
        return false;
    }
    const bool isRefused = error == QAbstractSocket::DatagramTooLargeError
        || error == QAbstractSocket::SocketAccessError;
    if (isRefused) {
        ++m_statistics.sendFailed;
        noteFailed(oldest.sender, oldest.route);
    } else {
        ++m_statistics.sendDropped;
    }
    return true;
}

} // namespace peer
