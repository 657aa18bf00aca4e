// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "allocations.h"
#include "networknamespace.h"
#include "shell/qudpsocketport.h"
#include "shell/udpport.h"
#include "support/ports/quietport.h"

#ifdef Q_OS_LINUX
#    include "shell/batchedudpport.h"
#endif

#include <QtCore/qfile.h>
#include <QtCore/qprocess.h>
#include <QtCore/qscopeguard.h>
#include <QtNetwork/qnetworkinterface.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

using namespace Qt::StringLiterals;
using namespace peer;
using Family = IpAddress::Family;

namespace {

enum class Kind { Batched, BatchedPlain, Qt };

std::unique_ptr<UdpPort> openPort(Kind kind, Family family = Family::V4, quint16 port = 0,
                                  QString *error = nullptr)
{
    UdpPortOptions options;
    options.family = family;
    options.port = port;
    options.segmentation = options.coalescing = kind != Kind::BatchedPlain;
#ifdef Q_OS_LINUX
    if (kind != Kind::Qt)
        return BatchedUdpPort::open(options, error);
#endif
    return QUdpSocketPort::open(options, error);
}

IpAddress loopback(Family family)
{
    return *IpAddress::fromString(family == Family::V4 ? "127.0.0.1" : "::1");
}

Route routeTo(const UdpPort &from, const UdpPort &to)
{
    const IpAddress ip = loopback(from.family());
    return {from.id(), {ip, from.localPort()}, {ip, to.localPort()}};
}

/// Copies of what a port received.
struct Inbox
{
    struct Item
    {
        Route route;
        Bytes payload;
    };

    explicit Inbox(UdpPort &port)
    {
        port.setReceiver([this](std::span<const Datagram> datagrams) {
            largestBatch = std::max(largestBatch, datagrams.size());
            for (const Datagram &datagram : datagrams)
                items.push_back({datagram.route, toBytes(datagram.payload)});
        });
    }

    std::vector<Item> items;
    std::size_t largestBatch = 0;
};

Bytes numbered(std::size_t number, std::size_t size)
{
    Bytes payload(size, static_cast<std::uint8_t>(number * 7));
    writeUint32(payload.data(), static_cast<std::uint32_t>(number));
    return payload;
}

} // namespace

Q_DECLARE_METATYPE(Kind)

class tst_UdpPort : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void roundTrip_data();
    void roundTrip();
    void takesNoProxy_data();
    void takesNoProxy();
    void keepsOrderAndBoundaries_data();
    void keepsOrderAndBoundaries();
    void aBurstArrivesWhole_data();
    void aBurstArrivesWhole();
    void sendsFromTheAddressOfTheRoute_data();
    void sendsFromTheAddressOfTheRoute();
    void sendsByTheNamedInterface_data();
    void sendsByTheNamedInterface();
    void letsTheSystemChooseTheSource_data();
    void letsTheSystemChooseTheSource();
    void reportsRefusedRoutes_data();
    void reportsRefusedRoutes();
    void refusedRoutesAreBounded_data();
    void refusedRoutesAreBounded();
    void survivesAVanishedSource_data();
    void survivesAVanishedSource();
    void survivesAPortThatNobodyListensOn_data();
    void survivesAPortThatNobodyListensOn();
    void tellsWhyItCannotOpen_data();
    void tellsWhyItCannotOpen();
    void mayBeDeletedInItsReceiver_data();
    void mayBeDeletedInItsReceiver();
    void mayBeDeletedInItsFailureHandler_data();
    void mayBeDeletedInItsFailureHandler();
    void refusesWhenTheQueueIsFull();
    void ignoresBroadcast_data();
    void ignoresBroadcast();
    void allocatesNothingPerDatagram();
    void hearsOnWhenAWakeupFoundNothing_data();
    void hearsOnWhenAWakeupFoundNothing();
    void waitsForABusySystem_data();
    void waitsForABusySystem();

