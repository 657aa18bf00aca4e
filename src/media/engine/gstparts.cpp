// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/gstparts.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <utility>

namespace peer::media {

GstPointer<GstElement> makeBin(const std::string &description)
{
    GError *failed = nullptr;
    GstElement *bin = gst_parse_bin_from_description(description.c_str(), TRUE, &failed);
    const GstPointer<GError> error(failed);
    if (!bin)
        return {};
    gst_object_ref_sink(bin);
    GstPointer<GstElement> owned(bin);
    if (error) // built in part only
        return {};
    return owned;
}

void addTo(GstElement *pipeline, GstElement *element)
{
    gst_bin_add(GST_BIN(pipeline), element);
    gst_element_sync_state_with_parent(element);
}

void removeFrom(GstElement *pipeline, GstElement *element)
{
    gst_element_set_locked_state(element, TRUE);
    gst_element_set_state(element, GST_STATE_NULL);
    gst_bin_remove(GST_BIN(pipeline), element);
}

void takeSamples(GstElement *appsink, SampleTaker take)
{
    GstAppSinkCallbacks callbacks = {};
    callbacks.new_sample = [](GstAppSink *sink, gpointer taker) {
        // Whoever takes it may keep it. appsink uses the one that it hands out again, and changes
        // it after a flush, though somebody else has it too (GStreamer 1.22: a film that begins
        // again); so it gets that back at once. Flushes wait for this callback.
        GstPointer<GstSample> pulled{gst_app_sink_pull_sample(sink)};
        if (!pulled)
            return GST_FLOW_OK;
        const GstPointer<GstSample> sample{gst_sample_copy(pulled.get())};
        pulled.reset();
        (*static_cast<SampleTaker *>(taker))(sample.get());
        return GST_FLOW_OK;
    };
    gst_app_sink_set_callbacks(GST_APP_SINK(appsink), &callbacks, new SampleTaker(std::move(take)),
                               [](gpointer taker) { delete static_cast<SampleTaker *>(taker); });
}

void pushOctets(GstElement *appsrc, ByteView octets)
{
    GstBuffer *buffer = gst_buffer_new_memdup(octets.data(), octets.size());
    gst_app_src_push_buffer(GST_APP_SRC(appsrc), buffer); // takes the reference, whatever comes
}

GstEvent *keyFrameRequest()
{
    GstStructure *wish = gst_structure_new("GstForceKeyUnit", "all-headers", G_TYPE_BOOLEAN, TRUE,
                                           nullptr);
    return gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, wish);
}

} // namespace peer::media
