// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/peermediacall_p.h"

#include "media/tracklink.h"

#include <atomic>
#include <utility>

using namespace peer::media;

namespace {

/// How often what is known of the way is used to set the jitter buffers.
constexpr std::chrono::milliseconds Tick{100};
/// Once a second.
constexpr unsigned TicksOfStatistics = 10;

/// Probes are known by name in the whole program.
std::string nextProbeName()
{
    static std::atomic<unsigned> count = 0;
    return "peer-echo-" + std::to_string(count++);
}

PeerMediaCall::Error toError(FaultKind kind)
{
    switch (kind) {
    case FaultKind::MissingPlugin:
        return PeerMediaCall::Error::MissingPlugin;
    case FaultKind::NotFound:
        return PeerMediaCall::Error::NotFound;
    case FaultKind::NotAllowed:
        return PeerMediaCall::Error::NotAllowed;
    case FaultKind::Busy:
        return PeerMediaCall::Error::Busy;
    case FaultKind::Lost:
        return PeerMediaCall::Error::Lost;
    case FaultKind::Unreadable:
        return PeerMediaCall::Error::Unreadable;
    case FaultKind::Unusable:
        return PeerMediaCall::Error::Unusable;
    case FaultKind::Internal:
        return PeerMediaCall::Error::Internal;
    }
    return PeerMediaCall::Error::Internal;
}

} // namespace

PeerMediaCallPrivate::PeerMediaCallPrivate(PeerMediaCall *q)
    : q_ptr(q)
    , sources(video.feed, audio.feed, local.entrance())
    , m_echoProbe(nextProbeName())
{
    QObject::connect(&sources, &SourceSwitch::failed, q,
                     [this](MediaPart part, const Fault &fault) { report(part, fault); });
    QObject::connect(&sources, &SourceSwitch::works, q,
                     [this](MediaPart part) { clearFaults({part}); });
    QObject::connect(&sources, &SourceSwitch::devicesChanged, q, [this] { onDevices(); });
    remote.setObserver([figures = m_figures](GstSample *sample) { figures->takeShown(sample); });
    QObject::connect(&m_tick, &QTimer::timeout, q, [this] { onTick(); });
}

PeerMediaCallPrivate::~PeerMediaCallPrivate()
{
    // Whom signals would reach is being destroyed.
    sources.disconnect();
    stopAll();
}

void PeerMediaCallPrivate::setConnection(PeerConnection *next)
{
    Q_Q(PeerMediaCall);
    // Whoever is told that the call is active, or is not, may delete it or give it another one.
    const QPointer<PeerMediaCall> self(q);
    const auto isOurs = [this, self, next] { return self && connection == next; };
    if (connection)
        connection->disconnect(q);
    for (Slot *slot : {&audio, &video}) {
        if (slot->track)
            slot->track->disconnect(q);
        slot->track = nullptr;
    }
    stopAll();
    m_hasFailed = false;
    m_figures->begin();
    m_formerTracks = {};
    connection = next;
    if (faults.clearAll())
        Q_EMIT q->errorChanged();
    if (!isOurs())
        return;
    updateActivity();
    if (!isOurs() || !next)
        return;
    for (PeerTrack *track : next->tracks()) {
        take(track);
        if (!isOurs())
            return;
    }
    for (const auto kind : {PeerTrack::Kind::Audio, PeerTrack::Kind::Video}) {
        if (!slotOf(kind).track)
            take(next->addTrack(kind));
        if (!isOurs())
            return;
    }
    QObject::connect(next, &PeerConnection::trackAdded, q,
                     [this](PeerTrack *track) { take(track); });
    QObject::connect(next, &PeerConnection::pathChanged, q, [this] {
        if (m_pipeline)
            m_pipeline->transport().forgetWay();
    });
}

PeerMediaCallPrivate::Slot &PeerMediaCallPrivate::slotOf(PeerTrack::Kind kind)
{
    return kind == PeerTrack::Kind::Audio ? audio : video;
}

/// The first of its kind that has not ended; what the peer opens besides stays unanswered.
void PeerMediaCallPrivate::take(PeerTrack *track)
{
    Q_Q(PeerMediaCall);
    if (!track || track->state() == PeerTrack::State::Ended)
        return;
    Slot &slot = slotOf(track->kind());
    if (slot.track && slot.track->state() != PeerTrack::State::Ended)
        return;
    stopTrack(slot);
    slot.track = track;
    if (track->isOpenedByPeer())
        track->setDirection(PeerTrack::Direction::SendReceive);
    const auto changed = [this, kind = track->kind()] { update(kind); };
    QObject::connect(track, &PeerTrack::stateChanged, q, changed);
    QObject::connect(track, &PeerTrack::agreementChanged, q, changed);
    QObject::connect(track, &PeerTrack::currentDirectionChanged, q, changed);
    QObject::connect(track, &QObject::destroyed, q, changed);
    update(track->kind());
}

