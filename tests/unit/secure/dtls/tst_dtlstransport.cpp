// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "dtlspair.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using peer::Bytes;
using peer::Duration;
using peer::TimePoint;
using peer::test::DtlsPair;
using peer::test::LossyLink;
using peer::test::VirtualClock;

namespace {

std::vector<int> millisecondsSince(TimePoint start, const std::vector<TimePoint> &times)
{
    std::vector<int> result;
    for (const TimePoint time : times)
        result.push_back(
            int(std::chrono::duration_cast<std::chrono::milliseconds>(time - start).count()));
    return result;
}

} // namespace

class tst_DtlsTransport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectsInTwoRoundTrips();
    void carriesPayloadsBothWays();
    void takesAFewRecordsOfADatagram();
    void staysWithinTheMtu_data();
    void staysWithinTheMtu();
    void handshakeStaysWithinAnyMtu();
    void connectsDespiteFaults_data();
    void connectsDespiteFaults();
    void retransmitsAtDoublingIntervals_data();
    void retransmitsAtDoublingIntervals();
    void anotherCertificateIsRefused_data();
    void anotherCertificateIsRefused();
    void closeNotifyLeavesTwice();
};

void tst_DtlsTransport::connectsInTwoRoundTrips()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    DtlsPair pair(conditions);
    const TimePoint start = VirtualClock::now();
    QVERIFY(pair.connect());
    QCOMPARE(VirtualClock::now() - start, Duration(40ms));
    // a flight is a datagram
    QCOMPARE(pair.client().sent.size(), 2U);
    QCOMPARE(pair.server().sent.size(), 2U);
    QCOMPARE(pair.client().connected->srtpProfile, "SRTP_AEAD_AES_128_GCM");
    QCOMPARE(pair.server().connected->srtpProfile, "SRTP_AEAD_AES_128_GCM");
    QCOMPARE(pair.client().transport.nextDeadline(), peer::Never);
    QCOMPARE(pair.server().transport.nextDeadline(), peer::Never);
}

void tst_DtlsTransport::carriesPayloadsBothWays()
{
    DtlsPair pair;
    QVERIFY(!pair.client().transport.send(peer::asBytes("too early")));
    QVERIFY(pair.connect());
    std::vector<std::string> texts;
    for (int i = 0; i < 100; ++i)
        texts.push_back(std::string(std::size_t(i * 11 + 1), char('a' + i % 26)));
    for (const std::string &text : texts) {
        QVERIFY(pair.client().transport.send(peer::asBytes(text)));
        QVERIFY(pair.server().transport.send(peer::asBytes(text + "!")));
        pair.client().drain();
        pair.server().drain();
    }
    QVERIFY(pair.run(1s, [&] {
        return pair.client().received.size() == 100 && pair.server().received.size() == 100;
    }));
    QCOMPARE(pair.server().received, texts);
    QCOMPARE(pair.client().received[99], texts[99] + "!");
    QVERIFY(!pair.client().transport.send({}));
}

void tst_DtlsTransport::takesAFewRecordsOfADatagram()
{
    DtlsPair pair;
    QVERIFY(pair.connect());
    constexpr std::size_t Most = 256;
    Bytes datagram;
    for (std::size_t i = 0; i < Most + 20; ++i) {
        QVERIFY(pair.client().transport.send(peer::asBytes("x")));
        while (const auto record = pair.client().transport.nextTransmit())
            datagram.insert(datagram.end(), record->begin(), record->end());
    }
    pair.server().transport.receive(VirtualClock::now(), datagram);
    pair.server().drain();
    QCOMPARE(pair.server().received.size(), Most);
    // Each datagram anew.
    QVERIFY(pair.client().transport.send(peer::asBytes("y")));
    pair.client().drain();
    QVERIFY(pair.run(1s, [&] { return pair.server().received.size() == Most + 1; }));
}

void tst_DtlsTransport::staysWithinTheMtu_data()
{
    QTest::addColumn<int>("mtu");
    QTest::newRow("576") << 576;
    QTest::newRow("1200") << 1200;
    QTest::newRow("1452") << 1452;
}

void tst_DtlsTransport::staysWithinTheMtu()
{
    QFETCH(int, mtu);
    DtlsPair pair({}, [&](peer::dtls::Config &client, peer::dtls::Config &server) {
        client.mtu = server.mtu = std::size_t(mtu);
    });
    QVERIFY(pair.connect());
    const std::size_t room = pair.client().transport.maxPayload();
    QVERIFY(pair.client().transport.send(Bytes(room, 7)));
    QVERIFY(!pair.client().transport.send(Bytes(room + 1, 7)));
    pair.client().drain();
    QVERIFY(pair.run(1s, [&] { return !pair.server().received.empty(); }));
    QCOMPARE(pair.server().received[0].size(), room);
    for (const auto &end : pair.ends) {
        for (const Bytes &datagram : end->sent)
            QVERIFY2(datagram.size() <= std::size_t(mtu),
                     qPrintable(QString::number(datagram.size())));
    }
    QCOMPARE(pair.client().sent.back().size(), std::size_t(mtu));
}

