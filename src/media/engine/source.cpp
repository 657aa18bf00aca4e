// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/source.h"

#include "media/engine/gstparts.h"

#include <utility>

namespace peer::media {

Source::Source(std::string what, const std::string &description, SourceTaker taker)
    : m_what(std::move(what))
    , m_taker(std::move(taker))
{
    if (initializeGStreamer())
        return;
    const GstPointer<GstElement> bin = makeOutput(description);
    if (!bin)
        return;
    makePipeline();
    gst_bin_add(GST_BIN(m_pipeline.get()), bin.get());
}

Source::Source(std::string what, GstPointer<GstElement> head, const std::string &description,
               SourceTaker taker)
    : m_what(std::move(what))
    , m_taker(std::move(taker))
{
    if (!head)
        return;
    if (description.empty()) {
        makePipeline();
        gst_bin_add(GST_BIN(m_pipeline.get()), head.get());
        return;
    }
    const GstPointer<GstElement> bin = makeOutput(description);
    if (!bin)
        return;
    makePipeline();
    gst_bin_add_many(GST_BIN(m_pipeline.get()), head.get(), bin.get(), nullptr);
    if (!gst_element_link(head.get(), bin.get()))
        m_pipeline.reset();
}

GstPointer<GstElement> Source::makeOutput(const std::string &description) const
{
    GstPointer<GstElement> bin = makeBin(description);
    if (!bin)
        return bin;
    if (const auto sink = childOf(bin.get(), "video"))
        takeSamples(sink.get(), m_taker.video);
    if (const auto sink = childOf(bin.get(), "audio"))
        takeSamples(sink.get(), m_taker.audio);
    return bin;
}

void Source::makePipeline()
{
    m_pipeline.reset(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
    GstClock *clock = gst_system_clock_obtain();
    gst_pipeline_use_clock(GST_PIPELINE(m_pipeline.get()), clock);
    gst_object_unref(clock);
    const GstPointer<GstBus> bus(gst_element_get_bus(m_pipeline.get()));
    gst_bus_set_sync_handler(bus.get(), onBus, this, nullptr);
}

Source::~Source()
{
    stop();
    if (!m_pipeline)
        return;
    const GstPointer<GstBus> bus(gst_element_get_bus(m_pipeline.get()));
    gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
}

void Source::start()
{
    if (!m_pipeline) {
        const auto missing = initializeGStreamer();
        fail(missing ? *missing : faultOfMissing());
        return;
    }
    m_isRunning = true;
    m_hasFailed = false;
    gst_element_set_state(m_pipeline.get(), GST_STATE_PLAYING); // what fails is on the bus
}

void Source::stop()
{
    if (std::exchange(m_isRunning, false))
        gst_element_set_state(m_pipeline.get(), GST_STATE_NULL);
}

void Source::onMessage(GstMessage *message)
{
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        fail(faultOf(message, m_what, kindOfStreamError()));
}

Fault Source::faultOfMissing() const
{
    return {FaultKind::MissingPlugin,
            m_what + " needs a plugin of GStreamer that is not installed.",
            {}};
}

void Source::fail(const Fault &fault)
{
    if (m_taker.fault && !m_hasFailed.exchange(true))
        m_taker.fault(fault);
}

GstBusSyncReply Source::onBus(GstBus *, GstMessage *message, gpointer self)
{
    static_cast<Source *>(self)->onMessage(message);
    gst_message_unref(message);
    return GST_BUS_DROP;
}

namespace {

std::string output(const char *name, bool isPaced)
{
    return std::string(" ! appsink name=") + name
        + " enable-last-sample=false qos=false max-buffers=4 drop=true "
        + (isPaced ? "sync=true async=false" : "sync=false async=false");
}

} // namespace

std::string videoOutput(bool isPaced)
{
    return " ! videoconvert ! videoscale add-borders=true ! videorate ! capsfilter name=picture"
           " caps=video/x-raw,format=I420,width="
        + std::to_string(PictureWidth) + ",height=" + std::to_string(PictureHeight) + ",framerate="
        + std::to_string(PictureRate) + "/1,pixel-aspect-ratio=1/1" + output("video", isPaced);
}

std::string audioOutput(bool isPaced)
{
    return " ! audioconvert ! audioresample ! capsfilter name=sound"
           " caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved"
        + output("audio", isPaced);
}

} // namespace peer::media
