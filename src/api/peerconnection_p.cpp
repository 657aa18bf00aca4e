// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/peerconnection_p.h"

#include "api/addresscheck.h"
#include "api/peerchannel_p.h"

#include <QtCore/qpointer.h>
#include <QtNetwork/qauthenticator.h>
#include <QtNetwork/qhostaddress.h>

#include <utility>

using namespace Qt::StringLiterals;

PeerConnectionPrivate::PeerConnectionPrivate()
    : link(std::make_shared<peer::ConnectionLink>())
{ }

std::unique_ptr<PeerConnection> PeerConnectionPrivate::makeIncoming(
    std::shared_ptr<peer::ConnectionLink> link, const peer::notice::PeerKnown &caller,
    QObject *parent)
{
    auto d = std::make_unique<PeerConnectionPrivate>();
    d->link = std::move(link);
    d->isIncoming = true;
    d->state = PeerConnection::State::Ringing;
    d->takePeer(caller);
    return std::unique_ptr<PeerConnection>(new PeerConnection(std::move(d), parent));
}

void PeerConnectionPrivate::start(PeerConnection *connection)
{
    q_ptr = connection;
    if (isIncoming)
        addDefaultChannel();
    link->notices.attach(connection, [this] { takeNotices(); });
}

void PeerConnectionPrivate::openLater()
{
    Q_Q(PeerConnection);
    QMetaObject::invokeMethod(q, &PeerConnection::open, Qt::QueuedConnection);
}

void PeerConnectionPrivate::setDestination(std::optional<PeerAddress> address, const QUrl &url,
                                           const QString &fault)
{
    Q_Q(PeerConnection);
    if (state != PeerConnection::State::Idle || isIncoming)
        return;
    destination = std::move(address);
    destinationFault = fault;
    if (destinationUrl == url)
        return;
    destinationUrl = url;
    // A constructor emits nothing: there is nobody connected yet who could notice.
    Q_EMIT q->destinationChanged(url);
}

QString PeerConnectionPrivate::faultOfAddress(PeerConnection::Error &cause) const
{
    cause = PeerConnection::Error::BadAddress;
    if (!destination)
        return destinationFault.isEmpty() ? u"there is no destination to call"_s : destinationFault;
    if (destination->name().isEmpty() && destination->ids().isEmpty())
        return u"the address names no peer: neither a NAME nor an id"_s;
    return peer::faultOfAddress(*destination, isPlainAllowed, cause);
}

void PeerConnectionPrivate::fail(PeerConnection::Error cause, const QString &text)
{
    Q_Q(PeerConnection);
    if (state == PeerConnection::State::Closed)
        return;
    error = cause;
    errorString = text;
    const QPointer<PeerConnection> guard(q);
    Q_EMIT q->errorOccurred(cause);
    if (guard)
        setState(PeerConnection::State::Closed);
}

void PeerConnectionPrivate::setState(PeerConnection::State next)
{
    Q_Q(PeerConnection);
    if (state == next)
        return;
    const bool isFirst = state != PeerConnection::State::Reconnecting;
    state = next;
    if (next == PeerConnection::State::Closed && !endTracks())
        return;
    const QPointer<PeerConnection> guard(q);
    Q_EMIT q->stateChanged(next);
    if (guard && next == PeerConnection::State::Connected && isFirst)
        Q_EMIT q->connected();
    if (guard && next == PeerConnection::State::Closed)
        Q_EMIT q->closed();
}

PeerChannel *PeerConnectionPrivate::addChannel(peer::ChannelHandle handle, const QString &label,
                                               const PeerChannel::Options &options)
{
    Q_Q(PeerConnection);
    auto channelPrivate = std::make_unique<PeerChannelPrivate>();
    channelPrivate->link = link;
    channelPrivate->handle = handle;
    channelPrivate->label = label;
    channelPrivate->options = options;
    auto *channel = new PeerChannel(std::move(channelPrivate), q);
    channels.insert(handle, channel);
    QObject::connect(channel, &QObject::destroyed, q, [this, handle, channel] {
        if (channels.value(handle) == channel)
            channels.remove(handle);
        if (defaultChannel == channel)
            defaultChannel = nullptr;
    });
    return channel;
}

void PeerConnectionPrivate::addDefaultChannel()
{
    Q_Q(PeerConnection);
    const QString label = u"default"_s;
    defaultChannel = addChannel(peer::ChannelHandle::Default, label, {});
    if (!isIncoming)
        link->commands.put(peer::command::OpenChannel{
            peer::ChannelHandle::Default, PeerChannelPrivate::toChannelOptions(label, {})});
    QObject::connect(defaultChannel, &PeerChannel::messageReceived, q,
                     &PeerConnection::messageReceived);
    QObject::connect(defaultChannel, &PeerChannel::textReceived, q, &PeerConnection::textReceived);
}

void PeerConnectionPrivate::takeNotices()
{
    for (peer::Notice &notice : link->notices.takeAll()) {
        const auto *drained = std::get_if<peer::notice::Drained>(&notice);
        if (!drained || noteDrained(*drained))
            pending.push_back(std::move(notice));
    }
    processNotices();
}

// A slot may run an event loop of its own and so get here again: what it handles comes after what
// is being handled, so the order stays.
void PeerConnectionPrivate::processNotices()
{
    Q_Q(PeerConnection);
    const QPointer<PeerConnection> guard(q);
    for (int count = 0; count < NoticesPerTurn && !pending.empty(); ++count) {
        peer::Notice notice = std::move(pending.front());
        pending.pop_front();
        postTurn();
        std::visit([this](auto &which) { process(which); }, notice);
        if (!guard)
            return;
    }
    postTurn();
}

