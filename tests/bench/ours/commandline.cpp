// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "commandline.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qjsondocument.h>

#include <cstdio>

#include <unistd.h>

using namespace Qt::StringLiterals;

CommandLine::CommandLine()
    : m_input(STDIN_FILENO, QSocketNotifier::Read)
{
    connect(&m_input, &QSocketNotifier::activated, this, &CommandLine::read);
}

void CommandLine::tell(const QJsonObject &answer)
{
    const QByteArray line = QJsonDocument(answer).toJson(QJsonDocument::Compact) + '\n';
    std::fwrite(line.constData(), 1, std::size_t(line.size()), stdout);
    std::fflush(stdout);
}

void CommandLine::read()
{
    char buffer[4096];
    const ssize_t size = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (size <= 0) {
        QCoreApplication::quit();
        return;
    }
    m_pending.append(buffer, size);
    for (qsizetype end = 0; (end = m_pending.indexOf('\n')) >= 0;) {
        const QJsonObject command = QJsonDocument::fromJson(m_pending.left(end)).object();
        m_pending.remove(0, end + 1);
        const QString name = command[u"do"].toString();
        if (name == u"quit"_s)
            QCoreApplication::quit();
        else
            Q_EMIT commanded(name, command);
    }
}
