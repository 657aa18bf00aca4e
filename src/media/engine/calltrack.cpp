// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/calltrack.h"

#include "media/congestion/rtpextensions.h"
#include "media/engine/gstparts.h"

#include <algorithm>
#include <utility>

namespace peer::media {

namespace {

/// RFC 4585 section 3.4 leaves 5 % of the session's bandwidth to RTCP, and GStreamer thinks of a
/// minimum of 5 s between reports: both too little for NACKs that are to be in time. Our bandwidth
/// is what a session is taken for, and the interval what feedback may come in at the least.
constexpr double SessionBandwidth = 2e6; // bit/s
constexpr std::uint64_t MinRtcpInterval = 100 * GST_MSECOND;
/// Sound is not asked for again: what is left to say is where it is in time, and how it arrives.
constexpr std::uint64_t QuietRtcpInterval = 500 * GST_MSECOND;

/// How much is kept for retransmission: what could still be in time for the longest jitter buffer.
constexpr int RetransmissionTime = 1000; // ms

TrackSetup guarded(TrackSetup setup, const std::shared_ptr<TakerGate> &gate)
{
    setup.taker = TakerGate::guarded(setup.taker, gate);
    return setup;
}

GstPointer<GstStructure> retransmissionTypes(const TrackConfig &config)
{
    return GstPointer<GstStructure>(
        gst_structure_new("application/x-rtp-pt-map", std::to_string(config.payloadType).c_str(),
                          G_TYPE_UINT, guint{*config.retransmissionType}, nullptr));
}

/// A bin with pads by the names that rtpbin wants.
GstElement *wrap(GstElement *element, unsigned session)
{
    GstElement *bin = gst_bin_new(nullptr);
    gst_bin_add(GST_BIN(bin), element);
    for (const char *name : {"sink", "src"}) {
        const GstPointer<GstPad> pad(gst_element_get_static_pad(element, name));
        const std::string ghost = std::string(name) + "_" + std::to_string(session);
        gst_element_add_pad(bin, gst_ghost_pad_new(ghost.c_str(), pad.get()));
    }
    return bin;
}

/// What a packet of redundant sound holds may say that it is of any type.
GstPadProbeReturn dropOthers(GstPad *, GstPadProbeInfo *info, gpointer payloadType)
{
    const MappedBuffer mapped(gst_pad_probe_info_get_buffer(info));
    const auto glance = glanceAtRtp(mapped.octets());
    return glance && glance->payloadType == GPOINTER_TO_UINT(payloadType) ? GST_PAD_PROBE_OK
                                                                          : GST_PAD_PROBE_DROP;
}

} // namespace

CallTrack::CallTrack(GstElement *pipeline, GstElement *rtpbin, unsigned session, TrackSetup setup,
                     std::shared_ptr<CallTransport> transport)
    : m_pipeline(pipeline)
    , m_rtpbin(rtpbin)
    , m_session(session)
    , m_setup(guarded(std::move(setup), m_takerGate))
    , m_transport(std::move(transport))
    , m_sending(m_setup.config, m_transport, m_setup.numbers)
{ }

CallTrack::~CallTrack()
{
    stop();
}

bool CallTrack::start()
{
    if (!m_sending.bin())
        return false;
    m_isStarted = true;
    return connectInputs() && connectOutputs();
}

void CallTrack::close()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    if (m_gate)
        m_gate->close();
    m_sending.close();
    m_takerGate->close();
}

void CallTrack::stop()
{
    if (!std::exchange(m_isStarted, false))
        return;
    close();
    removeFrom(m_pipeline, m_sending.bin());
    for (const auto *source : {&m_rtpIn, &m_rtcpIn}) {
        if (*source)
            removeFrom(m_pipeline, source->get());
    }
    for (const GstPointer<GstPad> &pad : m_requested)
        gst_element_release_request_pad(m_rtpbin, pad.get());
    m_requested.clear();
    for (const auto *sink : {&m_rtpOut, &m_rtcpOut}) {
        if (*sink)
            removeFrom(m_pipeline, sink->get());
    }
    std::map<GstPad *, Stream> streams;
    {
        const std::lock_guard lock(m_mutex);
        streams.swap(m_streams);
    }
    for (const auto &stream : streams)
        removeFrom(m_pipeline, stream.second.bin.get());
}

bool CallTrack::connectInputs()
{
    const GstPointer<GstPad> rtp = request("recv_rtp_sink_%u");
    const GstPointer<GstPad> rtcp = request("recv_rtcp_sink_%u");
    if (!rtp || !rtcp)
        return false;
    setUpSession();
    m_rtpIn = addSource("application/x-rtp", rtp.get());
    m_rtcpIn = addSource("application/x-rtcp", rtcp.get());
    m_gate = std::make_shared<TrackGate>(m_setup.config, m_setup.link, m_transport, m_setup.numbers,
                                         m_rtpIn.get(), m_rtcpIn.get());
    return true;
}

