// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/backoff.h"
#include "signaling/callbook.h"
#include "signaling/rendezvousconfig.h"

#include <QtTest/qtest.h>

#include <functional>
#include <random>
#include <set>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using peer::Backoff;
using peer::CallBook;
using peer::RendezvousConfig;
using peer::rendezvous::CallSide;

namespace {

class SeededRandom final : public peer::RandomSource
{
public:
    void fill(peer::MutableByteView out) override
    {
        for (std::uint8_t &octet : out)
            octet = std::uint8_t(m_engine());
    }

private:
    std::mt19937 m_engine{1};
};

} // namespace

/// The client's small parts.
class tst_RendezvousConfig : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hostsAreWrittenAsTheyAreDialled();
    void whoDiffersInAnythingDoesNotShare_data();
    void whoDiffersInAnythingDoesNotShare();
    void delaysGrowToTheirLongestAndHalfOfThemIsRandom();
    void bothEndsOfACallToOneselfAreKept();
    void fewEndedCallsAreRemembered();
};

void tst_RendezvousConfig::hostsAreWrittenAsTheyAreDialled()
{
    QCOMPARE((peer::RendezvousHost{u"RV.example"_s, 443}.toString()), u"rv.example:443"_s);
    QCOMPARE((peer::RendezvousHost{u"192.0.2.1"_s, 1}.toString()), u"192.0.2.1:1"_s);
    QCOMPARE((peer::RendezvousHost{u"2001:DB8::1"_s, 8443}.toString()), u"[2001:db8::1]:8443"_s);
}

void tst_RendezvousConfig::whoDiffersInAnythingDoesNotShare_data()
{
    QTest::addColumn<std::function<void(RendezvousConfig &)>>("change");
    using Change = std::function<void(RendezvousConfig &)>;
    const auto row = [](const char *name, const Change &change) { QTest::newRow(name) << change; };
    row("host", [](RendezvousConfig &config) { config.hosts[0].host = u"other"_s; });
    row("port", [](RendezvousConfig &config) { config.hosts[0].port = 444; });
    row("order", [](RendezvousConfig &config) { config.hosts.swapItemsAt(0, 1); });
    row("fewer hosts", [](RendezvousConfig &config) { config.hosts.removeLast(); });
    row("tls", [](RendezvousConfig &config) { config.tls = RendezvousConfig::Tls::Off; });
    row("pin", [](RendezvousConfig &config) {
        config.tls = RendezvousConfig::Tls::Pinned;
        config.pin = QByteArray(32, 'x');
    });
    row("token", [](RendezvousConfig &config) { config.token = "other"; });
    row("no identity", [](RendezvousConfig &config) { config.identity.reset(); });
    row("identity",
        [](RendezvousConfig &config) { config.identity = peer::IdentityKey::generate(); });
    row("proxy", [](RendezvousConfig &config) {
        config.proxy = QNetworkProxy(QNetworkProxy::HttpProxy, u"proxy"_s, 8080);
    });
}

void tst_RendezvousConfig::whoDiffersInAnythingDoesNotShare()
{
    QFETCH(std::function<void(RendezvousConfig &)>, change);
    RendezvousConfig config;
    config.hosts = {{u"one"_s, 443}, {u"two"_s, 443}};
    config.token = "token";
    config.identity = peer::IdentityKey::generate();
    RendezvousConfig other = config;
    QCOMPARE(other.sharingKey(), config.sharingKey());
    change(other);
    QCOMPARE_NE(other.sharingKey(), config.sharingKey());
    QVERIFY(!config.sharingKey().contains("token"));
}

void tst_RendezvousConfig::delaysGrowToTheirLongestAndHalfOfThemIsRandom()
{
    SeededRandom random;
    Backoff backoff;
    const auto isHalfToWhole = [&](std::chrono::milliseconds longest) {
        const auto delay = backoff.next(random);
        return delay >= longest / 2 && delay <= longest;
    };
    for (const auto longest :
         {100ms, 500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms, 30'000ms}) {
        QVERIFY(isHalfToWhole(longest));
    }
    backoff.reset();
    QVERIFY(isHalfToWhole(100ms));
    backoff.setLongest();
    QVERIFY(isHalfToWhole(30'000ms));

    Backoff slow(5s, 60s);
    for (int round = 0; round < 2; ++round, slow.reset()) {
        for (const auto longest : {5s, 10s, 20s, 40s, 60s, 60s}) {
            const auto delay = slow.next(random);
            QVERIFY(delay >= longest / 2 && delay <= longest);
        }
    }

    std::set<std::chrono::milliseconds> delays;
    for (int i = 0; i < 20; ++i)
        delays.insert(backoff.next(random));
    QVERIFY(delays.size() > 10);
}

void tst_RendezvousConfig::bothEndsOfACallToOneselfAreKept()
{
    CallBook book;
    book.add(CallSide::Caller, u"call"_s);
    book.add(CallSide::Callee, u"call"_s);
    QCOMPARE(book.size(), 2);
    QVERIFY(!book.find(CallSide::Caller, u"call"_s)->isAnswered);
    QVERIFY(book.find(CallSide::Callee, u"call"_s)->isAnswered);
    book.remove(CallBook::userId(CallSide::Callee, u"call"_s));
    QCOMPARE(book.size(), 1);
    QVERIFY(book.find(CallSide::Caller, u"call"_s));
    QVERIFY(book.hasEnded(CallBook::userId(CallSide::Callee, u"call"_s)));
    QVERIFY(!book.hasEnded(CallBook::userId(CallSide::Caller, u"call"_s)));
}

void tst_RendezvousConfig::fewEndedCallsAreRemembered()
{
    CallBook book;
    for (std::size_t i = 0; i <= CallBook::MaxEnded; ++i) {
        const QString call = QString::number(i);
        book.add(CallSide::Callee, call);
        book.remove(CallBook::userId(CallSide::Callee, call));
    }
    QVERIFY(!book.hasEnded(CallBook::userId(CallSide::Callee, u"0"_s)));
    QVERIFY(book.hasEnded(CallBook::userId(CallSide::Callee, u"1"_s)));
}

QTEST_APPLESS_MAIN(tst_RendezvousConfig)

#include "tst_rendezvousconfig.moc"
