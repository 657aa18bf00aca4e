// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/proxyquestions.h"

#include <algorithm>
#include <utility>

namespace peer {

ProxyQuestions::ProxyQuestions(SystemProxies &proxies, Ask ask)
    : m_proxies(proxies)
    , m_ask(std::move(ask))
{ }

ProxyQuestions::Outcome ProxyQuestions::ask(const QNetworkProxy &refused)
{
    if (m_proxies.knowsOthers(refused))
        return Outcome::Known;
    const bool isOpen = std::any_of(
        m_open.cbegin(), m_open.cend(),
        [&refused](const QNetworkProxy &proxy) { return isSameProxy(proxy, refused); });
    if (isOpen)
        return Outcome::Awaited;
    if (m_left == 0)
        return Outcome::Refused;
    --m_left;
    m_open.append(refused);
    m_ask(refused);
    return Outcome::Awaited;
}

void ProxyQuestions::takeAnswer(const QNetworkProxy &proxy, const QString &user,
                                const QString &password)
{
    m_open.removeIf([&proxy](const QNetworkProxy &open) { return isSameProxy(open, proxy); });
    if (user.isEmpty())
        m_left = 0;
    else
        m_proxies.setCredentials(proxy, user, password);
}

} // namespace peer
