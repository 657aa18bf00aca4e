// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_PROXYQUESTIONS_H
#define PEER_API_PROXYQUESTIONS_H

#include "shell/systemproxies.h"

#include <QtCore/qlist.h>
#include <QtCore/qstring.h>
#include <QtNetwork/qnetworkproxy.h>

#include <functional>

namespace peer {

/// What a worker asks its application about proxies that want a user name and a password. One
/// question about a proxy is open at a time, however many connections meet that proxy (to the
/// rendezvous, to relays, of the tunnel), and there are MaxQuestions in all.
class ProxyQuestions
{
public:
    static constexpr int MaxQuestions = 3;

    using Ask = std::function<void(const QNetworkProxy &)>;

    ProxyQuestions(SystemProxies &proxies, Ask ask);

    enum class Outcome {
        Awaited, ///< the application is asked, or was and has not answered yet
        Known,   ///< other credentials than those that were refused are known by now
        Refused, ///< it has answered often enough, or knows none
    };
    /// The proxy, with the credentials that it was tried with, wants some, or other ones.
    Outcome ask(const QNetworkProxy &refused);
    /// Without a user the application knows none, and is not asked any more.
    void takeAnswer(const QNetworkProxy &proxy, const QString &user, const QString &password);

private:
    SystemProxies &m_proxies;
    Ask m_ask;
    int m_left = MaxQuestions;
    /// The proxies that a question is open about.
    QList<QNetworkProxy> m_open;
};

} // namespace peer

#endif // PEER_API_PROXYQUESTIONS_H
