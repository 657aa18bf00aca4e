// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/systemproxies.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfuturewatcher.h>
#include <QtCore/qpromise.h>
#include <QtCore/qthreadpool.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qhostaddress.h>

#include <atomic>
#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

using Proxies = QList<QNetworkProxy>;

/// One thread for all queries of the process. Its end is never waited for, for a query may hang for
/// as long as the server of a script does; hence it is not deleted either.
QThreadPool &worker()
{
    static QThreadPool *const pool = [] {
        auto *made = new QThreadPool;
        made->setMaxThreadCount(1);
        return made;
    }();
    return *pool;
}

std::atomic<bool> endsWithApplication = false;

/// A query must not begin when the process ends: what Qt asks the system by goes then, and Qt does
/// not look whether it is there. One that is under way has its time; Qt itself waits for it longer.
void endQueries()
{
    endsWithApplication = false;
    worker().clear();
    worker().waitForDone(int(SystemProxies::Deadline.count()));
}

void startQuery(std::function<void()> query)
{
    if (QCoreApplication::instance() && !endsWithApplication.exchange(true))
        qAddPostRoutine(endQueries);
    worker().start(std::move(query));
}

bool isOnThisMachine(const QString &host)
{
    const QHostAddress address(host);
    return address.isLoopback() || host.compare("localhost"_L1, Qt::CaseInsensitive) == 0;
}

/// Systems have settings for HTTP; a WebSocket begins as that.
QUrl asHttp(QUrl url)
{
    if (url.scheme() == "wss"_L1)
        url.setScheme("https"_L1);
    else if (url.scheme() == "ws"_L1)
        url.setScheme("http"_L1);
    return url;
}

/// What a TCP connection can take. A caching proxy is one that takes CONNECT as well.
Proxies usable(const Proxies &given)
{
    Proxies proxies;
    for (QNetworkProxy proxy : given) {
        if (proxy.type() == QNetworkProxy::HttpCachingProxy)
            proxy.setType(QNetworkProxy::HttpProxy);
        const bool isUsable = proxy.type() == QNetworkProxy::NoProxy
            || proxy.type() == QNetworkProxy::HttpProxy
            || proxy.type() == QNetworkProxy::Socks5Proxy;
        if (isUsable && !proxies.contains(proxy))
            proxies.append(proxy);
    }
    if (proxies.isEmpty())
        proxies.append(QNetworkProxy::NoProxy);
    return proxies;
}

QString nameOf(const QNetworkProxy &proxy)
{
    return proxy.hostName() + u':' + QString::number(proxy.port());
}

} // namespace

SystemProxies::SystemProxies(Query query, QObject *parent)
    : QObject(parent)
    , m_query(std::move(query))
    , m_watcher(InterfaceWatcher::shared())
{
    connect(m_watcher.get(), &InterfaceWatcher::changed, this, [this] {
        ++m_network;
        m_answers.clear();
    });
}

SystemProxies::~SystemProxies() = default;

std::shared_ptr<SystemProxies> SystemProxies::shared()
{
    thread_local std::weak_ptr<SystemProxies> current;
    std::shared_ptr<SystemProxies> proxies = current.lock();
    if (!proxies) {
        proxies = std::make_shared<SystemProxies>();
        current = proxies;
    }
    return proxies;
}

void SystemProxies::find(const QUrl &url, QObject *context, Answer answer)
{
    const QUrl asked = asHttp(url);
    const QString key = asked.scheme() + u' ' + asked.host() + u':' + QString::number(asked.port());
    if (isOnThisMachine(asked.host())) {
        answer({QNetworkProxy::NoProxy});
    } else if (!QNetworkProxyFactory::usesSystemConfiguration()) {
        // The application's. (Unless it has set one, Qt would ask the system, here and now.)
        answer(usable(QNetworkProxyFactory::proxyForQuery(QNetworkProxyQuery(asked))));
    } else if (const auto known = m_answers.constFind(key); known != m_answers.cend()) {
        const Proxies proxies = *known;
        answer(proxies);
    } else {
        std::vector<Waiting> &waiting = m_waiting[key];
        waiting.push_back({context, std::move(answer)});
        if (waiting.size() == 1)
            ask(key, asked);
    }
}

void SystemProxies::ask(const QString &key, const QUrl &url)
{
    // std::function wants to be copied, which a promise cannot.
    const auto promise = std::make_shared<QPromise<Proxies>>();
    promise->start();
    auto *const watcher = new QFutureWatcher<Proxies>(this);
    connect(watcher, &QFutureWatcherBase::finished, this,
            [this, key, network = m_network, watcher] {
                watcher->deleteLater();
                take(key, network, watcher->result());
            });
    watcher->setFuture(promise->future());
    startQuery([promise, query = m_query, url] {
        promise->addResult(usable(query(QNetworkProxyQuery(url))));
        promise->finish();
    });
    QTimer::singleShot(Deadline, this, [this, key] {
        if (m_waiting.contains(key))
            take(key, m_network, {QNetworkProxy::NoProxy});
    });
}

void SystemProxies::take(const QString &key, quint64 network, const Proxies &proxies)
{
    if (network == m_network) {
        if (m_answers.size() >= MaxAnswers)
            m_answers.erase(m_answers.begin());
        m_answers.insert(key, proxies);
    }
    const std::vector<Waiting> waiting = m_waiting.take(key);
    const QPointer<SystemProxies> guard(this);
    for (const Waiting &each : waiting) {
        if (each.context)
            each.answer(proxies);
        if (!guard)
            return;
    }
}

void SystemProxies::setCredentials(const QNetworkProxy &proxy, const QString &user,
                                   const QString &password)
{
    const QString name = nameOf(proxy);
    m_credentials.removeIf([&name](const Credentials &each) { return each.proxy == name; });
    if (m_credentials.size() >= MaxCredentials)
        m_credentials.removeFirst();
    m_credentials.append({name, user, password});
}

QNetworkProxy SystemProxies::withCredentials(const QNetworkProxy &proxy) const
{
    QNetworkProxy complete = proxy;
    const QString name = nameOf(proxy);
    for (const Credentials &each : m_credentials) {
        if (each.proxy == name) {
            complete.setUser(each.user);
            complete.setPassword(each.password);
        }
    }
    return complete;
}

bool SystemProxies::knowsOthers(const QNetworkProxy &proxy) const
{
    const QNetworkProxy known = withCredentials(proxy);
    return known.user() != proxy.user() || known.password() != proxy.password();
}

bool isSameProxy(const QNetworkProxy &one, const QNetworkProxy &other)
{
    return one.hostName() == other.hostName() && one.port() == other.port();
}

} // namespace peer
