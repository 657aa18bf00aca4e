// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/loudspeaker.h"

#include "media/engine/gstparts.h"

#include <thread>
#include <utility>

namespace peer::media {

namespace {

/// A device that does not take sound at its pace loses what is older than half a second.
std::string description(const std::string &probe)
{
    std::string text = "appsrc name=sound is-live=true format=time leaky-type=downstream"
                       " max-bytes=0 max-time=0 max-buffers=25"
                       " caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved";
    if (!probe.empty())
        text += " ! webrtcechoprobe name=" + probe;
    return text + " ! audioconvert ! audioresample";
}

/// A sink that has to see a buffer before it plays may wait for ever in a bin that gives nothing
/// before it plays (seen in GStreamer 1.22): so it does not.
void dispenseWithPreroll(GstElement *sink)
{
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(sink), "async"))
        g_object_set(sink, "async", FALSE, nullptr);
    if (!GST_IS_BIN(sink))
        return;
    GstIterator *sinks = gst_bin_iterate_sinks(GST_BIN(sink));
    const auto each = [](const GValue *value, gpointer) {
        dispenseWithPreroll(GST_ELEMENT(g_value_get_object(value)));
    };
    gst_iterator_foreach(sinks, each, nullptr);
    gst_iterator_free(sinks);
}

} // namespace

Loudspeaker::Loudspeaker(GstElement *pipeline, GstPointer<GstElement> device,
                         const std::string &probe, GstClockTime latency,
                         std::function<void(const Fault &)> failed)
    : m_pipeline(pipeline)
    , m_failed(std::move(failed))
{
    const GstPointer<GstElement> head = makeBin(description(probe));
    if (!head || !device)
        return;
    dispenseWithPreroll(device.get());
    m_bin.reset(GST_ELEMENT(gst_object_ref_sink(gst_bin_new(nullptr))));
    gst_bin_add_many(GST_BIN(m_bin.get()), head.get(), device.get(), nullptr);
    if (!gst_element_link(head.get(), device.get()))
        return;
    m_source = childOf(head.get(), "sound");
    setLatency(latency);
}

bool Loudspeaker::start()
{
    if (!m_source)
        return false;
    gst_bin_add(GST_BIN(m_pipeline), m_bin.get());
    std::promise<void> opened;
    m_opened = opened.get_future().share();
    std::thread([opened = std::move(opened), bin = shared(m_bin.get()),
                 pipeline = shared(m_pipeline)]() mutable {
        gst_element_sync_state_with_parent(bin.get()); // what fails is on the bus
        opened.set_value();
    }).detach();
    return true;
}

void Loudspeaker::stop()
{
    if (!m_opened.valid())
        return;
    std::exchange(m_opened, {}).wait();
    removeFrom(m_pipeline, m_bin.get());
}

void Loudspeaker::setLatency(GstClockTime latency)
{
    g_object_set(m_source.get(), "min-latency", gint64(latency), nullptr);
}

bool Loudspeaker::has(GstObject *element) const
{
    return m_bin && gst_object_has_as_ancestor(element, GST_OBJECT(m_bin.get()));
}

void Loudspeaker::take(GstMessage *error) const
{
    m_failed(faultOf(error, "The loudspeaker"));
}

} // namespace peer::media
