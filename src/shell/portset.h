// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_PORTSET_H
#define PEER_SHELL_PORTSET_H

#include "session/session.h"
#include "shell/interfacewatcher.h"
#include "shell/localaddresses.h"
#include "shell/stunstream.h"
#include "shell/tcplistener.h"
#include "shell/udpport.h"

#include <QtCore/qobject.h>
#include <QtCore/qstring.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace peer {

/// Who sends and receives by a PortSet: a session's driver. It may detach itself, and delete the
/// PortSet, in any of these calls.
class PortClient
{
public:
    virtual void receive(std::span<const Datagram> datagrams) = 0;
    virtual void addLocalAddress(const ice::LocalAddress &address) = 0;
    virtual void removeLocalAddress(TransportId transport, const IpAddress &ip) = 0;
    /// makeRoom() was false and is worth another try.
    virtual void handleWritable() = 0;
    /// The system refused a datagram of this client for good. Called from within flush() too.
    virtual void handleSendFailed(const Route &route) = 0;
    /// A TCP connection that names this client's session, and the request that does. Who does not
    /// want it drops it.
    virtual void acceptConnection(std::unique_ptr<DatagramStream> stream,
                                  const Datagram &request) = 0;

protected:
    ~PortClient() = default;
};

struct PortSetOptions
{
    AddressSelection selection;
    /// Of both families; 0 = random ones.
    quint16 port = 0;
    /// TCP candidates as well: a listening socket for each family, at the same port if one is
    /// given.
    bool listens = false;
};

/// The sockets of a connection or of a listener, one per address family (and one more that listens
/// for TCP connections), and the local addresses that they serve, kept current by the
/// InterfaceWatcher.
///
/// Lives in one thread with an event loop. A family that the system does not have is left out, and
/// tried again when the interfaces change.
class PortSet : public QObject
{
    Q_OBJECT

public:
    explicit PortSet(const PortSetOptions &options, QObject *parent = nullptr);
    ~PortSet() override;

    /// False if there is no socket to be had at all; error then says why.
    bool open(QString *error = nullptr);

    /// None if the set serves as many as it can.
    virtual SenderId attach(PortClient *client) = 0;
    /// Nothing of it is called any more. What it has queued is sent.
    virtual void detach(SenderId client) = 0;
    /// The local user name fragment of the client's session. The one before it is kept for checks
    /// that are under way during an ICE restart.
    virtual void setUsernameFragment(SenderId client, const std::string &fragment) = 0;

    /// What every new client gets by addLocalAddress() or asks for here, best first.
    const std::vector<ice::LocalAddress> &localAddresses() const { return m_localAddresses; }

    /// Whether each port takes a datagram of any size that a session sends; if not, wait for
    /// handleWritable().
    bool makeRoom();
    /// Only when makeRoom(). A route of a transport that is not ours is ignored.
    virtual void send(SenderId client, const Transmit &transmit);
    void flush();
    /// Takes in what has arrived while the event loop did not run.
    void readPending();

    /// Connections from the listening ports to STUN servers, which the clients share.
    StunStreamPool &stunStreams() { return m_stunStreams; }

    /// For statistics and tests; may be null.
    const UdpPort *port(IpAddress::Family family) const;
    const TcpListener *listener(IpAddress::Family family) const;

protected:
    virtual void dispatch(std::span<const Datagram> datagrams) = 0;
    virtual void dispatchFailure(SenderId client, const Route &route) = 0;
    /// The clients of this moment; one that detaches while they are walked must not be called.
    virtual std::vector<SenderId> clients() const = 0;
    virtual PortClient *find(SenderId client) const = 0;
    /// Whose session has that local user name fragment; null if nobody's.
    virtual PortClient *findFragment(std::string_view fragment) const = 0;

private:
    void openMissing(QString *error);
    std::unique_ptr<UdpPort> openPort(IpAddress::Family family, QString *error);
    void openListener(IpAddress::Family family);
    void handleConnection(std::string_view fragment, std::unique_ptr<DatagramStream> stream,
                          const Datagram &request);
    void updateAddresses();
    void nameInterfaces(const std::vector<UsableAddress> &usable);
    std::vector<ice::LocalAddress> atPorts(const std::vector<UsableAddress> &usable) const;
    void addAddress(ice::LocalAddress address);
    void removeAddress(const ice::LocalAddress &address);
    template<typename Function>
    void forEachClient(Function function);

    const PortSetOptions m_options;
    std::shared_ptr<InterfaceWatcher> m_watcher;
    /// IPv4 and IPv6, each only if open.
    std::vector<std::unique_ptr<UdpPort>> m_ports;
    std::vector<std::unique_ptr<TcpListener>> m_listeners;
    std::vector<ice::LocalAddress> m_localAddresses;
    StunStreamPool m_stunStreams;
};

/// The sockets of a dialling connection: one client, which gets everything.
class OwnedPorts final : public PortSet
{
    Q_OBJECT

public:
    using PortSet::PortSet;

    SenderId attach(PortClient *client) override;
    void detach(SenderId client) override;
    void setUsernameFragment(SenderId client, const std::string &fragment) override;

private:
    void dispatch(std::span<const Datagram> datagrams) override;
    void dispatchFailure(SenderId client, const Route &route) override;
    std::vector<SenderId> clients() const override;
    PortClient *find(SenderId client) const override;
    PortClient *findFragment(std::string_view fragment) const override;

    static constexpr SenderId OnlyClient{1};
    PortClient *m_client = nullptr;
    std::string m_fragment, m_fragmentBefore;
};

} // namespace peer

#endif // PEER_SHELL_PORTSET_H
