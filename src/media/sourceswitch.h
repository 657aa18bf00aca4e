// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_SOURCESWITCH_H
#define PEER_MEDIA_SOURCESWITCH_H

#include "media/display/framehandover.h"
#include "media/engine/devicesources.h"
#include "media/engine/sourceslot.h"
#include "media/standingfaults.h"
#include "media/trackfeed.h"

#include <PeerConnection/peermediacall.h>

#include <QtCore/qobject.h>

#include <atomic>
#include <map>
#include <memory>

namespace peer::media {

/// What is to be sent.
struct Sending
{
    PeerMediaCall::Source source = PeerMediaCall::Source::Automatic;
    QUrl file;
    QString camera;     ///< empty: the first
    QString microphone; ///< empty: the first
    QString testName;
    int testId = 0;
    bool isMuted = false;
    bool isCameraOff = false;
    /// The probe that what is played passes; empty until something is.
    std::string echoProbe;

    friend bool operator==(const Sending &, const Sending &) = default;
};

/// Runs the sources that are wanted, and what takes over when one fails: the test picture for a
/// camera or a film, silence for sound. A camera or microphone that comes back is used again.
/// Pictures go to the video feed and the preview.
class SourceSwitch : public QObject
{
    Q_OBJECT

public:
    SourceSwitch(std::shared_ptr<TrackFeed> video, std::shared_ptr<TrackFeed> audio,
                 FrameHandover::Entrance preview, QObject *parent = nullptr);
    ~SourceSwitch() override;

    /// Null before watchDevices(), which start() calls if it needs devices.
    const DeviceMonitor *monitor() const { return m_monitor.get(); }
    void watchDevices();
    /// Whether it is known which devices there are.
    bool hasLooked() const { return m_hasLooked; }
    /// One with this id; of any if it is empty.
    bool hasDevice(DeviceKind kind, const QString &id = {}) const;

    void start(const Sending &sending);
    /// Changes only what has to.
    void change(const Sending &sending);
    void stop();
    bool isRunning() const { return m_isRunning; }

Q_SIGNALS:
    void devicesChanged();
    void failed(peer::media::MediaPart part, const peer::media::Fault &fault);
    /// What is wanted for this part gives pictures or sound again, after something else did.
    void works(peer::media::MediaPart part);

private:
    /// What the threads of sources look at.
    struct Switches
    {
        std::atomic<bool> isMuted = false;
        std::atomic<bool> isCameraOff = false;
    };

    using Part = MediaPart;

    void startPicture();
    void startSound();
    void startFilm();
    void startTestPicture();
    void setSending(const Sending &sending);
    void onDevices();
    void useWhatCameBack();
    SourceTaker taker(Part part);
    void onFault(Part part, int generation, const Fault &fault);
    void onFirst(Part part, int generation);

    const std::shared_ptr<TrackFeed> m_video;
    const std::shared_ptr<TrackFeed> m_audio;
    const FrameHandover::Entrance m_preview;
    const std::shared_ptr<Switches> m_switches = std::make_shared<Switches>();
    std::shared_ptr<DeviceMonitor> m_monitor;
    int m_listener = 0;
    bool m_hasLooked = false; ///< for devices, once
    Sending m_sending;
    bool m_isRunning = false;
    std::map<Part, int> m_generation; ///< of sources: what former ones say does not count
    bool m_isTestPicture = false;
    bool m_isMicrophone = false;   ///< or the test tone, or nothing
    bool m_isProbeMissing = false; ///< the microphone has failed with it
    SourceSlot m_picture;
    SourceSlot m_sound;
    SourceSlot m_film;
};

} // namespace peer::media

#endif // PEER_MEDIA_SOURCESWITCH_H
