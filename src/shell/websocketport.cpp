// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/websocketport.h"

#include "shell/resolver.h"
#include "shell/websocketattempt.h"

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qabstractsocket.h>
#include <QtWebSockets/qwebsocket.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

/// RFC 8305 section 5 (Connection Attempt Delay): 250 ms recommended, the next address is tried
/// then, or at once when the one before it failed.
constexpr std::chrono::milliseconds AttemptDelay{250};
/// Addresses of one host that are tried at all.
constexpr std::size_t MaxAttempts = 8;
/// From close() to the end, for a peer that does not close its side.
constexpr std::chrono::milliseconds CloseTimeout{3000};

/// How much a failure tells, so that of several attempts the most telling one is reported.
int weight(WebSocketPort::Error error)
{
    switch (error) {
    case WebSocketPort::Error::None:
        return 0;
    case WebSocketPort::Error::HostNotFound:
    case WebSocketPort::Error::ConnectTimeout:
        return 1;
    case WebSocketPort::Error::Unreachable:
        return 2;
    case WebSocketPort::Error::TlsFailed:
        return 3;
    case WebSocketPort::Error::UpgradeRefused:
        return 4;
    case WebSocketPort::Error::CertificateRefused:
    case WebSocketPort::Error::PinMismatch:
        return 5;
    case WebSocketPort::Error::BadUrl:
    case WebSocketPort::Error::MessageTooLarge:
    case WebSocketPort::Error::ProtocolError:
    case WebSocketPort::Error::ClosedByPeer:
    case WebSocketPort::Error::ConnectionLost:
    case WebSocketPort::Error::IdleTimeout:
        return 6;
    }
    return 0;
}

} // namespace

class WebSocketPort::Private : public QObject
{
public:
    Private(WebSocketPort *port, const WebSocketOptions &portOptions);

    void begin();
    void race(const std::vector<IpAddress> &addresses);
    void startAttempt();
    void handleAttemptSucceeded(WebSocketAttempt *attempt);
    void handleAttemptFailed(WebSocketAttempt *attempt);
    void endAttempts();

    void adopt(WebSocketPointer opened);
    void noteHeard();
    void checkIdle();
    void handleWritten();
    void handleError(QAbstractSocket::SocketError socketError);
    void handleDisconnected();

    bool hasRoom(qint64 octets);
    void finish(Error error, const QString &text);

    WebSocketPort *const q;
    const WebSocketOptions options;
    State state = State::Idle;
    Error error = Error::None;
    QString errorString;
    quint16 closeCode = 0;
    QString closeReason;
    QByteArray peerKey;

    // Connecting
    Resolver resolver;
    QTimer connectTimer;
    QTimer attemptTimer;
    /// Still to be tried; nullopt = by the host's name.
    std::vector<std::optional<IpAddress>> targets;
    std::vector<std::unique_ptr<WebSocketAttempt>> attempts;
    Error attemptError = Error::None;
    QString attemptErrorString;

    // Open and Closing
    WebSocketPointer socket;
    QTimer idleTimer;
    QTimer closeTimer;
    QDeadlineTimer quietUntil;
    bool isPingOut = false;
    bool isRefusing = false;
    /// A close frame went or came (QWebSocket tells both by aboutToClose).
    bool hasCloseFrame = false;
};

WebSocketPort::Private::Private(WebSocketPort *port, const WebSocketOptions &portOptions)
    : q(port)
    , options(portOptions)
{
    for (QTimer *const timer : {&connectTimer, &attemptTimer, &idleTimer, &closeTimer})
        timer->setSingleShot(true);
    connect(&attemptTimer, &QTimer::timeout, this, &Private::startAttempt);
    connect(&idleTimer, &QTimer::timeout, this, &Private::checkIdle);
    connect(&connectTimer, &QTimer::timeout, this, [this] {
        if (weight(attemptError) > weight(Error::ConnectTimeout))
            finish(attemptError, attemptErrorString);
        else
            finish(Error::ConnectTimeout,
                   u"%1 did not answer within %2 s."_s.arg(options.url.host())
                       .arg(double(options.connectTimeout.count()) / 1000));
    });
    connect(&closeTimer, &QTimer::timeout, this, [this] { finish(error, errorString); });
}

void WebSocketPort::Private::begin()
{
    if (state != State::Connecting)
        return;
    const QUrl &url = options.url;
    const bool isKnownScheme = url.scheme() == "ws"_L1 || url.scheme() == "wss"_L1;
    const bool isPlain = url.userInfo().isEmpty() && !url.hasFragment();
    if (!url.isValid() || !isKnownScheme || url.host().isEmpty() || !isPlain) {
        finish(Error::BadUrl,
               u"A WebSocket URL is ws: or wss:, has a host, and neither user nor fragment."_s);
        return;
    }
    if (options.proxy.type() != QNetworkProxy::NoProxy) {
        targets = {std::nullopt};
        startAttempt();
        return;
    }
    if (!options.addresses.empty()) {
        race(options.addresses);
        return;
    }
    resolver.lookUp(url.host(), options.connectTimeout,
                    [this](const auto &addresses) { race(addresses); });
}

