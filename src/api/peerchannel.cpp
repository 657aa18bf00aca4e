// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peerchannel.h>

#include "api/peerchannel_p.h"

#include <QtCore/qloggingcategory.h>
#include <QtCore/qmetaobject.h>
#include <QtCore/qpointer.h>

#include <algorithm>
#include <utility>

/*!
    \class PeerChannel
    \inmodule PeerConnection
    \brief A stream of messages inside a PeerConnection.

    A channel carries whole messages both ways, by default reliably and in order (a WebRTC data
    channel, RFC 8831). A connection opens channels with PeerConnection::openChannel(); those of the
    peer come with PeerConnection::channelOpened(). Messages may be sent before the channel is open:
    they wait.

    \section1 Memory
    At most SendBufferSize octets wait to be sent; beyond that sendMessage() returns false, and
    bufferedAmountLow() tells when to go on. At most ReceiveBufferSize octets wait for the
    application, on top of 1 MiB in the protocol; while the application's thread is busy or
    receivingPaused is set, the peer is made to wait, and nothing is lost. Each message counts 64
    octets on top of its payload. Channels that are not reliable drop their oldest messages instead
    of making anybody wait; until the network thread has come to it, up to twice SendBufferSize wait
    there.

    The object belongs to its connection and lives in the same thread; deleting it closes the
    channel. It may be deleted in a slot of any of its signals.
*/

/*!
    \enum PeerChannel::State
    \value Opening  Not yet usable by the peer; messages wait.
    \value Open     Messages flow.
    \value Closing  close() was called: what was sent before is still delivered.
    \value Closed   Nothing comes or goes any more.
*/

PeerChannel::PeerChannel(std::unique_ptr<PeerChannelPrivate> dd, QObject *parent)
    : QObject(parent)
    , d_ptr(std::move(dd))
{
    d_ptr->q_ptr = this;
}

/*! Closes the channel; what was sent before is still delivered. */
PeerChannel::~PeerChannel()
{
    Q_D(PeerChannel);
    if (d->state == State::Closed)
        return;
    for (const auto &message : d->incoming)
        d->noteTaken(message.payload.size());
    d->reportTaken();
    d->link->commands.put(peer::command::CloseChannel{d->handle});
}

/*!
    \property PeerChannel::label
    What the opening side called it; need not be unique.
*/
QString PeerChannel::label() const
{
    return d_func()->label;
}

/*!
    \property PeerChannel::protocol
    The subprotocol that the opening side named; may be empty.
*/
QString PeerChannel::protocol() const
{
    return d_func()->options.protocol;
}

/*! True if messages arrive in the order in which they were sent. */
bool PeerChannel::isOrdered() const
{
    return d_func()->options.ordered;
}

/*! How often a lost message is sent again before it is given up; nothing if that has no limit. */
std::optional<quint16> PeerChannel::maxRetransmits() const
{
    return d_func()->options.maxRetransmits;
}

/*! For how many milliseconds a message is tried; nothing if that has no limit. */
std::optional<quint16> PeerChannel::maxLifetime() const
{
    return d_func()->options.maxLifetime;
}

/*! True if no message is given up: neither maxRetransmits() nor maxLifetime() is set. */
bool PeerChannel::isReliable() const
{
    Q_D(const PeerChannel);
    return !d->options.maxRetransmits && !d->options.maxLifetime;
}

/*!
    The largest message that can be sent, in octets: MaxMessageSize until the channel is open, then
    what the peer takes, if that is less. A message sent before and found too large for the peer
    ends the channel, for on a reliable channel nothing may be left out.
*/
qint64 PeerChannel::maxMessageSize() const
{
    return d_func()->maxMessageSize;
}

/*!
    \property PeerChannel::state
    Whether messages flow.
*/
PeerChannel::State PeerChannel::state() const
{
    return d_func()->state;
}

