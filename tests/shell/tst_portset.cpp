// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "allocations.h"
#include "networknamespace.h"
#include "shell/portset.h"
#include "shell/sharedports.h"
#include "stunmessages.h"
#include "support/ports/quietport.h"

#include <QtCore/qpointer.h>
#include <QtTest/qtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace Qt::StringLiterals;
using namespace peer;
using stun::Class;
using Family = IpAddress::Family;

namespace {

/// Where nobody sends anything: a port that the system gives may have been that of a peer whom
/// another program still calls.
PortSetOptions onLoopback()
{
    return {{true, 8}, test::quietPort()};
}

/// Keeps what it is told.
class Client final : public PortClient
{
public:
    explicit Client(PortSet &set)
        : ports(&set)
        , id(set.attach(this))
    { }
    ~Client() { detach(); }

    void detach()
    {
        if (ports && id != SenderId::None)
            ports->detach(id);
        id = SenderId::None;
    }

    void receive(std::span<const Datagram> datagrams) override
    {
        ++batches;
        for (const Datagram &datagram : datagrams) {
            received.push_back(toBytes(datagram.payload));
            lastRoute = datagram.route;
        }
        if (onReceive)
            onReceive();
    }
    void addLocalAddress(const ice::LocalAddress &address) override { added.push_back(address); }
    void removeLocalAddress(TransportId, const IpAddress &ip) override { removed.push_back(ip); }
    void handleWritable() override { }
    void handleSendFailed(const Route &route) override { failed.push_back(route); }
    void acceptConnection(std::unique_ptr<DatagramStream>, const Datagram &) override { }

    QPointer<PortSet> ports;
    SenderId id;
    std::function<void()> onReceive;
    int batches = 0;
    std::vector<Bytes> received;
    Route lastRoute;
    std::vector<ice::LocalAddress> added;
    std::vector<IpAddress> removed;
    std::vector<Route> failed;
};

/// From one set to the other, over IPv4 loopback.
Route route(const PortSet &from, const PortSet &to)
{
    const UdpPort &source = *from.port(Family::V4);
    const IpAddress ip = IpAddress::fromV4(0x7f000001);
    return {source.id(), {ip, source.localPort()}, {ip, to.port(Family::V4)->localPort()}};
}

} // namespace

class tst_PortSet : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void listsTheAddressesOfItsPorts();
    void ownedOnesServeOneClient();
    void sharedOnesAreToldApart();
    void aBatchIsHandedOverAsAWhole();
    void mayLoseClientsWhileDelivering();
    void mayBeDeletedWhileDelivering_data();
    void mayBeDeletedWhileDelivering();
    void tellsOnlyTheSenderOfFailures();
    void ignoresForeignTransports();
    void tellsWhyItCannotOpen();
    void allocatesNothingPerDatagram();
    void followsTheInterfaces();
};

void tst_PortSet::listsTheAddressesOfItsPorts()
{
    OwnedPorts ports(onLoopback());
    QVERIFY(ports.open());
    const auto &addresses = ports.localAddresses();
    QVERIFY(!addresses.empty());
    QVERIFY(addresses[0].address.ip.isLoopback());
    for (std::size_t at = 0; at < addresses.size(); ++at) {
        const ice::LocalAddress &address = addresses[at];
        const UdpPort *const port = ports.port(address.address.ip.family());
        QVERIFY(port);
        QVERIFY(address.transport == port->id());
        QCOMPARE(address.address.port, port->localPort());
        QVERIFY(at == 0 || address.localPreference < addresses[at - 1].localPreference);
    }
    OwnedPorts others(PortSetOptions{});
    QVERIFY(others.open());
    for (const ice::LocalAddress &address : others.localAddresses())
        QVERIFY(!address.address.ip.isLoopback());
}

void tst_PortSet::ownedOnesServeOneClient()
{
    OwnedPorts a(onLoopback());
    OwnedPorts b(onLoopback());
    QVERIFY(a.open() && b.open());
    Client sender(a);
    Client receiver(b);
    Client none(b);
    QVERIFY(sender.id != SenderId::None);
    QVERIFY(none.id == SenderId::None);
    QVERIFY(a.makeRoom());
    const Bytes payload{22, 1, 2};
    a.send(sender.id, {route(a, b), payload});
    a.flush();
    QTRY_COMPARE(receiver.received.size(), std::size_t(1));
    QVERIFY(receiver.received[0] == payload);
    receiver.detach();
    Client next(b);
    QVERIFY(next.id != SenderId::None);
    a.send(sender.id, {route(a, b), payload});
    a.flush();
    QTRY_COMPARE(next.received.size(), std::size_t(1));
    QCOMPARE(receiver.received.size(), std::size_t(1));
}

