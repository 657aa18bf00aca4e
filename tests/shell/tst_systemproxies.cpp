// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/systemproxies.h"

#include <QtCore/qscopeguard.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <atomic>
#include <functional>
#include <memory>

using namespace Qt::StringLiterals;
using namespace peer;

namespace {

using Proxies = QList<QNetworkProxy>;

const QUrl Elsewhere(u"wss://rv.example.org:8443/rendezvous"_s);
const QNetworkProxy Http(QNetworkProxy::HttpProxy, u"proxy.example"_s, 3128);
const QNetworkProxy Socks(QNetworkProxy::Socks5Proxy, u"socks.example"_s, 1080);

/// What became of the queries of an application that ended before the tests.
struct Prelude
{
    bool hasBegun = false;
    std::atomic<bool> hasEnded = false;
    bool wasWaitedFor = false;
    std::atomic<bool> hasOtherBegun = false;
    QSemaphore begun, ended;
} prelude;

/// With one query under way and another one behind it.
void endAmongQueries()
{
    {
        int argc = 1;
        char name[] = "prelude";
        char *argv[] = {name, nullptr};
        QCoreApplication application(argc, argv);
        auto slow = std::make_unique<SystemProxies>([](const QNetworkProxyQuery &) {
            prelude.begun.release();
            QSemaphore().tryAcquire(1, 200); // it takes its time
            prelude.hasEnded = true;
            prelude.ended.release();
            return Proxies{Http};
        });
        auto late = std::make_unique<SystemProxies>([](const QNetworkProxyQuery &) {
            prelude.hasOtherBegun = true;
            return Proxies{Http};
        });
        slow->find(Elsewhere, &application, [](const Proxies &) {});
        prelude.hasBegun = prelude.begun.tryAcquire(1, 20'000);
        late->find(Elsewhere, &application, [](const Proxies &) {});
        slow.reset();
        late.reset();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    prelude.wasWaitedFor = prelude.hasEnded.load();
    prelude.ended.acquire();
}

} // namespace

class tst_SystemProxies : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void remembersABoundedNumberOfAnswers();
    void asksInAnotherThreadAndOnceForAll();
    void asksForWebSocketsAsForHttp_data();
    void asksForWebSocketsAsForHttp();
    void givesWhatTcpCanTake_data();
    void givesWhatTcpCanTake();
    void hostsOfThisMachineNeedNone_data();
    void hostsOfThisMachineNeedNone();
    void theApplicationsOwnComesFirst_data();
    void theApplicationsOwnComesFirst();
    void theSystemIsAskedAboutTheVeryHost();
    void whoIsGoneIsNotAnswered();
    void aSystemThatHangsIsNotWaitedFor();
    void knowsCredentialsOfAProxy();
    void queriesEndWithTheApplication();
};

void tst_SystemProxies::asksInAnotherThreadAndOnceForAll()
{
    std::atomic<int> questions = 0;
    std::atomic<QThread *> thread = nullptr;
    SystemProxies proxies([&](const QNetworkProxyQuery &) {
        ++questions;
        thread = QThread::currentThread();
        return Proxies{Http, QNetworkProxy(QNetworkProxy::NoProxy)};
    });
    QList<Proxies> answers;
    for (int i = 0; i < 3; ++i)
        proxies.find(Elsewhere, this, [&](const Proxies &found) { answers.append(found); });
    QVERIFY(answers.isEmpty());
    QTRY_COMPARE(answers.size(), 3);
    QCOMPARE(answers[0], (Proxies{Http, QNetworkProxy(QNetworkProxy::NoProxy)}));
    proxies.find(Elsewhere, this, [&](const Proxies &found) { answers.append(found); });
    QCOMPARE(answers.size(), 4); // known now
    QCOMPARE(int(questions), 1);
    QVERIFY(thread != nullptr && thread != QThread::currentThread());
}

void tst_SystemProxies::asksForWebSocketsAsForHttp_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("asked");
    QTest::newRow("wss") << u"wss://a.example/x"_s << u"https://a.example/x"_s;
    QTest::newRow("ws") << u"ws://a.example:81/x"_s << u"http://a.example:81/x"_s;
    QTest::newRow("https") << u"https://a.example:5349"_s << u"https://a.example:5349"_s;
}

