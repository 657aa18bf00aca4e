// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/sendchain.h"

#include "media/congestion/rtpextensions.h"
#include "media/engine/gstparts.h"

#include <gst/app/gstappsrc.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace peer::media {

namespace {

/// A datagram has at most 1200 octets; SRTP takes up to 16 of them, a retransmission 2 more than
/// what it repeats (RFC 4588 section 4), and the MID may be longer than ours.
constexpr int PayloaderMtu = 1200 - 16 - 2 - int(RtpExtensionsOverhead) - 20;

/// To begin with; rate control says what it is to be.
constexpr int VideoBitrate = 800'000;
constexpr int AudioBitrate = 48'000;

/// A century: what a broken film says beyond is no time. (GST_CLOCK_TIME_NONE is far beyond.)
constexpr GstClockTime MaxTime = GstClockTime{100} * 365 * 24 * 3600 * GST_SECOND;

std::string payloader(const char *element, const TrackConfig &config)
{
    return std::string(element) + " name=payloader mtu=" + std::to_string(PayloaderMtu)
        + " pt=" + std::to_string(config.payloadType) + " ssrc=" + std::to_string(config.ssrc);
}

std::string input(int buffers)
{
    return "appsrc name=in is-live=true format=time do-timestamp=true leaky-type=downstream "
           "max-bytes=0 max-time=0 max-buffers="
        + std::to_string(buffers);
}

/// For real time: one pass, no look-ahead, a buffer of a second; pictures are left out rather than
/// sent late. A key frame comes only when asked for.
std::string videoDescription(const TrackConfig &config)
{
    return input(2)
        + " ! videoscale ! capsfilter name=filter"
          " ! vp8enc name=encoder deadline=1 cpu-used=8 threads=1 lag-in-frames=0"
          " keyframe-max-dist=2000 error-resilient=partitions end-usage=cbr buffer-size=1000"
          " buffer-initial-size=500 buffer-optimal-size=600 min-quantizer=2 max-quantizer=56"
          " undershoot=100 dropframe-threshold=30 static-threshold=1 target-bitrate="
        + std::to_string(VideoBitrate) + " ! "
        + payloader("rtpvp8pay", config)
        // It takes lists of packets apart.
        + " picture-id-mode=15-bit ! identity name=pace silent=true";
}

std::string audioDescription(const TrackConfig &config)
{
    return input(10)
        + " ! opusenc name=encoder frame-size=20 inband-fec=true packet-loss-percentage=5 bitrate="
        + std::to_string(AudioBitrate) + " ! " + payloader("rtpopuspay", config);
}

/// RFC 7741 section 4.1: the marker bit.
bool isLastOfPicture(GstBuffer *packet)
{
    const MappedBuffer mapped(packet);
    return mapped.octets().size() > 1 && (mapped.octets()[1] & 0x80) != 0;
}

} // namespace

SendChain::SendChain(const TrackConfig &config, std::shared_ptr<CallTransport> transport,
                     std::shared_ptr<SentNumbers> numbers)
    : m_kind(config.kind)
    , m_transport(std::move(transport))
    , m_numbers(std::move(numbers))
    , m_bin(makeBin(config.kind == TrackKind::Video ? videoDescription(config)
                                                    : audioDescription(config)))
{
    if (!m_bin)
        return;
    m_in = childOf(m_bin.get(), "in");
    m_encoder = childOf(m_bin.get(), "encoder");
    if (m_kind == TrackKind::Video)
        m_filter = childOf(m_bin.get(), "filter");
    const GstPointer<GstPad> pad(gst_element_get_static_pad(m_in.get(), "src"));
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad *, GstPadProbeInfo *info, gpointer self) {
            const GstBuffer *buffer = gst_pad_probe_info_get_buffer(info);
            return static_cast<SendChain *>(self)->followRate(buffer) ? GST_PAD_PROBE_OK
                                                                      : GST_PAD_PROBE_DROP;
        },
        this, nullptr);
    if (m_kind == TrackKind::Video && config.transportExtension)
        pace();
}

