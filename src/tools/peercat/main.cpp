// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// peercat: netcat for peers, and the tool that the tests drive.

#include "options.h"
#include "session.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qsocketnotifier.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <sys/socket.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace {

int signalSockets[2] = {-1, -1};

void handleSignal(int number)
{
    const char octet = static_cast<char>(number);
    [[maybe_unused]] const ssize_t written = ::write(signalSockets[0], &octet, 1);
}

/// SIGINT and SIGTERM hang up instead of leaving the peer to find out; a second one kills.
std::unique_ptr<QSocketNotifier> watchSignals(Session *session)
{
    std::signal(SIGPIPE, SIG_IGN); // a write error says it too
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, signalSockets) != 0)
        return nullptr;
    auto notifier = std::make_unique<QSocketNotifier>(signalSockets[1], QSocketNotifier::Read);
    QObject::connect(notifier.get(), &QSocketNotifier::activated, session, [session] {
        char octet = 0;
        [[maybe_unused]] const ssize_t size = ::read(signalSockets[1], &octet, 1);
        std::signal(SIGINT, SIG_DFL);
        std::signal(SIGTERM, SIG_DFL);
        session->interrupt();
    });
    std::signal(SIGINT, handleSignal);
    std::signal(SIGTERM, handleSignal);
    return notifier;
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"peercat"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(PEERCONNECTION_VERSION));

    Options::Message message;
    const std::optional<Options> options = Options::parse(QCoreApplication::arguments(), message);
    if (!options) {
        std::fputs(message.text.toLocal8Bit().constData(), message.exitCode == 0 ? stdout : stderr);
        return message.exitCode;
    }
    std::unique_ptr<Session> session;
    switch (options->mode) {
    case Options::Mode::Connect:
        session = std::make_unique<ConnectSession>(*options);
        break;
    case Options::Mode::Listen:
        session = std::make_unique<ListenSession>(*options);
        break;
    }
    const auto signalNotifier = watchSignals(session.get());
    QObject::connect(session.get(), &Session::finished, &application,
                     [](ExitCode code) { QCoreApplication::exit(int(code)); });
    QMetaObject::invokeMethod(
        session.get(), [&session] { session->start(); }, Qt::QueuedConnection);
    return QCoreApplication::exec();
}