private:
    static void addKinds();
};

/// Each kind of port with each family that this machine has.
void tst_UdpPort::addKinds()
{
    QTest::addColumn<Kind>("kind");
    QTest::addColumn<bool>("isV6");
    for (const bool isV6 : {false, true}) {
        const char *const suffix = isV6 ? "v6" : "v4";
        if (isV6 && !openPort(Kind::Qt, Family::V6)) {
            qInfo("no IPv6 on this machine: its rows are left out");
            continue;
        }
#ifdef Q_OS_LINUX
        QTest::addRow("batched, %s", suffix) << Kind::Batched << isV6;
        QTest::addRow("batched without segmentation, %s", suffix) << Kind::BatchedPlain << isV6;
#endif
        QTest::addRow("QUdpSocket, %s", suffix) << Kind::Qt << isV6;
    }
}

/// Where nobody sends anything: a port that the system gives may have been that of a peer whom another
/// program still calls.
#define FETCH_PORTS(first, second)                                                                 \
    QFETCH(Kind, kind);                                                                            \
    QFETCH(bool, isV6);                                                                            \
    const Family family = isV6 ? Family::V6 : Family::V4;                                          \
    auto first = openPort(kind, family, test::quietPort());                                        \
    auto second = openPort(kind, family, test::quietPort());                                       \
    QVERIFY(first &&second)

void tst_UdpPort::roundTrip_data()
{
    addKinds();
}

void tst_UdpPort::roundTrip()
{
    FETCH_PORTS(a, b);
    Inbox atA(*a);
    Inbox atB(*b);
    QVERIFY(a->id() != b->id() && a->id() != TransportId::None);
    QVERIFY(a->localPort() != 0);
    QVERIFY(a->send(routeTo(*a, *b), asBytes("ping")));
    QVERIFY(atB.items.empty());
    a->flush();
    QTRY_COMPARE(atB.items.size(), std::size_t(1));
    QCOMPARE(asText(atB.items[0].payload), std::string_view("ping"));
    const Route &arrived = atB.items[0].route;
    QVERIFY(arrived.transport == b->id());
    QVERIFY(arrived.local == (TransportAddress{loopback(family), b->localPort()}));
    QVERIFY(arrived.remote == (TransportAddress{loopback(family), a->localPort()}));
    // The way back is the same route.
    QVERIFY(b->send(arrived, asBytes("pong")));
    QVERIFY(b->send(arrived, {}));
    b->flush();
    QTRY_COMPARE(atA.items.size(), std::size_t(2));
    QVERIFY(atA.items[0].route == routeTo(*a, *b));
    QVERIFY(atA.items[1].payload.empty());
}

void tst_UdpPort::takesNoProxy_data()
{
    addKinds();
}

void tst_UdpPort::takesNoProxy()
{
    // Nor does it ask for one, which may take the system seconds.
    struct NoAnswer final : QNetworkProxyFactory
    {
        explicit NoAnswer(int &questionCount)
            : questions(questionCount)
        { }
        QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &) override
        {
            ++questions;
            return {QNetworkProxy(QNetworkProxy::Socks5Proxy, u"127.0.0.1"_s, 1)};
        }
        int &questions;
    };
    int questions = 0;
    QNetworkProxyFactory::setApplicationProxyFactory(new NoAnswer(questions));
    const auto restore = qScopeGuard([] { QNetworkProxyFactory::setUseSystemConfiguration(true); });
    FETCH_PORTS(a, b);
    Inbox atB(*b);
    QVERIFY(a->send(routeTo(*a, *b), asBytes("ping")));
    a->flush();
    QTRY_COMPARE(atB.items.size(), std::size_t(1));
    QCOMPARE(questions, 0);
}

void tst_UdpPort::keepsOrderAndBoundaries_data()
{
    addKinds();
}

