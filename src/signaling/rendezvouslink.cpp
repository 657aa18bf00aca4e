// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/rendezvouslink.h"

#include "signaling/rendezvousproof.h"
#include "signaling/tunnelurl.h"

#include <chrono>

namespace peer {

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using namespace rendezvous;
using Error = RendezvousClient::Error;

namespace {

/// The server says welcome with its upgrade.
constexpr std::chrono::milliseconds WelcomeTime = 5s;
/// A first flight may hold the offers of hundreds of calls.
constexpr qint64 SendBuffer = 16 * 1024 * 1024;

WebSocketOptions optionsFor(const RendezvousConfig &config, const RendezvousHost &host)
{
    WebSocketOptions options;
    options.url = rendezvousUrl(config, host);
    if (config.tls == RendezvousConfig::Tls::Pinned)
        options.trust.pinnedKey = config.pin;
    options.trust.extraAuthorities = config.extraAuthorities;
    options.proxy = config.proxy;
    options.maxSendBuffer = SendBuffer;
    return options;
}

Error errorOf(WebSocketPort::Error error)
{
    switch (error) {
    case WebSocketPort::Error::CertificateRefused:
        return Error::CertificateRefused;
    case WebSocketPort::Error::PinMismatch:
        return Error::PinMismatch;
    case WebSocketPort::Error::ProxyAuthentication:
        return Error::ProxyAuthentication;
    case WebSocketPort::Error::UpgradeRefused:
    case WebSocketPort::Error::ProtocolError:
    case WebSocketPort::Error::TlsFailed:
    case WebSocketPort::Error::MessageTooLarge:
        return Error::NotRendezvous;
    case WebSocketPort::Error::None:
    case WebSocketPort::Error::BadUrl:
    case WebSocketPort::Error::HostNotFound:
    case WebSocketPort::Error::Unreachable:
    case WebSocketPort::Error::ConnectTimeout:
    case WebSocketPort::Error::ClosedByPeer:
    case WebSocketPort::Error::ConnectionLost:
    case WebSocketPort::Error::IdleTimeout:
        break;
    }
    return Error::Unreachable;
}

} // namespace

RendezvousLink::RendezvousLink(const RendezvousConfig &config, const RendezvousHost &host,
                               QObject *parent)
    : QObject(parent)
    , m_config(config)
    , m_host(host)
    , m_port(optionsFor(config, host))
{
    connect(&m_port, &WebSocketPort::textReceived, this, &RendezvousLink::receive);
    connect(&m_port, &WebSocketPort::closed, this, &RendezvousLink::notePortEnd);
    connect(&m_port, &WebSocketPort::opened, this, [this] { m_welcomeTimer.start(WelcomeTime); });
    m_welcomeTimer.setSingleShot(true);
    connect(&m_welcomeTimer, &QTimer::timeout, this, [this] {
        fail(Error::NotRendezvous,
             u"What answers at %1 is no rendezvous: it said nothing."_s.arg(m_host.toString()));
    });
}

void RendezvousLink::open()
{
    m_port.open();
}

void RendezvousLink::sendHello(const QByteArray &ticket)
{
    message::Hello hello;
    hello.token = m_config.token;
    hello.ticket = ticket;
    if (m_config.identity) {
        hello.identity = proveIdentity(*m_config.identity, m_welcome.challenge, m_host.toString(),
                                       pinText(m_port.peerKey()));
    }
    send(hello);
}

bool RendezvousLink::send(const ClientMessage &message)
{
    return sendJson(toJson(message));
}

bool RendezvousLink::sendJson(const QByteArray &json)
{
    return m_port.sendText(QString::fromUtf8(json));
}

void RendezvousLink::receive(const QString &text)
{
    if (m_hasEnded)
        return;
    const Result<ServerMessage, MessageError> message = parseServerMessage(text.toUtf8());
    if (!message) {
        // What we do not know may be of a later minor version; but that comes after a welcome.
        if (m_isWelcomed && message.error().kind == MessageError::Kind::UnknownType)
            return;
        fail(Error::NotRendezvous,
             u"What answers at %1 is no rendezvous. %2"_s.arg(m_host.toString(),
                                                              message.error().text));
    } else if (const auto *error = std::get_if<message::Error>(&*message)) {
        takeError(*error);
    } else if (const auto *greeting = std::get_if<message::Welcome>(&*message)) {
        takeWelcome(*greeting);
    } else if (m_isWelcomed) {
        Q_EMIT messageReceived(*message);
    } else {
        fail(Error::NotRendezvous,
             u"What answers at %1 is no rendezvous: it does not say welcome."_s.arg(
                 m_host.toString()));
    }
}

void RendezvousLink::takeWelcome(const message::Welcome &greeting)
{
    if (m_isWelcomed)
        return;
    m_welcomeTimer.stop();
    if (!greeting.version.isCompatibleWith(ownProtocolVersion)) {
        fail(Error::OtherVersion,
             u"The rendezvous %1 speaks version %2 of the protocol, and we speak %3: update the "
             "older one."_s.arg(m_host.toString(), greeting.version.toString(),
                                ownProtocolVersion.toString()));
        return;
    }
    m_isWelcomed = true;
    m_welcome = greeting;
    Q_EMIT welcomed();
}

void RendezvousLink::takeError(const message::Error &error)
{
    const QString where = m_host.toString();
    switch (error.cause) {
    case FatalError::Version:
        fail(Error::OtherVersion,
             u"The rendezvous %1 speaks version %2 of the protocol, and we speak %3: update the "
             "older one."_s.arg(where, error.version.toString(), ownProtocolVersion.toString()));
        return;
    case FatalError::Token:
        fail(Error::TokenRefused,
             m_config.token.isEmpty()
                 ? u"The rendezvous %1 wants an access token: append it to the address, after a "
                   "\"#\"."_s.arg(where)
                 : u"The rendezvous %1 does not accept the access token."_s.arg(where));
        return;
    case FatalError::Proof:
        fail(Error::ProofRefused,
             u"The rendezvous %1 does not accept our identity: it may be behind a server that it "
             "does not know of."_s.arg(where));
        return;
    case FatalError::Rate:
    case FatalError::Limit:
        fail(Error::Overloaded,
             u"The rendezvous %1 limits what one address may do: try again later."_s.arg(where));
        return;
    case FatalError::Malformed:
        break;
    }
    fail(Error::NotRendezvous,
         u"The rendezvous %1 does not understand us. %2"_s.arg(where, error.text));
}

void RendezvousLink::notePortEnd()
{
    const Error error = errorOf(m_port.error());
    const QString reason = m_port.errorString();
    fail(error,
         reason.isEmpty()
             ? u"The rendezvous %1 has closed the connection."_s.arg(m_host.toString())
             : u"The rendezvous %1 cannot be used. %2"_s.arg(m_host.toString(), reason));
}

void RendezvousLink::fail(Error error, const QString &text)
{
    if (m_hasEnded)
        return;
    m_hasEnded = true;
    m_welcomeTimer.stop();
    m_error = error;
    m_errorString = text;
    m_port.abort();
    Q_EMIT ended();
}

} // namespace peer
