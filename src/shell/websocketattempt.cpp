// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/websocketattempt.h"

#include "shell/publickeyinfo.h"
#include "shell/qtaddress.h"

#include <QtCore/qcryptographichash.h>
#include <QtNetwork/qnetworkrequest.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qsslsocket.h>
#include <QtWebSockets/qwebsocket.h>

#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

QSslConfiguration tlsConfiguration(const TlsTrust &trust)
{
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setPeerVerifyMode(QSslSocket::VerifyPeer);
    if (!trust.pinnedKey.isEmpty()) {
        // Without any authority every chain is refused at first, so that checkProof() is asked
        // before a single octet of ours is sent over the connection.
        configuration.setCaCertificates({});
    } else if (!trust.extraAuthorities.isEmpty()) {
        configuration.addCaCertificates(trust.extraAuthorities);
    }
    return configuration;
}

QNetworkRequest handshakeRequest(const WebSocketOptions &options)
{
    QNetworkRequest request(options.url);
    for (const auto &[name, value] : options.headers)
        request.setRawHeader(name, value);
    if (!options.userAgent.isEmpty())
        request.setRawHeader("User-Agent"_ba, options.userAgent.toUtf8());
    return request;
}

} // namespace

void WebSocketDeleter::operator()(QWebSocket *socket) const
{
    socket->disconnect();
    socket->deleteLater();
}

WebSocketAttempt::WebSocketAttempt(const WebSocketOptions &options,
                                   const std::optional<IpAddress> &address)
    : m_options(options)
    , m_address(address)
{ }

WebSocketAttempt::~WebSocketAttempt() = default;

void WebSocketAttempt::start()
{
    m_socket.reset(new QWebSocket);
    connect(m_socket.get(), &QWebSocket::connected, this, &WebSocketAttempt::handleConnected);
    connect(m_socket.get(), qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this,
            &WebSocketAttempt::handleError);
    m_socket->setProxy(m_options.proxy);
    m_socket->setMaxAllowedIncomingFrameSize(quint64(m_options.maxMessageSize));
    m_socket->setMaxAllowedIncomingMessageSize(quint64(m_options.maxMessageSize));
    if (m_options.url.scheme() == "wss"_L1)
        m_socket->setSslConfiguration(tlsConfiguration(m_options.trust));
    m_socket->open(handshakeRequest(m_options));
    if (m_isFinished) // it may fail at once
        return;

    // QWebSocket makes its transport in open() and has only begun to look the host up.
    auto *const transport = m_socket->findChild<QAbstractSocket *>();
    if (!transport) {
        fail(WebSocketPort::Error::Unreachable, m_socket->errorString());
        return;
    }
    // Messages are small, and each may be what somebody waits for.
    connect(transport, &QAbstractSocket::connected, transport,
            [transport] { transport->setSocketOption(QAbstractSocket::LowDelayOption, 1); });
    m_tls = qobject_cast<QSslSocket *>(transport);
    if (m_tls) {
        connect(m_tls, &QSslSocket::sslErrors, this,
                [this](const QList<QSslError> &errors) { checkProof(m_tls, errors); });
        connect(m_tls, &QSslSocket::encrypted, this, [this] { m_isTransportReady = true; });
    } else {
        connect(transport, &QAbstractSocket::connected, this,
                [this] { m_isTransportReady = true; });
    }
    dialAddress(transport);
}

void WebSocketAttempt::dialAddress(QAbstractSocket *transport)
{
    if (!m_address || m_options.proxy.type() != QNetworkProxy::NoProxy)
        return;
    const QString address = QString::fromStdString(m_address->toString());
    // QWebSocket dials an address by itself: a second connection would be a wasted one.
    if (address == m_options.url.host())
        return;
    const quint16 port = quint16(m_options.url.port(m_tls ? 443 : 80));
    {
        const QSignalBlocker quietly(transport);
        transport->abort();
    }
    if (m_tls)
        m_tls->connectToHostEncrypted(address, port, m_options.url.host());
    else
        transport->connectToHost(address, port);
}

