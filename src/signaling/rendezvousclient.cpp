// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/rendezvousclient_p.h"

#include <QtCore/qpointer.h>

namespace peer {

using namespace Qt::StringLiterals;
using namespace rendezvous;

namespace {

/// A connection that has stood so long is none that is refused again at once.
constexpr std::chrono::milliseconds SteadyTime{5'000};

/// What the server sent on a connection before it heard of the next one has arrived by then, even
/// if TCP had to repeat it twice. The server ends the former connection at once.
constexpr std::chrono::milliseconds FarewellTime{3'000};

/// A request for new TURN credentials may be lost with its connection, or dropped for its rate.
constexpr std::chrono::milliseconds TurnRetry{10'000};

/// Whether the same answer would come again. Something else than a rendezvous may be a proxy whose
/// server is about to come back.
bool isDefinite(RendezvousClient::Error error)
{
    using Error = RendezvousClient::Error;
    switch (error) {
    case Error::None:
    case Error::Unreachable:
    case Error::NotRendezvous:
        return false;
    case Error::CertificateRefused:
    case Error::PinMismatch:
    case Error::OtherVersion:
    case Error::TokenRefused:
    case Error::ProofRefused:
    case Error::ProxyAuthentication:
    case Error::Overloaded:
        break;
    }
    return true;
}

} // namespace

// ---- The connection

RendezvousClient::Private::Private(RendezvousClient *client, const RendezvousConfig &configuration)
    : q(client)
    , config(configuration)
{
    retryTimer.setSingleShot(true);
    steadyTimer.setSingleShot(true);
    connect(&retryTimer, &QTimer::timeout, q, [this] { startRace(); });
    connect(&steadyTimer, &QTimer::timeout, q, [this] { backoff.reset(); });
    turnTimer.setSingleShot(true);
    connect(&turnTimer, &QTimer::timeout, q, [this] {
        if (link)
            link->send(message::RenewTurn{});
        turnTimer.start(TurnRetry);
    });
    watchTimer.setSingleShot(true);
    connect(&watchTimer, &QTimer::timeout, q, [this] { askAgain(); });
    farewellTimer.setSingleShot(true);
    connect(&farewellTimer, &QTimer::timeout, q, [this] { retired.reset(); });
}

void RendezvousClient::Private::startRace()
{
    if (race)
        return;
    retryTimer.stop();
    race = std::make_unique<HostRace>(config);
    connect(race.get(), &HostRace::won, q, [this] { noteRaceWon(); });
    connect(race.get(), &HostRace::lost, q, [this] { noteRaceLost(); });
    race->start();
    if (!link)
        setState(State::Connecting);
}

void RendezvousClient::Private::noteRaceWon()
{
    std::unique_ptr<RendezvousLink> winner = race->takeWinner();
    race.release()->deleteLater();
    takeLink(std::move(winner));
}

void RendezvousClient::Private::noteRaceLost()
{
    const Error reason = race->error();
    const QString text = race->errorString();
    refusedProxy = race->proxy();
    race.release()->deleteLater();
    if (link)
        return; // the present connection may yet be good
    error = reason;
    errorString = text;
    retryLater(reason);
    Q_EMIT q->errorOccurred(reason, text);
}

void RendezvousClient::Private::noteLinkEnded()
{
    const Error reason = link->error();
    const QString text = link->errorString();
    link->disconnect(q);
    link.release()->deleteLater();
    steadyTimer.stop();
    turnTimer.stop();
    forgetPresence();
    if (race) {
        setState(State::Connecting);
        return;
    }
    // A connection that was merely lost is no error until it does not return.
    if (reason == Error::Unreachable) {
        retryLater(reason);
        return;
    }
    error = reason;
    errorString = text;
    retryLater(reason);
    Q_EMIT q->errorOccurred(reason, text);
}

void RendezvousClient::Private::retryLater(Error reason)
{
    if (isDefinite(reason))
        backoff.setLongest();
    retryTimer.start(backoff.next(random));
    setState(State::Waiting);
}

void RendezvousClient::Private::takeLink(std::unique_ptr<RendezvousLink> fresh)
{
    if (link && link->host() == fresh->host())
        retireLink();
    else if (link)
        dropLink();
    link = std::move(fresh);
    connect(link.get(), &RendezvousLink::ended, q, [this] { noteLinkEnded(); });
    connect(link.get(), &RendezvousLink::messageReceived, q, [this](const ServerMessage &received) {
        std::visit([this](const auto &it) { handle(it); }, received);
    });
    const message::Welcome &welcome = link->welcome();
    info = {welcome.stun, welcome.address, link->host(), welcome.limits.message,
            welcome.limits.calls};
    info.hasTunnels = welcome.hasTunnels;
    turnTimer.stop();
    if (welcome.turn)
        takeTurn(*welcome.turn);
    steadyTimer.start(SteadyTime);
    sendFirstFlight();
    setState(State::Connecting);
    Q_EMIT q->serverInfo(info);
}

void RendezvousClient::Private::dropLink()
{
    link->disconnect(q);
    link.release()->deleteLater();
}

/// The server speaks on the connection that it knows until it has read the hello of the next. Of
/// what it said there calls and their signals still count.
void RendezvousClient::Private::retireLink()
{
    link->disconnect(q);
    retired = std::move(link);
    connect(retired.get(), &RendezvousLink::ended, q, [this] {
        farewellTimer.stop();
        retired.release()->deleteLater();
    });
    connect(retired.get(), &RendezvousLink::messageReceived, q,
            [this](const ServerMessage &received) {
                if (const auto *incoming = std::get_if<message::Incoming>(&received))
                    handle(*incoming);
                else if (const auto *signal = std::get_if<message::Signal>(&received))
                    handle(*signal);
            });
    farewellTimer.start(FarewellTime);
}

/// Everything that does not depend on whether the server remembers us. An answered call does: its
/// signals wait for "ready".
void RendezvousClient::Private::sendFirstFlight()
{
    link->sendHello(ticketFor(link->host()));
    for (const QString &name : std::as_const(names))
        link->send(message::Register{name});
    sendWishes();
    for (CallRecord &record : calls.records()) {
        record.isAnnouncedAgain = false;
        if (!record.isAnswered && !record.isElsewhere) {
            announce(record);
            flushWaiting(record);
        }
    }
}

QByteArray RendezvousClient::Private::ticketFor(const RendezvousHost &host)
{
    QByteArray &ticket = tickets[host.toString()];
    if (ticket.isEmpty()) {
        ticket.resize(TicketSize);
        random.fill({reinterpret_cast<std::uint8_t *>(ticket.data()), std::size_t(TicketSize)});
    }
    return ticket;
}

/// From the event loop, for it is also called from within the client's functions.
void RendezvousClient::Private::setState(State next)
{
    if (state == next)
        return;
    state = next;
    QMetaObject::invokeMethod(
        q,
        [this, next] {
            if (state == next)
                Q_EMIT q->stateChanged(next);
        },
        Qt::QueuedConnection);
}

int RendezvousClient::Private::maxMessageSize() const
{
    return info.maxSignalSize > 0 ? info.maxSignalSize : AnnouncedLimits().message;
}

// ---- The class

RendezvousClient::RendezvousClient(const RendezvousConfig &config, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, config))
{ }

RendezvousClient::~RendezvousClient() = default;

void RendezvousClient::open()
{
    if (d->state == State::Idle)
        d->startRace();
}

RendezvousClient::State RendezvousClient::state() const
{
    return d->state;
}

const RendezvousConfig &RendezvousClient::config() const
{
    return d->config;
}

const RendezvousInfo &RendezvousClient::info() const
{
    return d->info;
}

RendezvousClient::Error RendezvousClient::error() const
{
    return d->error;
}

QString RendezvousClient::errorString() const
{
    return d->errorString;
}

const QNetworkProxy &RendezvousClient::refusedProxy() const
{
    return d->refusedProxy;
}

void RendezvousClient::registerName(const QString &name)
{
    const QString id = d->config.identity ? QString::fromStdString(d->config.identity->id())
                                          : QString();
    const QString asked = name.isEmpty() ? id : name;
    const auto failLater = [this, asked](NameError error, const QString &text) {
        QMetaObject::invokeMethod(
            this, [=, this] { Q_EMIT registrationFailed(asked, error, text); },
            Qt::QueuedConnection);
    };
    if (id.isEmpty()) {
        failLater(NameError::Unproven, u"A name can be registered with an identity only."_s);
        return;
    }
    if (!isValidName(asked)) {
        failLater(NameError::Invalid, u"\"%1\" is not a valid name."_s.arg(asked));
        return;
    }
    d->names.insert(asked);
    if (d->link)
        d->link->send(message::Register{asked});
    open();
}

void RendezvousClient::unregisterName(const QString &name)
{
    const QString asked = name.isEmpty() && d->config.identity
        ? QString::fromStdString(d->config.identity->id())
        : name;
    if (d->names.remove(asked) && d->link)
        d->link->send(message::Unregister{asked});
}

void RendezvousClient::call(const QString &callId, const QString &targetName,
                            const QString &service, const QJsonObject &offer)
{
    d->addCall({callId, targetName, service, offer});
    open();
}

bool RendezvousClient::sendSignal(const QString &callId, const QJsonObject &signal)
{
    CallRecord *record = d->calls.find(callId);
    if (!record || record->isEnding)
        return false;
    if (record->isElsewhere)
        return d->fallback->sendSignal(callId, signal);
    const QByteArray json = toJson(
        ClientMessage(message::Signal{record->call, record->side, signal}));
    if (json.size() > d->maxMessageSize())
        return false;
    if (!record->isAnswered && d->config.hosts.size() > 1
        && record->early.size() < MaxWaitingSignals) {
        record->early.append(signal);
    }
    // Before "ready" only the signals of a call that was announced in the same flight may go.
    if (d->isReady() || (d->link && !record->isAnswered))
        return d->link->sendJson(json);
    if (record->waiting.size() >= MaxWaitingSignals)
        return false;
    record->waiting.append(json);
    return true;
}

void RendezvousClient::endCall(const QString &callId)
{
    CallRecord *record = d->calls.find(callId);
    if (!record)
        return;
    if (record->isElsewhere) {
        d->fallback->endCall(callId);
        d->calls.remove(callId);
    } else if (d->isReady() || (d->link && !record->isAnswered)) {
        d->sendEnd(*record);
        d->calls.remove(callId);
    } else if (record->waiting.isEmpty() || !record->isAnswered) {
        d->calls.remove(callId);
    } else {
        record->isEnding = true;
    }
}

void RendezvousClient::checkConnection()
{
    if (d->state == State::Idle)
        return;
    d->backoff.reset();
    if (d->fallback)
        d->fallback->checkConnections();
    d->startRace();
}

} // namespace peer
