// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_BATCHEDUDPPORT_H
#define PEER_SHELL_BATCHEDUDPPORT_H

#include "shell/udpport.h"

QT_BEGIN_NAMESPACE
class QSocketNotifier;
QT_END_NAMESPACE

namespace peer {

struct UdpReceivePool;

/// The UDP port for Linux: recvmmsg and UDP_GRO into a pool that the ports of a thread share,
/// sendmmsg and UDP_SEGMENT out of the queue. Allocates nothing per datagram.
///
/// Every datagram has DF set (D2). The mode is PMTUDISC_PROBE, not DO: with DO the kernel keeps
/// path MTUs that forged ICMP can lower, and then refuses our datagrams; nobody here would make
/// them smaller, for 1200 octets are the least that every peer expects to pass.
class BatchedUdpPort final : public UdpPort
{
    Q_OBJECT

public:
    static std::unique_ptr<BatchedUdpPort> open(const UdpPortOptions &options,
                                                QString *error = nullptr);
    ~BatchedUdpPort() override;

    void readPending() override;

    bool hasSegmentation() const { return m_hasSegmentation; }
    bool hasCoalescing() const { return m_hasCoalescing; }

private:
    BatchedUdpPort(const UdpPortOptions &options, int descriptor);

    bool configure(const UdpPortOptions &options);
    bool bind(quint16 port);
    void startNotifiers();

    void collect(UdpReceivePool &pool, std::size_t messages);

    void writeQueue() override;
    std::size_t prepareHeaders();
    /// errno of the oldest message. False if the queue has to wait.
    bool handleSendError(int error);
    /// Without UDP_SEGMENT, for a message that was refused with it. False if it has to wait.
    bool sendSegmentsSingly();
    /// Counts it, and reports it if the error is not of a moment.
    void dropOldest(int error);
    void block();

    const int m_descriptor;
    bool m_hasSegmentation = false;
    bool m_hasCoalescing = false;
    QSocketNotifier *m_readNotifier = nullptr;
    QSocketNotifier *m_writeNotifier = nullptr;
};

} // namespace peer

#endif // PEER_SHELL_BATCHEDUDPPORT_H
