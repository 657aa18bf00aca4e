// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// peercat: netcat for peers, and the tool that the tests drive.

#include "doctor.h"
#include "options.h"
#include "session.h"
#include "signalsession.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qsocketnotifier.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
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

/// A descriptor that the parent has closed would be taken by the next socket or event, and what is
/// meant for it go there. Closed input has ended; closed output discards.
void openStandardStreams()
{
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        // The lowest free descriptor is given out first, and the ones below are taken.
        if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != descriptor)
            std::abort();
    }
}

std::unique_ptr<Session> makeSession(const Options &options)
{
    if (options.signalDescriptors)
        return std::make_unique<SignalSession>(options);
    switch (options.mode) {
    case Options::Mode::Connect:
        return std::make_unique<ConnectSession>(options);
    case Options::Mode::Listen:
        return std::make_unique<ListenSession>(options);
    case Options::Mode::Doctor:
        break;
    }
    return std::make_unique<DoctorSession>(options);
}

} // namespace

int main(int argc, char **argv)
{
    openStandardStreams();
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"peercat"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(PEERCONNECTION_VERSION));

    Options::Message message;
    const std::optional<Options> options = Options::parse(QCoreApplication::arguments(), message);
    if (!options) {
        std::fputs(message.text.toLocal8Bit().constData(), message.exitCode == 0 ? stdout : stderr);
        return message.exitCode;
    }
    const std::unique_ptr<Session> session = makeSession(*options);
    const auto signalNotifier = watchSignals(session.get());
    QObject::connect(session.get(), &Session::finished, &application,
                     [](ExitCode code) { QCoreApplication::exit(int(code)); });
    QMetaObject::invokeMethod(
        session.get(), [&session] { session->start(); }, Qt::QueuedConnection);
    return QCoreApplication::exec();
}