/*!
    \property PeerChannel::bufferedAmount
    Octets that sendMessage() and sendText() took and that have not been handed to the transport, or
    dropped, if the channel is not reliable. It falls with a delay of up to 20 ms while nothing is
    connected to bufferedAmountLow().
*/
qint64 PeerChannel::bufferedAmount() const
{
    return d_func()->bufferedAmount;
}

/*!
    \property PeerChannel::bufferedAmountLowThreshold
    bufferedAmountLow() is emitted when bufferedAmount falls to this value or below; 0 at first.
*/
qint64 PeerChannel::bufferedAmountLowThreshold() const
{
    return d_func()->lowThreshold;
}

void PeerChannel::setBufferedAmountLowThreshold(qint64 octets)
{
    Q_D(PeerChannel);
    d->lowThreshold = std::max<qint64>(octets, 0);
    d->isLowDue = d->isLowDue || d->bufferedAmount > d->lowThreshold;
}

/*!
    \property PeerChannel::receivingPaused
    While true no message is handed out; once ReceiveBufferSize is full the peer is made to wait.
*/
bool PeerChannel::isReceivingPaused() const
{
    return d_func()->isPaused;
}

void PeerChannel::setReceivingPaused(bool paused)
{
    Q_D(PeerChannel);
    if (d->isPaused == paused)
        return;
    d->isPaused = paused;
    // Not from within this call: the application may not expect a signal here.
    if (!paused)
        QMetaObject::invokeMethod(
            this, [this] { d_func()->deliver(); }, Qt::QueuedConnection);
}

/*!
    Sends one binary message of at most maxMessageSize() octets; it may be empty. Returns false, and
    sends nothing, if it is larger, if the channel is closing or closed, or if SendBufferSize would
    be exceeded: wait for bufferedAmountLow() then. Does not block.
*/
bool PeerChannel::sendMessage(const QByteArray &message)
{
    return d_func()->send(peer::MessageKind::Binary, message);
}

/*! Sends one text message, as UTF-8; otherwise like sendMessage(). */
bool PeerChannel::sendText(const QString &text)
{
    return d_func()->send(peer::MessageKind::Text, text.toUtf8());
}

/*! Closes the channel once what was sent before has gone; both sides emit closed(). */
void PeerChannel::close()
{
    Q_D(PeerChannel);
    if (d->state == State::Closing || d->state == State::Closed)
        return;
    d->link->commands.put(peer::command::CloseChannel{d->handle});
    d->setState(State::Closing);
}

/*!
    \fn void PeerChannel::opened()
    The channel has become usable.
*/
/*!
    \fn void PeerChannel::messageReceived(const QByteArray &message)
    A binary message has arrived.
*/
/*!
    \fn void PeerChannel::textReceived(const QString &text)
    A text message has arrived. Octets that are no UTF-8 are replaced by U+FFFD.
*/
/*!
    \fn void PeerChannel::bufferedAmountLow()
    bufferedAmount has fallen to bufferedAmountLowThreshold or below.
*/
/*!
    \fn void PeerChannel::closed()
    The channel has ended, by either side or with its connection; everything received before has
    been handed out.
*/

bool PeerChannelPrivate::send(peer::MessageKind kind, const QByteArray &payload)
{
    if (isEnding || state == PeerChannel::State::Closing || state == PeerChannel::State::Closed)
        return false;
    const qint64 cost = bufferedAmount + bufferedMessages * peer::MessageCost + payload.size()
        + peer::MessageCost;
    // A message larger than the whole buffer may still go through an empty one. Where old ones make
    // way for new ones, these are taken as long as those that make way are.
    const bool isReliable = !options.maxRetransmits && !options.maxLifetime;
    const qint64 limit = PeerChannel::SendBufferSize * (isReliable ? 1 : 2);
    const bool isFull = bufferedMessages > 0 && cost > limit;
    if (isFull || payload.size() > maxMessageSize) {
        isLowDue = isLowDue || isFull;
        return false;
    }
    bufferedAmount += payload.size();
    ++bufferedMessages;
    isLowDue = isLowDue || bufferedAmount > lowThreshold;
    const bool isAwaited = isLowDue && isLowHeard();
    link->commands.put(peer::command::Send{handle, kind, payload, isAwaited});
    return true;
}

