// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_DEVICESOURCES_H
#define PEER_MEDIA_ENGINE_DEVICESOURCES_H

#include "media/engine/devicemonitor.h"
#include "media/engine/source.h"

#include <memory>

namespace peer::media {

/// A camera's pictures, raw or, if it has no others, MJPEG. id: of a device, empty for the first
/// there is; what is not there fails when it starts.
std::unique_ptr<Source> makeCamera(const DeviceMonitor &monitor, const std::string &id,
                                   SourceTaker taker);

/// A microphone's sound, less noise, and at an even level, where GStreamer has the plugin for that
/// (webrtcdsp). echoProbe: the name of the webrtcechoprobe by which sound is played, which is then
/// taken out; empty if none is played.
std::unique_ptr<Source> makeMicrophone(const DeviceMonitor &monitor, const std::string &id,
                                       const std::string &echoProbe, SourceTaker taker);

/// Whether there is webrtcdsp, with its echo probe.
bool hasVoiceProcessing();

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_DEVICESOURCES_H
