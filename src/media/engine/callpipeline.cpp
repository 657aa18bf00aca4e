// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/callpipeline.h"

#include "media/engine/callsignals.h"
#include "media/engine/ending.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace peer::media {

namespace {

/// Sources of the peer's that a session has a jitter buffer for; the rest is dropped.
constexpr int MaxStreamsOfSession = 8;
/// Of a stream against the peer's other one, as its reports tell; theirs differ by what capture and
/// the network make of it. What is more is not believed. Far less than ReceiveChain::MaxAhead, or
/// one report of nonsense would have all that follows dropped as of the far future.
constexpr gint64 MaxStreamOffset = 500 * GST_MSECOND;
/// Zero: how far a sequence number may be from the last is fixed (3000 on, 100 back: RFC 3550
/// appendix A.1), and from further away the stream begins anew with a few packets in order. Else it
/// is a time at the rate of the packets, which timestamps of nonsense make a million a second: then
/// what comes after a number of nonsense is late for minutes.
constexpr guint FixedBound = 0;
/// SAVPF: feedback may be sent early (RFC 5124).
constexpr int ProfileSavpf = 4;

using Registry = std::shared_ptr<CallRegistry>;
/// A reference that can be copied.
using Pipeline = std::shared_ptr<GstElement>;

} // namespace

CallPipeline::CallPipeline(const std::string &cname, Callbacks callbacks)
    : m_registry(std::make_shared<CallRegistry>(std::move(callbacks)))
{
    if (initializeGStreamer())
        return; // start() says so
    m_pipeline.reset(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
    m_rtpbin = gst_element_factory_make("rtpbin", nullptr);
    const GstPointer<GstStructure> names(gst_structure_new("application/x-rtp-source-sdes", "cname",
                                                           G_TYPE_STRING, cname.c_str(), nullptr));
    g_object_set(m_rtpbin, "latency", guint(m_latency.current().count()), "do-retransmission", TRUE,
                 "do-lost", TRUE, "rtp-profile", ProfileSavpf, "autoremove", TRUE, "max-streams",
                 MaxStreamsOfSession, "sdes", names.get(), "max-ts-offset", MaxStreamOffset,
                 "max-dropout-time", FixedBound, "max-misorder-time", FixedBound, nullptr);
    CallSignals::connect(m_rtpbin, m_registry);
    gst_bin_add(GST_BIN(m_pipeline.get()), m_rtpbin);
    // The same for all pipelines of the program, whatever devices come and go.
    GstClock *clock = gst_system_clock_obtain();
    gst_pipeline_use_clock(GST_PIPELINE(m_pipeline.get()), clock);
    gst_object_unref(clock);
    const GstPointer<GstBus> bus(gst_element_get_bus(m_pipeline.get()));
    gst_bus_set_sync_handler(bus.get(), onMessage, new Registry(m_registry),
                             [](gpointer kept) { delete static_cast<Registry *>(kept); });
}

CallPipeline::~CallPipeline()
{
    stop();
}

std::optional<Fault> CallPipeline::start()
{
    if (auto fault = initializeGStreamer())
        return fault;
    if (gst_element_set_state(m_pipeline.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
        return Fault{FaultKind::Internal, "The media of this call do not start.", {}};
    m_isRunning = true;
    return {};
}

void CallPipeline::stop()
{
    if (!std::exchange(m_isRunning, false))
        return;
    m_registry->close();
    m_outlet->setTarget(nullptr);
    const auto tracks = m_registry->tracks();
    for (const auto &track : tracks)
        track->close();
    endInTime([pipeline = Pipeline(shared(m_pipeline.get())), registry = m_registry, tracks] {
        for (const auto &track : tracks) {
            track->stop();
            registry->removeTrack(track);
        }
        if (const auto former = registry->setSpeaker(nullptr))
            former->stop();
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    });
}

std::shared_ptr<CallTrack> CallPipeline::addTrack(TrackSetup setup)
{
    if (!m_isRunning)
        return {};
    setup.outlet = m_outlet;
    const unsigned session = m_sessions++;
    const auto track = std::make_shared<CallTrack>(m_pipeline.get(), m_rtpbin, session,
                                                   std::move(setup), m_transport);
    m_registry->addTrack(session, track); // before it starts: rtpbin asks for it then
    countSenders();
    if (track->start()) {
        updateLatency(); // reports need to know it to tell when a packet was captured
        return track;
    }
    removeTrack(track);
    return {};
}

void CallPipeline::removeTrack(const std::shared_ptr<CallTrack> &track)
{
    track->close();
    endInTime([pipeline = Pipeline(shared(m_pipeline.get())), track] { track->stop(); });
    m_registry->removeTrack(track);
    countSenders();
}

void CallPipeline::countSenders()
{
    const auto tracks = m_registry->tracks();
    Senders senders;
    for (const auto &track : tracks) {
        const TrackConfig &config = track->config();
        const bool isAudio = config.kind == TrackKind::Audio;
        (isAudio ? senders.hasAudio : senders.hasVideo) = true;
        senders.hasRedundancy = senders.hasRedundancy || config.redundancyType.has_value();
    }
    m_transport->setSenders(senders);
}

void CallPipeline::updateLatency()
{
    if (!m_isRunning)
        return;
    if (const auto present = m_registry->speaker())
        present->setLatency(soundLatency());
    // In a thread of GStreamer's: it waits for elements that change their state, such as a
    // loudspeaker that is being opened.
    gst_element_call_async(
        m_pipeline.get(),
        [](GstElement *pipeline, gpointer) { gst_bin_recalculate_latency(GST_BIN(pipeline)); },
        nullptr, nullptr);
}

GstClockTime CallPipeline::soundLatency() const
{
    GstClockTime latency = 0;
    for (const auto &track : m_registry->tracks())
        latency = std::max(latency, track->soundLatency());
    return latency;
}

bool CallPipeline::setSpeaker(GstPointer<GstElement> device, const std::string &probe,
                              std::function<void(const Fault &)> failed)
{
    removeSpeaker(); // two probes of one name would be in each other's way
    if (!device || !m_isRunning)
        return false;
    const auto next = std::make_shared<Loudspeaker>(m_pipeline.get(), std::move(device), probe,
                                                    soundLatency(), std::move(failed));
    m_registry->setSpeaker(next); // before it starts: it may fail at once
    if (!next->start()) {
        removeSpeaker();
        return false;
    }
    m_outlet->setTarget(next->source());
    updateLatency();
    return true;
}

void CallPipeline::removeSpeaker()
{
    m_outlet->setTarget(nullptr);
    const auto former = m_registry->setSpeaker(nullptr);
    if (!former)
        return;
    endInTime([pipeline = Pipeline(shared(m_pipeline.get())), former] { former->stop(); });
}

void CallPipeline::setRoundTripTime(std::chrono::milliseconds roundTripTime)
{
    const TimePoint now{std::chrono::microseconds(g_get_monotonic_time())};
    const auto lateness = std::chrono::duration_cast<std::chrono::milliseconds>(
        m_transport->takeLateness());
    if (!m_isRunning || !m_latency.follow(now, roundTripTime, lateness))
        return;
    g_object_set(m_rtpbin, "latency", guint(m_latency.current().count()), nullptr);
    updateLatency();
}

GstBusSyncReply CallPipeline::onMessage(GstBus *, GstMessage *message, gpointer data)
{
    const CallRegistry &registry = **static_cast<Registry *>(data);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        registry.tellError(message);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_LATENCY)
        registry.tellLatency();
    gst_message_unref(message);
    return GST_BUS_DROP;
}

} // namespace peer::media
