// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_RINGTONE_H
#define DEMO_RINGTONE_H

#include <QtCore/qiodevice.h>
#include <QtCore/qobject.h>
#include <QtCore/qthread.h>

namespace demo {

/// What is heard when somebody calls, over and over: two notes that swell and fade, and a pause.
/// Mono, 16 bit, in the machine's own order of octets, SampleRate a second.
class RingSound : public QIODevice
{
public:
    static constexpr int SampleRate = 48'000;

    /// Once through; it begins and ends with silence.
    static QByteArray samples();

    /// Opened already.
    explicit RingSound(QObject *parent = nullptr);

    bool isSequential() const override { return true; }
    qint64 bytesAvailable() const override;

protected:
    qint64 readData(char *data, qint64 maxSize) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    const QByteArray m_samples = samples();
    qint64 m_at = 0;
};

/// Plays it by the system's loudspeaker, in a thread of its own, for opening one may take a while.
/// Where there is none nothing is heard.
class RingTone : public QObject
{
    Q_OBJECT

public:
    explicit RingTone(QObject *parent = nullptr);
    /// Waits for the thread to end.
    ~RingTone() override;

    void setRinging(bool isRinging);

private:
    class Player;

    QThread m_thread;
    Player *m_player; ///< of the thread
};

} // namespace demo

#endif // DEMO_RINGTONE_H
