// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/sctpassociation.h"

#include "secure/sctp/sctpassociation_p.h"

namespace peer::sctp {

Association::Association(const Config &config)
    : d(std::make_unique<Private>(config))
{ }

Association::~Association() = default;

void Association::start(TimePoint now)
{
    d->start(now);
}

void Association::receive(TimePoint now, ByteView packet)
{
    d->receive(now, packet);
}

void Association::advance(TimePoint now)
{
    d->advance(now);
}

Association::SendResult Association::send(TimePoint now, StreamId stream, PayloadProtocol protocol,
                                          const Reliability &reliability, ByteView payload)
{
    return d->send(now, stream, protocol, reliability, payload);
}

void Association::resetStream(TimePoint now, StreamId stream)
{
    d->resetStream(now, stream);
}

void Association::setReading(TimePoint now, bool reading)
{
    d->setReading(now, reading);
}

void Association::abort(TimePoint now)
{
    d->abort(now);
}

void Association::resetPath(TimePoint now)
{
    d->resetPath(now);
}

std::optional<ByteView> Association::nextTransmit()
{
    return d->nextTransmit();
}

std::optional<Event> Association::nextEvent()
{
    return d->nextEvent();
}

TimePoint Association::nextDeadline() const
{
    return d->nextDeadline();
}

std::optional<TimePoint> Association::unansweredSince() const
{
    return d->unansweredSince();
}

std::size_t Association::bufferedAmount() const
{
    return d->bufferedAmount();
}

Association::Statistics Association::statistics() const
{
    return d->statistics();
}

Association::Traffic Association::traffic() const
{
    return d->traffic();
}

} // namespace peer::sctp
