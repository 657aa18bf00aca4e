// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/securelink.h"

#include <algorithm>
#include <utility>

namespace peer {

namespace {

/// RFC 9260 section 16 has RTO.Initial at 1 s; ICE has measured this path already.
Duration initialSctpRetransmission(Duration roundTrip)
{
    return std::max<Duration>(std::chrono::milliseconds(100), 2 * roundTrip);
}

SecureLink::Down::Cause causeOf(sctp::Closed::Cause cause, bool neverUp)
{
    using Cause = SecureLink::Down::Cause;
    switch (cause) {
    case sctp::Closed::Cause::ByPeer:
        return Cause::ClosedByPeer;
    case sctp::Closed::Cause::Lost:
        return neverUp ? Cause::HandshakeFailed : Cause::Lost;
    case sctp::Closed::Cause::Violation:
        return neverUp ? Cause::HandshakeFailed : Cause::ProtocolViolation;
    }
    return Cause::Lost;
}

} // namespace

void SecureLink::start(TimePoint now, const Config &config)
{
    m_config = config;
    m_config.dtls.initialRetransmission = 2 * config.roundTrip;
    m_dtls = std::make_unique<dtls::Transport>(m_config.dtls);
    m_dtls->start(now);
    for (const Bytes &datagram : std::exchange(m_early, {}))
        receive(now, datagram);
}

bool SecureLink::receive(TimePoint now, ByteView datagram)
{
    if (!m_dtls) {
        if (m_early.size() < MaxEarlyDatagrams)
            m_early.push_back(toBytes(datagram));
        return false;
    }
    m_dtls->receive(now, datagram);
    return takeDecrypted(now);
}

bool SecureLink::takeDecrypted(TimePoint now)
{
    bool hasAuthenticated = false;
    while (const auto packet = m_dtls->nextData()) {
        hasAuthenticated = true;
        // The peer's handshake may end a moment before our event for it was taken.
        if (!m_sctp && m_dtls->isConnected())
            startAssociation(now);
        if (m_sctp)
            m_sctp->receive(now, *packet);
    }
    return hasAuthenticated;
}

void SecureLink::startAssociation(TimePoint now)
{
    sctp::Config config;
    config.remotePort = m_config.remoteSctpPort;
    config.pathMtu = m_dtls->maxPayload();
    config.initialRetransmission = initialSctpRetransmission(m_config.roundTrip);
    config.maxIncomingMessage = m_config.maxIncomingMessage;
    m_sctp = std::make_unique<sctp::Association>(config);
    m_sctp->start(now);
}

void SecureLink::advance(TimePoint now)
{
    if (m_dtls)
        m_dtls->advance(now);
    if (m_sctp)
        m_sctp->advance(now);
}

void SecureLink::close(TimePoint now)
{
    m_early.clear();
    if (m_sctp) {
        m_sctp->abort(now);
        while (const auto packet = m_sctp->nextTransmit())
            m_dtls->send(*packet);
    }
    m_isUp = false;
    if (m_dtls)
        m_dtls->close();
}

std::optional<ByteView> SecureLink::nextTransmit()
{
    if (!m_dtls)
        return std::nullopt;
    for (;;) {
        if (const auto datagram = m_dtls->nextTransmit())
            return datagram;
        const auto packet = m_sctp ? m_sctp->nextTransmit() : std::nullopt;
        if (!packet)
            return std::nullopt;
        m_dtls->send(*packet);
    }
}

std::optional<SecureLink::Event> SecureLink::nextEvent(TimePoint now)
{
    if (!m_dtls)
        return std::nullopt;
    if (auto event = nextSctpEvent())
        return event;
    if (auto event = nextDtlsEvent(now))
        return event;
    return nextSctpEvent();
}

std::optional<SecureLink::Event> SecureLink::nextDtlsEvent(TimePoint now)
{
    if (auto event = m_dtls->nextEvent()) {
        if (auto *connected = std::get_if<dtls::Connected>(&*event)) {
            m_srtpProfile = std::move(connected->srtpProfile);
            if (!m_sctp)
                startAssociation(now);
            return Starting{*m_sctp};
        }
        m_isUp = false;
        if (std::holds_alternative<dtls::Closed>(*event))
            return Down{Down::Cause::ClosedByPeer, "the peer closed the secure connection"};
        auto &failed = std::get<dtls::Failed>(*event);
        return Down{failed.fingerprintMismatch ? Down::Cause::FingerprintMismatch
                                               : Down::Cause::HandshakeFailed,
                    std::move(failed.reason)};
    }
    return std::nullopt;
}

std::optional<SecureLink::Event> SecureLink::nextSctpEvent()
{
    auto event = m_sctp ? m_sctp->nextEvent() : std::nullopt;
    if (!event)
        return std::nullopt;
    struct Translate
    {
        SecureLink &link;
        Event operator()(sctp::Connected &connected) const
        {
            link.m_isUp = true;
            return Up{std::min(connected.outgoingStreams, connected.incomingStreams)};
        }
        Event operator()(sctp::Closed &closed) const
        {
            const bool neverUp = !link.m_isUp;
            link.m_isUp = false;
            return Down{causeOf(closed.cause, neverUp), std::move(closed.reason)};
        }
        Event operator()(sctp::Message &message) const { return std::move(message); }
        Event operator()(sctp::IncomingStreamReset &reset) const { return reset; }
        Event operator()(sctp::OutgoingStreamReset &reset) const { return reset; }
        Event operator()(sctp::SendSpace &space) const { return space; }
    };
    return std::visit(Translate{*this}, *event);
}

TimePoint SecureLink::nextDeadline() const
{
    TimePoint next = m_dtls ? m_dtls->nextDeadline() : Never;
    if (m_sctp)
        next = std::min(next, m_sctp->nextDeadline());
    return next;
}

} // namespace peer