void PeerMediaCallPrivate::update(PeerTrack::Kind kind)
{
    Slot &slot = slotOf(kind);
    std::optional<TrackConfig> config;
    if (slot.track && !slot.track->errorString().isEmpty())
        tellNoMedia(slot.track->errorString());
    if (slot.track && slot.track->state() == PeerTrack::State::Open)
        config = configOf(*slot.track);
    if (!config) {
        stopTrack(slot);
    } else if (!slot.running || !(slot.running->config() == *config)) {
        stopTrack(slot);
        if (startPipeline(*slot.track))
            startTrack(slot, *config);
    }
    updateSending(slot);
    updateSpeaker();
    updateActivity();
}

/// Once, though both tracks end for it. From the event loop, as reportLater().
void PeerMediaCallPrivate::tellNoMedia(const QString &why)
{
    Q_Q(PeerMediaCall);
    if (std::exchange(m_hasFailed, true))
        return;
    const auto tell = [this, of = connection, why] {
        if (of == connection)
            report({MediaPart::Call, PeerMediaCall::Error::NoMedia,
                    QStringLiteral("This call has neither sound nor picture: %1.").arg(why)});
    };
    QMetaObject::invokeMethod(q, tell, Qt::QueuedConnection);
}

bool PeerMediaCallPrivate::startPipeline(const PeerTrack &track)
{
    Q_Q(PeerMediaCall);
    if (m_pipeline)
        return true;
    if (m_hasFailed)
        return false;
    CallPipeline::Callbacks callbacks;
    callbacks.fault = [this](const Fault &fault) { reportLater(MediaPart::Call, fault); };
    // Once for all that gathers while this thread sleeps: the peer's streams come and go.
    callbacks.latencyChanged = [this, q] {
        if (m_isLatencyDue.exchange(true))
            return;
        const auto update = [this] {
            m_isLatencyDue = false;
            if (m_pipeline)
                m_pipeline->updateLatency();
        };
        QMetaObject::invokeMethod(q, update, Qt::QueuedConnection);
    };
    const QString cname = track.sources().value(0).cname;
    m_pipeline = std::make_unique<CallPipeline>(cname.toStdString(), callbacks);
    if (const auto fault = m_pipeline->start()) {
        m_pipeline.reset();
        m_hasFailed = true;
        reportLater(MediaPart::Call, *fault);
        return false;
    }
    m_tick.start(Tick);
    sources.watchDevices();
    return true;
}

void PeerMediaCallPrivate::startTrack(Slot &slot, const TrackConfig &config)
{
    slot.port = slot.track->port();
    TrackSetup setup;
    setup.config = config;
    setup.link = std::make_shared<PortLink>(slot.port);
    setup.numbers = numbersOf(*slot.track);
    setup.taker.video = [figures = m_figures, entrance = remote.entrance()](GstSample *sample) {
        figures->takePicture(sample);
        entrance.offer(sample);
    };
    setup.taker.audio = [figures = m_figures](std::span<const std::int16_t> samples) {
        figures->takeSound(samples);
    };
    setup.taker.concealed = [figures = m_figures](int blocks) { figures->takeConcealed(blocks); };
    slot.running = m_pipeline->addTrack(std::move(setup));
    if (!slot.running) {
        reportLater(MediaPart::Call,
                    {FaultKind::Internal, "The media of this call do not start.", {}});
        return;
    }
    slot.feed->setTrack(slot.running);
    slot.port.setHandler(
        [gate = slot.running->gate()](PeerRtpPort::PacketKind, QByteArrayView octets) {
            gate->enter({reinterpret_cast<const std::uint8_t *>(octets.data()),
                         std::size_t(octets.size())});
        });
}

void PeerMediaCallPrivate::updateSending(Slot &slot)
{
    const auto sends = [](PeerTrack::Direction direction) {
        return direction == PeerTrack::Direction::SendOnly
            || direction == PeerTrack::Direction::SendReceive;
    };
    const bool isNowSending = slot.running && slot.track && sends(slot.track->currentDirection());
    if (std::exchange(slot.isSending, isNowSending) == isNowSending)
        return;
    // The peer does not know what the pictures that it got long ago have become.
    if (isNowSending)
        slot.running->sending().refresh();
    applySending();
}

void PeerMediaCallPrivate::stopTrack(Slot &slot)
{
    if (!slot.running)
        return;
    slot.port.setHandler({});
    slot.port = PeerRtpPort();
    slot.feed->setTrack({});
    m_pipeline->removeTrack(slot.running);
    m_formerTracks += slot.running->gate()->statistics();
    slot.running.reset();
    if (&slot == &audio)
        useSpeaker({});
}

void PeerMediaCallPrivate::stopAll()
{
    sources.stop();
    m_tick.stop();
    for (Slot *slot : {&audio, &video}) {
        stopTrack(*slot);
        slot->isSending = false;
    }
    m_pipeline.reset();
}

