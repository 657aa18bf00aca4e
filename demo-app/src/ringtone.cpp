// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "ringtone.h"

#include <QtMultimedia/qaudiodevice.h>
#include <QtMultimedia/qaudioformat.h>
#include <QtMultimedia/qaudiosink.h>
#include <QtMultimedia/qmediadevices.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <numbers>

using namespace Qt::StringLiterals;

namespace demo {

namespace {

/// A note: when it begins, in seconds, and how high it is.
struct Note
{
    double start;
    double hertz;
};
constexpr Note Notes[] = {{0.05, 659.26}, {0.55, 880.0}}; // E5, A5
constexpr double NoteSeconds = 0.9;
constexpr double Seconds = 3.0;
/// Of full scale, of each note.
constexpr double Loudness = 0.3;

/// Of a note so many seconds after its begin: swells within 20 ms and fades to nothing, for a step
/// would be heard as a click.
double noteAt(double time, double hertz)
{
    if (time < 0 || time > NoteSeconds)
        return 0;
    const double swell = std::min(1.0, time / 0.02);
    const double fade = std::pow(1 - time / NoteSeconds, 2);
    return Loudness * swell * fade * std::sin(2 * std::numbers::pi * hertz * time);
}

} // namespace

QByteArray RingSound::samples()
{
    constexpr int Count = int(Seconds * SampleRate);
    QByteArray result(Count * qsizetype(sizeof(qint16)), Qt::Uninitialized);
    for (int i = 0; i < Count; ++i) {
        double sum = 0;
        for (const Note &note : Notes)
            sum += noteAt(double(i) / SampleRate - note.start, note.hertz);
        const auto sample = qint16(std::lround(sum * 32'767));
        std::memcpy(result.data() + i * qsizetype(sizeof sample), &sample, sizeof sample);
    }
    return result;
}

RingSound::RingSound(QObject *parent)
    : QIODevice(parent)
{
    open(QIODevice::ReadOnly | QIODevice::Unbuffered);
}

/// It has no end.
qint64 RingSound::bytesAvailable() const
{
    return m_samples.size() + QIODevice::bytesAvailable();
}

qint64 RingSound::readData(char *data, qint64 maxSize)
{
    for (qint64 done = 0; done < maxSize;) {
        const qint64 piece = std::min(maxSize - done, m_samples.size() - m_at);
        std::memcpy(data + done, m_samples.constData() + m_at, std::size_t(piece));
        done += piece;
        m_at = (m_at + piece) % m_samples.size();
    }
    return maxSize;
}

qint64 RingSound::writeData(const char *, qint64)
{
    return -1;
}

class RingTone::Player : public QObject
{
public:
    void play()
    {
        const QAudioDevice device = QMediaDevices::defaultAudioOutput();
        QAudioFormat format;
        format.setSampleRate(RingSound::SampleRate);
        format.setChannelCount(1);
        format.setSampleFormat(QAudioFormat::Int16);
        if (m_sink || device.isNull() || !device.isFormatSupported(format))
            return;
        m_sound = std::make_unique<RingSound>();
        m_sink = std::make_unique<QAudioSink>(device, format);
        m_sink->start(m_sound.get());
    }

    void stop()
    {
        m_sink.reset();
        m_sound.reset();
    }

private:
    std::unique_ptr<RingSound> m_sound; ///< goes after the sink
    std::unique_ptr<QAudioSink> m_sink;
};

RingTone::RingTone(QObject *parent)
    : QObject(parent)
    , m_player(new Player)
{
    m_thread.setObjectName(u"ring tone"_s);
    m_player->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_player, &QObject::deleteLater);
    m_thread.start();
}

RingTone::~RingTone()
{
    m_thread.quit();
    m_thread.wait();
}

void RingTone::setRinging(bool isRinging)
{
    QMetaObject::invokeMethod(
        m_player, [player = m_player, isRinging] { isRinging ? player->play() : player->stop(); },
        Qt::QueuedConnection);
}

} // namespace demo