void WebSocketPort::Private::race(const std::vector<IpAddress> &addresses)
{
    for (const IpAddress &address : interleaveFamilies(addresses)) {
        if (targets.size() < MaxAttempts)
            targets.push_back(address);
    }
    if (targets.empty())
        finish(Error::HostNotFound, u"The name %1 has no address."_s.arg(options.url.host()));
    else
        startAttempt();
}

void WebSocketPort::Private::startAttempt()
{
    if (state != State::Connecting || targets.empty())
        return;
    const auto target = targets.front();
    targets.erase(targets.begin());
    attempts.push_back(std::make_unique<WebSocketAttempt>(options, target));
    WebSocketAttempt *const attempt = attempts.back().get();
    // Not queued: a message may come in the same segment as the 101 answer, right after this.
    connect(attempt, &WebSocketAttempt::succeeded, this,
            [this, attempt] { handleAttemptSucceeded(attempt); });
    // Queued, so that no attempt is deleted while it stands on the stack.
    connect(
        attempt, &WebSocketAttempt::failed, this, [this, attempt] { handleAttemptFailed(attempt); },
        Qt::QueuedConnection);
    if (!targets.empty())
        attemptTimer.start(AttemptDelay);
    attempt->start();
}

void WebSocketPort::Private::handleAttemptSucceeded(WebSocketAttempt *attempt)
{
    if (state != State::Connecting)
        return;
    peerKey = attempt->peerKey();
    WebSocketPointer opened = attempt->takeSocket();
    // It stands on the stack.
    const auto winner = std::find_if(attempts.begin(), attempts.end(),
                                     [attempt](const auto &each) { return each.get() == attempt; });
    winner->release()->deleteLater();
    attempts.erase(winner);
    endAttempts();
    adopt(std::move(opened));
}

void WebSocketPort::Private::handleAttemptFailed(WebSocketAttempt *attempt)
{
    if (state != State::Connecting)
        return;
    if (weight(attempt->error()) >= weight(attemptError)) {
        attemptError = attempt->error();
        attemptErrorString = attempt->errorString();
        if (!attempt->peerKey().isEmpty())
            peerKey = attempt->peerKey();
    }
    std::erase_if(attempts, [attempt](const auto &each) { return each.get() == attempt; });
    if (!targets.empty())
        startAttempt();
    else if (attempts.empty())
        finish(attemptError, attemptErrorString);
}

void WebSocketPort::Private::endAttempts()
{
    connectTimer.stop();
    attemptTimer.stop();
    targets.clear();
    attempts.clear();
}

void WebSocketPort::Private::adopt(WebSocketPointer opened)
{
    socket = std::move(opened);
    QWebSocket *const s = socket.get();
    connect(s, &QWebSocket::aboutToClose, this, [this] { hasCloseFrame = true; });
    connect(s, &QWebSocket::disconnected, this, &Private::handleDisconnected);
    connect(s, &QWebSocket::bytesWritten, this, &Private::handleWritten);
    connect(s, &QWebSocket::pong, this, &Private::noteHeard);
    connect(s, qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this,
            &Private::handleError);
    connect(s, &QWebSocket::textMessageReceived, this, [this](const QString &message) {
        noteHeard();
        if (state == State::Open)
            Q_EMIT q->textReceived(message);
    });
    connect(s, &QWebSocket::binaryMessageReceived, this, [this](const QByteArray &message) {
        noteHeard();
        if (state == State::Open)
            Q_EMIT q->binaryReceived(message);
    });
    if (s->state() != QAbstractSocket::ConnectedState) {
        // It closed while the news of its opening was queued.
        handleDisconnected();
        return;
    }
    state = State::Open;
    noteHeard();
    if (options.pingInterval.count() > 0)
        idleTimer.start(options.pingInterval);
    Q_EMIT q->opened();
}

void WebSocketPort::Private::noteHeard()
{
    quietUntil.setRemainingTime(options.pingInterval);
    if (isPingOut)
        idleTimer.start(options.pingInterval);
    isPingOut = false;
}

void WebSocketPort::Private::checkIdle()
{
    // One timer that is looked at when it fires is cheaper than restarting it for each message.
    if (state != State::Open)
        return;
    if (isPingOut) {
        finish(Error::IdleTimeout,
               u"%1 has not been heard of for too long."_s.arg(options.url.host()));
        return;
    }
    if (!quietUntil.hasExpired()) {
        idleTimer.start(std::chrono::milliseconds(quietUntil.remainingTime() + 1));
        return;
    }
    isPingOut = true;
    idleTimer.start(options.pongTimeout);
    socket->ping();
}

void WebSocketPort::Private::handleWritten()
{
    if (!isRefusing || state != State::Open || q->bytesToWrite() > options.maxSendBuffer / 2)
        return;
    isRefusing = false;
    Q_EMIT q->writable();
}

