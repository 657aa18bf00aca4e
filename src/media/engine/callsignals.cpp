// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/callsignals.h"

#include "media/engine/callpipeline.h"

#include <charconv>
#include <optional>
#include <string_view>

namespace peer::media {

namespace {

/// Of a pad "recv_rtp_src_SESSION_SSRC_PAYLOADTYPE".
std::optional<unsigned> sessionOfStream(GstPad *pad)
{
    constexpr std::string_view Prefix = "recv_rtp_src_";
    const std::string_view name = GST_PAD_NAME(pad);
    if (!name.starts_with(Prefix))
        return {};
    unsigned session = 0;
    const char *digits = name.data() + Prefix.size();
    const auto end = std::from_chars(digits, name.data() + name.size(), session);
    if (end.ec != std::errc())
        return {};
    return session;
}

CallPipeline *callOf(gpointer data)
{
    return static_cast<CallPipeline *>(data);
}

} // namespace

void CallSignals::connect(GstElement *rtpbin, CallPipeline *call)
{
    g_signal_connect(rtpbin, "request-pt-map", G_CALLBACK(onRequestPtMap), call);
    g_signal_connect(rtpbin, "request-aux-sender", G_CALLBACK(onRequestAuxSender), call);
    g_signal_connect(rtpbin, "request-aux-receiver", G_CALLBACK(onRequestAuxReceiver), call);
    g_signal_connect(rtpbin, "pad-added", G_CALLBACK(onPadAdded), call);
    g_signal_connect(rtpbin, "pad-removed", G_CALLBACK(onPadRemoved), call);
}

GstCaps *CallSignals::onRequestPtMap(GstElement *, guint session, guint payloadType, gpointer call)
{
    const auto track = callOf(call)->trackOf(session);
    return track ? track->capsOf(payloadType).release() : nullptr;
}

GstElement *CallSignals::onRequestAuxSender(GstElement *, guint session, gpointer call)
{
    const auto track = callOf(call)->trackOf(session);
    return track ? track->makeRetransmitter(true) : nullptr;
}

GstElement *CallSignals::onRequestAuxReceiver(GstElement *, guint session, gpointer call)
{
    const auto track = callOf(call)->trackOf(session);
    return track ? track->makeRetransmitter(false) : nullptr;
}

void CallSignals::onPadAdded(GstElement *, GstPad *pad, gpointer call)
{
    const auto session = sessionOfStream(pad);
    const auto track = session ? callOf(call)->trackOf(*session) : nullptr;
    if (!track)
        return;
    track->addStream(pad);
    if (callOf(call)->m_callbacks.latencyChanged)
        callOf(call)->m_callbacks.latencyChanged();
}

void CallSignals::onPadRemoved(GstElement *, GstPad *pad, gpointer call)
{
    const auto session = sessionOfStream(pad);
    if (const auto track = session ? callOf(call)->trackOf(*session) : nullptr)
        track->removeStream(pad);
}

} // namespace peer::media
