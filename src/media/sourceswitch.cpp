// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/sourceswitch.h"

#include "media/engine/filesource.h"
#include "media/engine/testsources.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace peer::media {

using Kind = PeerMediaCall::Source;

namespace {

std::optional<Fault> unplayable(const QUrl &film)
{
    if (film.isLocalFile())
        return {};
    if (film.isEmpty())
        return Fault{FaultKind::NotFound, "There is no film to play: none was chosen.", {}};
    const QString text = QStringLiteral("%1 cannot be played: only files of this computer can.")
                             .arg(film.toDisplayString());
    return Fault{FaultKind::Unusable, text.toStdString(), {}};
}

} // namespace

SourceSwitch::SourceSwitch(std::shared_ptr<TrackFeed> video, std::shared_ptr<TrackFeed> audio,
                           FrameHandover::Entrance preview, QObject *parent)
    : QObject(parent)
    , m_video(std::move(video))
    , m_audio(std::move(audio))
    , m_preview(std::move(preview))
{ }

SourceSwitch::~SourceSwitch()
{
    stop();
    if (m_monitor)
        m_monitor->removeListener(m_listener);
}

void SourceSwitch::watchDevices()
{
    if (m_monitor)
        return;
    m_monitor = DeviceMonitor::instance();
    const auto tell = [this] {
        QMetaObject::invokeMethod(this, &SourceSwitch::onDevices, Qt::QueuedConnection);
    };
    m_listener = m_monitor->addListener(tell);
    if (m_monitor->hasLooked())
        tell();
}

void SourceSwitch::start(const Sending &sending)
{
    setSending(sending);
    m_isRunning = true;
    switch (sending.source) {
    case Kind::Automatic:
    case Kind::Devices:
        watchDevices();
        if (!m_hasLooked)
            return; // until it has
        startPicture();
        startSound();
        return;
    case Kind::Test:
        startPicture();
        startSound();
        return;
    case Kind::File:
        startFilm();
        return;
    case Kind::None:
        return;
    }
}

void SourceSwitch::change(const Sending &sending)
{
    if (!m_isRunning || sending == m_sending)
        return;
    const Sending before = m_sending;
    setSending(sending);
    const bool isFilm = sending.source == Kind::File && before.source == Kind::File;
    if (before.source != sending.source || (isFilm && before.file != sending.file)) {
        stop();
        start(sending);
        return;
    }
    if (isFilm || sending.source == Kind::None)
        return; // a film goes on, unseen and unheard
    if (!m_hasLooked && sending.source != Kind::Test)
        return;
    if (before.camera != sending.camera || before.testName != sending.testName
        || before.testId != sending.testId || before.isCameraOff != sending.isCameraOff) {
        startPicture();
    }
    if (before.microphone != sending.microphone || before.testId != sending.testId
        || before.isMuted != sending.isMuted
        || (m_isMicrophone && before.echoProbe != sending.echoProbe)) {
        startSound();
    }
}

void SourceSwitch::setSending(const Sending &sending)
{
    if (m_sending.echoProbe != sending.echoProbe)
        m_isProbeMissing = false;
    m_sending = sending;
    m_switches->isMuted = sending.isMuted;
    m_switches->isCameraOff = sending.isCameraOff;
}

void SourceSwitch::stop()
{
    m_isRunning = false;
    m_picture.clear();
    m_sound.clear();
    m_film.clear();
}

/// A camera that is off is not open: its light goes out.
void SourceSwitch::startPicture()
{
    m_picture.clear();
    if (m_sending.isCameraOff)
        return;
    if (m_sending.source == Kind::Test
        || (m_sending.source == Kind::Automatic && !hasDevice(DeviceKind::Camera))) {
        startTestPicture();
        return;
    }
    m_isTestPicture = false;
    const auto make = [monitor = m_monitor, id = m_sending.camera.toStdString()](
                          SourceTaker taker) { return makeCamera(*monitor, id, std::move(taker)); };
    m_picture.set(make, taker(Part::Picture));
}

void SourceSwitch::startTestPicture()
{
    m_isTestPicture = true;
    const auto make = [id = std::uint16_t(m_sending.testId),
                       name = m_sending.testName.toStdString()](SourceTaker taker) {
        return std::make_unique<TestPictureSource>(id, name, std::move(taker));
    };
    m_picture.set(make, taker(Part::Picture));
}

