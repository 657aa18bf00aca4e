// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_DEVICEMONITOR_H
#define PEER_MEDIA_ENGINE_DEVICEMONITOR_H

#include "media/engine/gstpointer.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
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
///
/// There should be one at a time: GStreamer 1.22 tells only one of several that a device has gone.
class DeviceMonitor
{
public:
    /// changed: the list is another; called in any thread. Looking for devices begins at once, in
    /// a thread of its own, for it can take a while.
    explicit DeviceMonitor(std::function<void()> changed);
    ~DeviceMonitor();
    DeviceMonitor(const DeviceMonitor &) = delete;
    DeviceMonitor &operator=(const DeviceMonitor &) = delete;

    /// The one of the program, made when it is first wanted and ended with its last owner.
    static std::shared_ptr<DeviceMonitor> instance();

    /// Any thread. changed is called likewise from now on, until removeListener() returns; it must
    /// not call either of them.
    int addListener(std::function<void()> changed);
    void removeListener(int listener);
    /// Any thread. Whether the list is what there was at first, at least.
    bool hasLooked() const { return m_hasLooked; }

    /// Any thread. In the order in which GStreamer has them, the default ones first.
    std::vector<Device> devices() const;
    /// An element for a device; with an empty id for the first of its kind. Null if there is none.
    GstPointer<GstElement> makeElement(DeviceKind kind, const std::string &id) const;
    /// What a device gives or takes, likewise.
    GstPointer<GstCaps> capsOf(DeviceKind kind, const std::string &id) const;

private:
    struct Entry
    {
        Device device;
        GstPointer<GstDevice> origin;
    };

    GstPointer<GstDevice> find(DeviceKind kind, const std::string &id) const;
    void look();
    void notify();
    void add(GstDevice *device);
    void remove(GstDevice *device);
    static GstBusSyncReply onMessage(GstBus *bus, GstMessage *message, gpointer self);

    std::mutex m_listening; ///< for the next two
    std::map<int, std::function<void()>> m_listeners;
    int m_lastListener = 0;
    std::atomic<bool> m_hasLooked = false;
    GstPointer<GstDeviceMonitor> m_monitor;
    std::thread m_looking;

    mutable std::mutex m_mutex; ///< for what follows
    std::vector<Entry> m_entries;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_DEVICEMONITOR_H