bool CallTrack::connectOutputs()
{
    const GstPointer<GstPad> rtcp = request("send_rtcp_src_%u");
    const GstPointer<GstPad> rtp = request("send_rtp_sink_%u");
    if (!rtp || !rtcp)
        return false;
    const std::string name = "send_rtp_src_" + std::to_string(m_session);
    const GstPointer<GstPad> leaving(gst_element_get_static_pad(m_rtpbin, name.c_str()));
    m_rtpOut = addSink(leaving.get(), &TrackGate::leaveRtp);
    m_rtcpOut = addSink(rtcp.get(), &TrackGate::leaveRtcp);
    m_sending.goOn(gst_element_get_current_running_time(m_pipeline));
    gst_bin_add(GST_BIN(m_pipeline), m_sending.bin());
    const GstPointer<GstPad> encoded(gst_element_get_static_pad(m_sending.bin(), "src"));
    const bool isLinked = gst_pad_link(encoded.get(), rtp.get()) == GST_PAD_LINK_OK;
    gst_element_sync_state_with_parent(m_sending.bin());
    return isLinked;
}

GstPointer<GstPad> CallTrack::request(const char *pattern)
{
    std::string name = pattern;
    name.replace(name.find("%u"), 2, std::to_string(m_session));
    GstPointer<GstPad> pad(gst_element_request_pad_simple(m_rtpbin, name.c_str()));
    if (pad)
        m_requested.push_back(shared(pad.get()));
    return pad;
}

GstPointer<GstElement> CallTrack::addSink(GstPad *from, void (TrackGate::*leave)(GstBuffer *))
{
    GstPointer<GstElement> bin = makeBin(
        "appsink name=out sync=false async=false enable-last-sample=false qos=false");
    takeSamples(childOf(bin.get(), "out").get(), [gate = m_gate, leave](GstSample *sample) {
        (*gate.*leave)(gst_sample_get_buffer(sample));
    });
    addTo(m_pipeline, bin.get());
    const GstPointer<GstPad> sink(gst_element_get_static_pad(bin.get(), "sink"));
    gst_pad_link(from, sink.get());
    return bin;
}

GstPointer<GstElement> CallTrack::addSource(const char *caps, GstPad *to)
{
    // Half a second of packets; of what comes while that is full, the newest is kept.
    GstPointer<GstElement> source(gst_element_factory_make("appsrc", nullptr));
    gst_object_ref_sink(source.get());
    const GstPointer<GstCaps> described(gst_caps_from_string(caps));
    g_object_set(source.get(), "is-live", TRUE, "format", GST_FORMAT_TIME, "do-timestamp", TRUE,
                 "caps", described.get(), "max-bytes", guint64{0}, "max-buffers", guint64{256},
                 nullptr);
    gst_util_set_object_arg(G_OBJECT(source.get()), "leaky-type", "downstream");
    gst_bin_add(GST_BIN(m_pipeline), source.get());
    const GstPointer<GstPad> pad(gst_element_get_static_pad(source.get(), "src"));
    gst_pad_link(pad.get(), to);
    gst_element_sync_state_with_parent(source.get());
    return source;
}

void CallTrack::setUpSession()
{
    GObject *session = nullptr;
    g_signal_emit_by_name(m_rtpbin, "get-internal-session", m_session, &session);
    if (!session)
        return;
    const GstPointer<GObject> owned(session);
    const TrackConfig &config = m_setup.config;
    g_object_set(session, "rtcp-min-interval", config.hasNack ? MinRtcpInterval : QuietRtcpInterval,
                 "bandwidth", SessionBandwidth, "internal-ssrc", config.ssrc, nullptr);
}

GstPointer<GstCaps> CallTrack::capsOf(unsigned payloadType) const
{
    const TrackConfig &config = m_setup.config;
    const bool isVideo = config.kind == TrackKind::Video;
    const bool isRetransmission = payloadType == config.retransmissionType;
    const bool isRedundancy = payloadType == config.redundancyType;
    if (!isRetransmission && !isRedundancy && payloadType != config.payloadType)
        return {};
    const char *encoding = isRetransmission ? "RTX"
        : isRedundancy                      ? "RED"
        : isVideo                           ? "VP8"
                                            : "OPUS";
    GstPointer<GstCaps> caps(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, isVideo ? "video" : "audio", "clock-rate",
        G_TYPE_INT, isVideo ? 90'000 : 48'000, "encoding-name", G_TYPE_STRING, encoding, "payload",
        G_TYPE_INT, int(payloadType), nullptr));
    if (isRetransmission) {
        gst_caps_set_simple(caps.get(), "apt", G_TYPE_STRING,
                            std::to_string(config.payloadType).c_str(), nullptr);
    } else {
        gst_caps_set_simple(caps.get(), "rtcp-fb-nack", G_TYPE_BOOLEAN, gboolean(config.hasNack),
                            "rtcp-fb-nack-pli", G_TYPE_BOOLEAN, gboolean(config.hasPli), nullptr);
    }
    return caps;
}

