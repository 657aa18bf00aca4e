// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A connection whose signals the application carries: no rendezvous, hence no tunnel, no word of
// whether the peer's program is there, and nobody who gives up when it rings.

#include "api/connectionworker.h"
#include "api/networkruntime.h"
#include "api/trackinfo.h"
#include "signaling/signaljson.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

/// Signals that wait for an application that sleeps. Those of one ICE session are fewer; where
/// more gather, they are repetitions, or the application has slept through many ICE restarts.
constexpr int MaxWaitingSignals = 512;

} // namespace

void ConnectionWorker::startExternal(std::shared_ptr<ConnectionLink> link,
                                     ExternalParameters parameters)
{
    NetworkRuntime::post(
        [link = std::move(link), parameters = std::move(parameters)](NetworkRuntime &runtime) {
            new ConnectionWorker(runtime, link, parameters);
        });
}

SessionConfig ConnectionWorker::externalConfig(NetworkRuntime &runtime,
                                               const ExternalParameters &parameters)
{
    SessionConfig config;
    config.role = parameters.role;
    config.call = parameters.role == SessionConfig::Role::Caller
        ? runtime.random().iceCharacters(CallIdSize)
        : parameters.call;
    config.certificate = runtime.certificate();
    config.identity = parameters.identity;
    for (const QString &id : parameters.allowedIds)
        config.expectedPeerIds.push_back(id.toStdString());
    config.peerAcknowledges = parameters.isLossy;
    config.paths = parameters.paths;
    return config;
}

ConnectionWorker::ConnectionWorker(NetworkRuntime &runtime, std::shared_ptr<ConnectionLink> link,
                                   const ExternalParameters &parameters)
    : ConnectionWorker(runtime, std::move(link), nullptr,
                       openOwnPorts(parameters.withLoopback, parameters.paths),
                       externalConfig(runtime, parameters), QString())
{
    m_isLossy = parameters.isLossy;
    m_servers = {parameters.iceServers, {}, {}};
    m_authorities = parameters.authorities;
    m_proxy = parameters.proxy;
    start();
    if (!m_driver || !checkPolicy())
        return;
    useOwnServers();
    useServers({});
    m_driver->run([&](Session &session, TimePoint now) {
        m_tracks.setAccepted(session, parameters.acceptedTracks);
        for (const command::AddTrack &track : parameters.tracks)
            m_tracks.add(session, now, track);
        session.dial(now); // of a caller alone
    });
}

void ConnectionWorker::process(command::HandleSignal &command)
{
    // Other implementations name no call; the application knows whose signals these are.
    if (command.signal.call.empty())
        command.signal.call = m_callId.toStdString();
    m_driver->run(
        [&](Session &session, TimePoint now) { session.handleSignal(now, command.signal); });
}

void ConnectionWorker::sendExternally(const Signal &signal)
{
    // The end of a call is told in any case; it is said a few times.
    const bool isTooMuch = m_link->waitingSignals >= MaxWaitingSignals
        && signal.type != Signal::Type::Bye;
    if (isTooMuch && m_isLossy)
        return; // it comes again
    if (isTooMuch) {
        giveUp(
            PeerConnection::Error::ConnectionLost,
            u"%1 signals wait for an application that does not take them"_s.arg(MaxWaitingSignals),
            Signal::Reason::Failed);
        return;
    }
    ++m_link->waitingSignals;
    m_link->notices.put(notice::SignalReady{signalToText(signal), signal.call});
}

} // namespace peer
