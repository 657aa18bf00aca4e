// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/callsignals.h"

#include "media/engine/callregistry.h"

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

using Registry = std::shared_ptr<CallRegistry>;

const CallRegistry &registryOf(gpointer data)
{
    return **static_cast<Registry *>(data);
}

} // namespace

void CallSignals::connect(GstElement *rtpbin, const Registry &registry)
{
    const auto connectOne = [&](const char *signal, GCallback callback) {
        g_signal_connect_data(
            rtpbin, signal, callback, new Registry(registry),
            [](gpointer kept, GClosure *) { delete static_cast<Registry *>(kept); },
            GConnectFlags(0));
    };
    connectOne("request-pt-map", G_CALLBACK(onRequestPtMap));
    connectOne("request-aux-sender", G_CALLBACK(onRequestAuxSender));
    connectOne("request-aux-receiver", G_CALLBACK(onRequestAuxReceiver));
    connectOne("new-jitterbuffer", G_CALLBACK(onNewJitterBuffer));
    connectOne("pad-added", G_CALLBACK(onPadAdded));
    connectOne("pad-removed", G_CALLBACK(onPadRemoved));
}

GstCaps *CallSignals::onRequestPtMap(GstElement *, guint session, guint payloadType,
                                     gpointer registry)
{
    const auto track = registryOf(registry).trackOf(session);
    return track ? track->capsOf(payloadType).release() : nullptr;
}

GstElement *CallSignals::onRequestAuxSender(GstElement *, guint session, gpointer registry)
{
    const auto track = registryOf(registry).trackOf(session);
    return track ? track->makeRepeater() : nullptr;
}

GstElement *CallSignals::onRequestAuxReceiver(GstElement *, guint session, gpointer registry)
{
    const auto track = registryOf(registry).trackOf(session);
    return track ? track->makeRestorer() : nullptr;
}

/// A packet is missing when one behind it has come. By its own lights the jitter buffer expects the
/// next one at the pace of those before, and takes it for lost if it is late: pictures, whose packets
/// come in bursts, were sent twice all the time, and sound that a queue held up was concealed.
void CallSignals::onNewJitterBuffer(GstElement *, GstElement *buffer, guint, guint, gpointer)
{
    g_object_set(buffer, "rtx-next-seqnum", FALSE, nullptr);
}

void CallSignals::onPadAdded(GstElement *, GstPad *pad, gpointer registry)
{
    const auto session = sessionOfStream(pad);
    const auto track = session ? registryOf(registry).trackOf(*session) : nullptr;
    if (!track)
        return;
    track->addStream(pad);
    registryOf(registry).tellLatency();
}

void CallSignals::onPadRemoved(GstElement *, GstPad *pad, gpointer registry)
{
    const auto session = sessionOfStream(pad);
    if (const auto track = session ? registryOf(registry).trackOf(*session) : nullptr)
        track->removeStream(pad);
}

} // namespace peer::media
