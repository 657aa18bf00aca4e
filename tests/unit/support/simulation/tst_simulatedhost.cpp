// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/message.h"
#include "support/simulation/internet.h"

#include "recorder.h"

#include <QtTest/qtest.h>

#include <set>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::sim;

namespace {

/// Wants to be called at fixed times and remembers when it was.
class Clockwork : public Process
{
public:
    std::vector<Duration> wanted;
    std::vector<Duration> called;
    bool isRestless = false;
    bool isTalkative = false;

    void receive(TimePoint, const Datagram &) override { }
    void advance(TimePoint now) override { called.push_back(now - Schedule::Start); }
    std::optional<Transmit> nextTransmit() override
    {
        if (isTalkative)
            return Transmit{};
        return std::nullopt;
    }
    TimePoint nextDeadline() const override
    {
        if (isRestless)
            return Schedule::Start;
        return called.size() < wanted.size() ? Schedule::Start + wanted[called.size()] : Never;
    }
};

} // namespace

class tst_SimulatedHost : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void deliversToTheSocket();
    void toldApartByPortAndAddress();
    void aWildcardSocketHasEveryAddress();
    void sendsByTheInterfaceOfItsSource();
    void tellsWhatCannotBeSent_data();
    void tellsWhatCannotBeSent();
    void findsFreePorts();
    void refusesAPortInUse();
    void callsAProcessAtItsDeadlines();
    void doesNotSufferARestlessProcess_data();
    void doesNotSufferARestlessProcess();
    void leavesARemovedProcessAlone();
    void reachesItself();
    void theStunServerAnswers();
};

void tst_SimulatedHost::deliversToTheSocket()
{
    Internet internet(1);
    Host &left = internet.addHost("left");
    Host &right = internet.addHost("right");
    left.connect(internet.core(), {ip("203.0.113.10")}).setConditions({.delay = 10ms});
    right.connect(internet.core(), {ip("203.0.113.11")}).setConditions({.delay = 5ms});
    Recorder sender(left);
    Recorder receiver(right);
    sender.open(endpoint("203.0.113.10:1000"));
    const TransportId transport = receiver.open(endpoint("203.0.113.11:2000"));
    sender.send(endpoint("203.0.113.11:2000"), "hello");
    sender.send(endpoint("203.0.113.11:2001"), "no such port");
    sender.send(endpoint("203.0.113.12:2000"), "no such host");
    internet.schedule().runFor(1s);

    QCOMPARE(receiver.arrivals().size(), 1U);
    const Recorder::Arrival &arrival = receiver.arrivals().front();
    QCOMPARE(arrival.text, "hello");
    QCOMPARE(arrival.when, Schedule::Start + 15ms);
    QCOMPARE(arrival.route,
             (Route{transport, endpoint("203.0.113.11:2000"), endpoint("203.0.113.10:1000")}));
    QCOMPARE(internet.trace().count(Fate::NoSocket), 1U);
    QCOMPARE(internet.trace().count(Fate::NoRoute), 1U);
}

void tst_SimulatedHost::toldApartByPortAndAddress()
{
    Internet internet(1);
    Host &host = internet.addHost("host");
    Host &far = internet.addHost("far");
    host.connect(internet.core(), {ip("203.0.113.10"), ip("203.0.113.11")});
    far.connect(internet.core(), {ip("203.0.113.20")});
    Recorder one(host);
    Recorder two(host);
    Recorder three(host);
    one.open(endpoint("203.0.113.10:1000"));
    two.open(endpoint("203.0.113.11:1000"));
    three.open(endpoint("203.0.113.10:1001"));
    Recorder sender(far);
    sender.open(endpoint("203.0.113.20:1"));
    sender.send(endpoint("203.0.113.10:1000"), "one");
    sender.send(endpoint("203.0.113.11:1000"), "two");
    sender.send(endpoint("203.0.113.10:1001"), "three");
    internet.schedule().runFor(1s);
    QCOMPARE(one.arrivals().at(0).text, "one");
    QCOMPARE(two.arrivals().at(0).text, "two");
    QCOMPARE(three.arrivals().at(0).text, "three");
}

