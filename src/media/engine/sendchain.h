// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_SENDCHAIN_H
#define PEER_MEDIA_ENGINE_SENDCHAIN_H

#include "media/congestion/videoshape.h"
#include "media/engine/gstpointer.h"
#include "media/engine/trackconfig.h"

namespace peer::media {

/// From raw pictures or sound to RTP: a bin with the pad "src". Encoding happens in a thread of its
/// own; what comes while that is busy replaces what waits, which is at most two pictures or 200 ms
/// of sound.
class SendChain
{
public:
    /// Samples of the pictures are I420, those of sound S16LE at 48 kHz in stereo.
    explicit SendChain(const TrackConfig &config);

    /// Null if GStreamer could not build it.
    GstElement *bin() const { return m_bin.get(); }

    /// Any thread. The sample's memory is shared, not copied; it is timed by its coming.
    void push(GstSample *sample) const;

    /// Any thread, while it runs. Bits a second of the encoder's output.
    void setBitrate(int bitrate) const;
    /// Any thread, while it runs; of video alone.
    void setShape(const VideoShape &shape) const;
    /// The next picture is to be a key frame.
    void requestKeyFrame() const;

private:
    const TrackKind m_kind;
    GstPointer<GstElement> m_bin;
    GstPointer<GstElement> m_in;
    GstPointer<GstElement> m_encoder;
    GstPointer<GstElement> m_rate;
    GstPointer<GstElement> m_filter;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_SENDCHAIN_H
