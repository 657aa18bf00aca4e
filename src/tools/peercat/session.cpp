// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session.h"

#include "exchange.h"

#include <QtCore/qmetaobject.h>

using namespace Qt::StringLiterals;

const QString Session::ChannelLabel = u"peercat"_s;

Session::Session(const Options &options)
    : m_options(options)
    , m_log(options.json)
{ }

ExitCode Session::exitCodeOf(PeerConnection::Error error, bool wasConnected)
{
    switch (error) {
    case PeerConnection::Error::BadAddress:
        return ExitCode::Usage;
    case PeerConnection::Error::PeerRejected:
    case PeerConnection::Error::IdentityMismatch:
    case PeerConnection::Error::RendezvousRefused:
        return ExitCode::Refused;
    case PeerConnection::Error::None:
    case PeerConnection::Error::PathPolicyUnavailable:
    case PeerConnection::Error::RendezvousUnreachable:
    case PeerConnection::Error::RendezvousCertificate:
    case PeerConnection::Error::RendezvousProtocol:
    case PeerConnection::Error::RendezvousVersion:
    case PeerConnection::Error::PeerOffline:
    case PeerConnection::Error::PeerBusy:
    case PeerConnection::Error::PeerSilent:
    case PeerConnection::Error::Cancelled:
    case PeerConnection::Error::BadDescription:
    case PeerConnection::Error::NoPath:
    case PeerConnection::Error::HandshakeFailed:
    case PeerConnection::Error::ConnectionLost:
    case PeerConnection::Error::PeerFailed:
        break;
    }
    return wasConnected ? ExitCode::ConnectionLost : ExitCode::NotConnected;
}

QString Session::codeOf(PeerConnection::Error error)
{
    return QString::fromLatin1(QMetaEnum::fromType<PeerConnection::Error>().valueToKey(int(error)));
}

void Session::tellError(const PeerConnection &connection, PeerConnection::Error error)
{
    m_log.error(codeOf(error), connection.errorString());
    if (error == PeerConnection::Error::NoPath || error == PeerConnection::Error::HandshakeFailed
        || error == PeerConnection::Error::ConnectionLost)
        m_log.report(connection.report());
}

ConnectSession::ConnectSession(const Options &options)
    : Session(options)
{
    m_connection.setDestination(options.address);
    m_connection.setIdentity(options.identity);
    m_connection.setPlainAllowed(options.allowPlain);
    if (options.patience)
        m_connection.setPatience(int(options.patience->count()));
    m_connection.setTrustedCertificates(options.authorities);
    m_connection.setProxy(options.proxy);
    m_connection.setIceServers(options.iceServers);

    connect(&m_connection, &PeerConnection::stateChanged, this,
            [this](PeerConnection::State state) { m_log.state(state); });
    connect(&m_connection, &PeerConnection::connected, this, [this] {
        m_wasConnected = true;
        m_timeout.stop();
    });
    connect(&m_connection, &PeerConnection::pathChanged, this,
            [this] { m_log.path(m_connection.path()); });
    connect(&m_connection, &PeerConnection::errorOccurred, this,
            [this](PeerConnection::Error error) {
                tellError(m_connection, error);
                if (!m_isDone)
                    m_exitCode = exitCodeOf(error, m_wasConnected);
            });
    connect(&m_connection, &PeerConnection::closed, this, &ConnectSession::handleClosed);
    m_timeout.setSingleShot(true);
    connect(&m_timeout, &QTimer::timeout, this, [this] {
        m_log.error(codeOf(PeerConnection::Error::Cancelled),
                    u"there was no connection within the time given by --timeout"_s);
        m_exitCode = ExitCode::NotConnected;
        m_connection.abort();
    });
}

void ConnectSession::start()
{
    PeerChannel *channel = m_connection.openChannel(ChannelLabel);
    auto *exchange = new Exchange(channel, this);
    connect(exchange, &Exchange::finished, this, [this] {
        m_isDone = true;
        m_connection.close();
    });
    connect(exchange, &Exchange::failed, this, [this](const QString &reason) {
        m_log.error(u"Stream"_s, reason);
        m_exitCode = ExitCode::ConnectionLost;
        m_connection.close();
    });
    connect(&m_connection, &PeerConnection::closed, exchange, [this] {
        if (m_isDone || m_exitCode != ExitCode::Done)
            return;
        m_log.error(u"ClosedEarly"_s,
                    u"the peer closed the connection before both sides were done"_s);
        m_exitCode = ExitCode::ConnectionLost;
    });
    if (m_options.timeout)
        m_timeout.start(*m_options.timeout);
    m_connection.open();
}