void tst_SimulatedHost::aWildcardSocketHasEveryAddress()
{
    Internet internet(1);
    Host &host = internet.addHost("host");
    Host &far = internet.addHost("far");
    host.connect(internet.core(), {ip("203.0.113.10"), ip("203.0.113.11"), ip("2001:db8::10")});
    far.connect(internet.core(), {ip("203.0.113.20"), ip("2001:db8::20")});
    Recorder wildcard(host);
    wildcard.open(endpoint("0.0.0.0:1000"));
    Recorder other(far);
    other.open(endpoint("203.0.113.20:1"));
    other.send(endpoint("203.0.113.11:1000"));
    internet.schedule().runFor(1s);
    QCOMPARE(wildcard.arrivals().at(0).route.local, endpoint("203.0.113.11:1000"));

    wildcard.send(endpoint("203.0.113.20:1"), "x", ip("203.0.113.11"));
    wildcard.send(endpoint("203.0.113.20:1"));
    internet.schedule().runFor(1s);
    QCOMPARE(other.arrivals().at(0).route.remote, endpoint("203.0.113.11:1000"));
    QCOMPARE(other.arrivals().at(1).route.remote, endpoint("203.0.113.10:1000"));
}

void tst_SimulatedHost::sendsByTheInterfaceOfItsSource()
{
    Internet internet(1);
    Network &lan = internet.addNetwork("lan");
    Host &host = internet.addHost("host");
    Host &far = internet.addHost("far");
    host.connect(internet.core(), {ip("203.0.113.10")});
    host.connect(lan, {ip("192.168.1.10")});
    far.connect(internet.core(), {ip("203.0.113.20")});
    Recorder onLan(host);
    onLan.open(endpoint("192.168.1.10:1"));
    onLan.send(endpoint("203.0.113.20:1"));
    internet.schedule().runFor(1s);
    // The LAN has no way out, and the other interface is not taken.
    QCOMPARE(internet.trace().count(Fate::NoRoute), 1U);
}

void tst_SimulatedHost::tellsWhatCannotBeSent_data()
{
    QTest::addColumn<QByteArray>("what");
    for (const char *what : {"closed", "unplugged", "address gone", "other family", "port 0"})
        QTest::newRow(what) << QByteArray(what);
}

void tst_SimulatedHost::tellsWhatCannotBeSent()
{
    QFETCH(QByteArray, what);
    Internet internet(1);
    Host &host = internet.addHost("host");
    Interface &interface = host.connect(internet.core(), {ip("203.0.113.10")});
    Recorder sender(host);
    const TransportId transport = sender.open(endpoint("203.0.113.10:1"));
    TransportAddress remote = endpoint("203.0.113.1:1");
    if (what == "closed")
        host.closeSocket(transport);
    else if (what == "unplugged")
        interface.setUp(false);
    else if (what == "address gone")
        interface.removeAddress(ip("203.0.113.10"));
    else if (what == "other family")
        remote = endpoint("[2001:db8::1]:1");
    else
        remote.port = 0;
    sender.send(remote);
    QCOMPARE(sender.failures().size(), 1U);
    QCOMPARE(sender.failures().front().remote, remote);
    QCOMPARE(internet.trace().count(Fate::Sent), 0U);
}

void tst_SimulatedHost::findsFreePorts()
{
    Internet internet(1);
    Host &host = internet.addHost("host");
    host.connect(internet.core(), {ip("203.0.113.10")});
    Recorder process(host);
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 1000; ++i) {
        process.open(endpoint("203.0.113.10:0"));
        QVERIFY(process.local().port >= 49152);
        QVERIFY(ports.insert(process.local().port).second);
    }
}

