// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signalsession.h"

#include "exchange.h"

#include <QtCore/qmetaobject.h>

using namespace Qt::StringLiterals;

namespace {

/// A signal has 64 KiB at most; a line without an end is not kept for ever.
constexpr qsizetype MaxLine = 128 * 1024;
/// What is wrong with the signals, in the log.
const QString SignalError = u"Signal"_s;

} // namespace

SignalSession::SignalSession(const Options &options)
    : Session(options)
    , m_signalsIn(options.signalDescriptors->in, this)
    , m_signalsOut(options.signalDescriptors->out, this)
{
    m_connection.setSignaling(PeerConnection::Signaling::Jsep);
    m_connection.setLoopbackAllowed(options.withLoopback);
    m_connection.setAllowedPaths(options.paths);
    m_connection.setIdentity(options.identity);
    m_connection.setExpectedPeerIds(options.allowedIds);
    if (options.patience)
        m_connection.setPatience(int(options.patience->count()));
    m_connection.setTrustedCertificates(options.authorities);
    m_connection.setProxy(options.proxy);
    m_connection.setIceServers(options.iceServers);

    connect(&m_connection, &PeerConnection::signalReady, this,
            [this](const QByteArray &signal) { m_signalsOut.write(signal + '\n'); });
    connect(&m_signalsIn, &StandardInput::chunkRead, this, &SignalSession::readSignals);
    connect(&m_signalsIn, &StandardInput::failed, this, [this](const QString &reason) {
        failSignaling(u"cannot read the peer's signals: %1"_s.arg(reason));
    });
    connect(&m_signalsOut, &StandardOutput::failed, this, [this](const QString &reason) {
        failSignaling(u"cannot write signals: %1"_s.arg(reason));
    });
    connect(&m_connection, &PeerConnection::stateChanged, this,
            [this](PeerConnection::State state) {
                m_log.state(state);
                if (state == PeerConnection::State::Ringing && !isCaller())
                    m_connection.accept();
            });
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
    connect(&m_connection, &PeerConnection::channelOpened, this, &SignalSession::useChannel);
    connect(&m_connection, &PeerConnection::closed, this, &SignalSession::handleClosed);
    m_timeout.setSingleShot(true);
    connect(&m_timeout, &QTimer::timeout, this, [this] {
        fail(codeOf(PeerConnection::Error::Cancelled),
             u"there was no connection within the time given by --timeout"_s);
    });
}

void SignalSession::start()
{
    if (m_options.timeout)
        m_timeout.start(*m_options.timeout);
    m_signalsIn.setReading(true);
    if (!isCaller())
        return;
    useChannel(m_connection.openChannel(ChannelLabel));
    m_connection.open();
}

void SignalSession::interrupt()
{
    m_isDone = true;
    if (m_wasConnected)
        m_connection.close();
    else
        m_connection.abort();
}

void SignalSession::readSignals(const QByteArray &octets)
{
    m_line += octets;
    qsizetype begin = 0;
    for (qsizetype end; (end = m_line.indexOf('\n', begin)) >= 0; begin = end + 1) {
        const QByteArray signal = m_line.sliced(begin, end - begin).trimmed();
        QString fault;
        // What comes too late is nobody's fault.
        if (!signal.isEmpty() && !m_connection.handleSignal(signal, &fault) && !isOver())
            m_log.error(SignalError, fault);
    }
    m_line.remove(0, begin);
    if (m_line.size() <= MaxLine)
        return;
    m_signalsIn.setReading(false);
    m_line.clear();
    failSignaling(u"a line of the peer's signals does not end"_s);
}

bool SignalSession::isOver() const
{
    return m_isDone || m_exitCode != ExitCode::Done
        || m_connection.state() == PeerConnection::State::Closed;
}

void SignalSession::useChannel(PeerChannel *channel)
{
    if (channel->label() != ChannelLabel || m_exchange)
        return;
    if (m_options.echo) {
        new Echo(channel);
        return;
    }
    m_exchange = new Exchange(channel, this);
    connect(m_exchange, &Exchange::finished, this, [this] {
        m_isDone = true;
        if (isCaller())
            m_connection.close();
    });
    connect(m_exchange, &Exchange::failed, this,
            [this](const QString &reason) { fail(u"Stream"_s, reason); });
}

/// A call that stands goes on without its carrier.
void SignalSession::failSignaling(const QString &reason)
{
    if (m_wasConnected && !isOver())
        m_log.error(SignalError, reason);
    else
        fail(SignalError, reason);
}

void SignalSession::fail(const QString &code, const QString &reason)
{
    if (m_isDone || m_exitCode != ExitCode::Done)
        return;
    m_log.error(code, reason);
    m_exitCode = m_wasConnected ? ExitCode::ConnectionLost : ExitCode::NotConnected;
    if (m_wasConnected)
        m_connection.close();
    else
        m_connection.abort();
}

void SignalSession::handleClosed()
{
    m_log.closed();
    const bool isWritingOut = m_exchange && m_exchange->isWritingOut();
    if (isWritingOut) {
        // The peer has gone, as it may; our reader is slower.
        connect(m_exchange, &Exchange::finished, this, [this] { Q_EMIT finished(ExitCode::Done); });
        return;
    }
    if (!m_isDone && !m_options.echo && m_exitCode == ExitCode::Done) {
        m_log.error(u"ClosedEarly"_s,
                    u"the peer closed the connection before both sides were done"_s);
        m_exitCode = ExitCode::ConnectionLost;
    }
    // After the other slots of closed().
    QMetaObject::invokeMethod(
        this, [this] { Q_EMIT finished(m_exitCode); }, Qt::QueuedConnection);
}