void tst_PortSet::sharedOnesAreToldApart()
{
    SharedPorts listener(onLoopback());
    OwnedPorts first(onLoopback());
    OwnedPorts second(onLoopback());
    QVERIFY(listener.open() && first.open() && second.open());
    Client atFirst(first);
    Client atSecond(second);
    Client one(listener);
    Client two(listener);
    listener.setUsernameFragment(one.id, "one");
    listener.setUsernameFragment(two.id, "two");
    const auto send = [](Client &from, const PortSet &to, const Bytes &payload) {
        from.ports->send(from.id, {route(*from.ports, to), payload});
        from.ports->flush();
    };
    // Data of somebody who was never heard of.
    send(atFirst, listener, {22, 1});
    QTRY_COMPARE(listener.foreign(), quint64(1));
    // Requests by name, from both callers.
    send(atFirst, listener, binding(Class::Request, 1, "one:x"));
    send(atSecond, listener, binding(Class::Request, 2, "two:y"));
    QTRY_COMPARE(one.received.size(), std::size_t(1));
    QTRY_COMPARE(two.received.size(), std::size_t(1));
    QVERIFY(one.lastRoute == route(listener, first));
    // They are answered, and from then on data is theirs who answered.
    send(one, first, binding(Class::SuccessResponse, 1));
    send(two, second, binding(Class::SuccessResponse, 2));
    send(atFirst, listener, {22, 1});
    send(atSecond, listener, {22, 2});
    QTRY_COMPARE(one.received.size(), std::size_t(2));
    QTRY_COMPARE(two.received.size(), std::size_t(2));
    QVERIFY(one.received[1] == Bytes({22, 1}));
    // Responses go by transaction.
    send(two, first, binding(Class::Request, 77));
    send(atFirst, listener, binding(Class::SuccessResponse, 77));
    QTRY_COMPARE(two.received.size(), std::size_t(3));
    QCOMPARE(one.received.size(), std::size_t(2));
    // Nothing is left of who has gone.
    two.detach();
    send(atSecond, listener, {22, 2});
    send(atSecond, listener, binding(Class::Request, 3, "two:y"));
    QTRY_COMPARE(listener.foreign(), quint64(3));
}

void tst_PortSet::aBatchIsHandedOverAsAWhole()
{
    SharedPorts listener(onLoopback());
    OwnedPorts caller(onLoopback());
    QVERIFY(listener.open() && caller.open());
    Client atCaller(caller);
    Client one(listener);
    Client two(listener);
    // Both know the caller's address; two came later, so both get all, in order.
    for (Client *const client : {&one, &two})
        listener.send(client->id, {route(listener, caller), binding(Class::SuccessResponse, 5)});
    for (std::uint8_t at = 0; at < 40; ++at)
        caller.send(atCaller.id, {route(caller, listener), Bytes{22, at, 0}});
    caller.flush();
    QTRY_COMPARE(one.received.size(), std::size_t(40));
    QTRY_COMPARE(two.received.size(), std::size_t(40));
    for (std::uint8_t at = 0; at < 40; ++at)
        QVERIFY(one.received[at] == Bytes({22, at, 0}));
    QVERIFY(one.batches <= 3);
}

void tst_PortSet::mayLoseClientsWhileDelivering()
{
    SharedPorts listener(onLoopback());
    OwnedPorts caller(onLoopback());
    QVERIFY(listener.open() && caller.open());
    Client atCaller(caller);
    Client one(listener);
    Client two(listener);
    for (Client *const client : {&one, &two})
        listener.send(client->id, {route(listener, caller), binding(Class::SuccessResponse, 5)});
    // The first to be called takes the other one and himself away.
    one.onReceive = two.onReceive = [&] {
        one.detach();
        two.detach();
    };
    for (int times = 0; times < 3; ++times)
        caller.send(atCaller.id, {route(caller, listener), Bytes{22, 1}});
    caller.flush();
    QTRY_VERIFY(one.batches + two.batches > 0);
    caller.send(atCaller.id, {route(caller, listener), Bytes{22, 1}});
    caller.flush();
    QTRY_VERIFY(listener.foreign() > 0);
    QCOMPARE(one.batches + two.batches, 1);
}

void tst_PortSet::mayBeDeletedWhileDelivering_data()
{
    QTest::addColumn<bool>("isShared");
    QTest::newRow("owned") << false;
    QTest::newRow("shared") << true;
}

void tst_PortSet::mayBeDeletedWhileDelivering()
{
    QFETCH(bool, isShared);
    std::unique_ptr<PortSet> ports;
    if (isShared)
        ports = std::make_unique<SharedPorts>(onLoopback());
    else
        ports = std::make_unique<OwnedPorts>(onLoopback());
    OwnedPorts caller(onLoopback());
    QVERIFY(ports->open() && caller.open());
    Client atCaller(caller);
    Client client(*ports);
    ports->send(client.id, {route(*ports, caller), binding(Class::SuccessResponse, 5)});
    client.onReceive = [&ports] { ports.reset(); };
    for (std::size_t at = 0; at < 200; ++at)
        caller.send(atCaller.id, {route(caller, *ports), Bytes(1 + at % 3, 22)});
    caller.flush();
    QTRY_VERIFY(!ports);
    QCoreApplication::processEvents();
    QCOMPARE(client.batches, 1);
}

