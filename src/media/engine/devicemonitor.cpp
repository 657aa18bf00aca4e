// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/devicemonitor.h"

#include "media/engine/ending.h"
#include "media/engine/fault.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace peer::media {

namespace {

constexpr struct
{
    DeviceKind kind;
    const char *deviceClass;
} Kinds[] = {
    {DeviceKind::Camera, "Video/Source"},
    {DeviceKind::Microphone, "Audio/Source"},
    {DeviceKind::Speaker, "Audio/Sink"},
};

/// Properties that name a device for good, the best first.
constexpr const char *Names[] = {"device.path", "api.v4l2.path", "node.name", "api.alsa.path",
                                 "device.string"};

std::optional<DeviceKind> kindOf(GstDevice *device)
{
    for (const auto &[kind, deviceClass] : Kinds) {
        if (gst_device_has_classes(device, deviceClass))
            return kind;
    }
    return {};
}

const char *text(const GstStructure *properties, const char *name)
{
    const char *value = properties ? gst_structure_get_string(properties, name) : nullptr;
    return value ? value : "";
}

std::string idOf(GstDevice *device, const GstStructure *properties)
{
    for (const char *name : Names) {
        if (const char *value = text(properties, name); *value)
            return value;
    }
    const GstPointer<gchar> name(gst_device_get_display_name(device));
    return name.get();
}

/// What sounds from a speaker is no microphone.
bool isMonitorOfSpeaker(const GstStructure *properties)
{
    return std::string(text(properties, "device.class")) == "monitor";
}

} // namespace

DeviceMonitor::DeviceMonitor(std::function<void()> changed)
{
    if (changed)
        addListener(std::move(changed));
    if (initializeGStreamer())
        return;
    m_monitor.reset(gst_device_monitor_new());
    for (const auto &kind : Kinds)
        gst_device_monitor_add_filter(m_monitor.get(), kind.deviceClass, nullptr);
    const GstPointer<GstBus> bus(gst_device_monitor_get_bus(m_monitor.get()));
    gst_bus_set_sync_handler(bus.get(), onMessage, this, nullptr);
    m_looking = std::thread([this] { look(); });
}

DeviceMonitor::~DeviceMonitor()
{
    if (!m_monitor)
        return;
    m_looking.join();
    gst_device_monitor_stop(m_monitor.get());
    const GstPointer<GstBus> bus(gst_device_monitor_get_bus(m_monitor.get()));
    gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
}

std::shared_ptr<DeviceMonitor> DeviceMonitor::instance()
{
    static std::mutex mutex;
    static std::weak_ptr<DeviceMonitor> present;
    const std::lock_guard lock(mutex);
    auto monitor = present.lock();
    if (!monitor) {
        monitor.reset(new DeviceMonitor({}), [](DeviceMonitor *last) {
            endAlone([last] { delete last; }); // it may be looking still
        });
        present = monitor;
    }
    return monitor;
}

int DeviceMonitor::addListener(std::function<void()> changed)
{
    const std::lock_guard lock(m_listening);
    m_listeners.emplace(++m_lastListener, std::move(changed));
    return m_lastListener;
}

void DeviceMonitor::removeListener(int listener)
{
    const std::lock_guard lock(m_listening);
    m_listeners.erase(listener);
}

std::vector<Device> DeviceMonitor::devices() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<Device> devices;
    for (const Entry &entry : m_entries)
        devices.push_back(entry.device);
    return devices;
}

GstPointer<GstDevice> DeviceMonitor::find(DeviceKind kind, const std::string &id) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &entry) {
        return entry.device.kind == kind && (id.empty() || entry.device.id == id);
    });
    return found == m_entries.end() ? nullptr : shared(found->origin.get());
}

GstPointer<GstElement> DeviceMonitor::makeElement(DeviceKind kind, const std::string &id) const
{
    const GstPointer<GstDevice> origin = find(kind, id);
    if (!origin)
        return {};
    GstPointer<GstElement> element(gst_device_create_element(origin.get(), nullptr));
    if (element)
        gst_object_ref_sink(element.get());
    return element;
}

GstPointer<GstCaps> DeviceMonitor::capsOf(DeviceKind kind, const std::string &id) const
{
    const GstPointer<GstDevice> origin = find(kind, id);
    return GstPointer<GstCaps>(origin ? gst_device_get_caps(origin.get()) : nullptr);
}

void DeviceMonitor::look()
{
    // Without a provider for a kind this fails, and there are no such devices.
    gst_device_monitor_start(m_monitor.get());
    GList *devices = gst_device_monitor_get_devices(m_monitor.get());
    for (GList *each = devices; each; each = each->next)
        add(GST_DEVICE(each->data));
    g_list_free_full(devices, gst_object_unref);
    m_hasLooked = true;
    notify();
}

void DeviceMonitor::notify()
{
    const std::lock_guard lock(m_listening);
    for (const auto &listener : m_listeners)
        listener.second();
}

void DeviceMonitor::add(GstDevice *device)
{
    const auto kind = kindOf(device);
    const GstPointer<GstStructure> properties(gst_device_get_properties(device));
    if (!kind || isMonitorOfSpeaker(properties.get()))
        return;
    const GstPointer<gchar> name(gst_device_get_display_name(device));
    Entry entry = {{*kind, idOf(device, properties.get()), name.get()}, shared(device)};
    gboolean isDefault = FALSE;
    if (properties)
        gst_structure_get_boolean(properties.get(), "is-default", &isDefault);
    const std::lock_guard lock(m_mutex);
    for (Entry &known : m_entries) {
        if (known.device.kind == *kind && known.device.id == entry.device.id) {
            known = std::move(entry);
            return;
        }
    }
    m_entries.insert(isDefault ? m_entries.begin() : m_entries.end(), std::move(entry));
}

void DeviceMonitor::remove(GstDevice *device)
{
    const auto kind = kindOf(device);
    const GstPointer<GstStructure> properties(gst_device_get_properties(device));
    const std::string id = idOf(device, properties.get());
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_entries, [&](const Entry &entry) {
        return entry.device.kind == kind && entry.device.id == id;
    });
}

GstBusSyncReply DeviceMonitor::onMessage(GstBus *, GstMessage *message, gpointer self)
{
    auto *monitor = static_cast<DeviceMonitor *>(self);
    GstDevice *device = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_DEVICE_ADDED) {
        gst_message_parse_device_added(message, &device);
        monitor->add(device);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_DEVICE_REMOVED) {
        gst_message_parse_device_removed(message, &device);
        monitor->remove(device);
    }
    if (device) {
        gst_object_unref(device);
        monitor->notify();
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

} // namespace peer::media
