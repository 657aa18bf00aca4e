// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef BENCH_COMMANDLINE_H
#define BENCH_COMMANDLINE_H

#include <QtCore/qbytearray.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qobject.h>
#include <QtCore/qsocketnotifier.h>

#include <chrono>

/// CLOCK_MONOTONIC in nanoseconds, as the other process reads it too.
inline qint64 monotonicTime()
{
    return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Commands from standard input, one line of JSON each; answers go to standard output. The command
/// "quit" and the end of input end the program.
class CommandLine : public QObject
{
    Q_OBJECT

public:
    CommandLine();

    void tell(const QJsonObject &answer);

Q_SIGNALS:
    void commanded(const QString &name, const QJsonObject &parameters);

private:
    void read();

    QSocketNotifier m_input;
    QByteArray m_pending;
};

#endif // BENCH_COMMANDLINE_H
