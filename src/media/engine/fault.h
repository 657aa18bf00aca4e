// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_FAULT_H
#define PEER_MEDIA_ENGINE_FAULT_H

#include <gst/gst.h>

#include <optional>
#include <string>

namespace peer::media {

/// What can go wrong outside of us.
enum class FaultKind {
    MissingPlugin, ///< GStreamer lacks an element
    NotFound,      ///< a file or device is not there
    NotAllowed,    ///< no permission
    Busy,          ///< somebody else has the device
    Lost,          ///< the device was there and is gone
    Unreadable,    ///< a file that is broken, or of no known kind
    Unusable,      ///< any other trouble with a file or device
    Internal,      ///< trouble in the call's own pipeline
};

struct Fault
{
    FaultKind kind = FaultKind::Internal;
    /// A sentence for users.
    std::string text;
    /// What GStreamer says, for those who look for the cause.
    std::string details;
};

/// From an error message on a bus. what: whose it is, in words that begin a sentence, such as
/// "The camera". ofStream: what it means that the stream is wrong.
Fault faultOf(GstMessage *message, const std::string &what,
              FaultKind ofStream = FaultKind::Unusable);

/// Of a file in which nothing was found that could be played. details: why we think so.
Fault unreadable(const std::string &what, std::string details);

/// Starts GStreamer, the first time; any thread. What is missing for calls, or nothing.
std::optional<Fault> initializeGStreamer();
/// Whether there is such an element.
bool hasElement(const char *name);

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_FAULT_H
