// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_RECEIVECHAIN_H
#define PEER_MEDIA_ENGINE_RECEIVECHAIN_H

#include "media/engine/gstpointer.h"
#include "media/engine/soundoutlet.h"
#include "media/engine/trackconfig.h"
#include "media/engine/vp8header.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace peer::media {

/// What comes out of a track, in a thread of GStreamer's, at the time when it is to be seen or
/// heard.
struct ReceiveTaker
{
    /// A decoded picture in I420. To keep it, take a reference.
    std::function<void(GstSample *)> video;
    /// Decoded sound, 48 kHz, stereo.
    std::function<void(std::span<const std::int16_t>)> audio;
    /// So many blocks of 20 ms were lost; what takes their place goes to audio. May be null.
    std::function<void(int)> concealed;
};

/// From the RTP of one source of the peer's, in order, to pictures or sound: a bin with the pad
/// "sink". A picture that is not fetched gives way to the next.
class ReceiveChain
{
public:
    /// A peer is not to make us allocate more than such a picture takes.
    static constexpr int MaxWidth = 1920;
    static constexpr int MaxHeight = 1088;
    static constexpr bool takes(const FrameSize &size)
    {
        return size.width <= MaxWidth && size.height <= MaxHeight;
    }
    /// Pictures are shown so much earlier than sound is heard: no later than the jitter buffer lets
    /// them go on a good way, and within what nobody notices (ITU-R BT.1359: 45 ms early, 125 late;
    /// our bound is 80).
    static constexpr int VideoAhead = 60; // ms

    /// What is to be seen or heard later than this from now is nonsense.
    static constexpr GstClockTime MaxAhead = GST_SECOND;
    /// How many packets have been refused of the track.
    using Refusals = std::function<std::uint64_t()>;

    /// outlet: sound goes there besides, before its time. Null: it does not. refusals: null: none.
    ReceiveChain(TrackKind kind, std::shared_ptr<SoundOutlet> outlet, const ReceiveTaker &taker,
                 Refusals refusals = {});

    /// Null if GStreamer could not build it.
    GstElement *bin() const { return m_bin.get(); }

private:
    void buildVideo(const ReceiveTaker &taker, Refusals refusals);
    void buildAudio(std::shared_ptr<SoundOutlet> outlet, const ReceiveTaker &taker);

    GstPointer<GstElement> m_bin;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_RECEIVECHAIN_H
