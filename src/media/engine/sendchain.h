// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_SENDCHAIN_H
#define PEER_MEDIA_ENGINE_SENDCHAIN_H

#include "media/congestion/picturethinner.h"
#include "media/congestion/videoshape.h"
#include "media/engine/calltransport.h"
#include "media/engine/gstpointer.h"
#include "media/engine/sentnumbers.h"
#include "media/engine/streamtime.h"
#include "media/engine/trackconfig.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

namespace peer::media {

/// From raw pictures or sound to RTP: a bin with the pad "src". Encoding happens in a thread of its
/// own; what comes while that is busy replaces what waits, which is at most two pictures or 200 ms
/// of sound. It is busy, too, while packets of a picture wait for their turn (Pacer).
class SendChain
{
public:
    /// Samples of the pictures are I420, those of sound S16LE at 48 kHz in stereo. What transport
    /// allots is followed from picture to picture.
    SendChain(const TrackConfig &config, std::shared_ptr<CallTransport> transport,
              std::shared_ptr<SentNumbers> numbers);
    ~SendChain();
    SendChain(const SendChain &) = delete;
    SendChain &operator=(const SendChain &) = delete;

    /// Null if GStreamer could not build it.
    GstElement *bin() const { return m_bin.get(); }

    /// With the numbers, where those before have stopped; before it starts. runningTime: of the
    /// pipeline, now.
    void goOn(GstClockTime runningTime);

    /// Nothing waits for its turn any more: before the pipeline stops it.
    void close();

    /// Any thread. The sample's memory is shared, not copied. Its time may be of another pipeline,
    /// and begin again.
    void push(GstSample *sample);
    /// The next picture is a key frame: nothing of what was encoded last has reached the peer.
    void refresh();

private:
    void pace();
    /// In the thread that encodes, with each packet of a picture; false if it is not to leave.
    bool awaitTurn(GstBuffer *packet);
    /// In the thread that encodes, before each picture: an encoder locks itself while it encodes,
    /// and nobody else should have to wait for that. Whether this one is to be encoded.
    bool followRate(const GstBuffer *buffer);
    void setShape(const VideoShape &shape);

    const TrackKind m_kind;
    const std::shared_ptr<CallTransport> m_transport;
    const std::shared_ptr<SentNumbers> m_numbers;
    GstPointer<GstElement> m_bin;
    GstPointer<GstElement> m_in;
    GstPointer<GstElement> m_encoder;
    GstPointer<GstElement> m_filter;
    std::atomic<bool> m_isClosed = false;
    // In the thread that encodes.
    int m_bitrate = 0;
    VideoShape m_shape;
    ShapeLadder m_ladder;
    PictureThinner m_thinner;
    std::optional<unsigned> m_losses; ///< that the transport told last
    bool m_isForfeited = false;       ///< the picture whose packets come now

    std::mutex m_mutex; ///< for the next
    StreamTime m_time;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_SENDCHAIN_H
