// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_CALLSIGNALS_H
#define PEER_MEDIA_ENGINE_CALLSIGNALS_H

#include <gst/gst.h>

namespace peer::media {

class CallPipeline;

/// What rtpbin asks and tells, in threads of GStreamer's, led to the track that it is about.
class CallSignals
{
public:
    /// The call outlives the threads of its rtpbin.
    static void connect(GstElement *rtpbin, CallPipeline *call);

private:
    static GstCaps *onRequestPtMap(GstElement *, guint session, guint payloadType, gpointer call);
    static GstElement *onRequestAuxSender(GstElement *, guint session, gpointer call);
    static GstElement *onRequestAuxReceiver(GstElement *, guint session, gpointer call);
    static void onPadAdded(GstElement *, GstPad *pad, gpointer call);
    static void onPadRemoved(GstElement *, GstPad *pad, gpointer call);
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_CALLSIGNALS_H
