// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCAT_EVENTLOG_H
#define PEERCAT_EVENTLOG_H

#include <PeerConnection/PeerConnection>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qurl.h>

/// What peercat tells on standard error: sentences for people, or one JSON object a line, each
/// with "t" in milliseconds since the start.
class EventLog
{
public:
    explicit EventLog(bool json);

    void listening(const QUrl &address);
    void state(PeerConnection::State state);
    void path(const PeerPath &path);
    void error(const QString &code, const QString &message);
    /// What was tried, after an error.
    void report(const PeerReport &report);
    void closed();

private:
    void write(QJsonObject event);
    void say(const QString &line);

    bool m_json;
    QElapsedTimer m_clock;
};

#endif // PEERCAT_EVENTLOG_H
