// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/testsources.h"

#include "media/engine/videopicture.h"
#include "media/pattern/toneclock.h"

#include <span>
#include <utility>

namespace peer::media {

namespace {

/// The time of day for people.
GstPointer<gchar> clockText()
{
    GDateTime *now = g_date_time_new_now_local();
    GstPointer<gchar> text(g_date_time_format(now, "%H:%M:%S"));
    g_date_time_unref(now);
    return text;
}

/// Calls change with each buffer of what "painted" lets through, which is ours alone by then.
void changeBuffers(GstElement *pipeline, std::function<void(GstBuffer *)> change)
{
    using Change = std::function<void(GstBuffer *)>;
    const GstPointer<GstElement> element = childOf(pipeline, "painted");
    const GstPointer<GstPad> pad(gst_element_get_static_pad(element.get(), "sink"));
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad *, GstPadProbeInfo *info, gpointer data) {
            GstBuffer *buffer = gst_buffer_make_writable(gst_pad_probe_info_get_buffer(info));
            info->data = buffer;
            (*static_cast<Change *>(data))(buffer);
            return GST_PAD_PROBE_OK;
        },
        new Change(std::move(change)), [](gpointer data) { delete static_cast<Change *>(data); });
}

} // namespace

TestPictureSource::TestPictureSource(std::uint16_t sender, std::string name, SourceTaker taker)
    : Source("The test picture",
             "videotestsrc is-live=true pattern=black ! capsfilter name=painted"
             " caps=video/x-raw,format=I420,width="
                 + std::to_string(PictureWidth) + ",height=" + std::to_string(PictureHeight)
                 + ",framerate=" + std::to_string(PictureRate) + "/1" + videoOutput(false),
             std::move(taker))
    , m_picture(sender, std::move(name))
{
    if (pipeline())
        changeBuffers(pipeline(), [this](GstBuffer *buffer) { paint(buffer); });
}

TestPictureSource::~TestPictureSource()
{
    stop();
}

void TestPictureSource::paint(GstBuffer *buffer)
{
    const MappedPicture mapped(buffer, PictureWidth, PictureHeight);
    if (!mapped.isMapped())
        return;
    const GstPointer<gchar> clock = clockText();
    m_picture.paint(mapped.picture(), m_frame++, stripTime(), clock.get());
}

TestToneSource::TestToneSource(std::uint16_t sender, SourceTaker taker)
    : Source("The test tone",
             "audiotestsrc is-live=true wave=silence samplesperbuffer="
                 + std::to_string(SamplesOfPacket)
                 + " ! capsfilter name=painted caps=audio/x-raw,format=S16LE,rate=48000,channels=2,"
                   "layout=interleaved"
                 + audioOutput(false),
             std::move(taker))
    , m_tone(sender)
{
    if (!pipeline())
        return;
    changeBuffers(pipeline(), [this](GstBuffer *buffer) {
        GstMapInfo map;
        if (!gst_buffer_map(buffer, &map, GST_MAP_READWRITE))
            return;
        const std::span samples(reinterpret_cast<std::int16_t *>(map.data), map.size / 2);
        m_tone.write(samples, 2);
        ToneClock::mark(samples, 2, stripTime());
        gst_buffer_unmap(buffer, &map);
    });
}

TestToneSource::~TestToneSource()
{
    stop();
}

std::uint32_t stripTime()
{
    return static_cast<std::uint32_t>(g_get_real_time() / 1000);
}

} // namespace peer::media
