// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_FILESOURCE_H
#define PEER_MEDIA_ENGINE_FILESOURCE_H

#include "media/engine/deadline.h"
#include "media/engine/source.h"

#include <atomic>
#include <memory>

namespace peer::media {

/// A film from a file: its first picture and its first sound, over and over, at its own pace. Any
/// kind of file that GStreamer has a plugin for.
class FileSource : public Source
{
public:
    FileSource(const std::string &path, SourceTaker taker);
    ~FileSource() override;

    void start() override;
    void stop() override;

private:
    /// Within this decodebin has found pictures or sound, or something is wrong.
    static constexpr GstClockTime OpeningTime = 10 * GST_SECOND;

    void onMessage(GstMessage *message) override;
    FaultKind kindOfStreamError() const override { return FaultKind::Unreadable; }
    static void onPadAdded(GstElement *, GstPad *pad, gpointer self);
    static GstPadProbeReturn onSample(GstPad *, GstPadProbeInfo *, gpointer self);
    static void onNoMorePads(GstElement *, gpointer self);
    void addOutput(GstPad *pad);
    void playAgain();
    void noteNotOpened();
    /// It has been sent back to its beginning, or could not be.
    void awaitBeginning(bool isSought);
    void noteEnded();

    /// Who is asked to fail when the film does not begin again; not any more once stopped.
    struct Again;

    // In threads of GStreamer's.
    std::atomic<bool> m_hasPlayed = false; ///< since it began, or began again
    std::atomic<bool> m_hasVideo = false;
    std::atomic<bool> m_hasAudio = false;
    const std::string m_path;
    Deadline m_opening;
    std::shared_ptr<Again> m_again;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_FILESOURCE_H
