// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_TAKERGATE_H
#define PEER_MEDIA_ENGINE_TAKERGATE_H

#include "media/engine/receivechain.h"
#include "media/engine/source.h"

#include <memory>
#include <mutex>
#include <utility>

namespace peer::media {

/// Whether what comes out of a track or a source is still taken, however long GStreamer's threads go on. Any
/// thread, but close() not from within a taker.
class TakerGate
{
public:
    /// The same as a taker, until the gate is closed.
    static ReceiveTaker guarded(const ReceiveTaker &taker, const std::shared_ptr<TakerGate> &gate)
    {
        return {guarded(taker.video, gate), guarded(taker.audio, gate),
                guarded(taker.concealed, gate)};
    }

    static SourceTaker guarded(const SourceTaker &taker, const std::shared_ptr<TakerGate> &gate)
    {
        return {guarded(taker.video, gate), guarded(taker.audio, gate), guarded(taker.fault, gate)};
    }

    /// Waits for a taker that is at work; nothing is taken afterwards.
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_isOpen = false;
    }

private:
    template<typename Given>
    static std::function<void(Given)> guarded(const std::function<void(Given)> &take,
                                              const std::shared_ptr<TakerGate> &gate)
    {
        if (!take)
            return {};
        return [take, gate](Given given) {
            const std::lock_guard lock(gate->m_mutex);
            if (gate->m_isOpen)
                take(given);
        };
    }

    std::mutex m_mutex; ///< for what follows, held while something is taken
    bool m_isOpen = true;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_TAKERGATE_H