void SourceSwitch::startSound()
{
    m_sound.clear();
    m_isMicrophone = false;
    if (m_sending.isMuted)
        return;
    if (m_sending.source == Kind::Test
        || (m_sending.source == Kind::Automatic && !hasDevice(DeviceKind::Microphone))) {
        const auto make = [id = std::uint16_t(m_sending.testId)](SourceTaker taker) {
            return std::make_unique<TestToneSource>(id, std::move(taker));
        };
        m_sound.set(make, taker(Part::Sound));
        return;
    }
    m_isMicrophone = true;
    const auto make = [monitor = m_monitor, id = m_sending.microphone.toStdString(),
                       probe = m_isProbeMissing ? std::string()
                                                : m_sending.echoProbe](SourceTaker taker) {
        return makeMicrophone(*monitor, id, probe, std::move(taker));
    };
    m_sound.set(make, taker(Part::Sound));
}

void SourceSwitch::startFilm()
{
    SourceTaker film = taker(Part::Film);
    if (const auto fault = unplayable(m_sending.file)) {
        film.fault(*fault);
        return;
    }
    const auto make = [path = m_sending.file.toLocalFile().toStdString()](SourceTaker taker) {
        return std::make_unique<FileSource>(path, std::move(taker));
    };
    m_film.set(make, std::move(film));
}

void SourceSwitch::onDevices()
{
    if (!m_monitor->hasLooked())
        return; // some are known already, but not all
    const bool isFirst = !std::exchange(m_hasLooked, true);
    if (m_isRunning && (m_sending.source == Kind::Devices || m_sending.source == Kind::Automatic)) {
        if (isFirst) {
            startPicture();
            startSound();
        } else {
            useWhatCameBack();
        }
    }
    Q_EMIT devicesChanged();
}

void SourceSwitch::useWhatCameBack()
{
    if (m_picture.isSet() && m_isTestPicture && hasDevice(DeviceKind::Camera, m_sending.camera))
        startPicture();
    if (!m_sound.isSet() && !m_sending.isMuted
        && hasDevice(DeviceKind::Microphone, m_sending.microphone)) {
        startSound();
    }
}

bool SourceSwitch::hasDevice(DeviceKind kind, const QString &id) const
{
    const std::string wanted = id.toStdString();
    if (!m_monitor)
        return false;
    const std::vector<Device> devices = m_monitor->devices();
    return std::any_of(devices.begin(), devices.end(), [&](const Device &device) {
        return device.kind == kind && (wanted.empty() || device.id == wanted);
    });
}

SourceTaker SourceSwitch::taker(Part part)
{
    SourceTaker taker;
    const int generation = ++m_generation[part];
    const auto begin = [this, part, generation, hasBegun = std::make_shared<std::atomic<bool>>()] {
        if (hasBegun->load() || hasBegun->exchange(true))
            return;
        QMetaObject::invokeMethod(
            this, [this, part, generation] { onFirst(part, generation); }, Qt::QueuedConnection);
    };
    taker.video = [begin, feed = m_video, preview = m_preview,
                   switches = m_switches](GstSample *sample) {
        begin();
        if (switches->isCameraOff)
            return;
        preview.offer(sample);
        feed->push(sample);
    };
    taker.audio = [begin, feed = m_audio, switches = m_switches](GstSample *sample) {
        begin();
        if (!switches->isMuted)
            feed->push(sample);
    };
    taker.fault = [this, part, generation](const Fault &fault) {
        QMetaObject::invokeMethod(
            this, [this, part, generation, fault] { onFault(part, generation, fault); },
            Qt::QueuedConnection);
    };
    return taker;
}

void SourceSwitch::onFault(Part part, int generation, const Fault &fault)
{
    if (generation != m_generation[part] || !m_isRunning)
        return;
    switch (part) {
    case Part::Picture:
        if (!m_picture.isSet())
            return;
        m_picture.clear();
        if (!m_isTestPicture)
            startTestPicture();
        break;
    case Part::Sound:
        m_sound.clear();
        // What was played may have ended just now, and its probe with it.
        if (fault.kind != FaultKind::Lost && !m_sending.echoProbe.empty()
            && !std::exchange(m_isProbeMissing, true)) {
            startSound();
            return;
        }
        break;
    case Part::Film:
        m_film.clear();
        startTestPicture();
        break;
    case Part::Speaker:
    case Part::Call:
        return; // are none of ours
    }
    Q_EMIT failed(part, fault);
}

void SourceSwitch::onFirst(Part part, int generation)
{
    const bool isSubstitute = part == Part::Picture && m_isTestPicture;
    if (generation == m_generation[part] && m_isRunning && !isSubstitute)
        Q_EMIT works(part);
}

} // namespace peer::media