void PeerConnectionPrivate::postTurn()
{
    Q_Q(PeerConnection);
    if (pending.empty() || std::exchange(isTurnPosted, true))
        return;
    const auto goOn = [this] {
        isTurnPosted = false;
        processNotices();
    };
    QMetaObject::invokeMethod(q, goOn, Qt::QueuedConnection);
}

void PeerConnectionPrivate::process(peer::notice::StateChanged &notice)
{
    // What came about while close() was on its way is of no interest any more.
    const bool isOvertaken = isEnding && notice.state < PeerConnection::State::Closing;
    if (state == PeerConnection::State::Closed || isOvertaken)
        return;
    if (notice.state == PeerConnection::State::Closed && !unread.isEmpty())
        isClosedHeldBack = true;
    else
        setState(notice.state);
}

void PeerConnectionPrivate::process(peer::notice::Failed &notice)
{
    Q_Q(PeerConnection);
    if (error != PeerConnection::Error::None)
        return;
    error = notice.error;
    errorString = notice.text;
    Q_EMIT q->errorOccurred(notice.error);
}

void PeerConnectionPrivate::process(peer::notice::PeerKnown &notice)
{
    Q_Q(PeerConnection);
    takePeer(notice);
    Q_EMIT q->peerChanged();
}

void PeerConnectionPrivate::takePeer(const peer::notice::PeerKnown &known)
{
    peerName = known.name;
    peerId = known.id;
    isIdentityVerified = known.isVerified;
    service = known.service;
    isAudioOffered = known.isAudioOffered;
    isVideoOffered = known.isVideoOffered;
}

void PeerConnectionPrivate::process(peer::notice::PathChanged &notice)
{
    Q_Q(PeerConnection);
    path = notice.path;
    Q_EMIT q->pathChanged();
}

void PeerConnectionPrivate::process(peer::notice::ChannelOpened &notice)
{
    Q_Q(PeerConnection);
    link->unheardChannels -= notice.byPeer ? 1 : 0;
    PeerChannel *channel = channels.value(notice.handle);
    const bool isNew = !channel && notice.byPeer;
    if (isNew)
        channel = addChannel(notice.handle, QString::fromStdString(notice.options.label),
                             PeerChannelPrivate::fromChannelOptions(notice.options));
    if (!channel)
        return; // deleted meanwhile
    if (notice.maxMessageSize > 0)
        channel->d_func()->maxMessageSize = qMin(PeerChannel::MaxMessageSize,
                                                 notice.maxMessageSize);
    if (isNew) {
        channel->d_func()->isEnding = isEnding;
        channel->d_func()->state = PeerChannel::State::Open;
        Q_EMIT q->channelOpened(channel);
    } else if (channel->state() == PeerChannel::State::Opening) {
        channel->d_func()->setState(PeerChannel::State::Open);
    }
}

void PeerConnectionPrivate::process(peer::notice::MessageReceived &notice)
{
    PeerChannel *channel = channels.value(notice.handle);
    if (!channel) {
        link->commands.put(peer::command::Taken{notice.handle, 1, notice.payload.size()});
        return;
    }
    channel->d_func()->incoming.push_back({notice.kind, std::move(notice.payload)});
    channel->d_func()->deliver();
}

bool PeerConnectionPrivate::noteDrained(const peer::notice::Drained &notice)
{
    PeerChannel *channel = channels.value(notice.handle);
    return channel && channel->d_func()->noteDrained(notice.messages, notice.octets);
}

void PeerConnectionPrivate::process(peer::notice::Drained &notice)
{
    if (PeerChannel *channel = channels.value(notice.handle))
        channel->d_func()->tellIfLow();
}

void PeerConnectionPrivate::process(peer::notice::ChannelClosed &notice)
{
    // It stays known to the application, as its child, but not to the connection.
    Q_Q(PeerConnection);
    const QPointer<PeerConnection> guard(q);
    const QPointer<PeerChannel> channel = channels.take(notice.handle);
    if (!channel)
        return;
    channel->d_func()->handleClosed();
    if (!guard || !channel || channel->state() == PeerChannel::State::Closed)
        return;
    // Its reader pauses: what has arrived is handed out before the connection is closed.
    unread.insert(channel.data());
    const auto release = [this, raw = channel.data()] {
        if (unread.remove(raw) && unread.isEmpty() && isClosedHeldBack)
            setState(PeerConnection::State::Closed);
    };
    QObject::connect(channel, &PeerChannel::closed, q, release);
    QObject::connect(channel, &QObject::destroyed, q, release);
}

void PeerConnectionPrivate::process(peer::notice::Report &notice)
{
    notice.shared->isTaken = true;
    report = std::move(notice.shared);
    Q_EMIT q_func()->reportChanged();
}

void PeerConnectionPrivate::process(peer::notice::Statistics &notice)
{
    statistics = notice.statistics;
    Q_EMIT q_func()->statisticsChanged();
}

void PeerConnectionPrivate::process(peer::notice::ProxyAuthentication &notice)
{
    Q_Q(PeerConnection);
    QAuthenticator authenticator;
    const std::shared_ptr<peer::ConnectionLink> worker = link;
    Q_EMIT q->proxyAuthenticationRequired(notice.proxy, &authenticator);
    worker->commands.put(peer::command::ProxyCredentials{notice.proxy, authenticator.user(),
                                                         authenticator.password()});
}
