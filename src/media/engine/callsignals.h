// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_CALLSIGNALS_H
#define PEER_MEDIA_ENGINE_CALLSIGNALS_H

#include <gst/gst.h>

#include <memory>

namespace peer::media {

class CallRegistry;

/// What rtpbin asks and tells, in threads of GStreamer's, led to the track that it is about.
class CallSignals
{
public:
    static void connect(GstElement *rtpbin, const std::shared_ptr<CallRegistry> &registry);

private:
    static GstCaps *onRequestPtMap(GstElement *, guint session, guint payloadType,
                                   gpointer registry);
    static GstElement *onRequestAuxSender(GstElement *, guint session, gpointer registry);
    static GstElement *onRequestAuxReceiver(GstElement *, guint session, gpointer registry);
    static void onNewJitterBuffer(GstElement *, GstElement *buffer, guint session, guint ssrc,
                                  gpointer registry);
    static void onPadAdded(GstElement *, GstPad *pad, gpointer registry);
    static void onPadRemoved(GstElement *, GstPad *pad, gpointer registry);
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_CALLSIGNALS_H