void tst_UdpPort::keepsOrderAndBoundaries()
{
    FETCH_PORTS(a, b);
    Inbox inbox(*b);
    // Runs of equal sizes, longer and shorter ones between: all that coalescing could get wrong.
    const std::vector<std::size_t> sizes{1200, 1200, 1200, 1200, 4,    1200, 1199, 1200, 1201, 4, 4,
                                         4,    5,    4,    2048, 2048, 2047, 2047, 4,    1200};
    for (std::size_t at = 0; at < sizes.size(); ++at)
        QVERIFY(a->send(routeTo(*a, *b), numbered(at, sizes[at])));
    a->flush();
    QTRY_COMPARE(inbox.items.size(), sizes.size());
    for (std::size_t at = 0; at < sizes.size(); ++at)
        QVERIFY(inbox.items[at].payload == numbered(at, sizes[at]));
}

void tst_UdpPort::aBurstArrivesWhole_data()
{
    addKinds();
}

void tst_UdpPort::aBurstArrivesWhole()
{
    FETCH_PORTS(a, b);
    Inbox inbox(*b);
    // Loopback loses what exceeds the receiver's buffer, which the system may have kept small: so
    // as many at once as fit the smallest default (212992 octets with overhead), many times.
    const std::size_t burst = 60;
    std::size_t sent = 0;
    for (int round = 0; round < 40; ++round) {
        for (std::size_t at = 0; at < burst; ++at)
            QVERIFY(a->send(routeTo(*a, *b), numbered(sent++, 1200)));
        a->flush();
        QTRY_COMPARE_WITH_TIMEOUT(inbox.items.size(), sent, 20000);
    }
    for (std::size_t at = 0; at < sent; ++at)
        QVERIFY(inbox.items[at].payload == numbered(at, 1200));
    QCOMPARE(a->statistics().sent, quint64(sent));
    QCOMPARE(b->statistics().received, quint64(sent));
    if (kind != Kind::Qt)
        QVERIFY(a->statistics().sendCalls <= sent / 20);
    if (kind == Kind::Batched)
        QVERIFY(inbox.largestBatch > 16); // more than one a message
}

void tst_UdpPort::sendsFromTheAddressOfTheRoute_data()
{
    addKinds();
}

void tst_UdpPort::sendsFromTheAddressOfTheRoute()
{
    FETCH_PORTS(a, b);
    if (family == Family::V6)
        QSKIP("the loopback interface has but one IPv6 address");
    if (kind == Kind::Qt)
        QSKIP("QUdpSocket leaves the source of IPv4 to the system");
    Inbox inbox(*b);
    for (const char *const text : {"127.0.0.2", "127.0.0.3", "127.0.0.2"}) {
        Route route = routeTo(*a, *b);
        route.local.ip = *IpAddress::fromString(text);
        route.remote.ip = *IpAddress::fromString("127.0.0.9");
        QVERIFY(a->send(route, asBytes(text)));
    }
    a->flush();
    QTRY_COMPARE(inbox.items.size(), std::size_t(3));
    for (const Inbox::Item &item : inbox.items) {
        QCOMPARE(item.route.remote.ip.toString(), std::string(asText(item.payload)));
        QCOMPARE(item.route.local.ip.toString(), std::string("127.0.0.9"));
    }
}

void tst_UdpPort::sendsByTheNamedInterface_data()
{
    addKinds();
}

void tst_UdpPort::sendsByTheNamedInterface()
{
    FETCH_PORTS(a, b);
    Inbox inbox(*b);
    const auto interface = QNetworkInterface::interfaceFromName(u"lo"_s);
    if (!interface.isValid())
        QSKIP("loopback has another name here");
    a->setInterface(loopback(family), quint32(interface.index()));
    QVERIFY(a->send(routeTo(*a, *b), asBytes("by loopback")));
    a->flush();
    QTRY_COMPARE(inbox.items.size(), std::size_t(1));
    // There is no interface of that number: it was taken away.
    a->setInterface(loopback(family), 0x7ffffff0);
    QVERIFY(a->send(routeTo(*a, *b), asBytes("nowhere")));
    a->flush();
    a->setInterface(loopback(family), 0);
    QVERIFY(a->send(routeTo(*a, *b), asBytes("by any")));
    a->flush();
    QTRY_COMPARE(inbox.items.size(), std::size_t(2));
    QCOMPARE(asText(inbox.items[1].payload), std::string_view("by any"));
    QCOMPARE(a->statistics().sendDropped, quint64(1));
}

