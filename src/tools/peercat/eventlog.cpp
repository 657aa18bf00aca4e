// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "eventlog.h"

#include <QtCore/qjsondocument.h>
#include <QtCore/qmetaobject.h>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace {

template<typename Enum>
QString nameOf(Enum value)
{
    return QString::fromLatin1(QMetaEnum::fromType<Enum>().valueToKey(int(value))).toLower();
}

void writeLine(const QByteArray &line)
{
    std::fwrite(line.constData(), 1, std::size_t(line.size()), stderr);
    std::fputc('\n', stderr);
    std::fflush(stderr);
}

} // namespace

EventLog::EventLog(bool json)
    : m_json(json)
{
    m_clock.start();
}

void EventLog::listening(const QUrl &address)
{
    const QString text = address.toString(QUrl::FullyEncoded);
    if (m_json)
        write({{u"event"_s, u"listening"_s}, {u"address"_s, text}});
    else
        say(text);
}

void EventLog::state(PeerConnection::State state)
{
    if (m_json)
        write({{u"event"_s, u"state"_s}, {u"state"_s, nameOf(state)}});
}

void EventLog::path(const PeerPath &path)
{
    const QString kind = nameOf(path.kind);
    const QString protocol = nameOf(path.protocol);
    if (m_json)
        write({{u"event"_s, u"path"_s},
               {u"kind"_s, kind},
               {u"protocol"_s, protocol},
               {u"local"_s, path.local},
               {u"remote"_s, path.remote},
               {u"localEnd"_s, nameOf(path.localEnd)},
               {u"remoteEnd"_s, nameOf(path.remoteEnd)},
               {u"rtt"_s, path.roundTripTime}});
    else
        say(u"path: %1 %2, %3 to %4, %5 ms"_s.arg(kind, protocol, path.local, path.remote)
                .arg(path.roundTripTime, 0, 'f', 1));
}

void EventLog::error(const QString &code, const QString &message)
{
    if (m_json)
        write({{u"event"_s, u"error"_s}, {u"code"_s, code}, {u"message"_s, message}});
    else
        say(u"peercat: %1"_s.arg(message));
}

void EventLog::report(const PeerReport &report)
{
    if (report.isEmpty())
        return;
    if (m_json) {
        QJsonObject event = report.toJson();
        event.insert(u"event"_s, u"report"_s);
        write(event);
        return;
    }
    const QStringList lines = report.toString().split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : lines)
        say(u"  "_s + line);
}

void EventLog::closed()
{
    if (m_json)
        write({{u"event"_s, u"closed"_s}});
}

void EventLog::write(QJsonObject event)
{
    event.insert(u"t"_s, double(m_clock.nsecsElapsed()) / 1e6);
    writeLine(QJsonDocument(event).toJson(QJsonDocument::Compact));
}

void EventLog::say(const QString &line)
{
    writeLine(line.toLocal8Bit());
}
