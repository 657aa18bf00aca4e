// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "caller.h"

#include <PeerConnection/PeerChannel>

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 HighWater = 1 << 20;
constexpr qint64 LowWater = 256 << 10;

} // namespace

Caller::Caller(CommandLine &commands, const QString &address)
    : m_commands(commands)
    , m_address(address)
    , m_identity(PeerIdentity::create())
    , m_first(dial())
{
    connect(&m_commands, &CommandLine::commanded, this, &Caller::obey);
    connect(m_first.get(), &PeerConnection::connected, this, [this] { m_commands.tell({}); });
}

void Caller::obey(const QString &name, const QJsonObject &parameters)
{
    const int count = parameters[u"count"].toInt();
    const int size = parameters[u"size"].toInt();
    if (name == u"connect"_s)
        connectOnce();
    else if (name == u"session"_s)
        openSession();
    else if (name == u"roundtrips"_s)
        makeRoundTrips(count, size);
    else if (name == u"send"_s)
        send(parameters[u"channel"].toString(), size, parameters[u"seconds"].toDouble());
    else if (name == u"many"_s)
        openMany(count);
}

std::unique_ptr<PeerConnection> Caller::dial()
{
    auto connection = std::make_unique<PeerConnection>();
    connection->setIdentity(m_identity);
    connection->setDestination(m_address);
    connect(connection.get(), &PeerConnection::errorOccurred, this,
            [raw = connection.get()] { qFatal("%s", qPrintable(raw->errorString())); });
    connection->open();
    return connection;
}

void Caller::connectOnce()
{
    const qint64 dialed = monotonicTime();
    PeerConnection *connection = dial().release();
    auto opened = std::make_shared<qint64>();
    connect(connection->defaultChannel(), &PeerChannel::opened, this, [connection, opened] {
        *opened = monotonicTime();
        connection->sendMessage("1");
    });
    connect(connection, &PeerConnection::messageReceived, this, [this, connection, dialed, opened] {
        disconnect(connection, nullptr, this, nullptr);
        connect(connection, &PeerConnection::closed, connection, &QObject::deleteLater);
        connection->close();
        m_commands.tell({{u"dialed"_s, dialed}, {u"opened"_s, *opened}});
    });
}

void Caller::openSession()
{
    m_session = dial();
    PeerChannel::Options unreliable;
    unreliable.ordered = false;
    unreliable.maxRetransmits = 0;
    PeerChannel *bulk = m_session->openChannel(u"bulk"_s);
    PeerChannel *datagrams = m_session->openChannel(u"datagrams"_s, unreliable);
    auto missing = std::make_shared<int>(3);
    for (const PeerChannel *channel : {m_session->defaultChannel(), bulk, datagrams}) {
        connect(channel, &PeerChannel::opened, this, [this, missing] {
            if (--*missing == 0)
                m_commands.tell({});
        });
    }
}

PeerChannel *Caller::sessionChannel(const QString &label) const
{
    for (PeerChannel *channel : m_session->channels()) {
        if (channel->label() == label)
            return channel;
    }
    qFatal("no channel %s", qPrintable(label));
}

void Caller::makeRoundTrips(int count, int size)
{
    struct Progress
    {
        QJsonArray times;
        qint64 start;
    };
    auto progress = std::make_shared<Progress>();
    const QByteArray payload(size, '7');
    const auto next = [this, progress, payload] {
        progress->start = monotonicTime();
        m_session->sendMessage(payload);
    };
    connect(m_session.get(), &PeerConnection::messageReceived, this, [=, this] {
        progress->times.append(monotonicTime() - progress->start);
        if (progress->times.size() < count) {
            next();
            return;
        }
        disconnect(m_session.get(), &PeerConnection::messageReceived, this, nullptr);
        m_commands.tell({{u"times"_s, progress->times}});
    });
    next();
}

void Caller::send(const QString &label, int size, double seconds)
{
    PeerChannel *channel = sessionChannel(label);
    const QByteArray payload(size, '7');
    const qint64 end = monotonicTime() + qint64(seconds * 1e9);
    auto messages = std::make_shared<qint64>();
    const auto fill = [this, channel, payload, end, messages] {
        for (; monotonicTime() < end && channel->bufferedAmount() < HighWater; ++*messages)
            channel->sendMessage(payload);
        if (monotonicTime() < end || channel->bufferedAmount() > LowWater)
            return;
        disconnect(channel, &PeerChannel::bufferedAmountLow, this, nullptr);
        m_commands.tell({{u"messages"_s, *messages}});
    };
    channel->setBufferedAmountLowThreshold(LowWater);
    connect(channel, &PeerChannel::bufferedAmountLow, this, fill);
    fill();
}

void Caller::openMany(int count)
{
    auto missing = std::make_shared<int>(count);
    for (int i = 0; i < count; ++i) {
        m_many.push_back(dial());
        connect(m_many.back().get(), &PeerConnection::connected, this, [this, missing] {
            if (--*missing == 0)
                m_commands.tell({});
        });
    }
}
