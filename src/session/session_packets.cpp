// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Datagrams and time in, datagrams out: the demultiplexer of RFC 7983, and what goes by which path.

#include "session/packetkind.h"
#include "session/session_p.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace peer {

namespace {

/// D6: while the path in use is suspect, what is sent goes to the standby path as well, for one
/// second and no more than 256 kbit.
constexpr Duration DuplicationTime = std::chrono::seconds(1);
constexpr std::size_t DuplicationOctets = 32 * 1000;
/// DTLS and SCTP take four round trips. After so long, or three round trips, something is lost.
constexpr Duration SlowHandshake = std::chrono::milliseconds(250);
/// Where round trips are longer than a third of this, that is as likely for a queue.
constexpr Duration SlowHandshakeMost = std::chrono::milliseconds(500);

} // namespace

void Session::Private::receive(TimePoint now, const Datagram &outer)
{
    lastNow = now;
    const auto inner = agent.unwrap(now, outer);
    if (!inner || isOver()) {
        pump(now);
        return;
    }
    const Datagram &datagram = *inner;
    ++traffic.packetsReceived;
    traffic.bytesReceived += datagram.payload.size();
    switch (packetKind(datagram.payload)) {
    case PacketKind::Stun:
        agent.receive(now, datagram);
        break;
    case PacketKind::Dtls:
        // Only from where an authenticated check came: a stranger's records cost nothing.
        if (agent.isKnown(datagram.route) && link.receive(now, datagram.payload))
            agent.noteAuthenticated(now, datagram.route);
        break;
    case PacketKind::Rtp:
        if (agent.isKnown(datagram.route) && media.receive(datagram.payload))
            agent.noteAuthenticated(now, datagram.route);
        break;
    case PacketKind::TurnChannel:
    case PacketKind::Unknown:
        return;
    }
    pump(now);
}

void Session::Private::advance(TimePoint now)
{
    lastNow = now;
    exchange.advance(now);
    if (isOver()) {
        if (timers.takeExpired(Timer::Farewell, now))
            exchange.stop();
        if (isReleasing)
            agent.advance(now);
        pump(now);
        return;
    }
    if (const sctp::Association *association = link.association()) {
        const auto [sent, repeated] = association->traffic();
        agent.noteDelivery({sent, repeated, association->bufferedAmount() > 0});
    }
    agent.advance(now);
    link.advance(now);
    if (timers.takeExpired(Timer::Connect, now)) {
        if (agent.route())
            fail(now, SessionError::HandshakeFailed,
                 "a path was found, but the secure connection did not come up in time");
        else
            fail(now, SessionError::NoPath, noPathText());
    }
    if (timers.takeExpired(Timer::Patience, now))
        giveUpWaiting(now);
    if (timers.takeExpired(Timer::Restart, now))
        restartIce(now);
    if (timers.takeExpired(Timer::Linger, now))
        finishUnflushed(now);
    pump(now);
}

std::optional<Transmit> Session::Private::nextTransmit()
{
    // Copies before anything else, for their payload is borrowed from what went before them.
    std::optional<Transmit> transmit;
    while (!transmit && !copyTo.empty()) {
        transmit = agent.wrap(lastNow, {copyTo.front(), copied});
        copyTo.pop_front();
    }
    if (!transmit && (!isOver() || isReleasing))
        transmit = agent.nextTransmit();
    while (!transmit) {
        const auto route = agent.route();
        const auto payload = route ? nextPayload() : std::nullopt;
        if (!payload)
            return isOver() ? releaseRelays() : std::nullopt;
        transmit = Transmit{*route, *payload};
        agent.noteDataSent(lastNow);
        duplicate(*transmit);
        // A relay that has just gone takes what is sent by it along, as the network does.
        transmit = agent.wrap(lastNow, *transmit);
    }
    ++traffic.packetsSent;
    traffic.bytesSent += transmit->payload.size();
    return transmit;
}

/// Audio, then video, then the channels (D5).
std::optional<ByteView> Session::Private::nextPayload()
{
    const auto packet = isOver() ? std::nullopt : media.nextTransmit();
    return packet ? packet : link.nextTransmit();
}

/// The last words are said: the relays are needed no more.
std::optional<Transmit> Session::Private::releaseRelays()
{
    if (std::exchange(isReleasing, true))
        return std::nullopt;
    copyTo.clear(); // what was to be sent by a relay as well has no way any more
    agent.close(lastNow);
    takeRelayRequests();
    return agent.nextTransmit();
}

void Session::Private::takeRelayRequests()
{
    while (auto request = agent.nextRequest())
        std::visit([this](auto &each) { requests.push_back(std::move(each)); }, *request);
}

/// DTLS drops those that come second.
void Session::Private::duplicate(const Transmit &transmit)
{
    copied = transmit.payload;
    if (isHandshakeSlow()) {
        const std::vector<Route> routes = agent.alternatives();
        copyTo.assign(routes.begin(), routes.end());
        return;
    }
    const auto standby = agent.standby();
    if (!standby) {
        suspectSince = Never;
        copiedOctets = 0;
        return;
    }
    suspectSince = std::min(suspectSince, lastNow);
    copiedOctets += transmit.payload.size();
    if (lastNow - suspectSince < DuplicationTime && copiedOctets <= DuplicationOctets)
        copyTo.push_back(*standby);
}

/// A path may answer checks and hardly carry a certificate. So a handshake that takes long goes on
/// by every kind of path at once, and what follows at first as well.
bool Session::Private::isHandshakeSlow() const
{
    const Duration limit = std::clamp<Duration>(3 * agent.roundTripTime(), SlowHandshake,
                                                SlowHandshakeMost);
    const TimePoint slowFrom = linkStartedAt == Never ? Never : linkStartedAt + limit;
    if (!link.association())
        return lastNow >= slowFrom;
    return linkUpAt >= slowFrom && lastNow < linkUpAt + DuplicationTime;
}

} // namespace peer
