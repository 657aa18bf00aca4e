// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_GSTPARTS_H
#define PEER_MEDIA_ENGINE_GSTPARTS_H

#include "core/base/bytes.h"
#include "media/engine/gstpointer.h"

#include <functional>
#include <string>

namespace peer::media {

/// Parts of pipelines, for those who build and take them apart.

/// A bin of what a description in gst-launch's language says; pads that it leaves open are the
/// bin's. Null if GStreamer cannot build it. The reference is ours, as with all the others below.
GstPointer<GstElement> makeBin(const std::string &description);

/// Puts it into the pipeline, and sets it going as the pipeline does.
void addTo(GstElement *pipeline, GstElement *element);
/// Stops it, which ends its threads, and takes it out. Not from one of its own threads.
void removeFrom(GstElement *pipeline, GstElement *element);

/// Calls take with each sample that an appsink gets, in the thread that brings it. Who takes it may
/// keep it.
using SampleTaker = std::function<void(GstSample *)>;
void takeSamples(GstElement *appsink, SampleTaker take);

/// Gives octets to an appsrc: the one copy on their way in.
void pushOctets(GstElement *appsrc, ByteView octets);

/// For the way upstream, to an encoder or to who receives one's pictures.
GstEvent *keyFrameRequest();

/// The octets of a buffer, for as long as this lives.
class MappedBuffer
{
public:
    explicit MappedBuffer(GstBuffer *buffer)
        : m_buffer(buffer)
        , m_isMapped(gst_buffer_map(buffer, &m_map, GST_MAP_READ))
    { }
    ~MappedBuffer()
    {
        if (m_isMapped)
            gst_buffer_unmap(m_buffer, &m_map);
    }
    MappedBuffer(const MappedBuffer &) = delete;
    MappedBuffer &operator=(const MappedBuffer &) = delete;

    ByteView octets() const { return m_isMapped ? ByteView(m_map.data, m_map.size) : ByteView(); }

private:
    GstBuffer *m_buffer;
    GstMapInfo m_map = {};
    bool m_isMapped;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_GSTPARTS_H