void tst_SimulatedHost::refusesAPortInUse()
{
    Internet internet(1);
    Host &host = internet.addHost("host");
    host.connect(internet.core(), {ip("203.0.113.10"), ip("203.0.113.11")});
    Recorder process(host);
    process.open(endpoint("203.0.113.10:1000"));
    process.open(endpoint("203.0.113.11:1000"));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, process.open(endpoint("203.0.113.10:1000")));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, process.open(endpoint("0.0.0.0:1000")));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, process.open(endpoint("203.0.113.99:1")));
    process.open(endpoint("[::]:1000"));
}

void tst_SimulatedHost::callsAProcessAtItsDeadlines()
{
    Internet internet(1);
    Host &host = internet.addHost("host");
    Clockwork process;
    process.wanted = {10ms, 10ms, 25ms, 5ms, 1s};
    host.command(process, [](TimePoint) {});
    internet.schedule().runFor(10s);
    // A deadline that has passed is met at once, and time does not go back.
    QCOMPARE(process.called, (std::vector<Duration>{10ms, 10ms, 25ms, 25ms, 1s}));
}

void tst_SimulatedHost::doesNotSufferARestlessProcess_data()
{
    QTest::addColumn<bool>("isRestless");
    QTest::newRow("a deadline that it never meets") << true;
    QTest::newRow("datagrams without end") << false;
}

void tst_SimulatedHost::doesNotSufferARestlessProcess()
{
    QFETCH(bool, isRestless);
    Internet internet(1);
    Host &host = internet.addHost("host");
    Clockwork process;
    const auto run = [&] {
        process.isRestless = isRestless;
        process.isTalkative = !isRestless;
        host.command(process, [](TimePoint) {});
        internet.schedule().runFor(1s);
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, run());
}

void tst_SimulatedHost::leavesARemovedProcessAlone()
{
    Internet internet(1);
    Host &host = internet.addHost("host");
    host.connect(internet.core(), {ip("203.0.113.10")});
    {
        Clockwork process;
        process.wanted = {10ms};
        host.openSocket(process, endpoint("203.0.113.10:1"));
        host.command(process, [](TimePoint) {});
        host.removeProcess(process);
    }
    Recorder sender(host);
    sender.open(endpoint("203.0.113.10:1"));
    internet.schedule().runFor(1s);
}

void tst_SimulatedHost::reachesItself()
{
    Internet internet(1);
    Host &host = internet.addHost("host");
    host.connect(internet.core(), {ip("203.0.113.10")});
    Recorder process(host);
    process.open(endpoint("203.0.113.10:1"));
    process.send(endpoint("203.0.113.10:1"));
    internet.schedule().runFor(1s);
    QCOMPARE(process.arrivals().size(), 1U);
}

void tst_SimulatedHost::theStunServerAnswers()
{
    Internet internet(1);
    const StunServer &server = internet.addStunServer();
    Host &host = internet.addHost("host");
    host.connect(internet.core(), {ip("2001:db8::10")});
    Recorder process(host);
    process.open(endpoint("[2001:db8::10]:1000"));
    const Bytes request = {0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1,  2,
                           3, 4, 5, 6, 7,    8,    9,    10,   11, 12};
    process.send(server.address(IpAddress::Family::V6), asText(request));
    process.send(server.address(IpAddress::Family::V6), "no request");
    internet.schedule().runFor(1s);
    QCOMPARE(process.arrivals().size(), 1U);
    const auto answer = stun::Message::parse(asBytes(process.arrivals().front().text));
    QVERIFY(answer.hasValue());
    QVERIFY(answer->address(stun::Attribute::XorMappedAddress) == endpoint("[2001:db8::10]:1000"));
    QCOMPARE(server.answers(), 1U);
}

QTEST_APPLESS_MAIN(tst_SimulatedHost)
#include "tst_simulatedhost.moc"
