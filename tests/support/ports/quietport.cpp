// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/ports/quietport.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfile.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qudpsocket.h>

namespace {

/// Services with a number that everybody knows are below, and what browsers refuse.
constexpr quint32 First = 10240;
/// A port and the next one.
constexpr quint32 Step = 2;
/// Where Linux begins to give ports, unless it is told otherwise.
constexpr quint32 UsualEnd = 32768;
/// The golden section of 2^32: multiples of it, modulo 2^32, are spread evenly, however many
/// (Knuth, The Art of Computer Programming, section 6.4).
constexpr quint32 GoldenSection = 0x9e3779b9;

/// The first port that the system may give by itself.
quint32 endOfQuietPorts()
{
    QFile file(QStringLiteral("/proc/sys/net/ipv4/ip_local_port_range"));
    if (!file.open(QIODevice::ReadOnly))
        return UsualEnd;
    const quint32 begin = file.readAll().simplified().split(' ').first().toUInt();
    return begin < First + 1024 ? UsualEnd : begin;
}

bool isFree(quint16 port)
{
    QTcpServer tcp;
    tcp.setProxy(QNetworkProxy::NoProxy);
    QUdpSocket udp;
    udp.setProxy(QNetworkProxy::NoProxy);
    return tcp.listen(QHostAddress::Any, port)
        && udp.bind(QHostAddress::Any, port, QUdpSocket::DontShareAddress);
}

} // namespace

quint16 peer::test::quietPort()
{
    static const quint32 count = (endOfQuietPorts() - First) / Step;
    static quint32 next = quint32(
        quint64(quint32(QCoreApplication::applicationPid()) * GoldenSection) * count >> 32);
    for (quint32 tried = 0; tried < count; ++tried) {
        const auto port = quint16(First + next * Step);
        next = (next + 1) % count;
        if (isFree(port) && isFree(port + 1))
            return port;
    }
    qFatal("no port is free");
}
