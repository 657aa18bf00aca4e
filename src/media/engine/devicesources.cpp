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
        : DeviceSource(head != nullptr, std::move(what), std::move(head), description,
                       std::move(taker))
    { }
    ~DeviceSource() override { stop(); }

protected:
    Fault faultOfMissing() const override
    {
        if (m_isThere) // but what is to follow it is not
            return Source::faultOfMissing();
        return {FaultKind::NotFound, what() + " was not found.", {}};
    }

private:
    DeviceSource(bool isThere, std::string what, GstPointer<GstElement> head,
                 const std::string &description, SourceTaker taker)
        : Source(std::move(what), std::move(head), description, std::move(taker))
        , m_isThere(isThere)
    { }

    const bool m_isThere;
};

/// Not more than we can use, nor so much that a cable has room for a few a second only.
constexpr char CameraCaps[] = ",width=[160,960],height=[120,720],framerate=[10/1,60/1]";

bool canGive(const GstCaps *offered, const std::string &wanted)
{
    const GstPointer<GstCaps> caps(gst_caps_from_string(wanted.c_str()));
    return gst_caps_can_intersect(offered, caps.get());
}

} // namespace

std::unique_ptr<Source> makeCamera(const DeviceMonitor &monitor, const std::string &id,
                                   SourceTaker taker)
{
    GstPointer<GstElement> camera = monitor.makeElement(DeviceKind::Camera, id);
    const GstPointer<GstCaps> offered = monitor.capsOf(DeviceKind::Camera, id);
    const std::string raw = std::string("video/x-raw") + CameraCaps;
    const std::string jpeg = std::string("image/jpeg") + CameraCaps;
    std::string description = "capsfilter caps=" + raw;
    if (offered && !canGive(offered.get(), raw) && canGive(offered.get(), jpeg)) {
        description = "capsfilter caps=" + jpeg + " ! jpegdec";
    }
    return std::make_unique<DeviceSource>(
        "The camera", std::move(camera),
        description + " ! queue leaky=downstream max-size-buffers=2" + videoOutput(false),
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
