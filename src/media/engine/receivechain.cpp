// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/receivechain.h"

#include "media/engine/gstparts.h"

namespace peer::media {

namespace {

/// Drops pictures that are larger than we want to decode, before the decoder makes room for them.
GstPadProbeReturn dropTooLarge(GstPad *, GstPadProbeInfo *info, gpointer)
{
    const MappedBuffer mapped(gst_pad_probe_info_get_buffer(info));
    const auto size = vp8KeyFrameSize(mapped.octets());
    return size && !ReceiveChain::takes(*size) ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

using AudioTaker = std::function<void(std::span<const std::int16_t>)>;

GstPadProbeReturn listen(GstPad *, GstPadProbeInfo *info, gpointer taker)
{
    const MappedBuffer mapped(gst_pad_probe_info_get_buffer(info));
    const ByteView octets = mapped.octets();
    (*static_cast<AudioTaker *>(taker))(
        {reinterpret_cast<const std::int16_t *>(octets.data()), octets.size() / 2});
    return GST_PAD_PROBE_OK;
}

using ConcealedTaker = std::function<void(int)>;

constexpr GstClockTime Block = 20 * GST_MSECOND;

/// What the jitter buffer gives up comes to the decoder as a gap.
GstPadProbeReturn noteGap(GstPad *, GstPadProbeInfo *info, gpointer taker)
{
    GstEvent *event = gst_pad_probe_info_get_event(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_GAP)
        return GST_PAD_PROBE_OK;
    GstClockTime duration = GST_CLOCK_TIME_NONE;
    gst_event_parse_gap(event, nullptr, &duration);
    if (!GST_CLOCK_TIME_IS_VALID(duration) || duration < Block / 2)
        duration = Block; // a packet, whatever its times say
    const auto &taken = *static_cast<ConcealedTaker *>(taker);
    if (taken)
        taken(static_cast<int>((duration + Block / 2) / Block));
    return GST_PAD_PROBE_OK;
}

} // namespace

ReceiveChain::ReceiveChain(TrackKind kind, const std::string &audioSink, const ReceiveTaker &taker)
{
    if (kind == TrackKind::Video)
        buildVideo(taker);
    else
        buildAudio(audioSink, taker);
}

void ReceiveChain::buildVideo(const ReceiveTaker &taker)
{
    m_bin = makeBin(
        "rtpvp8depay name=depay request-keyframe=true wait-for-keyframe=true"
        " ! vp8dec name=decoder threads=1 max-errors=-1"
        " ! appsink name=out caps=video/x-raw,format=I420 sync=true async=false qos=false"
        " enable-last-sample=false max-buffers=1 drop=true ts-offset=-"
        + std::to_string(VideoAhead) + "000000");
    if (!m_bin)
        return;
    takeSamples(childOf(m_bin.get(), "out").get(), taker.video);
    const GstPointer<GstElement> decoder = childOf(m_bin.get(), "decoder");
    const GstPointer<GstPad> pad(gst_element_get_static_pad(decoder.get(), "sink"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, dropTooLarge, nullptr, nullptr);
}

void ReceiveChain::buildAudio(const std::string &audioSink, const ReceiveTaker &taker)
{
    m_bin = makeBin(
        "rtpopusdepay name=depay ! opusdec name=decoder use-inband-fec=true plc=true max-errors=-1"
        " ! audioconvert ! audioresample ! capsfilter name=heard"
        " caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved ! "
        + audioSink);
    if (!m_bin)
        return;
    const GstPointer<GstElement> decoder = childOf(m_bin.get(), "decoder");
    const GstPointer<GstPad> coded(gst_element_get_static_pad(decoder.get(), "sink"));
    gst_pad_add_probe(coded.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, noteGap,
                      new ConcealedTaker(taker.concealed),
                      [](gpointer kept) { delete static_cast<ConcealedTaker *>(kept); });
    const GstPointer<GstElement> heard = childOf(m_bin.get(), "heard");
    const GstPointer<GstPad> pad(gst_element_get_static_pad(heard.get(), "src"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, listen, new AudioTaker(taker.audio),
                      [](gpointer kept) { delete static_cast<AudioTaker *>(kept); });
}

} // namespace peer::media