void tst_DtlsTransport::handshakeStaysWithinAnyMtu()
{
    for (std::size_t mtu = 300; mtu <= 1500; mtu += 7) {
        DtlsPair pair({}, [&](peer::dtls::Config &client, peer::dtls::Config &server) {
            client.mtu = server.mtu = mtu;
        });
        QVERIFY(pair.connect());
        for (const auto &end : pair.ends) {
            for (const Bytes &datagram : end->sent)
                QVERIFY2(datagram.size() <= mtu, qPrintable(QString::number(mtu)));
        }
    }
}

void tst_DtlsTransport::connectsDespiteFaults_data()
{
    QTest::addColumn<int>("mtu");
    QTest::addColumn<double>("loss");
    QTest::addColumn<int>("jitter"); // ms
    QTest::addColumn<double>("duplication");

    QTest::newRow("loss") << 1200 << 0.2 << 0 << 0.0;
    QTest::newRow("reordering") << 400 << 0.0 << 30 << 0.0;
    QTest::newRow("duplication") << 1200 << 0.0 << 0 << 0.5;
    QTest::newRow("everything") << 300 << 0.1 << 30 << 0.2;
}

void tst_DtlsTransport::connectsDespiteFaults()
{
    QFETCH(int, mtu);
    QFETCH(double, loss);
    QFETCH(int, jitter);
    QFETCH(double, duplication);
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const LossyLink::Conditions conditions{10ms, std::chrono::milliseconds(jitter), loss,
                                               duplication, seed};
        DtlsPair pair(conditions, [&](peer::dtls::Config &client, peer::dtls::Config &server) {
            client.mtu = server.mtu = std::size_t(mtu);
        });
        QVERIFY2(pair.connect(), qPrintable(u"seed %1"_s.arg(seed)));
        QVERIFY(!pair.client().failed && !pair.server().failed);
        for (const auto &end : pair.ends) {
            for (const Bytes &datagram : end->sent)
                QVERIFY(datagram.size() <= std::size_t(mtu));
        }
    }
}

void tst_DtlsTransport::retransmitsAtDoublingIntervals_data()
{
    QTest::addColumn<int>("initial"); // ms
    QTest::addColumn<std::vector<int>>("times");

    QTest::newRow("50 ms") << 50 << std::vector{0,    50,    150,   350,   750,   1550, 3150,
                                                6350, 11350, 16350, 21350, 26350, 31350};
    QTest::newRow("less than the least") << 1 << std::vector{0, 50, 150, 350};
    QTest::newRow("more than the most") << 10000 << std::vector{0, 3000, 8000, 13000};
}

void tst_DtlsTransport::retransmitsAtDoublingIntervals()
{
    QFETCH(int, initial);
    QFETCH(std::vector<int>, times);
    LossyLink::Conditions conditions;
    conditions.loss = 1;
    DtlsPair pair(conditions, [&](peer::dtls::Config &client, peer::dtls::Config &) {
        client.initialRetransmission = std::chrono::milliseconds(initial);
    });
    const TimePoint start = VirtualClock::now();
    pair.start();
    QVERIFY(!pair.run(std::chrono::milliseconds(times.back()), [] { return false; }));
    QCOMPARE(millisecondsSince(start, pair.client().sendTimes), times);
    QVERIFY(!pair.client().failed);
    QVERIFY(pair.run(60s, [&] { return pair.client().failed.has_value(); }));
    QVERIFY(!pair.client().failed->fingerprintMismatch);
    QCOMPARE(pair.client().transport.nextDeadline(), peer::Never);
}

void tst_DtlsTransport::anotherCertificateIsRefused_data()
{
    QTest::addColumn<bool>("clientIsWrong");
    QTest::newRow("the client's") << true;
    QTest::newRow("the server's") << false;
}

void tst_DtlsTransport::anotherCertificateIsRefused()
{
    QFETCH(bool, clientIsWrong);
    DtlsPair pair({}, [&](peer::dtls::Config &client, peer::dtls::Config &server) {
        (clientIsWrong ? client : server).certificate = peer::test::testCertificate(2);
    });
    pair.start();
    auto &wrong = clientIsWrong ? pair.client() : pair.server();
    auto &right = clientIsWrong ? pair.server() : pair.client();
    pair.run(10s, [&] { return right.failed && wrong.failed; });
    QVERIFY(right.failed);
    QVERIFY(right.failed->fingerprintMismatch);
    QVERIFY(!right.connected);
    QVERIFY(wrong.failed);
    QVERIFY(!wrong.failed->fingerprintMismatch);
    QVERIFY2(wrong.failed->reason.find("bad certificate") != std::string::npos,
             wrong.failed->reason.c_str());
}

void tst_DtlsTransport::closeNotifyLeavesTwice()
{
    DtlsPair pair;
    QVERIFY(pair.connect());
    const std::size_t before = pair.client().sent.size();
    pair.client().transport.close();
    pair.client().drain();
    QCOMPARE(pair.client().sent.size(), before + 2);
    QVERIFY(pair.run(1s, [&] { return pair.server().isClosed; }));
    QVERIFY(!pair.server().transport.isConnected());
    QVERIFY(!pair.server().transport.send(peer::asBytes("text")));
    QVERIFY(!pair.client().transport.send(peer::asBytes("text")));
}

QTEST_APPLESS_MAIN(tst_DtlsTransport)

#include "tst_dtlstransport.moc"