bool PeerChannelPrivate::isLowHeard() const
{
    static const auto signal = QMetaMethod::fromSignal(&PeerChannel::bufferedAmountLow);
    return q_func()->isSignalConnected(signal);
}

void PeerChannelPrivate::noteTaken(qint64 octets)
{
    ++takenMessages;
    takenOctets += octets;
    if (takenOctets + takenMessages * peer::MessageCost >= TakenStep)
        reportTaken();
}

void PeerChannelPrivate::reportTaken()
{
    if (takenMessages == 0)
        return;
    link->commands.put(peer::command::Taken{handle, takenMessages, takenOctets});
    takenMessages = 0;
    takenOctets = 0;
}

void PeerChannelPrivate::setState(PeerChannel::State next)
{
    Q_Q(PeerChannel);
    if (state == next)
        return;
    state = next;
    const QPointer<PeerChannel> guard(q);
    Q_EMIT q->stateChanged(next);
    if (guard && next == PeerChannel::State::Open)
        Q_EMIT q->opened();
    if (guard && next == PeerChannel::State::Closed)
        Q_EMIT q->closed();
}

void PeerChannelPrivate::deliver()
{
    Q_Q(PeerChannel);
    const QPointer<PeerChannel> guard(q);
    while (!isPaused && !incoming.empty()) {
        const Incoming message = std::move(incoming.front());
        incoming.pop_front();
        noteTaken(message.payload.size());
        switch (message.kind) {
        case peer::MessageKind::Text:
            Q_EMIT q->textReceived(QString::fromUtf8(message.payload));
            break;
        case peer::MessageKind::Binary:
            Q_EMIT q->messageReceived(message.payload);
            break;
        }
        if (!guard)
            return;
    }
    if (isClosePending && incoming.empty()) {
        isClosePending = false;
        setState(PeerChannel::State::Closed);
    }
}

bool PeerChannelPrivate::noteDrained(qint64 messages, qint64 octets)
{
    bufferedAmount -= octets;
    bufferedMessages -= messages;
    if (!isLowDue || !isLow())
        return false;
    isLowDue = isLowHeard();
    return isLowDue;
}

bool PeerChannelPrivate::isLow() const
{
    const bool hasRoom = bufferedMessages * peer::MessageCost <= PeerChannel::SendBufferSize / 2;
    return bufferedAmount <= lowThreshold && hasRoom;
}

void PeerChannelPrivate::tellIfLow()
{
    Q_Q(PeerChannel);
    if (isLow() && std::exchange(isLowDue, false))
        Q_EMIT q->bufferedAmountLow();
}

void PeerChannelPrivate::handleClosed()
{
    if (state == PeerChannel::State::Closed)
        return;
    isClosePending = true;
    deliver();
}

peer::ChannelOptions PeerChannelPrivate::toChannelOptions(const QString &label,
                                                          const PeerChannel::Options &options)
{
    peer::ChannelOptions channel;
    channel.label = label.toStdString();
    channel.protocol = options.protocol.toStdString();
    channel.ordered = options.ordered;
    channel.maxRetransmits = options.maxRetransmits;
    if (options.maxLifetime)
        channel.maxLifetime = std::chrono::milliseconds(*options.maxLifetime);
    channel.negotiatedId = options.negotiatedId;
    return channel;
}

PeerChannel::Options PeerChannelPrivate::fromChannelOptions(const peer::ChannelOptions &channel)
{
    PeerChannel::Options options;
    options.protocol = QString::fromStdString(channel.protocol);
    options.ordered = channel.ordered;
    options.maxRetransmits = channel.maxRetransmits;
    if (channel.maxLifetime)
        options.maxLifetime = static_cast<quint16>(channel.maxLifetime->count());
    options.negotiatedId = channel.negotiatedId;
    return options;
}
