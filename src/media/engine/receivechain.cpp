// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/receivechain.h"

#include "media/engine/gstparts.h"
#include "media/engine/opuspacket.h"
#include "media/engine/refresh.h"

#include <utility>

namespace peer::media {

namespace {

/// Drops pictures that are larger than we want to decode, before the decoder makes room for them.
GstPadProbeReturn dropTooLarge(GstPad *, GstPadProbeInfo *info, gpointer)
{
    const MappedBuffer mapped(gst_pad_probe_info_get_buffer(info));
    const auto size = vp8KeyFrameSize(mapped.octets());
    return size && !ReceiveChain::takes(*size) ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

struct Refreshing
{
    const ReceiveChain::Refusals refusals;
    Refresh refresh;
};

/// Says what rtpvp8depay says when a packet is missing; rtpbin makes a PLI of it.
GstPadProbeReturn askForKeyFrame(GstPad *pad, GstPadProbeInfo *, gpointer data)
{
    auto *state = static_cast<Refreshing *>(data);
    const TimePoint now{std::chrono::microseconds(g_get_monotonic_time())};
    if (state->refresh.isDue(state->refusals(), now))
        gst_pad_push_event(pad, keyFrameRequest());
    return GST_PAD_PROBE_OK;
}

/// The call's time at which a pad's timestamp is to be rendered, but for the latency.
GstClockTime runningTimeAt(GstPad *pad, GstClockTime timestamp)
{
    GstEvent *event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
    if (!event)
        return GST_CLOCK_TIME_NONE;
    const GstSegment *segment = nullptr;
    gst_event_parse_segment(event, &segment);
    const GstClockTime time = gst_segment_to_running_time(segment, GST_FORMAT_TIME, timestamp);
    gst_event_unref(event);
    return time;
}

/// Where a stream's sound goes before its time.
struct Leak
{
    std::shared_ptr<SoundOutlet> outlet;
    unsigned stream = 0;
};

GstPadProbeReturn leak(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    GstBuffer *buffer = gst_pad_probe_info_get_buffer(info);
    const GstClockTime time = runningTimeAt(pad, GST_BUFFER_PTS(buffer));
    const auto *to = static_cast<Leak *>(data);
    if (GST_CLOCK_TIME_IS_VALID(time))
        to->outlet->push(to->stream, buffer, time);
    return GST_PAD_PROBE_OK;
}

using ConcealedTaker = std::function<void(int)>;

constexpr GstClockTime Block = 20 * GST_MSECOND;
/// RFC 6716 section 2.1.4: no frame of Opus is shorter.
constexpr GstClockTime ShortestFrame = 2500 * GST_USECOND;

/// What the jitter buffer gives up comes to the decoder as a gap. One that is shorter than any
/// packet, which timestamps of nonsense make, does not: opusdec of GStreamer 1.22 conceals nothing
/// for it, keeps it, and conceals nothing again for each packet that comes.
GstPadProbeReturn noteGap(GstPadProbeInfo *info, const ConcealedTaker &taken)
{
    GstEvent *event = gst_pad_probe_info_get_event(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_GAP)
        return GST_PAD_PROBE_OK;
    GstClockTime duration = GST_CLOCK_TIME_NONE;
    gst_event_parse_gap(event, nullptr, &duration);
    const bool isOfUse = GST_CLOCK_TIME_IS_VALID(duration) && duration >= ShortestFrame;
    if (!isOfUse || duration < Block / 2)
        duration = Block; // a packet, whatever its times say
    if (taken)
        taken(static_cast<int>((duration + Block / 2) / Block));
    return isOfUse ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/// Puts a gap in the place of a packet that is none. With in-band FEC, opusdec of GStreamer 1.22
/// keeps a packet until the next comes; one that it cannot decode it keeps for good, and tries it
/// again in place of all that come.
GstPadProbeReturn dropMalformed(GstPad *pad, GstBuffer *packet)
{
    const MappedBuffer mapped(packet);
    if (isOpusPacket(mapped.octets()))
        return GST_PAD_PROBE_OK;
    if (GST_BUFFER_PTS_IS_VALID(packet))
        gst_pad_send_event(pad, gst_event_new_gap(GST_BUFFER_PTS(packet), Block));
    return GST_PAD_PROBE_DROP;
}

GstPadProbeReturn guardOpus(GstPad *pad, GstPadProbeInfo *info, gpointer taker)
{
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
        return dropMalformed(pad, gst_pad_probe_info_get_buffer(info));
    return noteGap(info, *static_cast<ConcealedTaker *>(taker));
}

bool isLongLoss(const GstEvent *event)
{
    const GstStructure *content = gst_event_get_structure(const_cast<GstEvent *>(event));
    guint64 duration = 0;
    return content && gst_structure_has_name(content, "GstRTPPacketLost")
        && gst_structure_get_uint64(content, "duration", &duration)
        && duration > ReceiveChain::MaxAhead;
}

/// What came has its time now, or had it; of the far future is only nonsense, and whoever waited
/// for it would wait long. The same of the end of a loss.
GstPadProbeReturn dropOfTheFuture(GstPad *pad, GstPadProbeInfo *info, gpointer bin)
{
    if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
        return isLongLoss(gst_pad_probe_info_get_event(info)) ? GST_PAD_PROBE_DROP
                                                              : GST_PAD_PROBE_OK;
    }
    const GstClockTime time = runningTimeAt(pad,
                                            GST_BUFFER_PTS(gst_pad_probe_info_get_buffer(info)));
    const GstClockTime now = gst_element_get_current_running_time(static_cast<GstElement *>(bin));
    const bool isKnown = GST_CLOCK_TIME_IS_VALID(time) && GST_CLOCK_TIME_IS_VALID(now);
    return isKnown && time > now + ReceiveChain::MaxAhead ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

} // namespace

ReceiveChain::ReceiveChain(TrackKind kind, std::shared_ptr<SoundOutlet> outlet,
                           const ReceiveTaker &taker, Refusals refusals)
{
    if (kind == TrackKind::Video)
        buildVideo(taker, std::move(refusals));
    else
        buildAudio(std::move(outlet), taker);
    if (!m_bin)
        return;
    const GstPointer<GstPad> pad(gst_element_get_static_pad(m_bin.get(), "sink"));
    gst_pad_add_probe(
        pad.get(), GstPadProbeType(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
        dropOfTheFuture, m_bin.get(), nullptr);
}

/// Neither sink takes the 20 ms that GStreamer would have it wait so that others have time for
/// processing: the jitter buffer's time is enough for that, and a late picture is shown at once.
void ReceiveChain::buildVideo(const ReceiveTaker &taker, Refusals refusals)
{
    m_bin = makeBin(
        "rtpvp8depay name=depay request-keyframe=true wait-for-keyframe=true"
        " ! vp8dec name=decoder threads=1 max-errors=-1 automatic-request-sync-points=true"
        " automatic-request-sync-point-flags=0 min-force-key-unit-interval=1000000000"
        " ! appsink name=out caps=video/x-raw,format=I420 sync=true async=false qos=false"
        " processing-deadline=0 enable-last-sample=false max-buffers=1 drop=true ts-offset=-"
        + std::to_string(VideoAhead) + "000000");
    if (!m_bin)
        return;
    takeSamples(childOf(m_bin.get(), "out").get(), taker.video);
    const GstPointer<GstElement> decoder = childOf(m_bin.get(), "decoder");
    const GstPointer<GstPad> pad(gst_element_get_static_pad(decoder.get(), "sink"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, dropTooLarge, nullptr, nullptr);
    if (!refusals)
        return;
    const GstPointer<GstElement> depayloader = childOf(m_bin.get(), "depay");
    const GstPointer<GstPad> coded(gst_element_get_static_pad(depayloader.get(), "sink"));
    const std::uint64_t before = refusals();
    gst_pad_add_probe(coded.get(), GST_PAD_PROBE_TYPE_BUFFER, askForKeyFrame,
                      new Refreshing{std::move(refusals), Refresh(before)},
                      [](gpointer kept) { delete static_cast<Refreshing *>(kept); });
}

void ReceiveChain::buildAudio(std::shared_ptr<SoundOutlet> outlet, const ReceiveTaker &taker)
{
    m_bin = makeBin(
        "rtpopusdepay name=depay ! opusdec name=decoder use-inband-fec=true plc=true max-errors=-1"
        " ! audioconvert ! audioresample ! capsfilter name=heard"
        " caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved"
        " ! appsink name=out sync=true async=false qos=false processing-deadline=0"
        " enable-last-sample=false max-buffers=50 drop=true");
    if (!m_bin)
        return;
    takeSamples(childOf(m_bin.get(), "out").get(), [take = taker.audio](GstSample *sample) {
        const MappedBuffer mapped(gst_sample_get_buffer(sample));
        const ByteView octets = mapped.octets();
        take({reinterpret_cast<const std::int16_t *>(octets.data()), octets.size() / 2});
    });
    const GstPointer<GstElement> decoder = childOf(m_bin.get(), "decoder");
    const GstPointer<GstPad> coded(gst_element_get_static_pad(decoder.get(), "sink"));
    gst_pad_add_probe(
        coded.get(),
        GstPadProbeType(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM), guardOpus,
        new ConcealedTaker(taker.concealed),
        [](gpointer kept) { delete static_cast<ConcealedTaker *>(kept); });
    if (!outlet)
        return;
    const unsigned stream = outlet->open();
    const GstPointer<GstElement> heard = childOf(m_bin.get(), "heard");
    const GstPointer<GstPad> pad(gst_element_get_static_pad(heard.get(), "src"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, leak,
                      new Leak{std::move(outlet), stream},
                      [](gpointer kept) { delete static_cast<Leak *>(kept); });
}

} // namespace peer::media
