// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/natprobe.h"

#include "core/stun/message.h"
#include "core/stun/messagewriter.h"

#include <chrono>

namespace peer::stun {

using namespace std::chrono_literals;

namespace {

/// RFC 8489 section 6.2.1: RTO 500 ms, Rc 7, 39.5 s in all. Somebody waits for this: 250 ms, and
/// 0.25 + 0.5 + 1 + 2 + 4 * 0.25 = 4.75 s in all.
constexpr RetransmissionPolicy Patient{
    .initialTimeout = 250ms, .maxTransmissions = 5, .lastWaitFactor = 4};
/// For what mostly has no answer, from a server that has just answered: 200 ms and 2.2 s in all.
constexpr RetransmissionPolicy Brief{
    .initialTimeout = 200ms, .maxTransmissions = 3, .lastWaitFactor = 8};

TransactionId randomId(RandomSource &random)
{
    TransactionId id;
    random.fill(id);
    return id;
}

} // namespace

NatProbe::NatProbe(const Route &route, RandomSource &random)
    : m_route(route)
    , m_random(random)
    , m_transaction(randomId(random), Patient)
{ }

void NatProbe::begin(Step step, const RetransmissionPolicy &policy)
{
    m_step = step;
    m_transaction = Transaction(randomId(m_random), policy);
}

Route NatProbe::route() const
{
    Route route = m_route;
    if (m_step == Step::OtherPort)
        route.remote.port = m_otherPort;
    return route;
}

Transmit NatProbe::writeRequest()
{
    MessageWriter writer(m_room);
    writer.begin(Class::Request, Method::Binding, m_transaction.id());
    if (m_step == Step::ChangePort)
        writer.addUint32(Attribute::ChangeRequest, changerequest::Port);
    return {route(), writer.finish()};
}

std::optional<Transmit> NatProbe::advance(TimePoint now)
{
    while (m_step != Step::Finished) {
        switch (m_transaction.advance(now)) {
        case Transaction::Action::Wait:
            return std::nullopt;
        case Transaction::Action::Transmit:
            return writeRequest();
        case Transaction::Action::TimeOut:
            handleSilence();
            break;
        }
    }
    return std::nullopt;
}

void NatProbe::handleSilence()
{
    switch (m_step) {
    case Step::ChangePort:
        m_findings.filtering = NatFiltering::Restricted;
        begin(Step::OtherPort, Brief);
        return;
    case Step::Binding:
    case Step::OtherPort:
    case Step::Finished:
        m_step = Step::Finished;
        return;
    }
}

void NatProbe::receive(TimePoint now, const Datagram &datagram)
{
    // From where we asked, but for the answer that is to come from the other port.
    TransportAddress expected = route().remote;
    if (m_step == Step::ChangePort)
        expected.port = m_otherPort;
    if (m_step == Step::Finished || datagram.route.remote != expected)
        return;
    const Result<Message, ParseError> message = Message::parse(datagram.payload);
    if (message && message->method() == Method::Binding && m_transaction.receive(now, *message))
        handleAnswer(*message, datagram.route.local);
}

void NatProbe::handleAnswer(const Message &message, const TransportAddress &local)
{
    const bool isSuccess = message.messageClass() == Class::SuccessResponse;
    const auto mapped = message.address(Attribute::XorMappedAddress);
    switch (m_step) {
    case Step::Binding: {
        m_step = Step::Finished;
        if (!isSuccess || !mapped)
            return;
        m_findings.isAnswered = true;
        m_findings.local = local;
        m_findings.mapped = *mapped;
        m_findings.roundTripTime = m_transaction.roundTripTime().value_or(Duration{});
        if (*mapped == local)
            m_findings.mapping = NatMapping::NoNat;
        // Its IP address as the server knows it may be behind a NAT of its own.
        const auto other = message.address(Attribute::OtherAddress);
        m_otherPort = other ? other->port : 0;
        if (m_otherPort != 0 && m_otherPort != m_route.remote.port)
            begin(Step::ChangePort, Brief);
        return;
    }
    case Step::ChangePort:
        m_findings.filtering = isSuccess ? NatFiltering::Open : NatFiltering::Unknown;
        begin(Step::OtherPort, Brief);
        return;
    case Step::OtherPort:
        m_step = Step::Finished;
        if (isSuccess && mapped && m_findings.mapping == NatMapping::Unknown)
            m_findings.mapping = *mapped == m_findings.mapped ? NatMapping::Constant
                                                              : NatMapping::Varying;
        return;
    case Step::Finished:
        return;
    }
}

TimePoint NatProbe::nextDeadline() const
{
    return m_step == Step::Finished ? Never : m_transaction.nextDeadline();
}

} // namespace peer::stun
