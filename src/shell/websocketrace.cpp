// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/websocketrace.h"

#include <QtWebSockets/qwebsocket.h>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

using Error = WebSocketPort::Error;

/// RFC 8305 section 5 (Connection Attempt Delay): 250 ms recommended, the next address is tried
/// then, or at once when the one before it failed.
constexpr std::chrono::milliseconds AttemptDelay{250};
/// Addresses of one host that are tried at all.
constexpr std::size_t MaxAttempts = 8;

/// How much a failure tells, so that of several attempts the most telling one is reported.
int weight(Error error)
{
    switch (error) {
    case Error::None:
        return 0;
    case Error::HostNotFound:
    case Error::ConnectTimeout:
        return 1;
    case Error::Unreachable:
        return 2;
    case Error::TlsFailed:
        return 3;
    case Error::UpgradeRefused:
        return 4;
    case Error::CertificateRefused:
    case Error::PinMismatch:
    case Error::ProxyAuthentication:
        return 5;
    case Error::BadUrl:
    case Error::MessageTooLarge:
    case Error::ProtocolError:
    case Error::ClosedByPeer:
    case Error::ConnectionLost:
    case Error::IdleTimeout:
        return 6;
    }
    return 0;
}

} // namespace

WebSocketRace::WebSocketRace(const WebSocketOptions &options)
    : m_options(options)
{
    m_timeout.setSingleShot(true);
    m_nextAttempt.setSingleShot(true);
    connect(&m_timeout, &QTimer::timeout, this, &WebSocketRace::handleTimeout);
    connect(&m_nextAttempt, &QTimer::timeout, this, &WebSocketRace::startAttempt);
}

void WebSocketRace::start()
{
    m_timeout.start(m_options.connectTimeout);
    if (m_options.proxy.type() != QNetworkProxy::NoProxy) {
        m_targets = {std::nullopt};
        startAttempt();
    } else if (!m_options.addresses.empty()) {
        tryAll(m_options.addresses);
    } else {
        m_resolver.lookUp(m_options.url.host(), m_options.connectTimeout,
                          [this](const auto &addresses) { tryAll(addresses); });
    }
}

void WebSocketRace::tryAll(const std::vector<IpAddress> &addresses)
{
    for (const IpAddress &address : interleaveFamilies(addresses)) {
        if (m_targets.size() < MaxAttempts)
            m_targets.push_back(address);
    }
    if (!m_targets.empty()) {
        startAttempt();
        return;
    }
    note(Error::HostNotFound, u"The name %1 has no address."_s.arg(m_options.url.host()));
    if (end())
        Q_EMIT failed();
}

void WebSocketRace::startAttempt()
{
    if (m_hasEnded || m_targets.empty())
        return;
    const auto target = m_targets.front();
    m_targets.erase(m_targets.begin());
    m_attempts.push_back(std::make_unique<WebSocketAttempt>(m_options, target));
    WebSocketAttempt *const attempt = m_attempts.back().get();
    // Not queued: a message may come in the same segment as the 101 answer, right after this.
    connect(attempt, &WebSocketAttempt::succeeded, this,
            [this, attempt] { handleSucceeded(attempt); });
    // Queued, so that no attempt is deleted while it stands on the stack.
    connect(
        attempt, &WebSocketAttempt::failed, this, [this, attempt] { handleFailed(attempt); },
        Qt::QueuedConnection);
    if (!m_targets.empty())
        m_nextAttempt.start(AttemptDelay);
    attempt->start();
}

void WebSocketRace::handleSucceeded(WebSocketAttempt *attempt)
{
    if (m_hasEnded)
        return;
    m_peerKey = attempt->peerKey();
    m_socket = attempt->takeSocket();
    // It stands on the stack.
    const auto winner = std::find_if(m_attempts.begin(), m_attempts.end(),
                                     [attempt](const auto &each) { return each.get() == attempt; });
    winner->release()->deleteLater();
    m_attempts.erase(winner);
    if (end())
        Q_EMIT succeeded();
}

void WebSocketRace::handleFailed(WebSocketAttempt *attempt)
{
    if (m_hasEnded)
        return;
    note(attempt->error(), attempt->errorString());
    if (!attempt->peerKey().isEmpty())
        m_peerKey = attempt->peerKey();
    std::erase_if(m_attempts, [attempt](const auto &each) { return each.get() == attempt; });
    if (!m_targets.empty())
        startAttempt();
    else if (m_attempts.empty() && end())
        Q_EMIT failed();
}

void WebSocketRace::handleTimeout()
{
    note(Error::ConnectTimeout,
         u"%1 did not answer within %2 s."_s.arg(m_options.url.host())
             .arg(double(m_options.connectTimeout.count()) / 1000));
    if (end())
        Q_EMIT failed();
}

void WebSocketRace::note(WebSocketPort::Error error, const QString &text)
{
    if (weight(error) < weight(m_error))
        return;
    m_error = error;
    m_errorString = text;
}

bool WebSocketRace::end()
{
    m_timeout.stop();
    m_nextAttempt.stop();
    m_targets.clear();
    m_attempts.clear();
    return !std::exchange(m_hasEnded, true);
}

} // namespace peer
