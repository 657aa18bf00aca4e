// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The two directions of a ConnectionLink: what the application asks of the session, and what the
// session tells the application.

#include "api/connectionworker.h"
#include "api/networkruntime.h"
#include "api/pathinfo.h"
#include "api/publicerror.h"
#include "signaling/signaljson.h"

#include <QtCore/qmetaobject.h>
#include <QtCore/qpointer.h>

#include <chrono>
#include <optional>
#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

/// PeerConnection::statistics() promises it.
constexpr std::chrono::seconds StatisticsInterval{1};

/// PeerChannel::bufferedAmount promises it.
constexpr std::chrono::milliseconds QuietTime{20};

/// How often we look whether the session is through with its farewell, which has a bound of its own.
constexpr std::chrono::seconds FarewellInterval{1};

/// How long a call that is hung up waits for the caller's default channel.
constexpr std::chrono::seconds DefaultChannelPatience{5};

/// The states of a session that the application sees as they are; the others it does not see.
std::optional<PeerConnection::State> toPublicState(SessionState state, bool isCaller)
{
    switch (state) {
    case SessionState::New:
        return std::nullopt;
    case SessionState::Calling:
        return isCaller ? PeerConnection::State::Dialing : PeerConnection::State::Ringing;
    case SessionState::Ringing:
        return PeerConnection::State::Ringing;
    case SessionState::Connecting:
        return PeerConnection::State::Connecting;
    case SessionState::Connected:
        return PeerConnection::State::Connected;
    case SessionState::Reconnecting:
        return PeerConnection::State::Reconnecting;
    case SessionState::Closing:
        return PeerConnection::State::Closing;
    case SessionState::Closed:
        return PeerConnection::State::Closed;
    }
    return std::nullopt;
}

/// What still has a meaning when the session is closed.
bool isOfFarewell(const Command &command)
{
    return std::holds_alternative<command::HandleSignal>(command)
        || std::holds_alternative<command::Abandon>(command);
}

} // namespace

void ConnectionWorker::takeCommands()
{
    if (!m_driver)
        return;
    m_driver->runTogether([this] {
        const QPointer<ConnectionWorker> guard(this);
        for (Command &command : m_link->commands.takeAll()) {
            if (isTakingLeave() && !isOfFarewell(command))
                continue;
            std::visit([this](auto &which) { process(which); }, command);
            if (!guard)
                return;
        }
        reportDrained();
    });
}

void ConnectionWorker::process(command::Accept &)
{
    m_ringTimer.stop();
    if (checkPolicy())
        m_driver->run([](Session &session, TimePoint now) { session.accept(now); });
}

void ConnectionWorker::process(command::Reject &command)
{
    const bool isBusy = command.reason == PeerConnection::RejectReason::Busy;
    m_driver->run([isBusy](Session &session, TimePoint now) {
        if (isBusy)
            session.close(now, Signal::Reason::Busy, "the peer is busy");
        else
            session.close(now, Signal::Reason::Rejected, "the peer declined the call");
    });
}

void ConnectionWorker::process(command::Close &)
{
    if (!isCaller() && m_driver->session().state() == SessionState::Calling) {
        command::Reject reject{PeerConnection::RejectReason::Rejected};
        process(reject);
        return;
    }
    const SessionState state = m_driver->session().state();
    const bool isAnswered = state >= SessionState::Connecting && state < SessionState::Closing;
    if (isAnswered && m_channels.isWaitingForDefault())
        hangUpAfterDefaultChannel();
    else
        hangUp();
}

/// What a callee sends before the caller's default channel is there waits for it (and once the
/// connection stands not for ever, for a peer of another kind opens none).
void ConnectionWorker::hangUpAfterDefaultChannel()
{
    if (!std::exchange(m_isHangingUp, true))
        m_link->notices.put(notice::StateChanged{PeerConnection::State::Closing});
    const bool isUp = m_driver->session().state() > SessionState::Connecting;
    if (isUp && !m_closeTimer.isActive())
        m_closeTimer.start(int(std::chrono::milliseconds(DefaultChannelPatience).count()), this);
}