void tst_UdpPort::letsTheSystemChooseTheSource_data()
{
    addKinds();
}

void tst_UdpPort::letsTheSystemChooseTheSource()
{
    FETCH_PORTS(a, b);
    Inbox inbox(*b);
    Route route = routeTo(*a, *b);
    route.local.ip = {};
    QVERIFY(a->send(route, asBytes("from anywhere")));
    a->flush();
    QTRY_COMPARE(inbox.items.size(), std::size_t(1));
    QVERIFY(inbox.items[0].route.remote.ip == loopback(family));
}

void tst_UdpPort::reportsRefusedRoutes_data()
{
    addKinds();
}

void tst_UdpPort::reportsRefusedRoutes()
{
    FETCH_PORTS(a, b);
    Inbox inbox(*b);
    std::vector<std::pair<SenderId, Route>> failures;
    a->setFailureHandler(
        [&](SenderId sender, const Route &failed) { failures.emplace_back(sender, failed); });

    const Bytes tooLarge(UdpPort::MaxPayload + 1);
    QVERIFY(a->send(routeTo(*a, *b), tooLarge, SenderId{1}));
    Route otherFamily = routeTo(*a, *b);
    otherFamily.remote.ip = loopback(family == Family::V4 ? Family::V6 : Family::V4);
    QVERIFY(a->send(otherFamily, asBytes("x"), SenderId{2}));
    std::size_t expected = 2;
    Route broadcast = routeTo(*a, *b);
    if (kind != Kind::Qt && family == Family::V4) {
        // Refused by the system (EACCES), for we do not ask to broadcast. Told once.
        broadcast.remote.ip = *IpAddress::fromString("127.255.255.255");
        for (int times = 0; times < 3; ++times)
            QVERIFY(a->send(broadcast, asBytes("to all"), SenderId{3}));
        ++expected;
    }
    QVERIFY(a->send(routeTo(*a, *b), asBytes("y"), SenderId{4}));
    QVERIFY(failures.empty());
    a->flush();
    QCOMPARE(failures.size(), expected);
    QVERIFY(failures[0].first == SenderId{1} && failures[0].second == routeTo(*a, *b));
    QVERIFY(failures[1].first == SenderId{2} && failures[1].second == otherFamily);
    if (expected == 3)
        QVERIFY(failures[2].first == SenderId{3} && failures[2].second == broadcast);
    // What follows is not held up.
    QTRY_COMPARE(inbox.items.size(), std::size_t(1));
    QCOMPARE(asText(inbox.items[0].payload), std::string_view("y"));
}

void tst_UdpPort::refusedRoutesAreBounded_data()
{
    addKinds();
}

void tst_UdpPort::refusedRoutesAreBounded()
{
    FETCH_PORTS(a, b);
    std::size_t failures = 0;
    a->setFailureHandler([&](SenderId, const Route &) { ++failures; });
    const Bytes tooLarge(UdpPort::MaxPayload + 1);
    for (const std::size_t expected : {16, 32}) { // each time anew
        for (std::uint32_t sender = 1; sender <= 40; ++sender)
            QVERIFY(a->send(routeTo(*a, *b), tooLarge, SenderId{sender}));
        a->flush();
        QCOMPARE(failures, expected);
    }
}

void tst_UdpPort::survivesAVanishedSource_data()
{
    addKinds();
}