void WebSocketPort::Private::handleError(QAbstractSocket::SocketError socketError)
{
    // The end itself is told by disconnected(); this only keeps the reason.
    if (socketError == QAbstractSocket::RemoteHostClosedError || error != Error::None)
        return;
    error = Error::ConnectionLost;
    errorString = u"The connection to %1 was lost: %2"_s.arg(options.url.host(),
                                                             socket->errorString());
}

void WebSocketPort::Private::handleDisconnected()
{
    if (state == State::Closing) {
        // Not from within close().
        QMetaObject::invokeMethod(
            this, [this] { finish(Error::None, {}); }, Qt::QueuedConnection);
        return;
    }
    const QString host = options.url.host();
    if (!hasCloseFrame) {
        finish(Error::ConnectionLost,
               errorString.isEmpty() ? u"The connection to %1 was lost."_s.arg(host) : errorString);
        return;
    }
    closeCode = quint16(socket->closeCode());
    closeReason = socket->closeReason();
    switch (closeCode) {
    case QWebSocketProtocol::CloseCodeNormal:
    case QWebSocketProtocol::CloseCodeGoingAway:
    case QWebSocketProtocol::CloseCodeMissingStatusCode:
        finish(Error::None, {});
        return;
    case QWebSocketProtocol::CloseCodeTooMuchData:
        finish(Error::MessageTooLarge, u"A message from or to %1 was too large."_s.arg(host));
        return;
    case QWebSocketProtocol::CloseCodeProtocolError:
    case QWebSocketProtocol::CloseCodeWrongDatatype:
        finish(Error::ProtocolError,
               u"%1 and we disagree about the WebSocket protocol: %2"_s.arg(host, closeReason));
        return;
    default: // any number from the network
        finish(Error::ClosedByPeer,
               u"%1 closed the connection with code %2: %3"_s.arg(host).arg(closeCode).arg(
                   closeReason));
        return;
    }
}

bool WebSocketPort::Private::hasRoom(qint64 octets)
{
    if (state != State::Open)
        return false;
    if (q->bytesToWrite() + octets <= options.maxSendBuffer)
        return true;
    isRefusing = true;
    return false;
}

void WebSocketPort::Private::finish(Error why, const QString &text)
{
    if (state == State::Closed)
        return;
    state = State::Closed;
    error = why;
    errorString = text;
    endAttempts();
    idleTimer.stop();
    closeTimer.stop();
    if (socket && why == Error::IdleTimeout)
        socket->abort();
    socket.reset();
    Q_EMIT q->closed();
}

WebSocketPort::WebSocketPort(const WebSocketOptions &options, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, options))
{ }

WebSocketPort::~WebSocketPort() = default;

void WebSocketPort::open()
{
    Q_ASSERT(d->state == State::Idle);
    if (d->state != State::Idle)
        return;
    d->state = State::Connecting;
    d->connectTimer.start(d->options.connectTimeout);
    QMetaObject::invokeMethod(
        d.get(), [this] { d->begin(); }, Qt::QueuedConnection);
}

void WebSocketPort::close(quint16 code, const QString &reason)
{
    if (d->state == State::Closing || d->state == State::Closed)
        return;
    if (d->state != State::Open) {
        abort();
        return;
    }
    d->state = State::Closing;
    d->idleTimer.stop();
    d->closeTimer.start(CloseTimeout);
    d->socket->close(QWebSocketProtocol::CloseCode(code), reason);
}

void WebSocketPort::abort()
{
    if (d->state == State::Closed)
        return;
    if (d->socket) {
        d->socket->disconnect(d.get());
        d->socket->abort();
    }
    d->endAttempts();
    d->idleTimer.stop();
    d->state = State::Closing;
    QMetaObject::invokeMethod(
        d.get(), [this] { d->finish(Error::None, {}); }, Qt::QueuedConnection);
}

bool WebSocketPort::sendText(const QString &message)
{
    const QByteArray utf8 = message.toUtf8();
    return d->hasRoom(utf8.size()) && d->socket->sendTextMessage(message) == utf8.size();
}

bool WebSocketPort::sendBinary(const QByteArray &message)
{
    return d->hasRoom(message.size()) && d->socket->sendBinaryMessage(message) == message.size();
}

qint64 WebSocketPort::bytesToWrite() const
{
    return d->socket ? d->socket->bytesToWrite() : 0;
}

WebSocketPort::State WebSocketPort::state() const
{
    return d->state;
}

WebSocketPort::Error WebSocketPort::error() const
{
    return d->state == State::Closed ? d->error : Error::None;
}

QString WebSocketPort::errorString() const
{
    return d->state == State::Closed ? d->errorString : QString();
}

quint16 WebSocketPort::closeCode() const
{
    return d->closeCode;
}

QString WebSocketPort::closeReason() const
{
    return d->closeReason;
}

QByteArray WebSocketPort::peerKey() const
{
    return d->peerKey;
}

} // namespace peer
