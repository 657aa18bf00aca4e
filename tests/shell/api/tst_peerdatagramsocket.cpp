// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/checkmessage.h"
#include "meeting.h"
#include "support/ports/quietport.h"

#include <PeerConnection/PeerDatagramSocket>

#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qnetworkdatagram.h>
#include <QtNetwork/qudpsocket.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <array>
#include <memory>

using namespace Qt::StringLiterals;

using State = PeerDatagramSocket::State;
using Failure = PeerDatagramSocket::Failure;

namespace {

const QString Fragment = u"fragment"_s;
const QString Password = u"passwordpasswordpassword"_s;

[[nodiscard]] bool opens(PeerDatagramSocket &socket)
{
    return eventually([&] { return socket.state() == State::Open; });
}

/// 127.0.0.1 or ::1, with the port.
QString loopback(const PeerDatagramSocket &socket, bool isV6 = false)
{
    const QStringList all = socket.localAddresses();
    for (const QString &address : all) {
        if (address.startsWith(isV6 ? u"[::1]:"_s : u"127.0.0.1:"_s))
            return address;
    }
    return {};
}

bool test(PeerDatagramSocket &from, const PeerDatagramSocket &to, bool isV6 = false)
{
    return from.testConnectivity(loopback(to, isV6), to.usernameFragment(), to.password());
}

/// A check by who has the fragment and the password.
QByteArray check(std::uint8_t number)
{
    std::array<std::uint8_t, 512> room{};
    const std::string username = Fragment.toStdString() + ":somebody";
    peer::ice::CheckRequest request;
    request.id.fill(number);
    request.username = username;
    const auto key = peer::stun::IntegrityKey::shortTerm(Password.toStdString());
    const peer::ByteView octets = peer::ice::writeCheckRequest(room, request, key);
    return QByteArray(reinterpret_cast<const char *>(octets.data()), qsizetype(octets.size()));
}

QString addressOf(const QUdpSocket &socket)
{
    return u"127.0.0.1:%1"_s.arg(socket.localPort());
}

/// Repeats it until it has an answer: they are few a second.
bool isAnswered(QUdpSocket &from, const QString &to, std::uint8_t number)
{
    const QUrl address(u"udp://"_s + to);
    for (int i = 0; i < 1000; ++i) {
        from.writeDatagram(check(number), QHostAddress(address.host()), quint16(address.port()));
        if (from.waitForReadyRead(5)) {
            from.receiveDatagram();
            return true;
        }
    }
    return false;
}

} // namespace

/// Consent between real sockets; times and rates are tst_consentport's.
class PeerDatagramSocketTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void opensAPortWithCredentials();
    void refusesCredentials_data();
    void refusesCredentials();
    void takesThePortThatIsWanted();
    void carriesDatagramsOnceBothHaveProvenThemselves_data();
    void carriesDatagramsOnceBothHaveProvenThemselves();
    void opensNoSessionWithAnAddressThatIsNotProven();
    void sendsNothingButStunToStrangers();
    void aWrongPasswordProvesNothing();
    void findsItsReflexiveAddress();
    void refusesWhatIsNoAddress_data();
    void refusesWhatIsNoAddress();
    void boundsWhatWaitsToBeSent();
    void tellsOfAFewChecksAfterASleep();
    void isSilentOnceItIsClosed();
    void mayBeDeletedInItsSlots_data();
    void mayBeDeletedInItsSlots();
};

void PeerDatagramSocketTest::opensAPortWithCredentials()
{
    PeerDatagramSocket first, second;
    QCOMPARE(first.state(), State::Opening);
    QVERIFY(opens(first));
    QVERIFY(opens(second));
    QVERIFY(first.usernameFragment() != second.usernameFragment());
    QVERIFY(first.password() != second.password());
    QVERIFY(first.password().size() >= 22);
    QVERIFY(!loopback(first).isEmpty());
    QVERIFY(loopback(first) != loopback(second));
    QVERIFY(first.errorString().isEmpty());
}

void PeerDatagramSocketTest::refusesCredentials_data()
{
    QTest::addColumn<QString>("fragment");
    QTest::addColumn<QString>("password");
    QTest::newRow("empty") << QString() << QString();
    QTest::newRow("short fragment") << u"abc"_s << Password;
    QTest::newRow("short password") << Fragment << u"password"_s;
    QTest::newRow("colon") << u"frag:ment"_s << Password;
    QTest::newRow("another script") << u"Пароль"_s << Password;
}