void tst_UdpPort::survivesAVanishedSource()
{
    FETCH_PORTS(a, b);
    Inbox inbox(*b);
    if (kind == Kind::Qt && family == Family::V4)
        QSKIP("QUdpSocket leaves the source of IPv4 to the system");
    int failures = 0;
    a->setFailureHandler([&](SenderId, const Route &) { ++failures; });
    // As after renumbering: documentation addresses (RFC 5737, RFC 3849) are nobody's.
    Route vanished = routeTo(*a, *b);
    vanished.local.ip = *IpAddress::fromString(family == Family::V4 ? "203.0.113.7"
                                                                    : "2001:db8::7");
    for (std::size_t at = 0; at < 5; ++at)
        QVERIFY(a->send(vanished, numbered(at, 1000)));
    QVERIFY(a->send(routeTo(*a, *b), asBytes("still here")));
    a->flush();
    QTRY_COMPARE(inbox.items.size(), std::size_t(1));
    QCOMPARE(failures, 0);
    QCOMPARE(a->statistics().sendDropped, quint64(5));
#ifdef Q_OS_LINUX
    // And it was not the segments' fault.
    if (kind == Kind::Batched)
        QVERIFY(static_cast<BatchedUdpPort &>(*a).hasSegmentation());
#endif
}

void tst_UdpPort::survivesAPortThatNobodyListensOn_data()
{
    addKinds();
}

void tst_UdpPort::survivesAPortThatNobodyListensOn()
{
    FETCH_PORTS(a, b);
    Inbox inbox(*a);
    const Route route = routeTo(*a, *b);
    b.reset();
    for (int times = 0; times < 5; ++times) {
        QVERIFY(a->send(route, asBytes("anybody?")));
        a->flush();
        QCoreApplication::processEvents();
    }
    Route toSelf = route;
    toSelf.remote = toSelf.local;
    QVERIFY(a->send(toSelf, asBytes("myself")));
    a->flush();
    QTRY_COMPARE(inbox.items.size(), std::size_t(1));
}

void tst_UdpPort::tellsWhyItCannotOpen_data()
{
    addKinds();
}

void tst_UdpPort::tellsWhyItCannotOpen()
{
    FETCH_PORTS(a, b);
    QString error;
    QVERIFY(!openPort(kind, family, a->localPort(), &error));
    QVERIFY(!error.isEmpty());
}

void tst_UdpPort::mayBeDeletedInItsReceiver_data()
{
    addKinds();
}

void tst_UdpPort::mayBeDeletedInItsReceiver()
{
    FETCH_PORTS(a, b);
    int calls = 0;
    std::size_t octets = 0;
    b->setReceiver([&](std::span<const Datagram> datagrams) {
        ++calls;
        b.reset();
        for (const Datagram &datagram : datagrams) // still there
            octets += std::size_t(std::count(datagram.payload.begin(), datagram.payload.end(), 7));
    });
    const Route route = routeTo(*a, *b);
    for (int at = 0; at < 200; ++at)
        QVERIFY(a->send(route, Bytes(100, 7)));
    a->flush();
    QTRY_VERIFY(!b);
    QCoreApplication::processEvents();
    QCOMPARE(calls, 1);
    QVERIFY(octets > 0);
}

void tst_UdpPort::mayBeDeletedInItsFailureHandler_data()
{
    addKinds();
}

void tst_UdpPort::mayBeDeletedInItsFailureHandler()
{
    FETCH_PORTS(a, b);
    int calls = 0;
    a->setFailureHandler([&](SenderId, const Route &) {
        ++calls;
        a.reset();
    });
    const Route route = routeTo(*a, *b);
    const Bytes tooLarge(UdpPort::MaxPayload + 1);
    QVERIFY(a->send(route, tooLarge, SenderId{1}));
    QVERIFY(a->send(route, tooLarge, SenderId{2}));
    a->flush();
    QVERIFY(!a);
    QCOMPARE(calls, 1);
}