void tst_SystemProxies::asksForWebSocketsAsForHttp()
{
    QFETCH(QString, url);
    QUrl asked;
    SystemProxies proxies([&](const QNetworkProxyQuery &query) {
        asked = query.url();
        return Proxies();
    });
    bool isAnswered = false;
    proxies.find(QUrl(url), this, [&](const Proxies &) { isAnswered = true; });
    QTRY_VERIFY(isAnswered);
    QTEST(asked.toString(), "asked");
}

void tst_SystemProxies::givesWhatTcpCanTake_data()
{
    QTest::addColumn<Proxies>("given");
    QTest::addColumn<Proxies>("found");
    const QNetworkProxy none(QNetworkProxy::NoProxy);
    QNetworkProxy caching = Http;
    caching.setType(QNetworkProxy::HttpCachingProxy);
    const QNetworkProxy ftp(QNetworkProxy::FtpCachingProxy, u"f"_s, 1);
    QTest::newRow("nothing") << Proxies{} << Proxies{none};
    QTest::newRow("none") << Proxies{none} << Proxies{none};
    QTest::newRow("SOCKS") << Proxies{Socks, Http} << Proxies{Socks, Http};
    QTest::newRow("caching") << Proxies{caching} << Proxies{Http};
    QTest::newRow("both of one") << Proxies{Http, caching} << Proxies{Http};
    QTest::newRow("of no use") << Proxies{ftp} << Proxies{none};
}

void tst_SystemProxies::givesWhatTcpCanTake()
{
    QFETCH(Proxies, given);
    SystemProxies proxies([&](const QNetworkProxyQuery &) { return given; });
    Proxies answer;
    proxies.find(Elsewhere, this, [&](const Proxies &found) { answer = found; });
    QTRY_VERIFY(!answer.isEmpty());
    QTEST(answer, "found");
}

void tst_SystemProxies::hostsOfThisMachineNeedNone_data()
{
    QTest::addColumn<QString>("url");
    QTest::newRow("IPv4") << u"ws://127.0.0.1:4711/rendezvous"_s;
    QTest::newRow("another IPv4") << u"ws://127.8.9.1/"_s;
    QTest::newRow("IPv6") << u"wss://[::1]/"_s;
    QTest::newRow("by name") << u"wss://LocalHost/"_s;
}

void tst_SystemProxies::hostsOfThisMachineNeedNone()
{
    QFETCH(QString, url);
    std::atomic<int> questions = 0;
    SystemProxies proxies([&](const QNetworkProxyQuery &) {
        ++questions;
        return Proxies{Http};
    });
    Proxies answer;
    proxies.find(QUrl(url), this, [&](const Proxies &found) { answer = found; });
    QCOMPARE(answer, Proxies{QNetworkProxy(QNetworkProxy::NoProxy)});
    QCOMPARE(int(questions), 0);
}

void tst_SystemProxies::theApplicationsOwnComesFirst_data()
{
    using Set = std::function<void()>;
    QTest::addColumn<Set>("set");
    QTest::addColumn<Proxies>("found");
    QTest::newRow("a proxy") << Set([] { QNetworkProxy::setApplicationProxy(Socks); })
                             << Proxies{Socks};
    QTest::newRow("none at all") << Set([] {
        QNetworkProxy::setApplicationProxy(QNetworkProxy::NoProxy);
    }) << Proxies{QNetworkProxy(QNetworkProxy::NoProxy)};
    class Factory : public QNetworkProxyFactory
    {
        Proxies queryProxy(const QNetworkProxyQuery &query) override
        {
            const bool isMeant = query.url() == QUrl(u"https://rv.example.org:8443/rendezvous"_s);
            return {isMeant ? Socks : Http};
        }
    };
    QTest::newRow("by the host") << Set([] {
        QNetworkProxyFactory::setApplicationProxyFactory(new Factory);
    }) << Proxies{Socks};
}

void tst_SystemProxies::theApplicationsOwnComesFirst()
{
    QFETCH(const std::function<void()>, set);
    std::atomic<int> questions = 0;
    SystemProxies proxies([&](const QNetworkProxyQuery &) {
        ++questions;
        return Proxies{Http};
    });
    set();
    Proxies answer;
    proxies.find(Elsewhere, this, [&](const Proxies &found) { answer = found; });
    QNetworkProxyFactory::setUseSystemConfiguration(true);
    QTEST(answer, "found");
    QCOMPARE(int(questions), 0);
}

