// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A peer that a test drives by JSON lines, to be wired to another stack: interop_peer offer|answer.
//
// In: signals, as peercat --signal-fd has them, and
//
//     {"command":"dial"}
//     {"command":"open","label":…,"protocol":…,"ordered":…,"maxRetransmits":…,"maxLifetime":…,
//      "negotiatedId":…}
//     {"command":"send","label":…,"text":…}  or  {…,"octets":N,"times":M}, octets being 0, 1, 2 …
//     {"command":"closeChannel","label":…}
//     {"command":"close"}
//
// Out: signals, and {"event":…}: "state", "channel" (of the peer's: all of its properties), "opened",
// "closed" (of a channel), "message" (of our channels: "text", or "octets" and "sha256"), "error",
// "ended". What comes on a channel of the peer's goes back on it.

#include "jsonlines.h"
#include "statename.h"

#include <PeerConnection/PeerChannel>
#include <PeerConnection/PeerConnection>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcryptographichash.h>
#include <QtCore/qhash.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qpointer.h>

#include <optional>

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 PauseAbove = 1024 * 1024;
constexpr qint64 ResumeBelow = PauseAbove / 4;

std::optional<quint16> number(const QJsonObject &object, QLatin1StringView member)
{
    const QJsonValue value = object.value(member);
    return value.isDouble() ? std::optional(quint16(value.toInt())) : std::nullopt;
}

QJsonValue jsonOf(std::optional<quint16> value)
{
    return value ? QJsonValue(*value) : QJsonValue();
}

class InteropPeer : public QObject
{
public:
    explicit InteropPeer(bool offers)
        : m_lines([this](const QByteArray &line, const QJsonObject &object) { take(line, object); })
    {
        m_connection.setSignaling(PeerConnection::Signaling::Jsep);
        m_connection.setLoopbackAllowed(true);
        connect(&m_connection, &PeerConnection::signalReady, this, &JsonLines::write);
        connect(&m_connection, &PeerConnection::stateChanged, this,
                [this, offers](PeerConnection::State state) {
                    JsonLines::tell({{u"event"_s, u"state"_s}, {u"state"_s, nameOf(state)}});
                    if (state == PeerConnection::State::Ringing && !offers)
                        m_connection.accept();
                });
        connect(&m_connection, &PeerConnection::errorOccurred, this,
                [this] { JsonLines::tellError(m_connection.errorString()); });
        connect(&m_connection, &PeerConnection::channelOpened, this, &InteropPeer::echo);
        connect(&m_connection, &PeerConnection::closed, this, [] {
            JsonLines::tell({{u"event"_s, u"ended"_s}});
        });
    }

private:
    void take(const QByteArray &line, const QJsonObject &object)
    {
        QString fault;
        if (object.contains("command"_L1))
            obey(object);
        else if (!m_connection.handleSignal(line, &fault))
            JsonLines::tellError(fault);
    }

    void obey(const QJsonObject &order)
    {
        const QString command = order.value("command"_L1).toString();
        const QString label = order.value("label"_L1).toString();
        if (command == "dial"_L1)
            m_connection.open();
        else if (command == "open"_L1)
            open(label, order);
        else if (command == "send"_L1)
            send(m_channels.value(label), order);
        else if (command == "closeChannel"_L1 && m_channels.value(label))
            m_channels.value(label)->close();
        else if (command == "close"_L1)
            m_connection.close();
    }

    void open(const QString &label, const QJsonObject &order)
    {
        PeerChannel::Options options;
        options.protocol = order.value("protocol"_L1).toString();
        options.ordered = order.value("ordered"_L1).toBool(true);
        options.maxRetransmits = number(order, "maxRetransmits"_L1);
        options.maxLifetime = number(order, "maxLifetime"_L1);
        options.negotiatedId = number(order, "negotiatedId"_L1);
        PeerChannel *channel = m_connection.openChannel(label, options);
        if (!channel) {
            JsonLines::tellError(u"no channel "_s + label);
            return;
        }
        watch(channel);
        const auto tellOpened = [label] {
            JsonLines::tell({{u"event"_s, u"opened"_s}, {u"label"_s, label}});
        };
        connect(channel, &PeerChannel::opened, this, tellOpened);
        connect(channel, &PeerChannel::textReceived, this, [label](const QString &text) {
            JsonLines::tell({{u"event"_s, u"message"_s}, {u"label"_s, label}, {u"text"_s, text}});
        });
        connect(channel, &PeerChannel::messageReceived, this, [label](const QByteArray &octets) {
            const QByteArray hash = QCryptographicHash::hash(octets, QCryptographicHash::Sha256);
            JsonLines::tell({{u"event"_s, u"message"_s},
                             {u"label"_s, label},
                             {u"octets"_s, octets.size()},
                             {u"sha256"_s, QString::fromLatin1(hash.toHex())}});
        });
    }

    static void send(PeerChannel *channel, const QJsonObject &order)
    {
        if (!channel)
            return;
        if (order.contains("text"_L1)) {
            channel->sendText(order.value("text"_L1).toString());
            return;
        }
        QByteArray octets(order.value("octets"_L1).toInt(), '\0');
        for (qsizetype i = 0; i < octets.size(); ++i)
            octets[i] = char(i);
        for (int i = 0; i < order.value("times"_L1).toInt(1); ++i)
            channel->sendMessage(octets);
    }

    void echo(PeerChannel *channel)
    {
        JsonLines::tell({{u"event"_s, u"channel"_s},
                         {u"label"_s, channel->label()},
                         {u"protocol"_s, channel->protocol()},
                         {u"ordered"_s, channel->isOrdered()},
                         {u"maxRetransmits"_s, jsonOf(channel->maxRetransmits())},
                         {u"maxLifetime"_s, jsonOf(channel->maxLifetime())}});
        watch(channel);
        connect(channel, &PeerChannel::textReceived, channel, &PeerChannel::sendText);
        // A peer that sends faster than it reads is made to wait.
        channel->setBufferedAmountLowThreshold(ResumeBelow);
        connect(channel, &PeerChannel::bufferedAmountLow, channel,
                [channel] { channel->setReceivingPaused(false); });
        connect(channel, &PeerChannel::messageReceived, channel,
                [channel](const QByteArray &octets) {
                    channel->sendMessage(octets);
                    if (channel->bufferedAmount() > PauseAbove)
                        channel->setReceivingPaused(true);
                });
    }

    void watch(PeerChannel *channel)
    {
        const QString label = channel->label();
        m_channels.insert(label, channel);
        connect(channel, &PeerChannel::closed, this, [label] {
            JsonLines::tell({{u"event"_s, u"closed"_s}, {u"label"_s, label}});
        });
    }

    PeerConnection m_connection;
    JsonLines m_lines;
    QHash<QString, QPointer<PeerChannel>> m_channels;
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const InteropPeer peer(QCoreApplication::arguments().value(1) == "offer"_L1);
    return QCoreApplication::exec();
}
