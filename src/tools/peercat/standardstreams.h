// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCAT_STANDARDSTREAMS_H
#define PEERCAT_STANDARDSTREAMS_H

#include <QtCore/qbytearray.h>
#include <QtCore/qobject.h>
#include <QtCore/qsocketnotifier.h>

/// Standard input, or another descriptor, read when there is something and somebody wants it.
class StandardInput : public QObject
{
    Q_OBJECT

public:
    static constexpr int ChunkSize = 16 * 1024;

    explicit StandardInput(QObject *parent = nullptr);
    StandardInput(int descriptor, QObject *parent);

    void setReading(bool reading);

Q_SIGNALS:
    void chunkRead(const QByteArray &chunk);
    void ended();
    void failed(const QString &reason);

private:
    void read();

    const int m_descriptor;
    QSocketNotifier m_notifier;
};

/// Standard output, or another descriptor, written without blocking: what a slow reader does not take waits here, and
/// isFull() asks the giver to pause. Bounded by PauseAbove and what is given in spite of it.
class StandardOutput : public QObject
{
    Q_OBJECT

public:
    static constexpr qsizetype PauseAbove = 256 * 1024;

    explicit StandardOutput(QObject *parent = nullptr);
    StandardOutput(int descriptor, QObject *parent);

    void write(const QByteArray &octets);
    bool isFull() const { return m_waiting.size() > PauseAbove; }
    bool isEmpty() const { return m_waiting.isEmpty(); }

Q_SIGNALS:
    void drained();
    void failed(const QString &reason);

private:
    void flush();
    /// Octets taken, 0 if the reader is not ready, -1 on failure.
    qsizetype writeSome(const char *data, qsizetype size);

    const int m_descriptor;
    QSocketNotifier m_notifier;
    bool m_isRegularFile = false;
    QByteArray m_waiting;
    bool m_hasFailed = false;
};

#endif // PEERCAT_STANDARDSTREAMS_H
