// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/sessiondriver.h"
#include "shell/sharedports.h"

#include <QtCore/qdatetime.h>
#include <QtCore/qpointer.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

using namespace Qt::StringLiterals;
using namespace peer;

namespace {

const PortSetOptions Loopback{{true, 8}, 0};
const PortSetOptions LoopbackWithTcp{{true, 8}, 0, true};

const std::shared_ptr<const dtls::Certificate> &certificate()
{
    static const auto made = dtls::Certificate::generate(QDateTime::currentSecsSinceEpoch());
    return made;
}

/// One end of a call, whose signals go to the other end at once.
struct End
{
    End(SessionConfig::Role role, const std::string &call, std::shared_ptr<PortSet> ports)
    {
        SessionConfig config;
        config.role = role;
        config.call = call;
        config.certificate = certificate();
        config.peerAcknowledges = true;
        driver = std::make_unique<SessionDriver>(config, std::move(ports));
        driver->setObserver([this](SessionEvent &&event) {
            std::visit([this](auto &&each) { take(each); }, std::move(event));
            // Last, for it may delete the driver.
            if (onEvent)
                onEvent();
        });
    }

    void take(event::StateChanged &event) { state = event.state; }
    void take(event::SignalReady &event)
    {
        if (hidesUdp && !hideUdp(event.signal))
            return;
        if (other && other->driver)
            other->driver->run(
                [&](Session &session, TimePoint now) { session.handleSignal(now, event.signal); });
    }
    void take(event::OfferAccepted &)
    {
        driver->run([](Session &session, TimePoint now) { session.accept(now); });
    }
    void take(event::PathChanged &event)
    {
        route = event.route;
        protocol = event.protocol;
    }
    void take(event::ChannelOpened &event) { channel = event.channel; }
    void take(event::ChannelMessage &event)
    {
        ++messages;
        octets += event.payload.size();
        for (const std::uint8_t octet : event.payload)
            sum += octet;
        if (driver)
            driver->run([&](Session &session, TimePoint now) {
                session.messagesTaken(now, event.channel, 1, event.payload.size());
            });
    }
    void take(event::ChannelDrained &drained) { drainedMessages += drained.messages; }
    void take(event::ChannelClosed &) { }
    void take(event::Failed &event) { error = QString::fromStdString(event.text); }

    void send(std::size_t size, std::uint8_t octet = 1)
    {
        const Bytes payload(size, octet);
        lastResult = driver->run([&](Session &session, TimePoint now) {
            return session.send(now, channel, MessageKind::Binary, payload);
        });
    }

    /// False if there is nothing left to tell.
    static bool hideUdp(Signal &signal)
    {
        const auto isUdp = [](const std::string &line) {
            return line.find("candidate:") != std::string::npos
                && line.find(" udp ") != std::string::npos;
        };
        std::string rest;
        for (std::size_t at = 0; at < signal.sdp.size();) {
            const std::size_t end = signal.sdp.find('\n', at) + 1;
            const std::string line = signal.sdp.substr(at, end - at);
            if (!isUdp(line))
                rest += line;
            at = end;
        }
        signal.sdp = rest;
        return !isUdp(signal.candidate);
    }

    /// Of its candidates only those of TCP are told.
    bool hidesUdp = false;
    End *other = nullptr;
    std::function<void()> onEvent;
    SessionState state = SessionState::New;
    Route route;
    turn::Transport protocol = turn::Transport::Udp;
    ChannelId channel = ChannelId::None;
    ChannelSendResult lastResult = ChannelSendResult::Queued;
    std::size_t messages = 0, octets = 0;
    std::uint64_t sum = 0;
    std::size_t drainedMessages = 0;
    QString error;
    std::unique_ptr<SessionDriver> driver; // first to go: it calls the observer no more
};

/// Two ends, each on ports of its own unless others are given.
struct Call
{
    explicit Call(std::shared_ptr<PortSet> calleePorts = nullptr, const std::string &name = "a",
                  std::shared_ptr<PortSet> ownPorts = std::make_shared<OwnedPorts>(Loopback))
        : callerPorts(std::move(ownPorts))
        , caller(SessionConfig::Role::Caller, name + std::string(21, 'x'), callerPorts)
    {
        isOpen = callerPorts->open();
        if (!calleePorts) {
            calleePorts = std::make_shared<OwnedPorts>(Loopback);
            isOpen = isOpen && calleePorts->open();
        }
        callee = std::make_unique<End>(SessionConfig::Role::Callee, name + std::string(21, 'x'),
                                       std::move(calleePorts));
        caller.other = callee.get();
        callee->other = &caller;
    }

