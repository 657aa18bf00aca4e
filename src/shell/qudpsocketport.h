// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_QUDPSOCKETPORT_H
#define PEER_SHELL_QUDPSOCKETPORT_H

#include "shell/udpport.h"

#include <QtCore/qtimer.h>
#include <QtNetwork/qudpsocket.h>

QT_BEGIN_NAMESPACE
class QNetworkDatagram;
QT_END_NAMESPACE

namespace peer {

/// The UDP port for every system that Qt knows, over QUdpSocket: one system call and a few
/// allocations a datagram.
///
/// QUdpSocket does not tell an unreachable host from an unreachable network, so every error but
/// "too large" and "access denied" counts as one of a moment. It does not tell either when a full
/// buffer has room again: a timer tries. DF is set where the option is known (Linux, Windows, BSD
/// and macOS have different ones); elsewhere the system may cut datagrams on small links. On Unix
/// Qt 6.4 does not name the source of IPv4 datagrams: the system chooses it, by the interface that
/// is named. A broadcast to the subnet looks like a datagram to us.
class QUdpSocketPort final : public UdpPort
{
    Q_OBJECT

public:
    static std::unique_ptr<QUdpSocketPort> open(const UdpPortOptions &options,
                                                QString *error = nullptr);
    ~QUdpSocketPort() override;

    void readPending() override;

private:
    explicit QUdpSocketPort(const UdpPortOptions &options);

    bool bind(const UdpPortOptions &options);
    void setDontFragment();
    void readWhatIsTold();
    bool isWanted(const QNetworkDatagram &datagram) const;

    void writeQueue() override;
    bool handleSendError(qint64 written);

    QUdpSocket *const m_socket;
    QTimer m_retryTimer;
};

} // namespace peer

#endif // PEER_SHELL_QUDPSOCKETPORT_H
