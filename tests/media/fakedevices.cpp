// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "fakedevices.h"

#include <gst/gst.h>

#include <map>

namespace peer::test {

namespace {

// GObject's way to derive a class: instance, class, and a function that fills the class in.
struct FakeDevice
{
    GstDevice parent;
    gchar *element;
};
struct FakeDeviceClass
{
    GstDeviceClass parent;
};

GstElement *createElement(GstDevice *device, const gchar *)
{
    return gst_parse_bin_from_description(reinterpret_cast<FakeDevice *>(device)->element, TRUE,
                                          nullptr);
}

GType fakeDeviceType()
{
    static const GType type = g_type_register_static_simple(
        GST_TYPE_DEVICE, "PeerFakeDevice", sizeof(FakeDeviceClass),
        [](gpointer data, gpointer) {
            static_cast<GstDeviceClass *>(data)->create_element = createElement;
        },
        sizeof(FakeDevice), nullptr, GTypeFlags(0));
    return type;
}

std::map<std::string, GstDevice *> &plugged()
{
    static std::map<std::string, GstDevice *> devices;
    return devices;
}

GstDeviceProvider *&provider()
{
    static GstDeviceProvider *running = nullptr;
    return running;
}

gboolean startProvider(GstDeviceProvider *self)
{
    provider() = self;
    for (const auto &device : plugged())
        gst_device_provider_device_add(self, device.second);
    return TRUE;
}

void stopProvider(GstDeviceProvider *)
{
    provider() = nullptr;
}

GType fakeProviderType()
{
    static const GType type = g_type_register_static_simple(
        GST_TYPE_DEVICE_PROVIDER, "PeerFakeDeviceProvider", sizeof(GstDeviceProviderClass),
        [](gpointer data, gpointer) {
            auto *provider = static_cast<GstDeviceProviderClass *>(data);
            provider->start = startProvider;
            provider->stop = stopProvider;
            gst_device_provider_class_set_static_metadata(
                provider, "Devices of a test", "Video/Source/Audio/Sink", "Come and go as told",
                "The PeerConnection authors");
        },
        sizeof(GstDeviceProvider), nullptr, GTypeFlags(0));
    return type;
}

} // namespace

void useFakeDevicesAlone()
{
    GstRegistry *registry = gst_registry_get();
    GList *others = gst_registry_get_feature_list(registry, GST_TYPE_DEVICE_PROVIDER_FACTORY);
    for (GList *each = others; each; each = each->next)
        gst_registry_remove_feature(registry, GST_PLUGIN_FEATURE(each->data));
    gst_plugin_feature_list_free(others);
    gst_device_provider_register(nullptr, "peerfakedevices", GST_RANK_PRIMARY, fakeProviderType());
}

void plugIn(const std::string &name, const std::string &deviceClass, const std::string &element,
            const std::string &capsText)
{
    GstCaps *caps = gst_caps_from_string(capsText.c_str());
    auto *device = static_cast<GstDevice *>(
        g_object_new(fakeDeviceType(), "display-name", name.c_str(), "device-class",
                     deviceClass.c_str(), "caps", caps, nullptr));
    gst_caps_unref(caps);
    reinterpret_cast<FakeDevice *>(device)->element = g_strdup(element.c_str());
    gst_object_ref_sink(device);
    plugged()[name] = device;
    if (provider())
        gst_device_provider_device_add(provider(), device);
}

void pullOut(const std::string &name)
{
    const auto found = plugged().find(name);
    if (provider())
        gst_device_provider_device_remove(provider(), found->second);
    plugged().erase(found);
}

} // namespace peer::test
