// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_SYSTEMPROXIES_H
#define PEER_SHELL_SYSTEMPROXIES_H

#include "shell/interfacewatcher.h"

#include <QtCore/qhash.h>
#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtCore/qstring.h>
#include <QtCore/qurl.h>
#include <QtNetwork/qnetworkproxy.h>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace peer {

/// Whether they are one, in whichever way it is spoken to, and by whom.
bool isSameProxy(const QNetworkProxy &one, const QNetworkProxy &other);

/// Which proxies the system wants TCP connections to take, asked without blocking anybody, and what
/// users have told to get past them. UDP never takes one.
///
/// The system may have to fetch and run a script for the answer, so one worker thread waits for it;
/// the answer is kept until the network changes. Queries end with the application: no further one
/// begins, and one that is under way is waited for as long as Deadline. Lives in one thread with an
/// event loop. Bounds: MaxAnswers and MaxCredentials; the oldest give way.
class SystemProxies : public QObject
{
    Q_OBJECT

public:
    /// Asks the system, in the worker thread; a test may have another one.
    using Query = std::function<QList<QNetworkProxy>(const QNetworkProxyQuery &)>;
    /// In the order of preference, never empty: NoProxy, HttpProxy (CONNECT) and Socks5Proxy.
    using Answer = std::function<void(const QList<QNetworkProxy> &)>;

    static constexpr qsizetype MaxAnswers = 64;
    static constexpr qsizetype MaxCredentials = 16;
    /// A system that has not answered by then is not waited for: no proxy.
    static constexpr std::chrono::milliseconds Deadline{3000};

    explicit SystemProxies(Query query = &QNetworkProxyFactory::systemProxyForQuery,
                           QObject *parent = nullptr);
    ~SystemProxies() override;

    /// One for all who use it in this thread; it ends with the last of them.
    static std::shared_ptr<SystemProxies> shared();

    /// For a connection to host and port of url, whose scheme is that of HTTP or of a WebSocket.
    /// Hosts of this machine need none, and what an application has set (QNetworkProxy::
    /// setApplicationProxy(), NoProxy too, or QNetworkProxyFactory::setApplicationProxyFactory())
    /// comes before the system's. answer is called from the event loop, or at once if the answer is
    /// known, unless context is deleted before.
    void find(const QUrl &url, QObject *context, Answer answer);

    /// For that proxy, from now on, in whichever way it comes.
    void setCredentials(const QNetworkProxy &proxy, const QString &user, const QString &password);
    /// The proxy with the credentials that it is known to want.
    QNetworkProxy withCredentials(const QNetworkProxy &proxy) const;
    /// Credentials for that proxy which are not those that it has with it.
    bool knowsOthers(const QNetworkProxy &proxy) const;

private:
    struct Waiting
    {
        QPointer<QObject> context;
        Answer answer;
    };
    struct Credentials
    {
        QString proxy; ///< host and port
        QString user;
        QString password;
    };

    void ask(const QString &key, const QUrl &url);
    void take(const QString &key, quint64 network, const QList<QNetworkProxy> &proxies);

    Query m_query;
    std::shared_ptr<InterfaceWatcher> m_watcher;
    /// Counts the changes of the network.
    quint64 m_network = 0;
    QHash<QString, QList<QNetworkProxy>> m_answers;
    QHash<QString, std::vector<Waiting>> m_waiting;
    QList<Credentials> m_credentials;
};

} // namespace peer

#endif // PEER_SHELL_SYSTEMPROXIES_H
