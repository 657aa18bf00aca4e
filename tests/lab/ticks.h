// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_LAB_TICKS_H
#define PEER_LAB_TICKS_H

#include <PeerConnection/PeerChannel>

#include <QtCore/qbytearray.h>
#include <QtCore/qjsonarray.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

#include <vector>

/// Milliseconds on the clock of the machine, which all of its programs share (CLOCK_MONOTONIC).
double machineTime();

/// One end of a call's datagrams: 50 of 160 octets a second both ways, none of them repeated. Keeps
/// when none came for long, and which were lost or came twice.
class Ticks : public QObject
{
    Q_OBJECT

public:
    explicit Ticks(PeerChannel *channel);

    /// Sends no more, and looks for no more silence. What is under way is still counted.
    void stop();
    /// To be asked for after the last has arrived.
    QJsonObject result() const;

Q_SIGNALS:
    /// None came for long …
    void silent();
    /// … and now one did.
    void heard();

private:
    void sendNext();
    void receive(const QByteArray &message);
    void countSilence(double until);

    PeerChannel *m_channel;
    QTimer m_pace;
    quint64 m_sent = 0;
    quint64 m_received = 0;
    quint64 m_doubled = 0;
    bool m_isSilent = false;
    double m_lastArrival = 0;
    double m_longestWay = 0;
    QJsonArray m_silences;    ///< [from, until], those of note
    std::vector<bool> m_seen; ///< by number
};

#endif // PEER_LAB_TICKS_H
