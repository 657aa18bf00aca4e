// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_FAKEDEVICES_H
#define PEER_TESTS_FAKEDEVICES_H

#include <string>

namespace peer::test {

/// Devices that come and go as a test says, through a provider that GStreamer's device monitor
/// asks as it asks any.
///
/// deviceClass: "Video/Source" …; element: what the device is played by, in gst-launch's language.
/// caps: what it says that it can do.
void plugIn(const std::string &name, const std::string &deviceClass, const std::string &element,
            const std::string &caps = "ANY");
void pullOut(const std::string &name);
/// No other provider is asked from now on; before any monitor is made.
void useFakeDevicesAlone();

} // namespace peer::test

#endif // PEER_TESTS_FAKEDEVICES_H
