// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCHANNEL_P_H
#define PEERCHANNEL_P_H

// This file is not part of the public API; it may change or vanish without notice.

#include "api/connectionlink.h"

#include <PeerConnection/peerchannel.h>

#include <deque>
#include <memory>

class PeerChannelPrivate
{
    Q_DECLARE_PUBLIC(PeerChannel)

public:
    struct Incoming
    {
        peer::MessageKind kind;
        QByteArray payload;
    };

    bool send(peer::MessageKind kind, const QByteArray &payload);
    /// Takes a message off what the session counts as unread; it hears so in steps of TakenStep.
    void noteTaken(qint64 octets);
    void reportTaken();
    void setState(PeerChannel::State next);
    /// Hands out what waits, until paused, closed or deleted.
    void deliver();
    /// True if tellIfLow() has something to tell.
    bool noteDrained(qint64 messages, qint64 octets);
    void tellIfLow();
    bool isLow() const;
    /// Somebody is connected to bufferedAmountLow().
    bool isLowHeard() const;
    void handleClosed();

    static peer::ChannelOptions toChannelOptions(const QString &label,
                                                 const PeerChannel::Options &options);
    static PeerChannel::Options fromChannelOptions(const peer::ChannelOptions &options);

    PeerChannel *q_ptr = nullptr;
    std::shared_ptr<peer::ConnectionLink> link;
    /// Small beside ReceiveBufferSize, for the session counts so much more as unread; large beside
    /// a message, for every report wakes the network thread.
    static constexpr qint64 TakenStep = PeerChannel::ReceiveBufferSize / 16;

    peer::ChannelHandle handle = peer::ChannelHandle::None;
    QString label;
    PeerChannel::Options options;
    PeerChannel::State state = PeerChannel::State::Opening;
    qint64 bufferedAmount = 0;
    qint64 bufferedMessages = 0;
    qint64 lowThreshold = 0;
    qint64 maxMessageSize = PeerChannel::MaxMessageSize;
    /// Since the last report.
    qint64 takenMessages = 0;
    qint64 takenOctets = 0;
    /// bufferedAmount was above the threshold, or a message was refused, since it was low last.
    bool isLowDue = false;
    bool isPaused = false;
    /// The connection was told to close: what comes from the application is too late.
    bool isEnding = false;
    /// The peer's side has ended; told once everything before it was handed out.
    bool isClosePending = false;
    std::deque<Incoming> incoming;
};

#endif // PEERCHANNEL_P_H
