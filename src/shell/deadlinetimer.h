// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_DEADLINETIMER_H
#define PEER_SHELL_DEADLINETIMER_H

#include "core/base/time.h"

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

#include <chrono>

namespace peer {

/// Tells when a machine's nextDeadline() has come: never before it, and at most a millisecond
/// after it if the event loop is free.
///
/// Qt's timers stand still while the machine sleeps, a TimePoint does not. So that a deadline that
/// passed in sleep is told soon after waking up, the timer looks at the clock every LongestSleep.
class DeadlineTimer : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds LongestSleep{1000};

    explicit DeadlineTimer(QObject *parent = nullptr);

    /// Replaces the one before; Never stops. One in the past is told from the event loop.
    void setDeadline(TimePoint deadline);
    TimePoint deadline() const { return m_deadline; }

Q_SIGNALS:
    /// Once a deadline; deadline() is Never then.
    void expired();

private:
    void wakeUp();
    void arm(TimePoint now);

    QTimer m_timer;
    TimePoint m_deadline = Never;
    /// When m_timer fires; Never if it does not run. It may be earlier than needed: deadlines
    /// mostly move back, and a wake-up in vain is cheaper than setting the timer each time.
    TimePoint m_wakeUp = Never;
};

} // namespace peer

#endif // PEER_SHELL_DEADLINETIMER_H