GstElement *CallTrack::makeRepeater() const
{
    const TrackConfig &config = m_setup.config;
    if (!config.retransmissionType)
        return nullptr;
    GstElement *element = gst_element_factory_make("rtprtxsend", nullptr);
    const GstPointer<GstStructure> types = retransmissionTypes(config);
    const GstPointer<GstStructure> sources(
        gst_structure_new("application/x-rtp-ssrc-map", std::to_string(config.ssrc).c_str(),
                          G_TYPE_UINT, guint{config.retransmissionSsrc}, nullptr));
    g_object_set(element, "payload-type-map", types.get(), "ssrc-map", sources.get(),
                 "max-size-time", RetransmissionTime, "max-size-packets", 0, nullptr);
    return wrap(element, m_session);
}

GstElement *CallTrack::makeRestorer() const
{
    const TrackConfig &config = m_setup.config;
    if (config.retransmissionType) {
        GstElement *element = gst_element_factory_make("rtprtxreceive", nullptr);
        const GstPointer<GstStructure> types = retransmissionTypes(config);
        g_object_set(element, "payload-type-map", types.get(), nullptr);
        return wrap(element, m_session);
    }
    if (!config.redundancyType)
        return nullptr;
    GstElement *element = gst_element_factory_make("rtpreddec", nullptr);
    g_object_set(element, "pt", gint{*config.redundancyType}, nullptr);
    const GstPointer<GstPad> pad(gst_element_get_static_pad(element, "src"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, dropOthers,
                      GUINT_TO_POINTER(guint{config.payloadType}), nullptr);
    return wrap(element, m_session);
}

void CallTrack::addStream(GstPad *pad)
{
    GstPointer<GstElement> bin;
    {
        const std::lock_guard lock(m_mutex);
        if (m_isStopping)
            return;
        const auto decoded = std::count_if(
            m_streams.begin(), m_streams.end(),
            [](const auto &stream) { return stream.second.isDecoded; });
        if (std::size_t(decoded) < MaxStreams) {
            ReceiveChain chain(m_setup.config.kind, m_setup.outlet, m_setup.taker,
                               [gate = m_gate] { return gate->refusedMedia(); });
            if (chain.bin())
                bin = shared(chain.bin());
        }
        const bool isDecoded = bin != nullptr;
        if (!isDecoded)
            bin = makeBin("fakesink sync=false async=false");
        m_streams[pad] = {shared(bin.get()), isDecoded};
    }
    addTo(m_pipeline, bin.get());
    const GstPointer<GstPad> sink(gst_element_get_static_pad(bin.get(), "sink"));
    gst_pad_link(pad, sink.get());
}

void CallTrack::removeStream(GstPad *pad)
{
    GstPointer<GstElement> bin;
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_streams.find(pad);
        if (found == m_streams.end())
            return;
        bin = std::move(found->second.bin);
        m_streams.erase(found);
    }
    removeFrom(m_pipeline, bin.get());
}

GstClockTime CallTrack::soundLatency() const
{
    std::vector<GstPointer<GstElement>> bins;
    if (m_setup.config.kind == TrackKind::Audio) {
        const std::lock_guard lock(m_mutex);
        for (const auto &stream : m_streams) {
            if (stream.second.isDecoded)
                bins.push_back(shared(stream.second.bin.get()));
        }
    }
    GstClockTime latency = 0;
    for (const GstPointer<GstElement> &bin : bins) {
        const GstPointer<GstElement> heard = childOf(bin.get(), "heard");
        const GstPointer<GstPad> pad(gst_element_get_static_pad(heard.get(), "src"));
        GstQuery *query = gst_query_new_latency();
        if (gst_pad_query(pad.get(), query)) {
            GstClockTime least = 0;
            gst_query_parse_latency(query, nullptr, &least, nullptr);
            latency = std::max(latency, least);
        }
        gst_query_unref(query);
    }
    return latency;
}

std::size_t CallTrack::decodedStreams() const
{
    const std::lock_guard lock(m_mutex);
    return std::size_t(std::count_if(m_streams.begin(), m_streams.end(),
                                     [](const auto &stream) { return stream.second.isDecoded; }));
}

} // namespace peer::media