void PeerDatagramSocketTest::refusesCredentials()
{
    QFETCH(QString, fragment);
    QFETCH(QString, password);
    PeerDatagramSocket socket(fragment, password);
    QVERIFY(eventually([&] { return socket.state() == State::Closed; }));
    QVERIFY(!socket.errorString().isEmpty());
}

void PeerDatagramSocketTest::takesThePortThatIsWanted()
{
    QUdpSocket probe;
    const quint16 port = peer::test::quietPort();
    QVERIFY(probe.bind(QHostAddress::AnyIPv4, port));
    PeerDatagramSocket refused(Fragment, Password);
    refused.setLocalPort(port);
    QVERIFY(eventually([&] { return refused.state() == State::Closed; }));
    QVERIFY(!refused.errorString().isEmpty());
    probe.close();
    PeerDatagramSocket socket(Fragment, Password);
    socket.setLocalPort(port);
    QVERIFY(opens(socket));
    QCOMPARE(loopback(socket), u"127.0.0.1:%1"_s.arg(port));
}

void PeerDatagramSocketTest::carriesDatagramsOnceBothHaveProvenThemselves_data()
{
    QTest::addColumn<bool>("isV6");
    QTest::newRow("IPv4") << false;
    QTest::newRow("IPv6") << true;
}

void PeerDatagramSocketTest::carriesDatagramsOnceBothHaveProvenThemselves()
{
    QFETCH(bool, isV6);
    PeerDatagramSocket alice, bob;
    QVERIFY(opens(alice) && opens(bob));
    const QString atAlice = loopback(alice, isV6);
    const QString atBob = loopback(bob, isV6);
    if (isV6 && (atAlice.isEmpty() || atBob.isEmpty()))
        QSKIP("this machine has no IPv6");
    QSignalSpy succeeded(&alice, &PeerDatagramSocket::connectivitySucceeded);
    QSignalSpy tested(&bob, &PeerDatagramSocket::connectivityTested);
    QVERIFY(test(alice, bob, isV6));
    QVERIFY(eventually([&] { return succeeded.count() > 0 && tested.count() > 0; }));
    QCOMPARE(succeeded.first().at(0).toString(), atBob);
    QCOMPARE(succeeded.first().at(1).toString(), atAlice);
    QCOMPARE(tested.first().at(0).toString(), atAlice);
    QCOMPARE(tested.first().at(1).toString(), alice.usernameFragment());
    QCOMPARE(alice.provenAddresses(), QStringList{atBob});
    QVERIFY(bob.provenAddresses().isEmpty());
    QVERIFY(!bob.openSession(atAlice));

    QVERIFY(test(bob, alice, isV6));
    QVERIFY(eventually([&] { return !bob.provenAddresses().isEmpty(); }));
    QVERIFY(!alice.sendDatagram(atBob, "before the session"));
    QVERIFY(alice.openSession(atBob));
    QVERIFY(bob.openSession(atAlice));
    QSignalSpy received(&bob, &PeerDatagramSocket::datagramReceived);
    QSignalSpy answered(&alice, &PeerDatagramSocket::datagramReceived);
    // A session may open here before the other's has there.
    QVERIFY(eventually([&] {
        alice.sendDatagram(atBob, "hello");
        bob.sendDatagram(atAlice, "hi");
        return received.count() > 0 && answered.count() > 0;
    }));
    QCOMPARE(received.first().at(0).toString(), atAlice);
    QCOMPARE(received.first().at(1).toByteArray(), "hello");
    QCOMPARE(answered.first().at(1).toByteArray(), "hi");
    alice.closeSession(atBob);
    QVERIFY(!alice.sendDatagram(atBob, "after the session"));
    QVERIFY(alice.openSession(atBob));
}

void PeerDatagramSocketTest::opensNoSessionWithAnAddressThatIsNotProven()
{
    PeerDatagramSocket alice, bob;
    QVERIFY(opens(alice) && opens(bob));
    QVERIFY(!alice.openSession(loopback(bob)));
    QVERIFY(!alice.openSession(u"nonsense"_s));
    QVERIFY(!alice.sendDatagram(loopback(bob), "hello"));
    QVERIFY(test(alice, bob));
    QVERIFY(!alice.openSession(loopback(bob)));
    QVERIFY(eventually([&] { return !alice.provenAddresses().isEmpty(); }));
    QVERIFY(!alice.openSession(u"127.0.0.1:9"_s));
    QVERIFY(alice.openSession(loopback(bob)));
    QVERIFY(!alice.sendDatagram(loopback(bob),
                                QByteArray(PeerDatagramSocket::MaximumDatagramSize + 1, 'x')));
}

