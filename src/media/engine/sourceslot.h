// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_SOURCESLOT_H
#define PEER_MEDIA_ENGINE_SOURCESLOT_H

#include "media/engine/source.h"

#include <chrono>
#include <functional>
#include <memory>

namespace peer::media {

/// Where one source at a time runs, made, opened and closed in a thread of its own: how long that
/// takes is for the driver of a camera to say, or a server of sound, and one that hangs must not
/// keep the thread of the application.
///
/// Belongs to one thread, which never waits but for a taker that is at work.
class SourceSlot
{
public:
    /// How long one waits for the one before it to let go of its device.
    static constexpr std::chrono::seconds MaxWaiting{3};

    /// In a thread of its own. What it needs it must own.
    using Make = std::function<std::unique_ptr<Source>(SourceTaker)>;

    SourceSlot() = default;
    ~SourceSlot();
    SourceSlot(const SourceSlot &) = delete;
    SourceSlot &operator=(const SourceSlot &) = delete;

    /// Starts another, when the one that is there has ended.
    void set(Make make, SourceTaker taker);
    /// Nothing is called back afterwards, though the source may end later.
    void clear();
    bool isSet() const { return m_isSet; }

private:
    class Run;

    std::shared_ptr<Run> m_run; ///< the last
    bool m_isSet = false;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_SOURCESLOT_H
