// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_GSTPOINTER_H
#define PEER_MEDIA_ENGINE_GSTPOINTER_H

#include <gst/gst.h>

#include <memory>

namespace peer::media {

/// Owners of references to GStreamer's objects. What a function of GStreamer's returns with
/// "transfer full" goes into one at once.
struct GstRelease
{
    void operator()(GstBuffer *buffer) const { gst_buffer_unref(buffer); }
    void operator()(GstCaps *caps) const { gst_caps_unref(caps); }
    void operator()(GstMessage *message) const { gst_message_unref(message); }
    void operator()(GstSample *sample) const { gst_sample_unref(sample); }
    void operator()(GstStructure *structure) const { gst_structure_free(structure); }
    void operator()(GError *error) const { g_error_free(error); }
    void operator()(GList *devices) const { g_list_free_full(devices, gst_object_unref); }
    void operator()(gchar *text) const { g_free(text); }
    template<typename Object> // GstElement, GstPad, GstBus, RTPSession …
    void operator()(Object *object) const
    {
        g_object_unref(object);
    }
};

template<typename Type>
using GstPointer = std::unique_ptr<Type, GstRelease>;

/// Another reference to the same.
template<typename Object>
GstPointer<Object> shared(Object *object)
{
    return GstPointer<Object>(static_cast<Object *>(g_object_ref(object)));
}

/// A child of a bin by name, with a reference; null if there is none.
inline GstPointer<GstElement> childOf(GstElement *bin, const char *name)
{
    return GstPointer<GstElement>(gst_bin_get_by_name(GST_BIN(bin), name));
}

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_GSTPOINTER_H