void ConnectSession::interrupt()
{
    m_isDone = true;
    if (m_wasConnected)
        m_connection.close();
    else
        m_connection.abort();
}

void ConnectSession::handleClosed()
{
    m_log.closed();
    // After the other slots of closed(): one of them may still set the exit code.
    QMetaObject::invokeMethod(
        this, [this] { Q_EMIT finished(m_exitCode); }, Qt::QueuedConnection);
}

ListenSession::ListenSession(const Options &options)
    : Session(options)
{
    m_listener.setListenAddress(options.address.toUrl(PeerAddress::Format::WithToken));
    m_listener.setIdentity(options.identity.isNull() ? PeerIdentity::create() : options.identity);
    m_listener.setPlainAllowed(options.allowPlain);
    m_listener.setTrustedCertificates(options.authorities);
    m_listener.setProxy(options.proxy);
    m_listener.setIceServers(options.iceServers);
    m_listener.setAllowedIds(options.allowedIds);
    m_listener.setAutoAccept(true);
    if (!options.echo || options.once)
        m_listener.setMaxConnections(1);
    connect(&m_listener, &PeerListener::listening, this,
            [this] { m_log.listening(m_listener.address()); });
    connect(&m_listener, &PeerListener::errorOccurred, this, &ListenSession::handleListenerError);
    connect(&m_listener, &PeerListener::incomingConnection, this, &ListenSession::handleIncoming);
}

void ListenSession::start()
{
    m_listener.listen();
}

void ListenSession::interrupt()
{
    m_isDone = true;
    if (!m_current) {
        Q_EMIT finished(ExitCode::Done);
        return;
    }
    m_current->close();
}

void ListenSession::handleListenerError(PeerConnection::Error error)
{
    m_log.error(codeOf(error), m_listener.errorString());
    if (m_listener.state() == PeerListener::State::Closed && !m_current)
        Q_EMIT finished(exitCodeOf(error, false));
}

void ListenSession::handleIncoming(PeerConnection *connection)
{
    if (m_options.patience)
        connection->setPatience(int(m_options.patience->count()));
    if (!m_options.echo || m_options.once)
        m_current = connection;
    connect(connection, &PeerConnection::stateChanged, this,
            [this](PeerConnection::State state) { m_log.state(state); });
    connect(connection, &PeerConnection::pathChanged, this,
            [this, connection] { m_log.path(connection->path()); });
    connect(connection, &PeerConnection::errorOccurred, this,
            [this, connection](PeerConnection::Error error) { tellError(*connection, error); });
    connect(connection, &PeerConnection::channelOpened, this,
            [this, connection](PeerChannel *channel) { handleChannel(connection, channel); });
    connect(connection, &PeerConnection::closed, this,
            [this, connection] { handleClosed(connection); });
}

void ListenSession::handleChannel(PeerConnection *connection, PeerChannel *channel)
{
    if (channel->label() != ChannelLabel)
        return;
    if (m_options.echo) {
        new Echo(channel);
        return;
    }
    if (m_exchange)
        return; // standard input has one reader
    m_exchange = new Exchange(channel, this);
    connect(m_exchange, &Exchange::finished, this, [this] { m_isDone = true; });
    connect(m_exchange, &Exchange::failed, connection, [this, connection](const QString &reason) {
        m_log.error(u"Stream"_s, reason);
        connection->close();
    });
}

void ListenSession::handleClosed(PeerConnection *connection)
{
    m_log.closed();
    const PeerConnection::Error error = connection->error();
    const bool wasCurrent = connection == m_current;
    if (wasCurrent)
        m_current = nullptr;
    connection->deleteLater();
    if (!wasCurrent)
        return;
    if (m_options.echo) {
        Q_EMIT finished(error == PeerConnection::Error::None ? ExitCode::Done
                                                             : exitCodeOf(error, true));
        return;
    }
    if (m_isDone) {
        Q_EMIT finished(ExitCode::Done);
    } else if (m_exchange && m_exchange->isWritingOut()) {
        // The caller has gone, as it may; our reader is slower.
        connect(m_exchange, &Exchange::finished, this, [this] { Q_EMIT finished(ExitCode::Done); });
        connect(m_exchange, &Exchange::failed, this, [this](const QString &reason) {
            m_log.error(u"Stream"_s, reason);
            Q_EMIT finished(ExitCode::ConnectionLost);
        });
    } else if (m_exchange || m_options.once) {
        // Standard input cannot be read again for the next caller.
        if (error == PeerConnection::Error::None)
            m_log.error(u"ClosedEarly"_s,
                        u"the peer closed the connection before both sides were done"_s);
        Q_EMIT finished(exitCodeOf(error, m_exchange != nullptr));
    }
}
