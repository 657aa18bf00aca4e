// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_DEVICEMONITOR_H
#define PEER_MEDIA_ENGINE_DEVICEMONITOR_H

#include "media/engine/gstpointer.h"

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace peer::media {

enum class DeviceKind { Camera, Microphone, Speaker };

struct Device
{
    DeviceKind kind = DeviceKind::Camera;
    /// The same for as long as the device is plugged in, and again when it comes back.
    std::string id;
    /// For users.
    std::string name;

    friend bool operator==(const Device &, const Device &) = default;
};

/// Cameras, microphones and speakers, as they come and go.
class DeviceMonitor
{
public:
    /// changed: the list is another; called in any thread. Looking for devices begins at once, in
    /// a thread of its own, for it can take a while.
    explicit DeviceMonitor(std::function<void()> changed);
    ~DeviceMonitor();
    DeviceMonitor(const DeviceMonitor &) = delete;
    DeviceMonitor &operator=(const DeviceMonitor &) = delete;

    /// Any thread. In the order in which GStreamer has them, the default ones first.
    std::vector<Device> devices() const;
    /// An element for a device; with an empty id for the first of its kind. Null if there is none.
    GstPointer<GstElement> makeElement(DeviceKind kind, const std::string &id) const;

private:
    struct Entry
    {
        Device device;
        GstPointer<GstDevice> origin;
    };

    void look();
    void add(GstDevice *device);
    void remove(GstDevice *device);
    static GstBusSyncReply onMessage(GstBus *bus, GstMessage *message, gpointer self);

    const std::function<void()> m_changed;
    GstPointer<GstDeviceMonitor> m_monitor;
    std::thread m_looking;

    mutable std::mutex m_mutex; ///< for what follows
    std::vector<Entry> m_entries;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_DEVICEMONITOR_H
