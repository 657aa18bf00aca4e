// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_FILESOURCE_H
#define PEER_MEDIA_ENGINE_FILESOURCE_H

#include "media/engine/deadline.h"
#include "media/engine/source.h"

#include <atomic>

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
    static void onNoMorePads(GstElement *, gpointer self);
    void addOutput(GstPad *pad);
    void playAgain();
    void noteNotOpened();

    // In decodebin's thread.
    std::atomic<bool> m_hasVideo = false;
    std::atomic<bool> m_hasAudio = false;
    const std::string m_path;
    Deadline m_opening;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_FILESOURCE_H
