// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_DATAGRAMSOCKETWORKER_H
#define PEER_API_DATAGRAMSOCKETWORKER_H

#include "api/datagrambox.h"
#include "api/mailbox.h"
#include "core/ice/consentport.h"
#include "shell/deadlinetimer.h"
#include "shell/interfacewatcher.h"
#include "shell/udpport.h"

#include <PeerConnection/peerdatagramsocket.h>

#include <QtCore/qobject.h>
#include <QtCore/qstringlist.h>

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <variant>

namespace peer {

class NetworkRuntime;

// What a datagram socket's worker is told.
namespace command {
struct TestConnectivity
{
    TransportAddress address;
    std::string fragment;
    std::string password;
};
struct FindReflexiveAddress
{
    TransportAddress server;
};
struct OpenSession
{
    TransportAddress address;
};
struct CloseSession
{
    TransportAddress address;
};
/// DatagramSocketLink::outgoing has some.
struct SendDatagrams
{ };
struct CloseSocket
{ };
} // namespace command

using DatagramSocketCommand =
    std::variant<command::TestConnectivity, command::FindReflexiveAddress, command::OpenSession,
                 command::CloseSession, command::SendDatagrams, command::CloseSocket>;

// What it tells. Addresses as texts, for the application.
namespace notice {
struct SocketOpened
{ };
struct SocketFailed
{
    QString text;
};
struct LocalAddresses
{
    QStringList addresses;
};
struct Tested
{
    QString address;
    QString fragment;
};
struct Proven
{
    QString address;
    QString reflexive;
};
struct TestFailed
{
    QString address;
    PeerDatagramSocket::Failure failure;
};
struct ConsentLost
{
    QString address;
};
struct ReflexiveAddress
{
    QString server;
    QString reflexive;
};
/// Of a tunnel, or of a socket: the box of incoming ones has some.
struct DatagramsReady
{ };
} // namespace notice

using DatagramSocketNotice =
    std::variant<notice::SocketOpened, notice::SocketFailed, notice::LocalAddresses, notice::Tested,
                 notice::Proven, notice::TestFailed, notice::ConsentLost, notice::ReflexiveAddress,
                 notice::DatagramsReady>;

/// Between a PeerDatagramSocket and its worker.
struct DatagramSocketLink
{
    Mailbox<DatagramSocketCommand> commands;
    Mailbox<DatagramSocketNotice> notices;
    DatagramBox outgoing;
    DatagramBox incoming;
    /// The checks of peers that the application has not been told of: at most so many, for they come
    /// at the peers' will. Further ones are not told; there will be others.
    static constexpr int MaxTests = 256;
    std::atomic<int> testsToTell = 0;
};

struct DatagramSocketParameters
{
    std::string fragment;
    std::string password;
    quint16 port = 0;
};

/// Runs an ice::ConsentPort in the network thread, on a UDP port for each address family that this
/// machine has.
class DatagramSocketWorker : public QObject
{
    Q_OBJECT

public:
    /// From any thread.
    static void start(std::shared_ptr<DatagramSocketLink> link,
                      DatagramSocketParameters parameters);

    DatagramSocketWorker(NetworkRuntime &runtime, std::shared_ptr<DatagramSocketLink> link,
                         const DatagramSocketParameters &parameters);
    ~DatagramSocketWorker() override;

private:
    void takeCommands();
    void process(const command::TestConnectivity &command);
    void process(const command::FindReflexiveAddress &command);
    void process(const command::OpenSession &command);
    void process(const command::CloseSession &command);
    void process(const command::SendDatagrams &);
    void process(const command::CloseSocket &);

    void handle(const ice::ConsentPort::Tested &event);
    void handle(const ice::ConsentPort::Proven &event);
    void handle(const ice::ConsentPort::TestFailed &event);
    void handle(const ice::ConsentPort::ConsentLost &event);
    void handle(const ice::ConsentPort::AddressFound &event);

    bool openPorts(quint16 port);
    UdpPort *portFor(IpAddress::Family family) const;
    Route routeTo(const TransportAddress &remote) const;
    void noteOutcome(const TransportAddress &address, ice::ConsentPort::Outcome outcome);
    void receive(std::span<const Datagram> datagrams);
    void tellAddresses();
    /// All that the machine has to say, out.
    void drain();

    std::shared_ptr<DatagramSocketLink> m_link;
    ice::ConsentPort m_machine;
    std::unique_ptr<UdpPort> m_v4;
    std::unique_ptr<UdpPort> m_v6;
    std::shared_ptr<InterfaceWatcher> m_watcher = InterfaceWatcher::shared();
    DeadlineTimer m_timer;
};

} // namespace peer

#endif // PEER_API_DATAGRAMSOCKETWORKER_H