void PeerDatagramSocketTest::sendsNothingButStunToStrangers()
{
    QUdpSocket stranger;
    QVERIFY(stranger.bind(QHostAddress::LocalHost, 0));
    PeerDatagramSocket alice;
    QVERIFY(opens(alice));
    const QString at = addressOf(stranger);
    const QSignalSpy failed(&alice, &PeerDatagramSocket::connectivityFailed);
    QVERIFY(alice.testConnectivity(at, Fragment, Password));
    QList<QByteArray> heard;
    QVERIFY(eventually([&] {
        alice.openSession(at);
        alice.sendDatagram(at, "payload");
        while (stranger.hasPendingDatagrams())
            heard.append(stranger.receiveDatagram().data());
        return failed.count() == 1;
    }));
    QCOMPARE(failed.first().at(1).value<Failure>(), Failure::Unanswered);
    QVERIFY(heard.size() >= 1 && heard.size() <= 7);
    for (const QByteArray &datagram : std::as_const(heard))
        QCOMPARE(datagram.first(2), "\0\1"_ba); // RFC 8489 section 5: a Binding request
}

void PeerDatagramSocketTest::aWrongPasswordProvesNothing()
{
    PeerDatagramSocket alice, bob, carol;
    QVERIFY(opens(alice) && opens(bob) && opens(carol));
    const QSignalSpy failed(&alice, &PeerDatagramSocket::connectivityFailed);
    const QSignalSpy tested(&bob, &PeerDatagramSocket::connectivityTested);
    QVERIFY(alice.testConnectivity(loopback(bob), bob.usernameFragment(), carol.password()));
    QVERIFY(eventually([&] { return failed.count() == 1; }));
    QCOMPARE(tested.count(), 0);
    QVERIFY(!alice.openSession(loopback(bob)));
}

void PeerDatagramSocketTest::findsItsReflexiveAddress()
{
    PeerRendezvousServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    PeerDatagramSocket alice;
    QVERIFY(opens(alice));
    const QString at = u"127.0.0.1:%1"_s.arg(server.serverPort());
    const QSignalSpy found(&alice, &PeerDatagramSocket::reflexiveAddressFound);
    QVERIFY(alice.findReflexiveAddress(at));
    QVERIFY(eventually([&] { return found.count() == 1; }));
    QCOMPARE(found.first().at(0).toString(), at);
    QCOMPARE(found.first().at(1).toString(), loopback(alice));
    QVERIFY(!alice.openSession(at));
}

void PeerDatagramSocketTest::refusesWhatIsNoAddress_data()
{
    QTest::addColumn<QString>("address");
    QTest::newRow("empty") << QString();
    QTest::newRow("a name") << u"localhost:5000"_s;
    QTest::newRow("no port") << u"127.0.0.1"_s;
    QTest::newRow("port out of range") << u"127.0.0.1:65536"_s;
    QTest::newRow("IPv6 without brackets") << u"::1:5000"_s;
    QTest::newRow("abbreviated") << u"127.1:5000"_s;
}

void PeerDatagramSocketTest::refusesWhatIsNoAddress()
{
    QFETCH(QString, address);
    PeerDatagramSocket alice;
    QVERIFY(opens(alice));
    QVERIFY(!alice.testConnectivity(address, Fragment, Password));
    QVERIFY(!alice.findReflexiveAddress(address));
    QVERIFY(!alice.openSession(address));
    QVERIFY(!alice.testConnectivity(u"127.0.0.1:5"_s, u"abc"_s, Password));
    QVERIFY(!alice.testConnectivity(u"127.0.0.1:5"_s, Fragment, u"short"_s));
    alice.closeSession(address);
}

void PeerDatagramSocketTest::boundsWhatWaitsToBeSent()
{
    PeerDatagramSocket alice, bob;
    QVERIFY(opens(alice) && opens(bob));
    QVERIFY(test(alice, bob));
    QVERIFY(eventually([&] { return alice.openSession(loopback(bob)); }));
    const QString at = loopback(bob);
    const QByteArray datagram(PeerDatagramSocket::MaximumDatagramSize, 'x');
    bool isRefused = false;
    for (int i = 0; i < 1'000'000 && !isRefused; ++i)
        isRefused = !alice.sendDatagram(at, datagram);
    QVERIFY(isRefused);
    QVERIFY(alice.droppedDatagrams() > 0);
    QVERIFY(eventually([&] { return alice.sendDatagram(at, datagram); }));
}

