// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/fault.h"

#include "media/engine/gstpointer.h"

#include <cerrno>
#include <utility>

namespace peer::media {

namespace {

/// Elements that a call cannot do without, and what Debian calls their package.
constexpr struct
{
    const char *element;
    const char *package;
} Needed[] = {
    {"appsrc", "gstreamer1.0-plugins-base"},       {"videotestsrc", "gstreamer1.0-plugins-base"},
    {"audiotestsrc", "gstreamer1.0-plugins-base"}, {"videoconvert", "gstreamer1.0-plugins-base"},
    {"videoscale", "gstreamer1.0-plugins-base"},   {"videorate", "gstreamer1.0-plugins-base"},
    {"audioconvert", "gstreamer1.0-plugins-base"}, {"audioresample", "gstreamer1.0-plugins-base"},
    {"opusenc", "gstreamer1.0-plugins-base"},      {"opusdec", "gstreamer1.0-plugins-base"},
    {"rtpbin", "gstreamer1.0-plugins-good"},       {"rtprtxsend", "gstreamer1.0-plugins-good"},
    {"rtpvp8pay", "gstreamer1.0-plugins-good"},    {"rtpopuspay", "gstreamer1.0-plugins-good"},
    {"vp8enc", "gstreamer1.0-plugins-good"},       {"vp8dec", "gstreamer1.0-plugins-good"},
};

FaultKind kindOf(const GError &error, FaultKind ofStream)
{
    if (g_error_matches(&error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN)
        || g_error_matches(&error, GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND)) {
        return FaultKind::MissingPlugin;
    }
    if (error.domain == GST_STREAM_ERROR)
        return ofStream;
    if (error.domain != GST_RESOURCE_ERROR)
        return FaultKind::Unusable;
    switch (static_cast<GstResourceError>(error.code)) {
    case GST_RESOURCE_ERROR_NOT_FOUND:
        return FaultKind::NotFound;
    case GST_RESOURCE_ERROR_NOT_AUTHORIZED:
        return FaultKind::NotAllowed;
    case GST_RESOURCE_ERROR_BUSY:
        return FaultKind::Busy;
    case GST_RESOURCE_ERROR_READ:
    case GST_RESOURCE_ERROR_WRITE:
        return FaultKind::Lost;
    case GST_RESOURCE_ERROR_OPEN_READ:
    case GST_RESOURCE_ERROR_OPEN_WRITE:
    case GST_RESOURCE_ERROR_OPEN_READ_WRITE:
        // The system's reason stands only in the text for the log.
        return FaultKind::Unusable;
    case GST_RESOURCE_ERROR_FAILED:
    case GST_RESOURCE_ERROR_TOO_LAZY:
    case GST_RESOURCE_ERROR_CLOSE:
    case GST_RESOURCE_ERROR_SEEK:
    case GST_RESOURCE_ERROR_SYNC:
    case GST_RESOURCE_ERROR_SETTINGS:
    case GST_RESOURCE_ERROR_NO_SPACE_LEFT:
    case GST_RESOURCE_ERROR_NUM_ERRORS:
        return FaultKind::Unusable;
    }
    return FaultKind::Unusable;
}

/// Elements put the system's reason into the text, in the user's language.
FaultKind byDetails(FaultKind kind, const std::string &details)
{
    if (kind != FaultKind::Unusable)
        return kind;
    const auto says = [&details](int reason) {
        return details.find(g_strerror(reason)) != std::string::npos;
    };
    if (says(EACCES) || says(EPERM))
        return FaultKind::NotAllowed;
    if (says(EBUSY))
        return FaultKind::Busy;
    if (says(ENOENT) || says(ENODEV) || says(ENXIO))
        return FaultKind::NotFound;
    return kind;
}

std::string sentence(FaultKind kind, const std::string &what, const std::string &error)
{
    switch (kind) {
    case FaultKind::MissingPlugin:
        return what + " needs a plugin of GStreamer that is not installed: " + error;
    case FaultKind::NotFound:
        return what + " was not found.";
    case FaultKind::NotAllowed:
        return what + " may not be used: this program lacks the permission.";
    case FaultKind::Busy:
        return what + " is in use by another program.";
    case FaultKind::Lost:
        return what + " has stopped; was it removed?";
    case FaultKind::Unreadable:
        return what + " cannot be played: it is broken or of an unknown kind.";
    case FaultKind::Unusable:
    case FaultKind::Internal:
        return what + " does not work: " + error;
    }
    return {};
}

} // namespace

Fault faultOf(GstMessage *message, const std::string &what, FaultKind ofStream)
{
    GError *parsed = nullptr;
    gchar *debug = nullptr;
    gst_message_parse_error(message, &parsed, &debug);
    const GstPointer<GError> error(parsed);
    const GstPointer<gchar> more(debug);
    Fault fault;
    fault.details = std::string(error->message) + " (" + (debug ? debug : "") + ")";
    fault.kind = byDetails(kindOf(*error, ofStream), fault.details);
    fault.text = sentence(fault.kind, what, error->message);
    return fault;
}

Fault unreadable(const std::string &what, std::string details)
{
    return {FaultKind::Unreadable, sentence(FaultKind::Unreadable, what, {}), std::move(details)};
}

bool hasElement(const char *name)
{
    GstElementFactory *factory = gst_element_factory_find(name);
    if (!factory)
        return false;
    gst_object_unref(factory);
    return true;
}

std::optional<Fault> initializeGStreamer()
{
    GError *failed = nullptr;
    if (!gst_init_check(nullptr, nullptr, &failed)) {
        const GstPointer<GError> error(failed);
        return Fault{FaultKind::MissingPlugin, "GStreamer does not start.",
                     error ? error->message : ""};
    }
    for (const auto &[element, package] : Needed) {
        if (!hasElement(element)) {
            return Fault{FaultKind::MissingPlugin,
                         std::string("For calls GStreamer needs '") + element
                             + "', of the Debian package " + package + ".",
                         {}};
        }
    }
    return {};
}

} // namespace peer::media
