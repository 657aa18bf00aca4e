// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// One end of a call with a reliable transfer and 50 datagrams a second both ways, for the lab.
//
//     lab_call listen|connect PEER-URI [--ca FILE] [--identity FILE]
//
// Prints events as JSON, one a line, with "t" on the clock of the machine in ms. "finish" on
// standard input ends the transfer; when both ends have, "result" is printed and the call closed.
// Exit codes: 0 done, 2 could not connect, 3 connection lost; "result" comes in any case.

#include "reliablestream.h"
#include "ticks.h"

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerListener>

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qmetaobject.h>
#include <QtCore/qpointer.h>
#include <QtCore/qsocketnotifier.h>

#include <chrono>
#include <cstdio>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Datagrams that are still under way when the transfer has ended.
constexpr auto LastArrivals = 500ms;

const QString StreamLabel = u"stream"_s;
const QString TicksLabel = u"ticks"_s;

template<typename Enum>
QString nameOf(Enum value)
{
    return QString::fromLatin1(QMetaEnum::fromType<Enum>().valueToKey(int(value))).toLower();
}

void print(const QString &event, QJsonObject members)
{
    members.insert(u"event"_s, event);
    members.insert(u"t"_s, machineTime());
    const QByteArray line = QJsonDocument(members).toJson(QJsonDocument::Compact);
    std::printf("%s\n", line.constData());
    std::fflush(stdout);
}

/// The call, as both ends see it.
class Call : public QObject
{
public:
    explicit Call(PeerConnection *connection)
        : m_connection(connection)
    {
        connect(connection, &PeerConnection::connected, this, [this] { m_wasConnected = true; });
        connect(connection, &PeerConnection::stateChanged, this, [](PeerConnection::State state) {
            print(u"state"_s, {{u"state"_s, nameOf(state)}});
        });
        connect(connection, &PeerConnection::pathChanged, this, &Call::printPath);
        connect(connection, &PeerConnection::errorOccurred, this, [this] {
            print(u"error"_s,
                  {{u"code"_s, nameOf(m_connection->error())},
                   {u"message"_s, m_connection->errorString()}});
        });
        connect(connection, &PeerConnection::channelOpened, this, &Call::take);
        connect(connection, &PeerConnection::closed, this, &Call::end);
    }

    void openChannels()
    {
        take(m_connection->openChannel(StreamLabel));
        PeerChannel::Options unreliable;
        unreliable.ordered = false;
        unreliable.maxRetransmits = 0;
        take(m_connection->openChannel(TicksLabel, unreliable));
    }

    void finish()
    {
        if (m_ticks)
            m_ticks->stop();
        if (m_stream)
            m_stream->finish();
    }

private:
    void take(PeerChannel *channel)
    {
        if (channel->label() == TicksLabel)
            takeTicks(new Ticks(channel));
        if (channel->label() != StreamLabel)
            return;
        m_stream = new ReliableStream(channel);
        connect(m_stream, &ReliableStream::done, this, [this] {
            QTimer::singleShot(LastArrivals, this, [this] {
                printResult();
                // Once each: the other end may still wait for its last arrivals.
                QTimer::singleShot(2 * LastArrivals, m_connection, &PeerConnection::close);
            });
        });
    }

    void takeTicks(Ticks *ticks)
    {
        m_ticks = ticks;
        connect(ticks, &Ticks::silent, this, [] { print(u"silent"_s, {}); });
        connect(ticks, &Ticks::heard, this, [] { print(u"heard"_s, {}); });
    }

    void printPath()
    {
        const PeerPath path = m_connection->path();
        print(u"path"_s,
              {{u"kind"_s, nameOf(path.kind)},
               {u"protocol"_s, nameOf(path.protocol)},
               {u"local"_s, path.local},
               {u"remote"_s, path.remote}});
    }

    void printResult()
    {
        if (m_hasResult)
            return;
        m_hasResult = true;
        print(u"result"_s,
              {{u"stream"_s, m_stream ? m_stream->result() : QJsonObject()},
               {u"ticks"_s, m_ticks ? m_ticks->result() : QJsonObject()}});
    }

    void end()
    {
        const bool isDone = m_hasResult;
        printResult();
        QCoreApplication::exit(isDone ? 0 : m_wasConnected ? 3 : 2);
    }

    PeerConnection *m_connection;
    QPointer<ReliableStream> m_stream;
    QPointer<Ticks> m_ticks;
    bool m_wasConnected = false;
    bool m_hasResult = false;
};

struct Options
{
    bool listens = false;
    QUrl uri;
    PeerIdentity identity = PeerIdentity::create();
    QList<QSslCertificate> authorities;
};

bool parse(Options &options)
{
    QCommandLineParser parser;
    parser.addOptions({{u"ca"_s, u"Trust this authority."_s, u"FILE"_s},
                       {u"identity"_s, u"Who we are."_s, u"FILE"_s}});
    if (!parser.parse(QCoreApplication::arguments()) || parser.positionalArguments().size() != 2)
        return false;
    options.listens = parser.positionalArguments().first() == u"listen"_s;
    options.uri = QUrl(parser.positionalArguments().last());
    if (parser.isSet(u"ca"_s))
        options.authorities = QSslCertificate::fromPath(parser.value(u"ca"_s), QSsl::Pem);
    if (parser.isSet(u"identity"_s))
        options.identity = PeerIdentity::loadOrCreate(parser.value(u"identity"_s), nullptr);
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    Options options;
    if (!parse(options)) {
        std::fputs("lab_call: wrong arguments\n", stderr);
        return 1;
    }
    std::unique_ptr<Call> call;
    QSocketNotifier commands(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&commands, &QSocketNotifier::activated, &application, [&] {
        char text[256];
        if (::read(STDIN_FILENO, text, sizeof text) <= 0)
            commands.setEnabled(false);
        else if (call)
            call->finish();
    });

    PeerListener listener;
    PeerConnection connection;
    if (options.listens) {
        listener.setListenAddress(options.uri);
        listener.setIdentity(options.identity);
        listener.setTrustedCertificates(options.authorities);
        listener.setAutoAccept(true);
        listener.setMaxConnections(1);
        QObject::connect(&listener, &PeerListener::listening, &application, [&] {
            print(u"listening"_s,
                  {{u"address"_s, listener.address().toString(QUrl::FullyEncoded)}});
        });
        QObject::connect(
            &listener, &PeerListener::incomingConnection, &application,
            [&call](PeerConnection *incoming) { call = std::make_unique<Call>(incoming); });
        listener.listen();
    } else {
        connection.setDestination(options.uri);
        connection.setIdentity(options.identity);
        connection.setTrustedCertificates(options.authorities);
        call = std::make_unique<Call>(&connection);
        call->openChannels();
        connection.open();
    }
    return QCoreApplication::exec();
}