    bool dial(const std::vector<StunServer> &servers = {})
    {
        if (!isOpen || !caller.driver->start() || !callee->driver->start())
            return false;
        caller.driver->useServers(servers);
        callee->driver->useServers(servers);
        caller.driver->run([&](Session &session, TimePoint now) {
            caller.channel = session.openChannel(now, {"test", "", true, {}, {}, {}});
            session.dial(now);
        });
        return true;
    }

    bool isConnected() const
    {
        return caller.state == SessionState::Connected && callee->state == SessionState::Connected
            && callee->channel != ChannelId::None;
    }

    std::shared_ptr<PortSet> callerPorts;
    bool isOpen = false;
    End caller;
    std::unique_ptr<End> callee;
};

} // namespace

class tst_SessionDriver : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectsAndMovesAMebibyte_data();
    void connectsAndMovesAMebibyte();
    void connectsOverTcpAlone_data();
    void connectsOverTcpAlone();
    void manyCallsShareTheListenersSockets();
    void asksStunServersByName();
    void drainsOnceATurn();
    void drainsBeforeItReturnsWhatRunsTogether();
    void survivesDeletionInWhatRunsTogether();
    void survivesAStalledEventLoop();
    void survivesDeletionInTheObserver_data();
    void survivesDeletionInTheObserver();
    void saysGoodbyeWhenDeleted();
    void refusesToStartOnTakenPorts();
};

void tst_SessionDriver::connectsAndMovesAMebibyte_data()
{
    QTest::addColumn<bool>("isShared");
    QTest::newRow("two owners") << false;
    QTest::newRow("a listener") << true;
}

