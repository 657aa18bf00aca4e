// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_ENDING_H
#define PEER_MEDIA_ENGINE_ENDING_H

#include <chrono>
#include <functional>

namespace peer::media {

/// How long is waited for elements to end; they need some milliseconds. One that hangs, a device's
/// or one with a fault of its own, must not keep the thread of the application.
inline constexpr std::chrono::milliseconds MaxEnding{500};

/// Runs what ends elements of GStreamer's in a thread of its own, and waits for it for MaxEnding.
/// False if it has not come back by then: it goes on alone, so it must own what it is about, and
/// whatever the elements still call.
bool endInTime(std::function<void()> end);

/// The same without waiting. Only when the program ends such endings are waited for, MaxEnding at
/// most.
void endAlone(std::function<void()> end);

/// Such as have not come back yet, of the whole program.
int endingsUnderWay();

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_ENDING_H
