// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "standardstreams.h"

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

/// A pipe that polls as writable takes at least this much without blocking (POSIX: PIPE_BUF).
/// Standard output is not made non-blocking, for it may be shared with other programs.
constexpr qsizetype PipeRoom = 4096;

QString systemError()
{
    return QString::fromLocal8Bit(std::strerror(errno));
}

} // namespace

StandardInput::StandardInput(QObject *parent)
    : StandardInput(STDIN_FILENO, parent)
{ }

StandardInput::StandardInput(int descriptor, QObject *parent)
    : QObject(parent)
    , m_descriptor(descriptor)
    , m_notifier(descriptor, QSocketNotifier::Read)
{
    m_notifier.setEnabled(false);
    connect(&m_notifier, &QSocketNotifier::activated, this, &StandardInput::read);
}

void StandardInput::setReading(bool reading)
{
    m_notifier.setEnabled(reading);
}

void StandardInput::read()
{
    QByteArray chunk(ChunkSize, Qt::Uninitialized);
    const ssize_t size = ::read(m_descriptor, chunk.data(), ChunkSize);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size > 0) {
        chunk.truncate(size);
        Q_EMIT chunkRead(chunk);
        return;
    }
    m_notifier.setEnabled(false);
    if (size == 0)
        Q_EMIT ended();
    else
        Q_EMIT failed(systemError());
}

StandardOutput::StandardOutput(QObject *parent)
    : StandardOutput(STDOUT_FILENO, parent)
{ }

StandardOutput::StandardOutput(int descriptor, QObject *parent)
    : QObject(parent)
    , m_descriptor(descriptor)
    , m_notifier(descriptor, QSocketNotifier::Write)
{
    struct stat status = {};
    m_isRegularFile = ::fstat(m_descriptor, &status) == 0 && S_ISREG(status.st_mode);
    m_notifier.setEnabled(false);
    connect(&m_notifier, &QSocketNotifier::activated, this, &StandardOutput::flush);
}

void StandardOutput::write(const QByteArray &octets)
{
    if (m_hasFailed)
        return;
    m_waiting += octets;
    flush();
}

void StandardOutput::flush()
{
    qsizetype written = 0;
    while (written < m_waiting.size()) {
        const qsizetype size = writeSome(m_waiting.constData() + written,
                                         m_waiting.size() - written);
        if (size < 0) {
            m_hasFailed = true;
            m_waiting.clear();
            m_notifier.setEnabled(false);
            Q_EMIT failed(systemError());
            return;
        }
        if (size == 0)
            break;
        written += size;
    }
    m_waiting.remove(0, written);
    m_notifier.setEnabled(!m_waiting.isEmpty());
    if (m_waiting.isEmpty() && written > 0)
        Q_EMIT drained();
}

qsizetype StandardOutput::writeSome(const char *data, qsizetype size)
{
    if (!m_isRegularFile) {
        pollfd output = {m_descriptor, POLLOUT, 0};
        if (::poll(&output, 1, 0) == 0)
            return 0;
        size = std::min(size, PipeRoom);
    }
    for (;;) {
        const ssize_t written = ::write(m_descriptor, data, std::size_t(size));
        if (written >= 0)
            return written;
        if (errno == EAGAIN)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}