/// They come at the will of others, as long as the application looks at none.
void PeerDatagramSocketTest::tellsOfAFewChecksAfterASleep()
{
    constexpr int Most = 256;
    QSemaphore asleep;
    QSemaphore awake;
    QString address;
    QUdpSocket other, last, late;
    for (QUdpSocket *socket : {&other, &last, &late})
        QVERIFY(socket->bind(QHostAddress::LocalHost));
    int toldOfOther = 0;
    bool hearsOfLate = false;
    const std::unique_ptr<QThread> sleeper(
        QThread::create([&, otherAt = addressOf(other), lateAt = addressOf(late)] {
            PeerDatagramSocket socket(Fragment, Password);
            bool isToldOfLate = false;
            connect(&socket, &PeerDatagramSocket::connectivityTested, &socket,
                    [&](const QString &from) {
                        toldOfOther += from == otherAt;
                        isToldOfLate = isToldOfLate || from == lateAt;
                    });
            if (!opens(socket))
                return;
            address = loopback(socket);
            asleep.release();
            awake.acquire();
            if (!eventually([&] { return toldOfOther == Most; }))
                return;
            asleep.release();
            hearsOfLate = eventually([&] { return isToldOfLate; });
        }));
    sleeper->start();
    const auto sleeps = [&] { return asleep.tryAcquire(); };
    bool isDone = eventually(sleeps);
    for (int i = 0; isDone && i < Most + 20; ++i)
        isDone = isAnswered(other, address, std::uint8_t(i));
    // A port reads in order: what was repeated in vain is read too, and told to one who sleeps.
    isDone = isDone && isAnswered(last, address, 0);
    awake.release();
    isDone = isDone && eventually(sleeps) && isAnswered(late, address, 0);
    QVERIFY(eventually([&] { return sleeper->isFinished(); }));
    QVERIFY(isDone);
    QCOMPARE(toldOfOther, Most);
    QVERIFY(hearsOfLate);
}

void PeerDatagramSocketTest::isSilentOnceItIsClosed()
{
    PeerDatagramSocket alice, bob;
    QVERIFY(opens(alice) && opens(bob));
    QVERIFY(test(alice, bob));
    QVERIFY(eventually([&] { return alice.openSession(loopback(bob)); }));
    const QString at = loopback(bob);
    alice.close();
    QCOMPARE(alice.state(), State::Closed);
    QVERIFY(alice.provenAddresses().isEmpty());
    QVERIFY(!alice.sendDatagram(at, "hello"));
    QVERIFY(!alice.openSession(at));
    QVERIFY(!test(alice, bob));
}

void PeerDatagramSocketTest::mayBeDeletedInItsSlots_data()
{
    QTest::addColumn<int>("which");
    QTest::newRow("stateChanged") << 0;
    QTest::newRow("localAddressesChanged") << 1;
    QTest::newRow("provenAddressesChanged") << 2;
    QTest::newRow("connectivitySucceeded") << 3;
    QTest::newRow("connectivityTested") << 4;
    QTest::newRow("datagramReceived") << 5;
}

void PeerDatagramSocketTest::mayBeDeletedInItsSlots()
{
    QFETCH(int, which);
    PeerDatagramSocket bob;
    QVERIFY(opens(bob));
    QPointer<PeerDatagramSocket> alice = new PeerDatagramSocket;
    const auto end = [alice] { delete alice.data(); };
    switch (which) {
    case 0:
        connect(alice, &PeerDatagramSocket::stateChanged, this, end);
        break;
    case 1:
        connect(alice, &PeerDatagramSocket::localAddressesChanged, this, end);
        break;
    case 2:
        connect(alice, &PeerDatagramSocket::provenAddressesChanged, this, end);
        break;
    case 3:
        connect(alice, &PeerDatagramSocket::connectivitySucceeded, this, end);
        break;
    case 4:
        connect(alice, &PeerDatagramSocket::connectivityTested, this, end);
        break;
    case 5:
        connect(alice, &PeerDatagramSocket::datagramReceived, this, end);
        break;
    }
    QString atAlice;
    QVERIFY(eventually([&] {
        if (!alice || alice->state() != State::Open)
            return !alice;
        atAlice = loopback(*alice);
        test(*alice, bob);
        test(bob, *alice);
        alice->openSession(loopback(bob));
        if (bob.openSession(atAlice))
            bob.sendDatagram(atAlice, "end");
        return alice.isNull();
    }));
}

QTEST_GUILESS_MAIN(PeerDatagramSocketTest)

#include "tst_peerdatagramsocket.moc"
