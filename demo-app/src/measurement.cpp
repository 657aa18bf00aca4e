// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "measurement.h"

#include "phone.h"

#include <QtCore/qjsondocument.h>
#include <QtCore/qsavefile.h>
#include <QtGui/qimage.h>
#include <QtMultimedia/qvideoframe.h>
#include <QtMultimedia/qvideosink.h>
#include <QtQuick/qquickitem.h>
#include <QtQuick/qquickwindow.h>

#include <algorithm>
#include <ctime>
#include <vector>

using namespace Qt::StringLiterals;

namespace demo {

namespace {

constexpr int LookEvery = 50; // milliseconds
/// For a call to come about, after which there are no figures but faults.
constexpr int StartLimit = 60'000;
/// How long the other side, which began a little later, has to say that it is done too; it may be
/// one that does not measure.
constexpr int LingerLimit = 15'000;

/// Seconds of the processors' time that this program has had.
double processorTime()
{
    return double(std::clock()) / CLOCKS_PER_SEC;
}

} // namespace

bool showsPicture(const QImage &area, const QImage &picture)
{
    if (area.isNull() || picture.isNull())
        return false;
    const QSize shown = picture.size().scaled(area.size(), Qt::KeepAspectRatio);
    const QImage part = area.copy(QRect(
        QPoint((area.width() - shown.width()) / 2, (area.height() - shown.height()) / 2), shown));
    constexpr QSize Grid(32, 18);
    const auto small = [Grid](const QImage &image) {
        return image.convertToFormat(QImage::Format_RGB32)
            .scaled(Grid, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
    };
    const QImage left = small(part);
    const QImage right = small(picture);
    std::vector<int> differences;
    for (int y = 0; y < Grid.height(); ++y) {
        for (int x = 0; x < Grid.width(); ++x) {
            const QRgb a = left.pixel(x, y);
            const QRgb b = right.pixel(x, y);
            differences.push_back(
                std::max({std::abs(qRed(a) - qRed(b)), std::abs(qGreen(a) - qGreen(b)),
                          std::abs(qBlue(a) - qBlue(b))}));
        }
    }
    // Colours go through other arithmetic on the way to the screen.
    constexpr int Alike = 24;
    const auto alike = std::ranges::count_if(differences, [](int d) { return d <= Alike; });
    return alike * 10 >= std::ssize(differences) * 7;
}

Measurement::Measurement(Phone *phone, QQuickWindow *window, const CommandLine &options,
                         QObject *parent)
    : QObject(parent)
    , m_phone(phone)
    , m_window(window)
    , m_options(options)
{
    m_figures.seconds = options.seconds;
    m_figures.isTest = options.source != PeerMediaCall::Source::File && !options.isPeerOther;
    m_figures.isSilent = options.isSilent;
    connect(phone, &Phone::callChanged, this, &Measurement::takeCall);
    connect(phone, &Phone::callEnded, this, &Measurement::finish);
    m_looking.setTimerType(Qt::PreciseTimer);
    m_looking.setInterval(LookEvery);
    connect(&m_looking, &QTimer::timeout, this, &Measurement::look);
    m_limit.setSingleShot(true);
    connect(&m_limit, &QTimer::timeout, this, &Measurement::finish);
    m_limit.start(StartLimit);
}

void Measurement::takeCall()
{
    if (!m_phone->call() || m_figures.firstPicture >= 0)
        return;
    // The other side's call may take the place of ours to it.
    m_figures.isCaller = !m_phone->call()->isIncoming();
    if (!m_callTime.isValid())
        m_callTime = QDateTime::currentDateTimeUtc();
    connect(m_phone->call()->conversation(), &Conversation::peerMeasured, this, [this] {
        m_isPeerDone = true;
        hangUpIfBothAreDone();
    });
    m_looking.start();
}

void Measurement::look()
{
    if (!m_phone->call())
        return;
    const PeerMediaStatistics media = m_phone->call()->media()->statistics();
    if (m_figures.firstPicture < 0 && media.firstFrame.isValid())
        begin(media);
    if (m_figures.firstPicture < 0)
        return;
    sample(media);
    if (m_sincePicture.elapsed() >= m_options.seconds * 1000)
        finish();
}

void Measurement::begin(const PeerMediaStatistics &media)
{
    m_figures.firstPicture = m_callTime.msecsTo(media.firstFrame);
    m_figures.before = media;
    m_sincePicture.start();
    CallSession &call = *m_phone->call();
    m_before = call.connection()->statistics();
    m_figures.expectedSender = CallSession::testIdOf(call.connection()->peerId(),
                                                     call.isIncoming());
    m_processorBefore = processorTime();
    m_limit.stop();
}

void Measurement::sample(const PeerMediaStatistics &media)
{
    if (media.testDisplayDelay >= 0) {
        m_delays += media.testDisplayDelay;
        ++m_samples;
    }
    m_figures.media = media;
    m_figures.delay = m_samples ? m_delays / m_samples : -1;
    const double seconds = double(std::max<qint64>(m_sincePicture.elapsed(), 1)) / 1000;
    const PeerStatistics now = m_phone->call()->connection()->statistics();
    m_figures.path = CallSession::wordsOf(now.path);
    m_figures.roundTrip = now.roundTripTime;
    m_figures.bitrateIn = double(now.bytesReceived - m_before.bytesReceived) * 8 / seconds;
    m_figures.bitrateOut = double(now.bytesSent - m_before.bytesSent) * 8 / seconds;
    m_figures.processor = (processorTime() - m_processorBefore) / seconds;
}

void Measurement::finish()
{
    if (m_isFinished)
        return;
    m_isFinished = true;
    m_looking.stop();
    m_limit.stop();
    m_isWritten = write();
    CallSession *call = m_phone->call();
    if (!call) {
        QMetaObject::invokeMethod(this, &Measurement::done, Qt::QueuedConnection);
        return;
    }
    connect(m_phone, &Phone::callEnded, this, &Measurement::done);
    if (!m_figures.isCaller)
        call->conversation()->sayMeasured();
    QTimer::singleShot(LingerLimit, call, &CallSession::hangUp);
    hangUpIfBothAreDone();
}

void Measurement::hangUpIfBothAreDone()
{
    // The caller does it: then what the callee said last has come.
    if (m_isFinished && m_isPeerDone && m_figures.isCaller && m_phone->call())
        m_phone->call()->hangUp();
}

bool Measurement::write()
{
    const QImage window = m_window->grabWindow();
    const auto *item = m_window->findChild<QQuickItem *>(u"remoteVideo"_s);
    if (item && m_phone->call() && m_phone->call()->media()->remoteVideoSink()) {
        const QRectF area = item->mapRectToScene(item->boundingRect());
        const double ratio = window.devicePixelRatio();
        const QRect pixels = QRectF(area.topLeft() * ratio, area.size() * ratio).toAlignedRect();
        m_figures.isPictureShown = showsPicture(
            window.copy(pixels),
            m_phone->call()->media()->remoteVideoSink()->videoFrame().toImage());
    }
    bool isWritten = m_options.screenshot.isEmpty() || window.save(m_options.screenshot, "PNG");
    if (!m_options.figures.isEmpty()) {
        QSaveFile file(m_options.figures);
        isWritten = file.open(QIODevice::WriteOnly)
            && file.write(QJsonDocument(m_figures.toJson()).toJson()) > 0 && file.commit()
            && isWritten;
    }
    return isWritten;
}

} // namespace demo