/// A port whose system takes nothing until it is told to.
class StuckPort : public UdpPort
{
public:
    StuckPort()
        : UdpPort(UdpPortOptions())
    { }
    void readPending() override { }
    void loosen()
    {
        isStuck = false;
        resume();
    }
    bool isStuck = true;

private:
    void writeQueue() override
    {
        if (isStuck)
            setBlocked();
        else
            m_queue.consume(m_queue.messages().size());
    }
};

void tst_UdpPort::refusesWhenTheQueueIsFull()
{
    StuckPort port;
    int writable = 0;
    port.setWritableHandler([&] { ++writable; });
    const Route route{port.id(), {loopback(Family::V4), 1}, {loopback(Family::V4), 2}};
    std::size_t taken = 0;
    while (port.send(route, numbered(taken, 1200)))
        QVERIFY(++taken <= UdpSendQueue::MaxOctets / 1200);
    QCOMPARE(taken, UdpSendQueue::MaxOctets / 1200);
    QVERIFY(!port.makeRoom());
    QCOMPARE(writable, 0);
    port.loosen();
    QCOMPARE(writable, 1);
    QVERIFY(port.makeRoom());
    // Empty datagrams fill no octets, but messages.
    port.isStuck = true;
    taken = 0;
    while (port.send(route, {}))
        QVERIFY(++taken <= UdpSendQueue::MaxMessages);
    QCOMPARE(taken, UdpSendQueue::MaxMessages);
    // After the stall limit the dead are dropped.
    QTRY_VERIFY(port.makeRoom());
    QCOMPARE(port.statistics().sendDropped, quint64(UdpSendQueue::MaxMessages));
}

void tst_UdpPort::ignoresBroadcast_data()
{
    addKinds();
}

void tst_UdpPort::ignoresBroadcast()
{
    FETCH_PORTS(a, b);
    if (family == Family::V6)
        QSKIP("IPv6 has no broadcast");
    if (kind == Kind::Qt)
        QSKIP("QUdpSocket does not tell the broadcast address of a subnet");
    Inbox inbox(*b);
    QUdpSocket sender; // asks to broadcast by itself
    sender.writeDatagram("to all"_ba, QHostAddress(u"127.255.255.255"_s), b->localPort());
    QVERIFY(a->send(routeTo(*a, *b), asBytes("to one")));
    a->flush();
    QTRY_COMPARE(inbox.items.size(), std::size_t(1));
    QCOMPARE(asText(inbox.items[0].payload), std::string_view("to one"));
    QCOMPARE(b->statistics().receiveDropped, quint64(1));
}

void tst_UdpPort::allocatesNothingPerDatagram()
{
#ifndef Q_OS_LINUX
    QSKIP("QUdpSocket allocates");
#else
    const auto a = openPort(Kind::Batched);
    const auto b = openPort(Kind::Batched);
    std::size_t received = 0;
    b->setReceiver([&](std::span<const Datagram> datagrams) { received += datagrams.size(); });
    const Route route = routeTo(*a, *b);
    const Bytes payload(1200, 1);
    const auto exchange = [&] {
        for (int at = 0; at < 50; ++at)
            a->send(route, payload);
        a->flush();
        b->readPending();
    };
    exchange();
    const int before = allocationsSoFar();
    for (int round = 0; round < 20; ++round)
        exchange();
    const int after = allocationsSoFar();
    QCOMPARE(after - before, 0);
    QVERIFY(received >= 1000);
#endif
}

void tst_UdpPort::hearsOnWhenAWakeupFoundNothing_data()
{
    addKinds();
}

