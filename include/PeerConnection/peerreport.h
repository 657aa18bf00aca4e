// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERREPORT_H
#define PEERREPORT_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qjsonobject.h>
#include <QtCore/qobjectdefs.h>
#include <QtCore/qstring.h>

/// What a connection has tried to reach its peer, what answered, why no better path is in use, and
/// what happened when; see PeerConnection::report(). It names addresses of both hosts and no
/// secret.
class PEERCONNECTION_EXPORT PeerReport
{
    Q_GADGET
    Q_PROPERTY(QString text READ toString FINAL)
    Q_PROPERTY(QJsonObject json READ toJson FINAL)

public:
    PeerReport() = default;
    PeerReport(const QString &text, const QJsonObject &json)
        : m_text(text)
        , m_json(json)
    { }

    bool isEmpty() const { return m_text.isEmpty(); }
    /// For a person, in English, one fact a line.
    QString toString() const { return m_text; }
    /// Members: \c state; \c inUse and each of \c tried, objects of \c kind ("direct", "relay",
    /// "tunnel"), \c protocol ("udp", "tcp", "tls", or "ws" of a tunnel), \c local, \c remote, \c
    /// outcome and \c rtt (milliseconds, absent while unknown); \c notBetter, an array of
    /// sentences; \c history, objects of \c t (milliseconds since the call began) and \c text.
    /// Later versions may add members.
    QJsonObject toJson() const { return m_json; }

private:
    QString m_text;
    QJsonObject m_json;
};

#endif // PEERREPORT_H
