// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_CALLREGISTRY_H
#define PEER_MEDIA_ENGINE_CALLREGISTRY_H

#include "media/engine/calltrack.h"
#include "media/engine/fault.h"
#include "media/engine/loudspeaker.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace peer::media {

/// What the threads of a call's pipeline ask for: its tracks, its loudspeaker, and whom to tell. It
/// lives as long as they do, so that they find nobody rather than one who has gone. Any thread.
class CallRegistry
{
public:
    struct Callbacks
    {
        /// In a thread of GStreamer's.
        std::function<void(const Fault &)> fault;
        /// In a thread of GStreamer's; CallPipeline::updateLatency() is to be called in the owner's.
        std::function<void()> latencyChanged;
    };

    explicit CallRegistry(Callbacks callbacks);

    void addTrack(unsigned session, std::shared_ptr<CallTrack> track);
    void removeTrack(const std::shared_ptr<CallTrack> &track);
    /// Null if there is none.
    std::shared_ptr<CallTrack> trackOf(unsigned session) const;
    std::vector<std::shared_ptr<CallTrack>> tracks() const;

    /// The former one.
    std::shared_ptr<Loudspeaker> setSpeaker(std::shared_ptr<Loudspeaker> speaker);
    std::shared_ptr<Loudspeaker> speaker() const;

    void tellLatency() const;
    /// The loudspeaker's to it, all others as a fault of the call.
    void tellError(GstMessage *message) const;
    /// Nobody is told anything any more; a call back that is under way is waited for.
    void close();

private:
    const Callbacks m_callbacks;
    mutable std::mutex m_telling; ///< for the next, held while somebody is told
    bool m_isOpen = true;
    mutable std::mutex m_mutex; ///< for what follows
    std::map<unsigned, std::shared_ptr<CallTrack>> m_tracks;
    std::shared_ptr<Loudspeaker> m_speaker;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_CALLREGISTRY_H