void ConnectionWorker::hangUp()
{
    m_closeTimer.stop();
    m_driver->run([](Session &session, TimePoint now) {
        const bool isAnswered = session.state() >= SessionState::Connecting;
        session.close(now, isAnswered ? Signal::Reason::None : Signal::Reason::Cancelled,
                      isAnswered ? "" : "the caller hung up");
    });
}

void ConnectionWorker::process(command::Abort &)
{
    if (!isCaller() && m_driver->session().state() == SessionState::Calling) {
        command::Reject reject{PeerConnection::RejectReason::Rejected};
        process(reject);
        return;
    }
    m_closeTimer.stop();
    m_driver->run([](Session &session, TimePoint now) {
        session.close(now, Signal::Reason::Cancelled, "the peer hung up");
    });
}

void ConnectionWorker::process(command::Abandon &)
{
    m_isAbandoned = true;
    if (isTakingLeave()) {
        deleteLater(); // nobody carries anything
        return;
    }
    command::Close close;
    process(close);
}

void ConnectionWorker::process(command::SetPatience &command)
{
    m_driver->run([patience = command.patience](Session &session, TimePoint now) {
        session.setPatience(now, patience);
    });
}

void ConnectionWorker::process(command::OpenChannel &command)
{
    m_driver->run([&](Session &session, TimePoint now) { m_channels.open(session, now, command); });
}

void ConnectionWorker::process(command::Send &command)
{
    m_driver->run([&](Session &session, TimePoint now) {
        m_channels.send(session, now, std::move(command));
    });
}

void ConnectionWorker::process(command::CloseChannel &command)
{
    m_driver->run(
        [&](Session &session, TimePoint now) { m_channels.close(session, now, command); });
}

void ConnectionWorker::process(command::Taken &command)
{
    m_driver->run(
        [&](Session &session, TimePoint now) { m_channels.taken(session, now, command); });
}

void ConnectionWorker::process(command::ProxyCredentials &command)
{
    m_proxyQuestions.takeAnswer(command.proxy, command.user, command.password);
    m_driver->continueByProxy(command.proxy);
    if (!m_client)
        return;
    const bool isForRendezvous = m_client->state() != RendezvousClient::State::Ready
        && m_client->error() == RendezvousClient::Error::ProxyAuthentication;
    // Another connection, which shares this one's, may have been told them.
    if (!command.user.isEmpty() || m_runtime.proxies().knowsOthers(m_client->refusedProxy()))
        m_client->checkConnection();
    else if (isForRendezvous && m_driver->session().state() <= SessionState::Calling)
        giveUp(toPublicError(m_client->error()), m_client->errorString(),
               Signal::Reason::Cancelled);
}

void ConnectionWorker::process(command::AddTrack &command)
{
    m_driver->run([&](Session &session, TimePoint now) { m_tracks.add(session, now, command); });
}

void ConnectionWorker::process(command::SetTrackDirection &command)
{
    m_driver->run(
        [&](Session &session, TimePoint now) { m_tracks.setDirection(session, now, command); });
}

void ConnectionWorker::process(command::EndTrack &command)
{
    m_driver->run([&](Session &session, TimePoint now) { m_tracks.end(session, now, command); });
}

void ConnectionWorker::process(command::ServeTrack &command)
{
    m_driver->run([&](Session &session, TimePoint now) { m_tracks.serve(session, now, command); });
}

void ConnectionWorker::process(command::SetAcceptedTracks &command)
{
    m_driver->run(
        [&](Session &session, TimePoint) { m_tracks.setAccepted(session, std::move(command)); });
}