void tst_SystemProxies::theSystemIsAskedAboutTheVeryHost()
{
    // It has a proxy in general, but not for this host.
    const auto restore = qScopeGuard([] { qunsetenv("http_proxy"); });
    qputenv("http_proxy", "http://127.0.0.1:9");
    SystemProxies proxies([](const QNetworkProxyQuery &) { return Proxies(); });
    Proxies answer;
    proxies.find(Elsewhere, this, [&](const Proxies &found) { answer = found; });
    QVERIFY(answer.isEmpty()); // not at once: nobody but the worker asks
    QTRY_COMPARE(answer, Proxies{QNetworkProxy(QNetworkProxy::NoProxy)});
}

void tst_SystemProxies::whoIsGoneIsNotAnswered()
{
    SystemProxies proxies([](const QNetworkProxyQuery &) { return Proxies{Http}; });
    bool isAnswered = false;
    auto gone = std::make_unique<QObject>();
    proxies.find(Elsewhere, gone.get(), [&](const Proxies &) { isAnswered = true; });
    gone.reset();
    bool isOtherAnswered = false;
    proxies.find(Elsewhere, this, [&](const Proxies &) { isOtherAnswered = true; });
    QTRY_VERIFY(isOtherAnswered);
    QVERIFY(!isAnswered);
    // Nor is anybody when all is gone before the system has answered.
    auto others = std::make_unique<SystemProxies>(
        [](const QNetworkProxyQuery &) { return Proxies{Http}; });
    others->find(Elsewhere, this, [&](const Proxies &) { isAnswered = true; });
    others.reset();
    isOtherAnswered = false;
    proxies.find(QUrl(u"wss://b.example"_s), this,
                 [&](const Proxies &) { isOtherAnswered = true; });
    QTRY_VERIFY(isOtherAnswered);
    QVERIFY(!isAnswered);
}

void tst_SystemProxies::aSystemThatHangsIsNotWaitedFor()
{
    const auto gate = std::make_shared<QSemaphore>();
    SystemProxies proxies([gate](const QNetworkProxyQuery &) {
        gate->acquire();
        return Proxies{Http};
    });
    Proxies answer;
    proxies.find(Elsewhere, this, [&](const Proxies &found) { answer = found; });
    QTRY_COMPARE_WITH_TIMEOUT(answer, Proxies{QNetworkProxy(QNetworkProxy::NoProxy)}, 20'000);
    gate->release();
    // What it says late counts for the next ones.
    const auto findsHttp = [&] {
        proxies.find(Elsewhere, this, [&](const Proxies &found) { answer = found; });
        return answer == Proxies{Http};
    };
    QTRY_VERIFY(findsHttp());
}

void tst_SystemProxies::knowsCredentialsOfAProxy()
{
    SystemProxies proxies;
    proxies.setCredentials(Http, u"someone"_s, u"first"_s);
    proxies.setCredentials(Http, u"someone"_s, u"second"_s);
    QCOMPARE(proxies.withCredentials(Http).password(), u"second"_s);
    QCOMPARE(proxies.withCredentials(Http).user(), u"someone"_s);
    QVERIFY(proxies.withCredentials(Socks).user().isEmpty());
    for (int i = 0; i < SystemProxies::MaxCredentials; ++i) {
        proxies.setCredentials(QNetworkProxy(QNetworkProxy::HttpProxy, u"h"_s, quint16(i + 1)),
                               u"u"_s, u"p"_s);
    }
    QVERIFY(proxies.withCredentials(Http).user().isEmpty());
}

void tst_SystemProxies::queriesEndWithTheApplication()
{
    QVERIFY(prelude.hasBegun);
    QVERIFY(prelude.wasWaitedFor);
    QVERIFY(!prelude.hasOtherBegun);
}

/// What it remembers of a network is as much as MaxAnswers; then it asks again.
void tst_SystemProxies::remembersABoundedNumberOfAnswers()
{
    std::atomic<int> queries = 0;
    SystemProxies proxies([&queries](const QNetworkProxyQuery &) {
        ++queries;
        return Proxies{Http};
    });
    int answers = 0;
    for (int round = 1; round <= 2; ++round) {
        for (int i = 0; i <= SystemProxies::MaxAnswers; ++i) {
            QUrl url(Elsewhere);
            url.setPort(1000 + i);
            proxies.find(url, this, [&answers](const Proxies &) { ++answers; });
        }
        QTRY_COMPARE(answers, round * int(SystemProxies::MaxAnswers + 1));
    }
    QVERIFY(queries > SystemProxies::MaxAnswers + 1);
}

int main(int argc, char **argv)
{
    endAmongQueries();
    QCoreApplication application(argc, argv);
    tst_SystemProxies test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_systemproxies.moc"
