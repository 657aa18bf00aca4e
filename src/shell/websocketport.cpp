// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/websocketport.h"

#include "shell/systemproxies.h"
#include "shell/websocketdatagrams.h"
#include "shell/websocketrace.h"

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qabstractsocket.h>
#include <QtWebSockets/qwebsocket.h>

#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

/// From close() to the end, for a peer that does not close its side.
constexpr std::chrono::milliseconds CloseTimeout{3000};

} // namespace

class WebSocketPort::Private : public QObject
{
public:
    Private(WebSocketPort *port, const WebSocketOptions &portOptions);

    void begin();
    void tryNextProxy();
    void handleRaceWon();
    void handleRaceLost();

    void adopt(WebSocketPointer opened);
    void noteHeard();
    void checkIdle();
    void handleWritten();
    void handleError(QAbstractSocket::SocketError socketError);
    void handleDisconnected();

    bool hasRoom(qint64 octets);
    void finish(Error error, const QString &text);

    WebSocketPort *const q;
    /// With the proxy that is tried.
    WebSocketOptions options;
    State state = State::Idle;
    Error error = Error::None;
    QString errorString;
    quint16 closeCode = 0;
    QString closeReason;
    QByteArray peerKey;

    // Connecting
    std::shared_ptr<SystemProxies> systemProxies;
    QList<QNetworkProxy> untriedProxies;
    std::unique_ptr<WebSocketRace> race;

    // Open and Closing
    WebSocketPointer socket;
    /// With carriesDatagrams; gone before the socket.
    std::unique_ptr<WebSocketDatagrams> datagrams;
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
    idleTimer.setSingleShot(true);
    closeTimer.setSingleShot(true);
    connect(&idleTimer, &QTimer::timeout, this, &Private::checkIdle);
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
    systemProxies = SystemProxies::shared();
    const auto take = [this](const QList<QNetworkProxy> &proxies) {
        untriedProxies = proxies;
        tryNextProxy();
    };
    if (options.proxy.type() == QNetworkProxy::DefaultProxy)
        systemProxies->find(url, this, take);
    else
        take({options.proxy});
}

void WebSocketPort::Private::tryNextProxy()
{
    if (state != State::Connecting)
        return;
    options.proxy = systemProxies->withCredentials(untriedProxies.takeFirst());
    race = std::make_unique<WebSocketRace>(options);
    connect(race.get(), &WebSocketRace::succeeded, this, &Private::handleRaceWon);
    connect(race.get(), &WebSocketRace::failed, this, &Private::handleRaceLost);
    race->start();
}

void WebSocketPort::Private::handleRaceWon()
{
    peerKey = race->peerKey();
    WebSocketPointer opened = race->takeSocket();
    race.release()->deleteLater(); // it is calling
    adopt(std::move(opened));
}

void WebSocketPort::Private::handleRaceLost()
{
    peerKey = race->peerKey();
    const Error why = race->error();
    const bool ledNowhere = why == Error::Unreachable || why == Error::HostNotFound
        || why == Error::ConnectTimeout;
    if (!ledNowhere || untriedProxies.isEmpty()) {
        finish(why, race->errorString());
        return;
    }
    race.release()->deleteLater(); // it is calling
    tryNextProxy();
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
    if (options.carriesDatagrams)
        datagrams = std::make_unique<WebSocketDatagrams>(s, WebSocketDatagrams::Options());
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
    if (race)
        race.release()->deleteLater(); // it may be calling
    idleTimer.stop();
    closeTimer.stop();
    if (socket && why == Error::IdleTimeout)
        socket->abort();
    datagrams.reset();
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
    d->race.reset();
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

void WebSocketPort::sendDatagram(const QByteArray &datagram)
{
    if (d->state == State::Open && d->datagrams)
        d->datagrams->send(datagram);
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

QNetworkProxy WebSocketPort::proxy() const
{
    return d->options.proxy;
}

} // namespace peer
