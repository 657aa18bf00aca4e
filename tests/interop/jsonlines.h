// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef TESTS_INTEROP_JSONLINES_H
#define TESTS_INTEROP_JSONLINES_H

#include <QtCore/qcoreapplication.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qsocketnotifier.h>

#include <cstdio>
#include <functional>
#include <unistd.h>
#include <utility>

/// Standard input and output of a program that a test drives: a JSON object a line. The program
/// ends with its input.
class JsonLines
{
public:
    using Taker = std::function<void(const QByteArray &line, const QJsonObject &object)>;

    explicit JsonLines(Taker taker)
        : m_taker(std::move(taker))
        , m_input(STDIN_FILENO, QSocketNotifier::Read)
    {
        QObject::connect(&m_input, &QSocketNotifier::activated, &m_input, [this] { read(); });
    }

    static void write(const QByteArray &line)
    {
        std::fwrite(line.constData(), 1, std::size_t(line.size()), stdout);
        std::fputc('\n', stdout);
        std::fflush(stdout);
    }

    static void tell(const QJsonObject &event)
    {
        write(QJsonDocument(event).toJson(QJsonDocument::Compact));
    }

    static void tellError(const QString &text)
    {
        tell({{QStringLiteral("event"), QStringLiteral("error")}, {QStringLiteral("text"), text}});
    }

private:
    void read()
    {
        char buffer[65536];
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count <= 0) {
            m_input.setEnabled(false);
            QCoreApplication::quit();
            return;
        }
        m_rest.append(buffer, count);
        for (qsizetype end; (end = m_rest.indexOf('\n')) >= 0; m_rest.remove(0, end + 1)) {
            const QByteArray line = m_rest.left(end);
            m_taker(line, QJsonDocument::fromJson(line).object());
        }
    }

    Taker m_taker;
    QSocketNotifier m_input;
    QByteArray m_rest;
};

#endif // TESTS_INTEROP_JSONLINES_H