void WebSocketAttempt::checkProof(QSslSocket *transport, const QList<QSslError> &errors)
{
    const QByteArray key = subjectPublicKeyInfo(transport->peerCertificate());
    if (!key.isEmpty())
        m_peerKey = QCryptographicHash::hash(key, QCryptographicHash::Sha256);
    if (!m_options.trust.pinnedKey.isEmpty()) {
        if (m_peerKey == m_options.trust.pinnedKey)
            transport->ignoreSslErrors();
        else
            fail(WebSocketPort::Error::PinMismatch,
                 u"The server at %1 shows another key than the pinned one."_s.arg(hostText()));
        return;
    }
    const QString reason = errors.isEmpty() ? QString() : errors.constFirst().errorString();
    fail(WebSocketPort::Error::CertificateRefused,
         u"The certificate of the server at %1 is not trusted: %2"_s.arg(hostText(), reason));
}

void WebSocketAttempt::handleConnected()
{
    if (m_isFinished)
        return;
    if (m_tls) {
        const QByteArray key = subjectPublicKeyInfo(m_tls->peerCertificate());
        m_peerKey = QCryptographicHash::hash(key, QCryptographicHash::Sha256);
        // A second look, in case that the TLS library asked nobody.
        if (!m_options.trust.pinnedKey.isEmpty() && m_peerKey != m_options.trust.pinnedKey) {
            fail(WebSocketPort::Error::PinMismatch,
                 u"The server at %1 shows another key than the pinned one."_s.arg(hostText()));
            return;
        }
    }
    m_isFinished = true;
    Q_EMIT succeeded();
}

void WebSocketAttempt::handleError(QAbstractSocket::SocketError error)
{
    using Error = WebSocketPort::Error;
    const QString reason = m_socket->errorString();
    if (error == QAbstractSocket::HostNotFoundError) {
        fail(Error::HostNotFound, u"The name %1 has no address."_s.arg(hostText()));
    } else if (error == QAbstractSocket::SslHandshakeFailedError
               || error == QAbstractSocket::SslInternalError
               || error == QAbstractSocket::SslInvalidUserDataError) {
        fail(Error::TlsFailed, u"TLS with %1 failed: %2"_s.arg(hostText(), reason));
    } else if (error == QAbstractSocket::ProxyAuthenticationRequiredError) {
        fail(Error::ProxyAuthentication,
             u"The proxy %1 wants a user name and a password, or other ones."_s.arg(
                 m_options.proxy.hostName()));
    } else if (error == QAbstractSocket::ProxyProtocolError) {
        const bool hasUser = !m_options.proxy.user().isEmpty();
        fail(Error::Unreachable,
             u"The proxy %1 does not take the connection to %2%3."_s.arg(
                 m_options.proxy.hostName(), hostText(),
                 hasUser ? u", or not our user name and password"_s : QString()));
    } else if (m_isTransportReady) {
        // QWebSocket names its function before the reason.
        const QString last = reason.section("processHandshake: "_L1, -1);
        fail(Error::UpgradeRefused,
             u"The server at %1 does not take the WebSocket: %2"_s.arg(hostText(), last));
    } else {
        fail(Error::Unreachable, u"%1 cannot be reached: %2"_s.arg(hostText(), reason));
    }
}

void WebSocketAttempt::fail(WebSocketPort::Error error, const QString &text)
{
    if (m_isFinished)
        return;
    m_isFinished = true;
    m_error = error;
    m_errorString = text;
    m_socket.reset();
    Q_EMIT failed();
}

WebSocketPointer WebSocketAttempt::takeSocket()
{
    m_socket->disconnect(this);
    return std::move(m_socket);
}

QString WebSocketAttempt::hostText() const
{
    const QString host = m_options.url.host();
    if (!m_address || QString::fromStdString(m_address->toString()) == host)
        return host;
    return u"%1 (%2)"_s.arg(host, QString::fromStdString(m_address->toString()));
}

} // namespace peer
