// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Which loudspeaker the peer is heard by.

#include "media/peermediacall_p.h"

using namespace peer::media;

namespace {

const Fault &removedSpeaker()
{
    static const Fault fault = {
        FaultKind::Lost, "The loudspeaker was removed, and there is no other to hear by.", {}};
    return fault;
}

} // namespace

void PeerMediaCallPrivate::changeSpeaker()
{
    Q_Q(PeerMediaCall);
    m_brokenSpeakers.clear();
    updateSpeaker();
    Q_EMIT q->speakerChanged();
}

QString PeerMediaCallPrivate::choiceOfSpeaker() const
{
    if (!audio.running || !sources.monitor())
        return {};
    QString first;
    for (const Device &device : sources.monitor()->devices()) {
        const QString id = QString::fromStdString(device.id);
        if (device.kind != DeviceKind::Speaker || m_brokenSpeakers.contains(id))
            continue;
        if (id == speaker)
            return id;
        if (first.isEmpty())
            first = id;
    }
    return first;
}

void PeerMediaCallPrivate::updateSpeaker()
{
    const QString before = m_playing;
    QString choice = choiceOfSpeaker();
    while (choice != m_playing && !useSpeaker(choice)) {
        m_brokenSpeakers.append(choice);
        choice = choiceOfSpeaker();
    }
    if (m_playing.isEmpty() && !before.isEmpty() && audio.running)
        reportLater(MediaPart::Speaker, removedSpeaker());
}

bool PeerMediaCallPrivate::useSpeaker(const QString &id)
{
    Q_Q(PeerMediaCall);
    const unsigned generation = ++m_speakers;
    // The probe goes with what was played, and its sound.
    m_hasProbe = false;
    m_figures->forgetSound();
    if (!std::exchange(sending.echoProbe, {}).empty())
        applySending();
    m_playing.clear();
    if (id.isEmpty()) {
        if (m_pipeline)
            m_pipeline->removeSpeaker();
        return true;
    }
    const bool hasProbe = hasVoiceProcessing();
    const auto failed = [this, q, generation](const Fault &fault) {
        QMetaObject::invokeMethod(
            q, [this, generation, fault] { onSpeakerFault(generation, fault); },
            Qt::QueuedConnection);
    };
    if (!m_pipeline->setSpeaker(
            sources.monitor()->makeElement(DeviceKind::Speaker, id.toStdString()),
            hasProbe ? m_echoProbe : std::string(), failed)) {
        return false;
    }
    m_hasProbe = hasProbe;
    m_playing = id;
    // From the event loop, as faults are: a speaker may have failed already.
    QMetaObject::invokeMethod(
        q,
        [this, generation] {
            if (generation == m_speakers)
                clearFaults({MediaPart::Speaker});
        },
        Qt::QueuedConnection);
    return true;
}

void PeerMediaCallPrivate::onSpeakerFault(unsigned generation, const Fault &fault)
{
    if (generation != m_speakers || m_playing.isEmpty())
        return;
    m_brokenSpeakers.append(m_playing);
    useSpeaker({});
    updateSpeaker();
    // If another plays in its place, that clears the fault afterwards.
    report(MediaPart::Speaker, fault);
}