void ConnectionWorker::handle(event::StateChanged &event)
{
    if (event.state == SessionState::Connecting)
        m_ringTimer.stop();
    if (event.state == SessionState::Connecting && !isCaller())
        dialTunnel();
    if (event.state == SessionState::Connecting && isCaller())
        m_link->notices.put(peerKnown());
    if (event.state == SessionState::Connected)
        m_statisticsTimer.start(int(std::chrono::milliseconds(StatisticsInterval).count()), this);
    if (event.state == SessionState::Connected && m_isHangingUp)
        hangUpAfterDefaultChannel();
    // The connection to the rendezvous may be as dead as the paths, and unaware of it.
    if (event.state == SessionState::Reconnecting && m_client)
        m_client->checkConnection();
    if (event.state == SessionState::Closed)
        reportStatistics();
    reportPaths();
    if (event.state == SessionState::Closed)
        m_tracks.endAll();
    // Without a listener's worker between it, who calls is told before that it rings.
    const bool isToldLater = !m_client && !isCaller() && event.state == SessionState::Calling;
    if (const auto state = toPublicState(event.state, isCaller()); state && !isToldLater)
        m_link->notices.put(notice::StateChanged{*state});
    const bool isEstablished = event.state == SessionState::Connected
        || event.state == SessionState::Reconnecting;
    m_tracks.setEstablished(isEstablished && m_driver->session().hasMediaKeys());
    if (event.state == SessionState::Closed) {
        m_statisticsTimer.stop();
        m_quietTimer.stop();
        m_closeTimer.stop();
        m_ringTimer.stop();
        takeLeave();
    }
}

/// What a carrier has lost of the end comes again, and the peer's is acknowledged.
void ConnectionWorker::takeLeave()
{
    if (m_isLossy && !m_isAbandoned)
        m_farewellTimer.start(int(std::chrono::milliseconds(FarewellInterval).count()), this);
    else
        deleteLater();
}

void ConnectionWorker::handle(event::SignalReady &event)
{
    if (!m_client) {
        sendExternally(event.signal);
        return;
    }
    const QJsonObject json = signalToJson(event.signal);
    // Later ones, and those of a callee, are signals in the call.
    const bool isCall = isCaller() && event.signal.type == Signal::Type::Offer && !m_offerSent;
    if (isCall) {
        m_offerSent = true;
        m_client->call(m_callId, m_peerName, m_service, json);
    } else {
        m_client->sendSignal(m_callId, json);
    }
}

void ConnectionWorker::handle(event::OfferAccepted &)
{
    if (!m_client) {
        m_link->notices.put(peerKnown());
        m_link->notices.put(notice::StateChanged{PeerConnection::State::Ringing});
        return;
    }
    if (!isSignalConnected(QMetaMethod::fromSignal(&ConnectionWorker::ringing))) {
        command::Reject reject{PeerConnection::RejectReason::Rejected};
        process(reject); // the listener has gone before the offer came
        return;
    }
    Q_EMIT ringing(peerKnown());
    if (m_isAutoAccept && checkPolicy())
        m_driver->run([](Session &session, TimePoint now) { session.accept(now); });
}

void ConnectionWorker::handle(event::PathChanged &event)
{
    reportPaths();
    PeerPath path = toPeerPath(event.route, event.kind, event.protocol, event.roundTrip,
                               m_tunnelOptions.socket.url);
    setEnds(path, event.localType, event.remoteType);
    m_link->notices.put(notice::PathChanged{path});
}

void ConnectionWorker::handle(event::ChannelOpened &event)
{
    m_driver->run([&](Session &session, TimePoint now) { m_channels.handle(session, now, event); });
    if (m_isHangingUp && !m_channels.isWaitingForDefault())
        hangUp();
}

void ConnectionWorker::handle(event::ChannelMessage &event)
{
    m_channels.handle(event);
}

void ConnectionWorker::handle(event::ChannelDrained &event)
{
    m_channels.handle(event);
    reportDrained();
}

void ConnectionWorker::reportDrained()
{
    if (m_channels.reportDrained() && !m_quietTimer.isActive())
        m_quietTimer.start(int(QuietTime.count()), this);
}

void ConnectionWorker::handle(event::ChannelClosed &event)
{
    m_channels.handle(event);
}

void ConnectionWorker::handle(event::Failed &event)
{
    reportPaths();
    QString text = QString::fromStdString(event.text);
    if (event.error == SessionError::FingerprintMismatch)
        text = u"the peer's certificate is not the one that it announced: %1"_s.arg(text);
    const QString tunnelProblem = m_driver->tunnelProblem();
    if (event.error == SessionError::NoPath && !tunnelProblem.isEmpty())
        text += u"; the tunnel is not open: "_s + tunnelProblem;
    if (event.error == SessionError::NoPath && !m_driver->relayProblem().isEmpty())
        text += u"; a relay is not reached: "_s + m_driver->relayProblem();
    fail(toPublicError(event.error), text);
}

} // namespace peer