/// Devices are open exactly while there is somebody to send to.
void PeerMediaCallPrivate::updateActivity()
{
    Q_Q(PeerMediaCall);
    const bool isNowActive = audio.running || video.running;
    if (isNowActive == isActive)
        return;
    isActive = isNowActive;
    if (isActive) {
        sources.start(effectiveSending());
    } else {
        sources.stop();
        remote.clear();
        local.clear();
    }
    Q_EMIT q->activeChanged();
}

void PeerMediaCallPrivate::changeSending(void (PeerMediaCall::*changed)(),
                                         std::initializer_list<MediaPart> parts)
{
    Q_Q(PeerMediaCall);
    const QPointer<PeerMediaCall> self(q);
    applySending();
    if (faults.clear(parts))
        Q_EMIT q->errorChanged();
    if (self)
        Q_EMIT(q->*changed)();
}

Sending PeerMediaCallPrivate::effectiveSending() const
{
    Sending effective = sending;
    effective.isCameraOff = sending.isCameraOff || !video.isSending;
    effective.isMuted = sending.isMuted || !audio.isSending;
    return effective;
}

void PeerMediaCallPrivate::applySending()
{
    const Sending effective = effectiveSending();
    sources.change(effective);
    if (effective.isCameraOff || effective.source == PeerMediaCall::Source::None)
        local.clear();
}

void PeerMediaCallPrivate::onDevices()
{
    Q_Q(PeerMediaCall);
    m_brokenSpeakers.removeIf(
        [this](const QString &id) { return !sources.hasDevice(DeviceKind::Speaker, id); });
    updateSpeaker();
    Q_EMIT q->devicesChanged();
}

void PeerMediaCallPrivate::onTick()
{
    Q_Q(PeerMediaCall);
    if (!m_pipeline)
        return;
    if (const auto time = m_pipeline->transport().roundTripTime())
        m_pipeline->setRoundTripTime(std::chrono::duration_cast<std::chrono::milliseconds>(*time));
    // Only now is there a probe that the microphone can be told of.
    if (m_hasProbe && sending.echoProbe.empty() && m_figures->hasHeard()) {
        sending.echoProbe = m_echoProbe;
        applySending();
    }
    if (++m_ticks % TicksOfStatistics != 0)
        return;
    measureBitrates();
    Q_EMIT q->statisticsChanged();
}

void PeerMediaCallPrivate::measureBitrates()
{
    quint64 sent = 0;
    quint64 received = 0;
    for (const Slot *slot : {&audio, &video}) {
        const PeerTrackStatistics track = slot->port.statistics();
        sent += track.bytesSent;
        received += track.bytesReceived;
    }
    const auto now = std::chrono::steady_clock::now();
    m_sentBitrate.take(sent, now);
    m_receivedBitrate.take(received, now);
}

void PeerMediaCallPrivate::report(MediaPart part, const Fault &fault)
{
    report({part, toError(fault.kind), QString::fromStdString(fault.text)});
}

void PeerMediaCallPrivate::report(const StandingFaults::Standing &fault)
{
    Q_Q(PeerMediaCall);
    const QPointer<PeerMediaCall> self(q);
    faults.add(fault);
    Q_EMIT q->errorChanged();
    if (self)
        Q_EMIT q->errorOccurred(fault.error, fault.text);
}

void PeerMediaCallPrivate::reportLater(MediaPart part, const Fault &fault)
{
    Q_Q(PeerMediaCall);
    QMetaObject::invokeMethod(
        q, [this, part, fault] { report(part, fault); }, Qt::QueuedConnection);
}

void PeerMediaCallPrivate::clearFaults(std::initializer_list<MediaPart> parts)
{
    Q_Q(PeerMediaCall);
    if (faults.clear(parts))
        Q_EMIT q->errorChanged();
}

PeerMediaStatistics PeerMediaCallPrivate::statistics() const
{
    PeerMediaStatistics statistics = m_figures->statistics();
    statistics.framesShown = remote.statistics().shown;
    TrackGate::Statistics gates = m_formerTracks;
    for (const Slot *slot : {&audio, &video}) {
        if (slot->running)
            gates += slot->running->gate()->statistics();
    }
    statistics.retransmissionsSent = gates.repeatsSent;
    statistics.retransmissionsReceived = gates.repeatsReceived;
    if (!m_pipeline)
        return statistics;
    statistics.sentBitrate = m_sentBitrate.rate();
    statistics.receivedBitrate = m_receivedBitrate.rate();
    const CallTransport &transport = m_pipeline->transport();
    statistics.targetBitrate = transport.target();
    statistics.loss = transport.loss();
    if (const auto time = transport.roundTripTime())
        statistics.roundTripTime = std::chrono::duration<double, std::milli>(*time).count();
    return statistics;
}