void tst_PortSet::tellsOnlyTheSenderOfFailures()
{
    SharedPorts ports(onLoopback());
    QVERIFY(ports.open());
    Client one(ports);
    Client two(ports);
    const Route toSelf = route(ports, ports);
    ports.send(two.id, {toSelf, Bytes(UdpPort::MaxPayload + 1)});
    ports.flush();
    QVERIFY(one.failed.empty());
    QCOMPARE(two.failed.size(), std::size_t(1));
    QVERIFY(two.failed[0] == toSelf);
}

void tst_PortSet::ignoresForeignTransports()
{
    OwnedPorts ports(onLoopback());
    OwnedPorts others(onLoopback());
    QVERIFY(ports.open() && others.open());
    Client client(ports);
    ports.send(client.id, {route(others, ports), Bytes{22}});
    ports.flush();
    QVERIFY(client.failed.empty());
    QCOMPARE(ports.port(Family::V4)->statistics().sent, quint64(0));
}

void tst_PortSet::tellsWhyItCannotOpen()
{
    OwnedPorts first(onLoopback());
    QVERIFY(first.open());
    PortSetOptions taken = onLoopback();
    taken.port = first.port(Family::V4)->localPort();
    OwnedPorts second(taken);
    QString error;
    second.open(&error); // IPv6 may have that port free
    QVERIFY(!second.port(Family::V4));
    QVERIFY(!error.isEmpty());
}

void tst_PortSet::allocatesNothingPerDatagram()
{
#ifndef Q_OS_LINUX
    QSKIP("QUdpSocket allocates");
#else
    SharedPorts listener(onLoopback());
    OwnedPorts caller(onLoopback());
    QVERIFY(listener.open() && caller.open());
    Client atCaller(caller);
    Client one(listener);
    one.received.reserve(10000);
    listener.send(one.id, {route(listener, caller), binding(Class::SuccessResponse, 5)});
    const Bytes data(1000, 22);
    const Bytes check = binding(Class::Request, 1, "one:x");
    listener.setUsernameFragment(one.id, "one");
    const Route there = route(caller, listener);
    const Route back = route(listener, caller);
    std::size_t copied = 0;
    const auto exchange = [&] {
        for (int at = 0; at < 20; ++at)
            caller.send(atCaller.id, {there, data});
        caller.send(atCaller.id, {there, check});
        caller.flush();
        listener.readPending();
        copied = one.received.size(); // each is one allocation, of the test's client
        for (int at = 0; at < 20; ++at)
            listener.send(one.id, {back, data});
        listener.flush();
    };
    exchange();
    const std::size_t copiedBefore = copied;
    const int before = allocationsSoFar();
    for (int times = 0; times < 5; ++times)
        exchange();
    QCOMPARE(allocationsSoFar() - before, int(copied - copiedBefore));
    QVERIFY(copied > 100);
#endif
}

void tst_PortSet::followsTheInterfaces()
{
    // The last one, for there is no way back.
    if (!enterNetworkNamespace())
        QSKIP("no network namespace to be had");
    OwnedPorts ports(onLoopback());
    QVERIFY(ports.open());
    Client client(ports);
    QVERIFY(ports.localAddresses().empty());
    QVERIFY(setLoopbackUp(true));
    QTRY_VERIFY(!client.added.empty());
    const auto before = ports.localAddresses();
    QCOMPARE(client.added.size(), before.size());

    const auto second = *IpAddress::fromString("127.0.0.5");
    QVERIFY(setLoopbackAlias("127.0.0.5"));
    QTRY_COMPARE(client.added.size(), before.size() + 1);
    QVERIFY(client.added.back().address.ip == second);
    QCOMPARE(ports.localAddresses().size(), before.size() + 1);
    for (const ice::LocalAddress &address : before)
        QVERIFY(address.localPreference != client.added.back().localPreference);
    ports.send(client.id, {route(ports, ports), Bytes{22}});
    ports.flush();
    QTRY_COMPARE(client.received.size(), std::size_t(1));

    QVERIFY(removeLoopbackAlias());
    QTRY_COMPARE(client.removed.size(), std::size_t(1));
    QVERIFY(client.removed[0] == second);
    QCOMPARE(ports.localAddresses().size(), before.size());
    QVERIFY(setLoopbackUp(false));
    QTRY_VERIFY(ports.localAddresses().empty());
    // Sending is no failure for good: the network may come back.
    ports.send(client.id, {route(ports, ports), Bytes{22}});
    ports.flush();
    QVERIFY(client.failed.empty());
    QVERIFY(setLoopbackUp(true));
    QTRY_COMPARE(ports.localAddresses().size(), before.size());
    ports.send(client.id, {route(ports, ports), Bytes{22}});
    ports.flush();
    QTRY_COMPARE(client.received.size(), std::size_t(2));
}

QTEST_GUILESS_MAIN(tst_PortSet)

#include "tst_portset.moc"
