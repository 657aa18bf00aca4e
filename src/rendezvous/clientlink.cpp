// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/clientlink.h"

#include "shell/boottime.h"
#include "signaling/rendezvousproof.h"

namespace peer::rendezvous {

using namespace Qt::StringLiterals;

namespace {

/// For the close frame and what is queued before it; then the socket is dropped.
constexpr std::chrono::milliseconds CloseTime{3'000};

} // namespace

ClientLink::ClientLink(const AcceptedSocket &accepted, std::shared_ptr<const Policy> policy,
                       message::Welcome welcome, Counters &counters, QObject *parent)
    : QObject(parent)
    , m_socket(accepted.socket)
    , m_policy(std::move(policy))
    , m_counters(counters)
    , m_address(accepted.address)
    , m_challenge(welcome.challenge)
    , m_silence(bootTimeNow())
{
    m_socket->setParent(nullptr);
    m_socket->setMaxAllowedIncomingMessageSize(quint64(m_policy->limits.messageSize));
    m_socket->setMaxAllowedIncomingFrameSize(quint64(m_policy->limits.messageSize));
    connect(m_socket.get(), &QWebSocket::textMessageReceived, this, &ClientLink::receive);
    connect(m_socket.get(), &QWebSocket::binaryMessageReceived, this,
            [this] { fail(FatalError::Malformed, "Binary messages are not understood here."_L1); });
    connect(m_socket.get(), &QWebSocket::pong, this, [this] { m_silence.heard(bootTimeNow()); });
    connect(m_socket.get(), &QWebSocket::disconnected, this, &ClientLink::ended,
            Qt::QueuedConnection);

    m_helloTimer.setSingleShot(true);
    connect(&m_helloTimer, &QTimer::timeout, this,
            [this] { fail(FatalError::Malformed, "No hello came in time."_L1); });
    m_helloTimer.start(m_policy->limits.helloTime);
    connect(&m_pingTimer, &QTimer::timeout, this, &ClientLink::checkSilence);
    m_pingTimer.start(m_policy->limits.pingInterval);

    // Strangers get no relay where they get nothing else.
    if (m_policy->isPublic())
        welcome.turn = m_policy->mintTurn();
    m_hasTurn = welcome.turn.has_value();
    send(welcome);
}

ClientLink::~ClientLink()
{
    // Otherwise its destruction would still call us.
    m_socket->disconnect(this);
}

void ClientLink::send(const ServerMessage &message)
{
    if (m_isFailed)
        return;
    if (m_socket->bytesToWrite() > m_policy->limits.sendQueue) {
        fail(FatalError::Rate, {});
        m_socket->abort();
        return;
    }
    m_socket->sendTextMessage(QString::fromUtf8(toJson(message)));
}

void ClientLink::sendReady(bool isResumed)
{
    message::Ready ready{isResumed};
    if (!m_hasTurn)
        ready.turn = m_policy->mintTurn();
    send(ready);
}

void ClientLink::close(QWebSocketProtocol::CloseCode code)
{
    m_isFailed = true;
    m_helloTimer.stop();
    m_socket->close(code);
    QTimer::singleShot(CloseTime, m_socket.get(), &QWebSocket::abort);
}

void ClientLink::fail(FatalError cause, const QString &text)
{
    if (m_isFailed)
        return;
    m_socket->sendTextMessage(QString::fromUtf8(toJson(message::Error{cause, text})));
    close(QWebSocketProtocol::CloseCodePolicyViolated);
}

void ClientLink::checkSilence()
{
    if (m_silence.asks(bootTimeNow(), m_policy->limits)) {
        m_socket->ping();
    } else {
        m_wasSilent = true;
        m_socket->abort();
    }
}

bool ClientLink::isWithinRate(qsizetype octets)
{
    const TimePoint now = bootTimeNow();
    return m_messages.take(now, m_policy->limits.messageRate)
        && m_octets.take(now, m_policy->limits.octetRate, double(octets));
}

/// Beyond the rate: whoever waits for an answer is told, the rest is dropped.
void ClientLink::drop(const QByteArray &utf8)
{
    ++m_counters.messagesDropped;
    if (!m_dropped.take(bootTimeNow(), m_policy->limits.droppedRate)) {
        fail(FatalError::Rate, "Too many messages a second."_L1);
        return;
    }
    const Result<ClientMessage, MessageError> message = parseClientMessage(utf8);
    if (!message || !m_isGreeted)
        return;
    if (const auto *call = std::get_if<message::Call>(&*message))
        send(message::Failed{call->call, CallFailure::Rate});
    else if (const auto *request = std::get_if<message::Register>(&*message))
        send(message::NotRegistered{request->name, RegistrationFailure::Rate});
    else if (const auto *mint = std::get_if<message::Mint>(&*message))
        send(message::NotMinted{mint->request, MintFailure::Rate});
    else if (const auto *watch = std::get_if<message::Watch>(&*message))
        send(message::NotWatched{watch->name, WatchFailure::Rate});
}

void ClientLink::receive(const QString &text)
{
    m_silence.heard(bootTimeNow());
    const QByteArray utf8 = text.toUtf8();
    if (m_isFailed)
        return;
    if (!isWithinRate(utf8.size())) {
        drop(utf8);
        return;
    }
    const Result<ClientMessage, MessageError> message = parseClientMessage(utf8);
    if (!message) {
        if (message.error().kind == MessageError::Kind::UnknownType && m_isGreeted)
            return;
        ++m_counters.messagesMalformed;
        fail(FatalError::Malformed, message.error().text);
    } else if (const auto *hello = std::get_if<message::Hello>(&*message)) {
        takeHello(*hello);
    } else if (!m_isGreeted) {
        ++m_counters.messagesMalformed;
        fail(FatalError::Malformed, "The first message must be a hello."_L1);
    } else if (std::holds_alternative<message::RenewTurn>(*message)) {
        if (const auto turn = m_policy->mintTurn())
            send(message::Turn{*turn});
    } else {
        Q_EMIT messageReceived(*message);
    }
}

void ClientLink::takeHello(const message::Hello &hello)
{
    if (m_isGreeted) {
        ++m_counters.messagesMalformed;
        fail(FatalError::Malformed, "There was a hello already."_L1);
        return;
    }
    if (!hello.version.isCompatibleWith(ownProtocolVersion)) {
        ++m_counters.versionsRefused;
        fail(FatalError::Version,
             "This rendezvous speaks version %1 of the protocol, and you speak %2."_L1.arg(
                 ownProtocolVersion.toString(), hello.version.toString()));
        return;
    }
    if (!m_policy->isTokenGood(hello.token)) {
        ++m_counters.tokensRefused;
        fail(FatalError::Token, "This rendezvous is closed to those without its token."_L1);
        return;
    }
    QString id;
    if (hello.identity) {
        if (m_policy->isForUs(*hello.identity))
            id = provenId(*hello.identity, m_challenge);
        if (id.isEmpty()) {
            ++m_counters.proofsRefused;
            fail(FatalError::Proof, "The proof of the key is not valid here."_L1);
            return;
        }
    }
    m_isGreeted = true;
    m_helloTimer.stop();
    Q_EMIT helloAccepted(id, hello.ticket);
}

} // namespace peer::rendezvous