void tst_SessionDriver::connectsAndMovesAMebibyte()
{
    QFETCH(bool, isShared);
    std::shared_ptr<PortSet> listener;
    if (isShared) {
        listener = std::make_shared<SharedPorts>(Loopback);
        QVERIFY(listener->open());
    }
    Call call(listener);
    QVERIFY(call.dial());
    QTRY_VERIFY_WITH_TIMEOUT(call.isConnected(), 20000);
    QVERIFY(call.caller.route.remote.ip.isLoopback());

    // Both ways at once; a full buffer waits for the low-water signal.
    constexpr std::size_t Messages = 64;
    std::size_t down = 0;
    std::size_t up = 0;
    const auto sendMore = [&] {
        for (; down < Messages; ++down) {
            call.caller.send(16384, 3);
            if (call.caller.lastResult != ChannelSendResult::Queued)
                break;
        }
        for (; up < Messages; ++up) {
            call.callee->send(16384, 5);
            if (call.callee->lastResult != ChannelSendResult::Queued)
                break;
        }
    };
    call.caller.onEvent = call.callee->onEvent = sendMore;
    sendMore();
    QTRY_COMPARE_WITH_TIMEOUT(call.callee->messages, Messages, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(call.caller.messages, Messages, 30000);
    QCOMPARE(call.callee->octets, std::size_t(1 << 20));
    QCOMPARE(call.callee->sum, std::uint64_t(3 << 20));
    QCOMPARE(call.caller.sum, std::uint64_t(5 << 20));

    call.caller.driver->run([](Session &session, TimePoint now) { session.close(now); });
    QTRY_VERIFY_WITH_TIMEOUT(call.caller.state == SessionState::Closed, 20000);
    QTRY_VERIFY_WITH_TIMEOUT(call.callee->state == SessionState::Closed, 20000);
}

void tst_SessionDriver::connectsOverTcpAlone_data()
{
    connectsAndMovesAMebibyte_data();
}

void tst_SessionDriver::connectsOverTcpAlone()
{
    QFETCH(bool, isShared);
    std::shared_ptr<PortSet> listener;
    if (isShared)
        listener = std::make_shared<SharedPorts>(LoopbackWithTcp);
    else
        listener = std::make_shared<OwnedPorts>(LoopbackWithTcp);
    QVERIFY(listener->open());
    Call call(listener, "a", std::make_shared<OwnedPorts>(LoopbackWithTcp));
    call.caller.hidesUdp = call.callee->hidesUdp = true;
    QVERIFY(call.dial());
    QTRY_VERIFY_WITH_TIMEOUT(call.isConnected(), 20000);
    QCOMPARE(call.caller.protocol, turn::Transport::Tcp);
    QCOMPARE(call.callee->protocol, turn::Transport::Tcp);

    constexpr std::size_t Messages = 64;
    std::size_t down = 0;
    const auto sendMore = [&] {
        for (; down < Messages; ++down) {
            call.caller.send(16384, 3);
            if (call.caller.lastResult != ChannelSendResult::Queued)
                break;
        }
    };
    call.caller.onEvent = sendMore;
    sendMore();
    QTRY_COMPARE_WITH_TIMEOUT(call.callee->messages, Messages, 30000);
    QCOMPARE(call.callee->sum, std::uint64_t(3 << 20));
    call.callee->send(100000, 1);
    QTRY_COMPARE_WITH_TIMEOUT(call.caller.sum, std::uint64_t(100000), 20000);

    // The last words go by it as well.
    call.caller.driver->run([](Session &session, TimePoint now) { session.close(now); });
    QTRY_VERIFY_WITH_TIMEOUT(call.caller.state == SessionState::Closed, 20000);
    QTRY_VERIFY_WITH_TIMEOUT(call.callee->state == SessionState::Closed, 20000);
}

void tst_SessionDriver::manyCallsShareTheListenersSockets()
{
    const auto listener = std::make_shared<SharedPorts>(Loopback);
    QVERIFY(listener->open());
    std::vector<std::unique_ptr<Call>> calls;
    for (const char *const name : {"a", "b", "c", "d"}) {
        calls.push_back(std::make_unique<Call>(listener, name));
        QVERIFY(calls.back()->dial());
    }
    for (const auto &call : calls)
        QTRY_VERIFY_WITH_TIMEOUT(call->isConnected(), 30000);
    for (std::size_t at = 0; at < calls.size(); ++at)
        calls[at]->caller.send(1000, static_cast<std::uint8_t>(at + 1));
    for (std::size_t at = 0; at < calls.size(); ++at)
        QTRY_COMPARE_WITH_TIMEOUT(calls[at]->callee->sum, std::uint64_t(1000 * (at + 1)), 20000);
    // One goes, the others do not notice.
    calls.erase(calls.begin());
    calls[0]->caller.send(1000, 1);
    QTRY_COMPARE_WITH_TIMEOUT(calls[0]->callee->sum, std::uint64_t(3000), 20000);
}

void tst_SessionDriver::asksStunServersByName()
{
    // Nobody answers there: gathering ends all the same, and the call does not wait for it.
    Call call;
    QVERIFY(call.dial({{u"localhost"_s, 9}, {u"127.0.0.1"_s, 9}, {QString(), 9}}));
    QTRY_VERIFY_WITH_TIMEOUT(call.isConnected(), 20000);
}

void tst_SessionDriver::drainsOnceATurn()
{
    Call call;
    QVERIFY(call.dial());
    QTRY_VERIFY_WITH_TIMEOUT(call.isConnected(), 20000);
    const UdpPort *const port = call.callerPorts->port(call.caller.route.local.ip.family());
    const quint64 before = port->statistics().sendCalls;
    for (int times = 0; times < 50; ++times)
        call.caller.send(100);
    QCOMPARE(port->statistics().sendCalls, before);
    QTRY_COMPARE_WITH_TIMEOUT(call.callee->messages, std::size_t(50), 20000);
    // Some for acknowledgements and checks, but not one for each.
    QVERIFY(port->statistics().sendCalls - before < 25);
}

void tst_SessionDriver::drainsBeforeItReturnsWhatRunsTogether()
{
    Call call;
    QVERIFY(call.dial());
    QTRY_VERIFY_WITH_TIMEOUT(call.isConnected(), 20000);
    const UdpPort *const port = call.callerPorts->port(call.caller.route.local.ip.family());
    const quint64 before = port->statistics().sendCalls;
    bool isObserved = false;
    call.caller.onEvent = [&isObserved] { isObserved = true; };
    call.caller.driver->runTogether([&] {
        for (int times = 0; times < 50; ++times)
            call.caller.send(100);
        call.caller.driver->run([](Session &session, TimePoint now) {
            session.openChannel(now, {"further", "", true, {}, {}, {}});
        });
        QVERIFY(!isObserved);
        QCOMPARE(port->statistics().sendCalls, before);
    });
    QVERIFY(isObserved); // the channel is open
    QVERIFY(port->statistics().sendCalls > before);
    QTRY_COMPARE_WITH_TIMEOUT(call.callee->messages, std::size_t(50), 20000);
}

void tst_SessionDriver::survivesDeletionInWhatRunsTogether()
{
    Call call;
    QVERIFY(call.dial());
    QTRY_VERIFY_WITH_TIMEOUT(call.isConnected(), 20000);
    call.caller.onEvent = [&call] { call.caller.driver.reset(); };
    SessionDriver *const driver = call.caller.driver.get();
    driver->runTogether([driver] {
        driver->run([](Session &session, TimePoint now) {
            session.openChannel(now, {"further", "", true, {}, {}, {}});
        });
    });
    QVERIFY(!call.caller.driver);
    call.callee->driver->runTogether([&call] { call.callee->driver.reset(); });
    QVERIFY(!call.callee->driver);
}

void tst_SessionDriver::survivesAStalledEventLoop()
{
    Call call;
    QVERIFY(call.dial());
    QTRY_VERIFY_WITH_TIMEOUT(call.isConnected(), 20000);
    for (int times = 0; times < 3; ++times) {
        call.caller.driver->runTogether([&call] { call.caller.send(30000); });
        call.callee->send(30000);
        QThread::msleep(300); // the stall itself
    }
    QTRY_COMPARE_WITH_TIMEOUT(call.caller.messages, std::size_t(3), 20000);
    QTRY_COMPARE_WITH_TIMEOUT(call.callee->messages, std::size_t(3), 20000);
    QVERIFY(call.caller.state == SessionState::Connected);
}

void tst_SessionDriver::survivesDeletionInTheObserver_data()
{
    QTest::addColumn<int>("events");
    QTest::addColumn<bool>("ofCaller");
    for (const bool ofCaller : {true, false}) {
        for (int events = 1; events <= 8; ++events)
            QTest::addRow("%s, event %d", ofCaller ? "caller" : "callee", events)
                << events << ofCaller;
    }
}

void tst_SessionDriver::survivesDeletionInTheObserver()
{
    QFETCH(int, events);
    QFETCH(bool, ofCaller);
    const auto listener = std::make_shared<SharedPorts>(Loopback);
    QVERIFY(listener->open());
    Call call(listener);
    End &end = ofCaller ? call.caller : *call.callee;
    int count = 0;
    end.onEvent = [&] {
        if (++count == events)
            end.driver.reset();
    };
    QVERIFY(call.dial());
    // Ends that have fewer events are deleted when the call stands.
    QTRY_VERIFY_WITH_TIMEOUT(!end.driver || call.isConnected(), 20000);
    end.driver.reset();
    QCoreApplication::processEvents();
    QVERIFY(count <= events);
}

void tst_SessionDriver::saysGoodbyeWhenDeleted()
{
    Call call;
    QVERIFY(call.dial());
    QTRY_VERIFY_WITH_TIMEOUT(call.isConnected(), 20000);
    // Without signaling: what the secure session sends has to do.
    call.caller.other = nullptr;
    call.caller.driver->run(
        [](Session &session, TimePoint now) { session.close(now, Signal::Reason::Cancelled); });
    call.caller.driver.reset();
    QTRY_VERIFY_WITH_TIMEOUT(call.callee->state == SessionState::Closed, 5000);
}

void tst_SessionDriver::refusesToStartOnTakenPorts()
{
    const auto ports = std::make_shared<OwnedPorts>(Loopback);
    QVERIFY(ports->open());
    End first(SessionConfig::Role::Caller, std::string(22, 'a'), ports);
    End second(SessionConfig::Role::Caller, std::string(22, 'b'), ports);
    QVERIFY(first.driver->start());
    QVERIFY(!second.driver->start());
    first.driver.reset();
    QVERIFY(second.driver->start());
}

QTEST_GUILESS_MAIN(tst_SessionDriver)

#include "tst_sessiondriver.moc"
