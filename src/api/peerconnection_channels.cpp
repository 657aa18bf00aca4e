// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peerconnection.h>

#include "api/peerchannel_p.h"
#include "api/peerconnection_p.h"

#include <limits>
#include <optional>

using namespace Qt::StringLiterals;

namespace {

/// A number from JavaScript, which knows no others than double.
std::optional<quint16> toNumber(const QVariant &value)
{
    bool isNumber = false;
    const double number = value.toDouble(&isNumber);
    if (!isNumber || !(number >= 0 && number <= std::numeric_limits<quint16>::max())
        || number != double(quint16(number)))
        return std::nullopt;
    return quint16(number);
}

bool setOption(PeerChannel::Options &options, const QString &name, const QVariant &value)
{
    if (name == "protocol"_L1) {
        options.protocol = value.toString();
        return value.typeId() == QMetaType::QString;
    }
    if (name == "ordered"_L1) {
        options.ordered = value.toBool();
        return value.typeId() == QMetaType::Bool;
    }
    const auto setNumber = [&value](std::optional<quint16> &member) {
        member = toNumber(value);
        return member.has_value();
    };
    if (name == "maxRetransmits"_L1)
        return setNumber(options.maxRetransmits);
    if (name == "maxLifetime"_L1)
        return setNumber(options.maxLifetime);
    return name == "negotiatedId"_L1 && setNumber(options.negotiatedId);
}

std::optional<PeerChannel::Options> toOptions(const QVariantMap &map)
{
    PeerChannel::Options options;
    for (auto member = map.begin(); member != map.end(); ++member) {
        if (!setOption(options, member.key(), member.value())) {
            qWarning("PeerConnection::openChannel: there is no option '%s' with such a value",
                     qPrintable(member.key()));
            return std::nullopt;
        }
    }
    return options;
}

} // namespace

/*!
    Opens a channel called \a label. It may be used at once: what is sent waits until the connection
    stands. Null, with a warning, if the connection is closing or closed or if \a options say both
    maxRetransmits and maxLifetime. The channel belongs to this object.
*/
PeerChannel *PeerConnection::openChannel(const QString &label, const PeerChannel::Options &options)
{
    Q_D(PeerConnection);
    if (d->isEnding || d->state == State::Closing || d->state == State::Closed) {
        qWarning("PeerConnection::openChannel: the connection is closed");
        return nullptr;
    }
    if (options.maxRetransmits && options.maxLifetime) {
        qWarning("PeerConnection::openChannel: maxRetransmits and maxLifetime exclude each other");
        return nullptr;
    }
    const peer::ChannelHandle handle{++d->lastHandle};
    d->link->commands.put(
        peer::command::OpenChannel{handle, PeerChannelPrivate::toChannelOptions(label, options)});
    return d->addChannel(handle, label, options);
}

/*! Opens a channel called \a label, reliable and in order. */
PeerChannel *PeerConnection::openChannel(const QString &label)
{
    return openChannel(label, PeerChannel::Options());
}

/*!
    Opens a channel called \a label, for QML: \a options has the members of PeerChannel::Options by
    their names, those of W3C's RTCDataChannelInit.

    \code
    const positions = call.openChannel("positions", {ordered: false, maxRetransmits: 0})
    \endcode

    Null, with a warning, for a member that is unknown or has no such value.
*/
PeerChannel *PeerConnection::openChannel(const QString &label, const QVariantMap &options)
{
    const std::optional<PeerChannel::Options> read = toOptions(options);
    return read ? openChannel(label, *read) : nullptr;
}

/*!
    \property PeerConnection::defaultChannel
    The channel \c default, which the caller's side opens by itself: sendMessage() and
    messageReceived() are its own. Null only while Idle.
*/
PeerChannel *PeerConnection::defaultChannel() const
{
    return d_func()->defaultChannel;
}

/*! The channels of both sides that are not closed, the default one among them. */
QList<PeerChannel *> PeerConnection::channels() const
{
    return d_func()->channels.values();
}

/*! Sends a binary message on the default channel; see PeerChannel::sendMessage(). */
bool PeerConnection::sendMessage(const QByteArray &message)
{
    Q_D(PeerConnection);
    return d->defaultChannel && d->defaultChannel->sendMessage(message);
}

/*! Sends a text message on the default channel; see PeerChannel::sendText(). */
bool PeerConnection::sendText(const QString &text)
{
    Q_D(PeerConnection);
    return d->defaultChannel && d->defaultChannel->sendText(text);
}
