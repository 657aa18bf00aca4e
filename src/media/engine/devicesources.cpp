// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/devicesources.h"

#include <utility>

namespace peer::media {

namespace {

/// A source that says in time that its device is not there.
class DeviceSource : public Source
{
public:
    DeviceSource(std::string what, GstPointer<GstElement> head, const std::string &description,
                 SourceTaker taker)
        : Source(std::move(what), std::move(head), description, std::move(taker))
    { }
    ~DeviceSource() override { stop(); }

protected:
    Fault faultOfMissing() const override
    {
        return {FaultKind::NotFound, what() + " was not found.", {}};
    }
};

} // namespace

std::unique_ptr<Source> makeCamera(const DeviceMonitor &monitor, const std::string &id,
                                   SourceTaker taker)
{
    // Not more than we can use, nor so much that a cable has room for a few a second only.
    return std::make_unique<DeviceSource>(
        "The camera", monitor.makeElement(DeviceKind::Camera, id),
        "capsfilter caps=video/x-raw,width=[160,960],height=[120,720],framerate=[10/1,60/1]"
        " ! queue leaky=downstream max-size-buffers=2"
            + videoOutput(false),
        std::move(taker));
}

std::unique_ptr<Source> makeMicrophone(const DeviceMonitor &monitor, const std::string &id,
                                       const std::string &echoProbe, SourceTaker taker)
{
    std::string description = "audioconvert ! audioresample";
    if (hasVoiceProcessing()) {
        description +=
            " ! capsfilter caps=audio/x-raw,format=S16LE,rate=48000,channels=1"
            " ! webrtcdsp noise-suppression=true gain-control=true high-pass-filter=true ";
        description += echoProbe.empty() ? "echo-cancel=false"
                                         : "echo-cancel=true probe=" + echoProbe;
    }
    return std::make_unique<DeviceSource>("The microphone",
                                          monitor.makeElement(DeviceKind::Microphone, id),
                                          description + audioOutput(false), std::move(taker));
}

bool hasVoiceProcessing()
{
    return hasElement("webrtcdsp") && hasElement("webrtcechoprobe");
}

} // namespace peer::media