void tst_UdpPort::hearsOnWhenAWakeupFoundNothing()
{
    FETCH_PORTS(a, b);
    Inbox inbox(*b);
    auto send = [&, number = std::size_t(0)]() mutable {
        QVERIFY(a->send(routeTo(*a, *b), numbered(number++, 100)));
        a->flush();
    };
    for (std::size_t round = 1; round <= 10; ++round) {
        send();
        // In one turn of the event loop the socket is seen to have something to read, and is read,
        // before it is told so.
        QMetaObject::invokeMethod(
            b.get(), [&b] { b->readPending(); }, Qt::QueuedConnection);
        QTRY_COMPARE(inbox.items.size(), 3 * round - 2);
        QCoreApplication::processEvents();
        send();
        QTRY_COMPARE(inbox.items.size(), 3 * round - 1);
        send();
        QTRY_COMPARE(inbox.items.size(), 3 * round);
    }
}

/// Datagrams for which a socket's buffer had no room, in this network namespace.
static std::size_t overflownHere()
{
    std::size_t count = 0;
    QFile v4(u"/proc/thread-self/net/snmp"_s);
    if (v4.open(QIODevice::ReadOnly)) {
        QList<QByteArray> names;
        for (const QByteArray &line : v4.readAll().split('\n')) {
            const QList<QByteArray> words = line.simplified().split(' ');
            if (words.first() != "Udp:")
                continue;
            if (names.isEmpty())
                names = words;
            else
                count += words.value(names.indexOf("RcvbufErrors")).toUInt();
        }
    }
    QFile v6(u"/proc/thread-self/net/snmp6"_s);
    if (v6.open(QIODevice::ReadOnly)) {
        for (const QByteArray &line : v6.readAll().split('\n')) {
            const QList<QByteArray> words = line.simplified().split(' ');
            if (words.first() == "Udp6RcvbufErrors")
                count += words.value(1).toUInt();
        }
    }
    return count;
}

void tst_UdpPort::waitsForABusySystem_data()
{
    addKinds();
}

void tst_UdpPort::waitsForABusySystem()
{
    // A loopback that is slower than we are: 30 Mbit/s and a long queue, in a network namespace.
    // The last one, for there is no way back.
    static const bool isSlow = [] {
        return enterNetworkNamespace() && setLoopbackUp(true)
            && QProcess::execute(u"tc"_s,
                                 {u"qdisc"_s, u"add"_s, u"dev"_s, u"lo"_s, u"root"_s, u"tbf"_s,
                                  u"rate"_s, u"30mbit"_s, u"burst"_s, u"128k"_s, u"limit"_s,
                                  u"100m"_s})
            == 0;
    }();
    if (!isSlow)
        QSKIP("no network namespace, or no tc, to be had");
    FETCH_PORTS(a, b);
    Inbox inbox(*b);
    const std::size_t before = overflownHere();
    int writable = 0;
    a->setWritableHandler([&] { ++writable; });
    // More than the system's buffer holds with ours.
    std::size_t sent = 0;
    while (a->makeRoom() && sent < 10000)
        QVERIFY(a->send(routeTo(*a, *b), numbered(sent++, 1200)));
    QVERIFY(sent > UdpSendQueue::MaxOctets / 1200);
    QVERIFY(sent < 10000);
    a->flush();
    QTRY_VERIFY_WITH_TIMEOUT(writable > 0, 20000);
    QVERIFY(a->makeRoom());
    QVERIFY(a->send(routeTo(*a, *b), numbered(sent++, 1200)));
    a->flush();
    // On a busy machine b's buffer may overflow: that is told by the system, and not meant here.
    QTRY_COMPARE_WITH_TIMEOUT(inbox.items.size() + overflownHere() - before, sent, 20000);
    // Whole, and none twice; a busy system with several processors may change their order.
    std::vector<bool> isHere(sent);
    for (const auto &item : inbox.items) {
        QCOMPARE(item.payload.size(), std::size_t(1200));
        const std::size_t number = readUint32(item.payload.data());
        QVERIFY(number < sent && !isHere[number]);
        QVERIFY(item.payload == numbered(number, 1200));
        isHere[number] = true;
    }
    QCOMPARE(a->statistics().sendDropped, quint64(0));
}

QTEST_GUILESS_MAIN(tst_UdpPort)

#include "tst_udpport.moc"