/// Packet by packet, where the thread that encodes hands them to rtpbin. Retransmissions, which
/// rtpbin makes, are TrackGate's.
void SendChain::pace()
{
    const GstPointer<GstElement> element = childOf(m_bin.get(), "pace");
    const GstPointer<GstPad> pad(gst_element_get_static_pad(element.get(), "src"));
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad *, GstPadProbeInfo *info, gpointer self) {
            GstBuffer *packet = gst_pad_probe_info_get_buffer(info);
            return static_cast<SendChain *>(self)->awaitTurn(packet) ? GST_PAD_PROBE_OK
                                                                     : GST_PAD_PROBE_DROP;
        },
        this, nullptr);
}

bool SendChain::awaitTurn(GstBuffer *packet)
{
    const unsigned losses = m_transport->awaitTurn(m_isClosed);
    if (std::exchange(m_losses, losses).value_or(losses) != losses) {
        m_isForfeited = true;
        m_numbers->abandon();
        refresh();
    }
    const bool isToLeave = !m_isForfeited;
    if (isLastOfPicture(packet))
        m_isForfeited = false;
    return isToLeave;
}

void SendChain::goOn(GstClockTime runningTime)
{
    const int clockRate = m_kind == TrackKind::Video ? 90'000 : 48'000;
    const TimePoint now{std::chrono::microseconds(g_get_monotonic_time())};
    const auto start = m_numbers->next(now, clockRate);
    if (!start)
        return;
    const guint64 time = GST_CLOCK_TIME_IS_VALID(runningTime) ? runningTime : 0;
    const guint64 passed = gst_util_uint64_scale(time, guint64(clockRate), GST_SECOND);
    // The greatest stands for any.
    const auto offset = std::min(static_cast<guint32>(start->timestamp - passed), G_MAXUINT32 - 1);
    const GstPointer<GstElement> element = childOf(m_bin.get(), "payloader");
    g_object_set(element.get(), "seqnum-offset", gint{start->sequence}, "timestamp-offset",
                 guint{offset}, nullptr);
}

void SendChain::close()
{
    m_isClosed = true;
    m_transport->wake();
}

SendChain::~SendChain()
{
    close();
    if (m_bin)
        gst_element_set_state(m_bin.get(), GST_STATE_NULL);
}

void SendChain::push(GstSample *sample)
{
    const GstClockTime now = gst_element_get_current_running_time(m_in.get());
    GstBuffer *given = gst_sample_get_buffer(sample);
    if (!given || !GST_CLOCK_TIME_IS_VALID(now))
        return; // it does not run yet, or not any more
    std::optional<Duration> time;
    if (GST_BUFFER_PTS(given) <= MaxTime)
        time = Duration(GST_BUFFER_PTS(given));
    const GstPointer<GstBuffer> buffer(gst_buffer_copy(given));
    const std::lock_guard lock(m_mutex);
    GST_BUFFER_PTS(buffer.get()) = GstClockTime(m_time.at(time, Duration(now)).count());
    GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
    const GstPointer<GstSample> timed(
        gst_sample_new(buffer.get(), gst_sample_get_caps(sample), nullptr, nullptr));
    gst_app_src_push_sample(GST_APP_SRC(m_in.get()), timed.get());
}

void SendChain::refresh()
{
    if (m_kind != TrackKind::Video)
        return;
    const GstPointer<GstPad> pad(gst_element_get_static_pad(m_encoder.get(), "src"));
    gst_pad_send_event(pad.get(), keyFrameRequest());
}

bool SendChain::followRate(const GstBuffer *buffer)
{
    const bool isVideo = m_kind == TrackKind::Video;
    const Allocation allocation = m_transport->allocation();
    const int bitrate = isVideo ? allocation.video : allocation.audio;
    if (bitrate > 0 && std::exchange(m_bitrate, bitrate) != bitrate)
        g_object_set(m_encoder.get(), isVideo ? "target-bitrate" : "bitrate", bitrate, nullptr);
    if (!isVideo)
        return true;
    setShape(m_ladder.follow(m_transport->target()));
    return m_thinner.takes(Duration(GST_BUFFER_PTS(buffer)), m_shape.framesPerSecond);
}

void SendChain::setShape(const VideoShape &shape)
{
    if (m_shape == shape)
        return;
    m_shape = shape;
    const GstPointer<GstCaps> caps(gst_caps_new_simple("video/x-raw", "width", G_TYPE_INT,
                                                       shape.width, "height", G_TYPE_INT,
                                                       shape.height, nullptr));
    g_object_set(m_filter.get(), "caps", caps.get(), nullptr);
}

} // namespace peer::media
